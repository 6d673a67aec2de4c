"""Who was listening when something happened, and how each would have judged it: nothing here is stored."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions import ACTIONS
from automations.engine.explain import Explanation, explain
from automations.engine.rule import Rule, rule_from
from automations.engine.subjects import facts
from automations.engine.values import Value
from automations.engine.wording import verdict_words
from automations.models.automation import Listening, Version
from automations.models.choices import StoreWords
from automations.models.occurrence import Occurrence
from automations.pipeline.why_entries import Chip

#: Of so many listeners the nearest misses are chosen, in a list of occurrences and for a single one; all
#: are counted. Looking at every one of a thousand for each entry would take most of a second.
LOOKED_AT, LOOKED_AT_ALONE = 100, 500


@dataclass(frozen=True, slots=True)
class Published:
    """A version with its rule."""

    id: int
    automation_id: int
    number: int
    name: str
    rule: Rule
    #: What each action does: "Email the customer".
    summaries: tuple[str, ...]


class Listeners:
    """The versions that were live for each of some occurrences of one store; one query for all of them."""

    def __init__(self, session: Session, store_id: int, occurrences: Collection[Occurrence]) -> None:
        self._spans: dict[tuple[str, str], list[tuple[int, int, int]]] = {}
        for row in session.execute(_spans(store_id, occurrences)) if occurrences else ():
            span = (row.version_id, row.from_ruleset, row.until_ruleset)
            self._spans.setdefault((row.subject, row.trigger), []).append(span)

    def of(self, occurrence: Occurrence) -> list[int]:
        """The ids of the versions that listened to this occurrence, in order."""
        spans = self._spans.get((occurrence.subject, occurrence.trigger), ())
        return [id for id, begins, ends in spans if begins <= occurrence.ruleset < ends]


def _spans(store_id: int, occurrences: Collection[Occurrence]) -> sa.Select[*tuple[Any, ...]]:
    rulesets = [occurrence.ruleset for occurrence in occurrences]
    columns = (Listening.version_id, Listening.subject, Listening.trigger)
    return (
        sa.select(*columns, Listening.from_ruleset, Listening.until_ruleset)
        .where(
            Listening.store_id == store_id,
            Listening.subject.in_({occurrence.subject for occurrence in occurrences}),
            Listening.trigger.in_({occurrence.trigger for occurrence in occurrences}),
            Listening.until_ruleset > min(rulesets),
            Listening.from_ruleset <= max(rulesets),
        )
        .order_by(Listening.version_id)
    )


def published(session: Session, version_ids: Iterable[int]) -> dict[int, Published]:
    """The versions by id, read in one query."""
    columns = (Version.id, Version.automation_id, Version.number, Version.name, Version.definition)
    rows = session.execute(sa.select(*columns).where(Version.id.in_(set(version_ids))))
    return {
        row.id: Published(
            row.id,
            row.automation_id,
            row.number,
            row.name,
            rule_from(row.id, row.definition),
            tuple(_summary(action) for action in row.definition["actions"]),
        )
        for row in rows
    }


def _summary(action: Mapping[str, Any]) -> str:
    kind = ACTIONS.get(action["kind"])
    text = kind.summary(action["settings"]) if kind else str(action["kind"])
    return text[:1].upper() + text[1:]


class Moment:
    """One occurrence, ready to be explained to any number of rules."""

    def __init__(self, occurrence: Occurrence) -> None:
        self._occurrence = occurrence
        self._known: dict[str, Value | None] | None = None
        try:
            self._known = self._facts(None)
        except ValueError:
            # One unreadable value must not hide the verdicts of rules that never look at it.
            self._known = None

    def explain(self, rule: Rule) -> Explanation:
        """Raises ValueError with a sentence where the rule or a value it looks at cannot be read."""
        return explain(rule, self._facts(rule.fields) if self._known is None else self._known)

    def _facts(self, only: Collection[str] | None) -> dict[str, Value | None]:
        one = self._occurrence
        return facts(one.subject, one.snapshot, from_value=one.from_value, to_value=one.to_value, only=only)


def chips(explanation: Explanation, subject: str, words: StoreWords) -> tuple[Chip, ...]:
    """Every condition with what was found and what was needed."""
    return tuple(Chip(verdict_words(one, subject, words), one.holds) for one in explanation.verdicts)


def nearest_first(explained: Sequence[tuple[Published, Explanation]]) -> list[tuple[Published, Explanation]]:
    """Those that missed by the fewest conditions first; among equals those with more that held."""
    return sorted(explained, key=lambda one: _distance(one[1]))


def _distance(explanation: Explanation) -> tuple[int, int]:
    missed = sum(not verdict.holds for verdict in explanation.verdicts)
    return missed, missed - len(explanation.verdicts)
