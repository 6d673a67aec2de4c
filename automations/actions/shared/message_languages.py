"""The texts of a message in further languages: read, checked, and the one that fits a record's customer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from automations.actions.shared.action_kind import (
    LANGUAGES,
    Action,
    Prepared,
    Settings,
    Situation,
    text_of,
    texts_by_language,
)
from automations.engine.fields.language_tags import spoken
from automations.engine.fields.subject import Subject
from automations.engine.operators.value_types import shown
from automations.engine.rules.rule import Problem
from automations.messages.languages import known_tag, name_of, same_language
from automations.messages.money_texts import LANGUAGE

MOST = 20
#: Where a prepared message keeps in which language it is written, and why.
WRITTEN_IN = "written_in"
#: Why: it is the customer's own, theirs is not known, no text is in theirs, or it goes to someone else.
OWN, NOT_KNOWN, NO_TEXT, NOT_TO_THEM = "own", "not known", "no text", "not to them"
#: Left empty in a language, it is as in the store's.
_AS_IN_STORE = frozenset({"button_link"})


def problems(kind: Action, settings: Settings, subject: Subject) -> Iterator[Problem]:
    """Yield what is wrong with the texts in further languages, each with its path."""
    path, languages = f"settings.{LANGUAGES}", settings.get(LANGUAGES)
    if languages is None:
        return
    if not isinstance(languages, Mapping) or not kind.Form.translated:
        yield Problem(path, "Write the texts in further languages by the tag of each, such as de.")
        return
    if len(languages) > MOST:
        yield Problem(path, f"There are texts in {len(languages)} more languages; the limit is {MOST}.")
        return
    for tag, texts in languages.items():
        if not isinstance(tag, str) or known_tag(tag) != tag:
            yield Problem(path, f"{shown(tag)} is not a language. Enter its tag, such as de or de-AT.")
        elif not isinstance(texts, Mapping):
            yield Problem(path, f"Write the texts in {name_of(tag)} by their names, such as message.")
        else:
            yield from _of_language(kind, settings, subject, tag)


def _of_language(kind: Action, settings: Settings, subject: Subject, tag: str) -> Iterator[Problem]:
    texts, said = texts_by_language(settings)[tag], kind.check(settings, subject)
    for problem in kind.check(_in_place(kind, settings, texts), subject):
        name, sentence = problem.path.removeprefix("settings."), problem.sentence
        told = name in _AS_IN_STORE and not texts.get(name) and problem in said
        if name in kind.Form.translated and not told:
            joined = f", l{sentence[1:]}" if sentence.startswith("Line ") else f": {sentence}"
            yield Problem(f"settings.{LANGUAGES}.{tag}.{name}", f"In {name_of(tag)}{joined}")


def prepare(kind: Action, settings: Settings, situation: Situation) -> list[Prepared]:
    """Return what `kind` prepares, in the customer's language where it has a text in it. Raises Skipped."""
    languages = texts_by_language(settings)
    if not kind.Form.translated:
        return kind.prepare(settings, situation)
    wanted, to_them = customer_language(situation), kind.contacts_customer(settings)
    tag = _fitting(languages, wanted) if to_them else ""
    texts = _in_place(kind, settings, languages[tag]) if tag else settings
    written = tag or situation.language
    if to_them:
        written = _with_country(written, wanted, situation.language)
    spoken_to = replace(situation, language=written, context={**situation.context, LANGUAGE: written})
    said = _said(written, wanted, to_them) if languages or (to_them and wanted) else {}
    messages = kind.prepare(texts, spoken_to)
    return [replace(one, extra={**one.extra, **said}) for one in messages] if said else messages


def customer_language(situation: Situation) -> str:
    """Return the language of the customer of a record; "" if it is not known."""
    customer = situation.context.get("customer")
    return known_tag(text_of(customer, "language")) if isinstance(customer, Mapping) else ""


def written_in(data: object) -> str:
    """Return in which language a message is written and why: "German, the customer’s language"; or ""."""
    said = data.get(WRITTEN_IN) if isinstance(data, Mapping) else None
    if not isinstance(said, Mapping):
        return ""
    name, wanted = name_of(str(said.get("language") or "")), str(said.get("wanted") or "")
    reasons = {
        OWN: "the customer’s language",
        NOT_KNOWN: "the store’s language: the customer’s is not known",
        NO_TEXT: f"the store’s language: there is no text in {name_of(wanted)}",
        NOT_TO_THEM: "the store’s language: it does not go to the customer",
    }
    reason = reasons.get(str(said.get("why")), "")
    return f"{name}, {reason}" if reason else name


def flat(settings: Settings, labels: Mapping[str, str]) -> tuple[dict[str, object], dict[str, str]]:
    """Return the settings and the labels of a kind's fields, with each text in a further language as one."""
    values = {name: value for name, value in settings.items() if name != LANGUAGES}
    further = {
        (name, tag): text
        for tag, texts in texts_by_language(settings).items()
        for name, text in texts.items()
    }
    named = {f"{name}@{tag}": f"{labels[name]} in {name_of(tag)}" for name, tag in further if name in labels}
    return {**values, **{f"{name}@{tag}": text for (name, tag), text in further.items()}}, {**labels, **named}


def _in_place(kind: Action, settings: Settings, texts: Mapping[str, str]) -> Settings:
    """Return the settings with the texts of a language in the place of the store's."""
    names = [name for name in kind.Form.translated if texts.get(name) or name not in _AS_IN_STORE]
    others = {name: value for name, value in settings.items() if name != LANGUAGES}
    return {**others, **{name: texts.get(name, "") for name in names}}


def _fitting(languages: Mapping[str, object], wanted: str) -> str:
    """Return the tag of the texts for a language: with the same country, else of the same language."""
    same = [tag for tag in languages if wanted and same_language(tag, wanted)]
    return min(same, key=lambda tag: (tag != wanted, tag != spoken(wanted)), default="")


def _with_country(written: str, wanted: str, of_store: str) -> str:
    """Return the language of a text with the country whose dates and amounts it shows."""
    if "-" in wanted and same_language(wanted, written):
        return wanted
    return of_store if "-" not in written and same_language(of_store, written) else written


def _said(written: str, wanted: str, to_them: bool) -> dict[str, dict[str, str]]:
    if not to_them:
        why = NOT_TO_THEM
    elif not wanted:
        why = NOT_KNOWN
    else:
        why = OWN if same_language(written, wanted) else NO_TEXT
    return {WRITTEN_IN: {"language": written, "wanted": wanted, "why": why}}
