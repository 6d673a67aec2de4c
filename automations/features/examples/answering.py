"""What a rule answers to a pinned example: the complete judge on the frozen moment."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from automations.engine.explain.explanation import Explanation, GroupVerdict, TreeVerdict, explain
from automations.engine.fields.subject import Field
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules.occurrence_facts import OccurrenceFacts
from automations.engine.rules.rule import Narrowing, Rule, rule_from
from automations.engine.wording.wording import joined, verdict_words
from automations.features.examples.unknown_values import asked_in_vain, certain
from automations.models.settings.choices import StoreWords
from automations.models.tables.example import Example
from automations.models.tables.occurrence import MANUAL
from automations.pipeline.evaluation.evaluate import by_hand
from automations.pipeline.records.evaluation_context import StoredContext, listening_triggers

#: What may come of asking an example: as expected, the opposite, no answer because of an error; not judged
#: because the person was erased, the rule starts otherwise, or is unfinished.
OK, BROKEN, ERROR, ERASED, NOT_ASKED, UNFINISHED = (
    "ok",
    "broken",
    "error",
    "erased",
    "not_asked",
    "unfinished",
)
STATES = (OK, BROKEN, ERROR, ERASED, NOT_ASKED, UNFINISHED)
#: Those that hold publishing back.
BREAKING = frozenset({BROKEN, ERROR})
#: The most reasons an answer names.
_MOST = 3


@dataclass(frozen=True, slots=True)
class Answer:
    """One example with what the rule answers. `fires` is None where it was not judged."""

    example: Example
    state: str
    fires: bool | None
    #: "and does", "but would not", "not asked any more".
    then: str
    #: Why, without full stop; "" where there is nothing to say.
    why: str = ""

    @property
    def expects(self) -> str:
        """Return "must fire" or "must not fire"."""
        return expectation(self.example.must_fire)

    @property
    def short(self) -> str:
        """Return the answer without values of the record: "#0987 must fire, but would not"."""
        return f"{self.example.label} {self.expects}, {self.then}"

    @property
    def sentence(self) -> str:
        """Return the whole answer: "#0987 must fire, and does: delivery type is Parcel post."."""
        return f"{self.short}: {self.why}." if self.why else f"{self.short}."

    @property
    def is_breaking(self) -> bool:
        """Whether it holds publishing back."""
        return self.state in BREAKING


def expectation(must_fire: bool) -> str:
    """Return an expectation in words."""
    return "must fire" if must_fire else "must not fire"


def explain_example(example: Example, rule: Rule, custom: Mapping[str, Field] | None = None) -> Explanation:
    """Return the explanation of `rule` on the frozen moment. Raises ValueError with a sentence."""
    asked = by_hand(rule) if example.trigger == MANUAL else rule
    context = StoredContext.from_data(example.at, example.moment)
    change = (example.from_value, example.to_value, context)
    frozen = OccurrenceFacts(example.subject, example.trigger, example.snapshot, *change)
    return explain(asked, frozen.read(asked.fields, custom), custom)


def answer(words: StoreWords, example: Example, data: Mapping[str, Any]) -> Answer:
    """Return what rule data that passed `check` answers to an example."""
    why_not_asked = _why_not_asked(example, data)
    if why_not_asked:
        return Answer(example, NOT_ASKED, None, "not asked any more", why_not_asked)
    try:
        found = explain_example(example, rule_from(0, data), words.custom_ever(example.subject))
    except ValueError as problem:
        return Answer(example, ERROR, None, "but can’t be judged", str(problem).rstrip("."))
    lost = frozenset(example.erased or ())
    fires = certain(found.tree, lost)
    if fires is None:
        return Answer(
            example, ERASED, None, "can’t be judged any more", _lost_words(words, example, found, lost)
        )
    return _judged(example, fires, _reasons(words, example, found, fires, lost))


def _judged(example: Example, fires: bool, why: str) -> Answer:
    if fires is example.must_fire:
        return Answer(example, OK, fires, "and does" if fires else "and does not", why)
    return Answer(example, BROKEN, fires, "but would" if fires else "but would not", why)


def _why_not_asked(example: Example, data: Mapping[str, Any]) -> str:
    subject, trigger = data["subject"], data["trigger"]
    if subject != example.subject:
        return f"the automation watches {SUBJECTS[subject].plural.lower()} now"
    if example.trigger == MANUAL:
        return ""
    heard = (example.trigger, *listening_triggers(example.trigger, example.changed))
    if trigger["key"] not in heard:
        return "the automation starts by another trigger"
    if example.schedule and example.schedule != trigger.get("schedule"):
        return "the automation starts at other times"
    return ""


def _lost_words(words: StoreWords, example: Example, found: Explanation, lost: Collection[str]) -> str:
    subject = words.subject(example.subject)
    fields = {**subject.line_fields, **subject.fields}
    labels = [fields[key].label for key in asked_in_vain(found.tree, lost) if key in fields]
    asks = (
        f", and the rule asks for {joined([label[:1].lower() + label[1:] for label in labels])}"
        if labels
        else ""
    )
    return f"the person was erased{asks}"


def _reasons(
    words: StoreWords, example: Example, found: Explanation, fires: bool, lost: Collection[str]
) -> str:
    """Return the conditions that decided: those that hold if it fires, those that do not otherwise."""
    subject = words.subject(example.subject)
    deciding = [verdict for verdict in found.tree if certain([verdict], lost) is fires]
    if fires:
        deciding = [verdict for verdict in deciding if not _is_narrowing(verdict)]
    phrases = [verdict_words(verdict, subject, words) for verdict in deciding]
    more = f"and {len(phrases) - _MOST} more" if len(phrases) > _MOST else ""
    shown = [phrase[:1].lower() + phrase[1:] for phrase in phrases[:_MOST]]
    return "; ".join(filter(None, [*shown, more])) or ("it has no conditions" if fires else "")


def _is_narrowing(verdict: TreeVerdict) -> bool:
    return not isinstance(verdict, GroupVerdict) and isinstance(verdict.condition, Narrowing)
