"""At which recorded occurrences would a rule have fired? Equal to judging them one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy.orm import Session

from automations.engine.fields.subject import Field
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules.rule import Rule
from automations.engine.rules.typed_rule import TypedNode, typed_nodes
from automations.features.past import tables
from automations.features.past.arrays import Mask
from automations.features.past.judge_columns import all_of, facts_of, judge, listening, matching
from automations.features.past.matches import Matches, microseconds, united
from automations.features.past.occurrence_table import OccurrenceTable
from automations.features.past.period import Period
from automations.features.past.raw_facts import CHANGED
from automations.features.past.row_reader import TableKey
from automations.models.tables.custom_field import fields_of
from automations.models.tables.occurrence import MANUAL
from automations.models.tables.store import Store
from automations.pipeline.records.evaluation_context import occurrence_triggers


def matches(session: Session, store: Store, rule: Rule, period: Period) -> Matches:
    """Return the occurrences of the period at which the rule would have fired. Raises BrokenRule.

    None for rules that wait for a time or for a person: what they wait for leaves no occurrence of its own.
    """
    custom = fields_of(session, store.id, removed=True).get(rule.subject)
    nodes, found = typed_nodes(rule, custom), []
    for key in listened_to(store, rule.subject, rule.trigger.key):
        with asked(session, key, nodes, custom) as table:
            fires = matching(all_of([judge(table, node) for node in nodes], len(table)))
            fires &= candidates(table, rule.trigger.key, period)
            found.append(table.matches(fires))
    return united(found)


def listened_to(store: Store, subject: str, trigger: str) -> list[TableKey]:
    """Return the tables with the occurrences that rules with this trigger may listen to."""
    kind = SUBJECTS[subject].triggers.get(trigger)
    if kind is None or kind.schedule or trigger == MANUAL:
        return []
    return [TableKey(store.id, subject, key) for key in occurrence_triggers(trigger)]


@contextmanager
def asked(
    session: Session,
    key: TableKey,
    nodes: Iterable[TypedNode],
    custom: Mapping[str, Field] | None,
    others: Iterable[str] = (),
) -> Iterator[OccurrenceTable]:
    """Lend the table with the columns that these conditions need, and those of `others`.

    `custom` are the subject's custom fields, removed ones too.
    """
    with tables.table(session, key, {CHANGED, *facts_of(nodes), *others}, custom) as table:
        yield table


def candidates(table: OccurrenceTable, trigger: str, period: Period) -> Mask:
    """Return the occurrences of the period that rules with this trigger listen to."""
    ats = table.ats
    within = (ats >= microseconds(period.since)) & (ats < microseconds(period.until))
    return within & listening(table, trigger)
