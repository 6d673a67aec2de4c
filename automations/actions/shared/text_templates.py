"""The templates in an action's settings: checked on saving, rendered when the action is prepared."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from automations.actions.shared import skip_reasons
from automations.actions.shared.action_kind import (
    Action,
    Lists,
    Settings,
    Situation,
    Skipped,
    text_of,
    texts_by_language,
)
from automations.engine.fields.subject import Subject
from automations.engine.rules.rule import Problem
from automations.messages.compared_choices import compared_choices
from automations.messages.render import render
from automations.messages.similar import did_you_mean
from automations.messages.template_check import check
from automations.messages.template_problem import TemplateFailed, TemplateProblem
from automations.messages.value_shapes import Anything, GroupShape, Shape

#: The answers that earlier actions of the same evaluation got: {{ answers.1.tracking_number }}.
ANSWERS = "answers"
_PLACES = map(str, range(1, 21))
_EXTRA: Mapping[str, Shape] = {
    ANSWERS: GroupShape("Answers of earlier actions", {place: Anything("Answer") for place in _PLACES})
}
_TAG = re.compile(r"\{[{%].*?[%}]\}", re.DOTALL)
_ANSWER = re.compile(r"\banswers(?:\.|\[\s*)(\d{1,2})\]?")


def problems_of(
    settings: Settings, name: str, subject: Subject, missing: str = "", path: str = ""
) -> list[Problem]:
    """Return what is wrong with the template in the setting `name`; `missing` is for an empty one."""
    text = text_of(settings, name)
    if not text.strip():
        return [Problem(f"settings.{name}", missing)] if missing else []
    return [Problem(f"settings.{path or name}", sentence) for sentence in text_problems(text, subject)]


def text_problems(text: str, subject: Subject) -> list[str]:
    """Return what is wrong with a template, each problem with its line and column."""
    return [str(problem) for problem in template_problems(text, subject)]


def template_problems(text: str, subject: Subject) -> list[TemplateProblem]:
    """Return what is wrong with a template."""
    return check(_readable(text), subject.key, _EXTRA, subject.custom)


def choices_compared(action: Action, settings: Settings, subject_key: str) -> Iterator[tuple[str, str]]:
    """Yield the entries that conditions in an action's texts name, as (list, the name as written)."""
    for _, text in action.texts(settings):
        for choice in compared_choices(_readable(text), subject_key):
            yield choice.list_key, choice.name


def choice_problems(action: Action, settings: Settings, subject_key: str, lists: Lists) -> list[Problem]:
    """Return the conditions in an action's texts that never hold: no list has the entry they name."""
    problems = []
    for name, text in action.texts(settings):
        for choice in compared_choices(_readable(text), subject_key):
            if lists.key_for(choice.list_key, choice.name) is None:
                hint = did_you_mean(choice.name, lists.labels(choice.list_key))
                problem = choice.problem(_readable(text), hint)
                problems.append(Problem(f"settings.{name}", str(problem)))
    return problems


def rendered(settings: Settings, name: str, situation: Situation) -> str:
    """Return the setting `name` rendered for this record. Raises Skipped."""
    return rendered_text(text_of(settings, name), situation)


def rendered_text(text: str, situation: Situation) -> str:
    """Return a template rendered for this record. Raises Skipped."""
    try:
        return render(_readable(text), situation.plain, situation.holes)
    except TemplateFailed as error:
        raise Skipped(skip_reasons.message_failed(str(error))) from error


def answers_used(settings: Settings) -> set[int]:
    """Return the positions, from 1, of the actions whose answers these settings mention."""
    texts = [text for text in settings.values() if isinstance(text, str)]
    texts += [text for further in texts_by_language(settings).values() for text in further.values()]
    tags = [tag for text in texts for tag in _TAG.findall(text)]
    return {int(place) for tag in tags for place in _ANSWER.findall(tag)}


def _readable(text: str) -> str:
    # The template language reads the 1 in "answers.1.name" as a number: tags get answers["1"].name instead.
    return _TAG.sub(lambda tag: _ANSWER.sub(r'answers["\1"]', tag[0]), text) if ANSWERS in text else text
