"""Which versions listened to an occurrence, and how each evaluates it; computed, never stored."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions import ACTIONS
from automations.engine.explain.explanation import Explanation, explain
from automations.engine.fields.facts import needs_the_moment
from automations.engine.fields.subject import Field
from automations.engine.operators.value_types import Value
from automations.engine.rules.occurrence_facts import OccurrenceFacts
from automations.engine.rules.rule import Rule, rule_from
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Listening, Version
from automations.models.tables.occurrence import MANUAL, Occurrence
from automations.models.tables.schedule_progress import TIMED, Due
from automations.models.tables.shadow import ShadowDue
from automations.pipeline.evaluation.evaluate import by_hand
from automations.pipeline.records.evaluation_context import StoredContext, listening_triggers
from automations.pipeline.records.snapshots import in_currency_of

#: The triggers whose occurrences are meant for a single version.
MEANT = (*TIMED, MANUAL)
#: Listeners among which the nearest misses are chosen, in a list of occurrences and for a single one; all
#: are counted. Explaining a thousand of them for each entry would take most of a second.
LOOKED_AT, LOOKED_AT_ALONE = 100, 500


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    """A version with its rule."""

    id: int
    automation_id: int
    number: int
    name: str
    rule: Rule
    #: The summary of each action: "Email the customer".
    summaries: tuple[str, ...]
    #: When each action follows, as in rule data.
    timings: tuple[Mapping[str, Any] | None, ...] = ()
    #: Whether it was made for shadow mode.
    shadow: bool = False


class Listeners:
    """The versions that were live for each of several occurrences of one store, read in one query."""

    def __init__(self, session: Session, store_id: int, occurrences: Collection[Occurrence]) -> None:
        self._spans: dict[tuple[str, str], list[tuple[int, int, int]]] = {}
        for row in session.execute(_spans(store_id, occurrences)) if occurrences else ():
            span = (row.version_id, row.from_ruleset, row.until_ruleset)
            self._spans.setdefault((row.subject, row.trigger), []).append(span)
        timed = [occurrence.id for occurrence in occurrences if occurrence.trigger in MEANT]
        #: The occurrence of a time trigger is meant for the one version whose time it was.
        self._meant: dict[int, int] = {}
        for table in (Due, ShadowDue) if timed else ():
            meant = sa.select(table.occurrence_id, table.version_id).where(table.occurrence_id.in_(timed))
            self._meant |= {id: version for id, version in session.execute(meant) if id}

    def of(self, occurrence: Occurrence) -> list[int]:
        """Return the ids of the versions that listened to this occurrence, in order."""
        if occurrence.id in self._meant:
            return [self._meant[occurrence.id]]
        keys = listening_triggers(occurrence.trigger, occurrence.changed)
        spans = [span for key in keys for span in self._spans.get((occurrence.subject, key), ())]
        return sorted(id for id, begins, ends in spans if begins <= occurrence.ruleset < ends)


def _spans(store_id: int, occurrences: Collection[Occurrence]) -> sa.Select[*tuple[Any, ...]]:
    rulesets = [occurrence.ruleset for occurrence in occurrences]
    columns = (Listening.version_id, Listening.subject, Listening.trigger)
    return (
        sa.select(*columns, Listening.from_ruleset, Listening.until_ruleset)
        .where(
            Listening.store_id == store_id,
            Listening.subject.in_({occurrence.subject for occurrence in occurrences}),
            Listening.trigger.in_(
                {
                    key
                    for occurrence in occurrences
                    for key in listening_triggers(occurrence.trigger, occurrence.changed)
                }
            ),
            Listening.until_ruleset > min(rulesets),
            Listening.from_ruleset <= max(rulesets),
        )
        .order_by(Listening.version_id)
    )


def published(session: Session, version_ids: Iterable[int], words: StoreWords) -> dict[int, PublishedVersion]:
    """Return the versions by id, read in one query."""
    columns = (Version.id, Version.automation_id, Version.number, Version.name, Version.definition)
    rows = session.execute(sa.select(*columns, Version.shadow).where(Version.id.in_(set(version_ids))))
    return {
        row.id: PublishedVersion(
            row.id,
            row.automation_id,
            row.number,
            row.name,
            rule_from(row.id, row.definition),
            tuple(_summary(action, row.definition["subject"], words) for action in row.definition["actions"]),
            tuple(action.get("timing") for action in row.definition["actions"]),
            row.shadow,
        )
        for row in rows
    }


def _summary(action: Mapping[str, Any], subject: str, words: StoreWords) -> str:
    kind = ACTIONS.get(action["kind"])
    entry = words.subject(subject)
    text = str(action["kind"])
    if kind:
        text = kind.summary_for(kind.with_present_names(action["settings"], subject, words), entry)
    return text[:1].upper() + text[1:]


class OccurrenceToExplain:
    """One occurrence, prepared for being explained against any number of rules."""

    def __init__(
        self,
        occurrence: Occurrence,
        custom: Mapping[str, Field] | None = None,
        currency: str | None = None,
    ) -> None:
        """`custom` holds the store's own fields of the subject by key, including those removed since.

        With a `currency`, amounts are compared with rules in that one, not in the store's of that time.
        """
        self._occurrence = occurrence
        self._snapshot: Mapping[str, Any] = occurrence.snapshot
        if currency:
            self._snapshot = in_currency_of(self._snapshot, currency)
        self._custom = custom
        self._context = StoredContext.from_data(occurrence.at, occurrence.moment)
        self._known: dict[str, Value | None] = {}

    def explain(self, rule: Rule) -> Explanation:
        """Return the explanation of `rule`; raises ValueError with a sentence if the rule or a value it needs
        is unreadable.
        """
        if self._occurrence.trigger == MANUAL:
            rule = by_hand(rule)
        # Only what it needs: an unreadable value must not hide the verdicts of rules that never look at it.
        unread = [key for key in rule.fields if key not in self._known]
        if unread or not self._known:
            self._known |= self._facts(unread)
        return explain(rule, self._known, self._custom)

    def _facts(self, keys: Collection[str]) -> dict[str, Value | None]:
        row = self._occurrence
        change = (row.from_value, row.to_value, self._context)
        occurrence = OccurrenceFacts(row.subject, row.trigger, self._snapshot, *change)
        if self._context.now is None:
            # One from before the moment was kept: what depends on it is not known, and no error.
            keys = [key for key in keys if not needs_the_moment(key)]
        return occurrence.read(keys, self._custom)


def nearest_first(
    explained: Sequence[tuple[PublishedVersion, Explanation]],
) -> list[tuple[PublishedVersion, Explanation]]:
    """Sort by the number of conditions that failed, fewest first; ties by the number that held, most
    first.
    """
    return sorted(explained, key=lambda pair: _distance(pair[1]))


def _distance(explanation: Explanation) -> tuple[int, int]:
    missed = sum(not verdict.holds for verdict in explanation.verdicts)
    return missed, missed - len(explanation.verdicts)
