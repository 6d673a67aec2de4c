"""Says what each record of a file would do: create, change or leave alone. It only reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.fields.subjects import SUBJECTS
from automations.features.csv_files.csv_columns import ACCOUNT
from automations.models.settings.choices import StoreWords
from automations.models.tables.csv_import import CHANGE, CREATE, SAME
from automations.models.tables.store import Store
from automations.pipeline.intake import matching
from automations.pipeline.intake.reading import Item
from automations.pipeline.records import record_kinds
from automations.pipeline.records.evaluation_context import merged
from automations.pipeline.records.order_totals import MARKS
from automations.pipeline.records.record_kinds import ACCOUNT_TABLE, KINDS, Row
from automations.pipeline.records.snapshots import same

#: A verdict, and the labels of what would change.
Verdict = tuple[str, list[str]]
CUSTOMER = "customer"


def verdicts(
    session: Session, store: Store, subject: str, items: Sequence[Item], words: StoreWords
) -> list[Verdict]:
    """Return what each item would do."""
    accounts = _accounts(session, store, subject, items)
    if subject == ACCOUNT:
        return [(SAME if item.number in accounts else CREATE, []) for item in items]
    if subject == CUSTOMER:
        persons = [{**item.values, "number": item.number} for item in items]
        customers = _Customers(session, store, persons, [None] * len(items))
        looked = zip(items, persons, customers.numbers, strict=True)
        return [
            _verdict(subject, item, customers.row(number), customers.left(person, number), accounts, words)
            for item, person, number in looked
        ]
    wanted = {item.number for item in items if item.number}
    rows = record_kinds.rows(session, KINDS[subject], store.id, wanted)
    own = matching.own_numbers(session, store, subject, wanted)
    persons = [item.customer or {} for item in items]
    customers = _Customers(session, store, persons, [own.get(item.number or "") for item in items])
    found = []
    for item, person, number in zip(items, persons, customers.numbers, strict=True):
        row = rows.get(item.number or "")
        verdict, labels = _verdict(subject, item, row, item.values, accounts, words)
        if row and person and customers.changes(person, number, row["customer_id"]):
            verdict, labels = CHANGE, [*labels, "Customer"]
        found.append((verdict, labels))
    return found


class _Customers:
    """The customers that the persons of a file are known to be."""

    def __init__(
        self,
        session: Session,
        store: Store,
        persons: Sequence[Mapping[str, Any]],
        own: Sequence[str | None],
    ) -> None:
        self.numbers = matching.known_numbers(session, store, persons, own)
        known = {number for number in self.numbers if number}
        self._rows = record_kinds.rows(session, KINDS[CUSTOMER], store.id, known)

    def row(self, number: str | None) -> Row | None:
        return self._rows.get(number) if number else None

    def left(self, person: Mapping[str, Any], number: str | None) -> Mapping[str, Any]:
        """Return what a person says beside what identifies them."""
        change, row = matching.change_of(number or "", person), self.row(number)
        empty = {name: said for name, said in change.when_empty.items() if row and not row[name]}
        return {**empty, **change.values}

    def changes(self, person: Mapping[str, Any], number: str | None, owner_id: int | None) -> bool:
        """Return whether a record of `owner_id` that names this person changes anything about customers."""
        row = self.row(number)
        if row is None or row["id"] != owner_id:
            return True
        return any(not same(row[name], value) for name, value in self.left(person, number).items())


def _verdict(
    subject: str,
    item: Item,
    row: Row | None,
    sent: Mapping[str, Any],
    accounts: Mapping[str, int],
    words: StoreWords,
) -> Verdict:
    if row is None:
        return CREATE, []
    values = KINDS[subject].follow(row, merged(row, sent), words)
    changed = [name for name, value in values.items() if not same(row[name], value)]
    labels = [_label(subject, name) for name in changed if name not in MARKS or len(changed) == 1]
    if item.account and accounts.get(item.account) != row["account_id"]:
        labels.append("Account")
    return (CHANGE if labels else SAME), labels


def _label(subject: str, name: str) -> str:
    entry = SUBJECTS[subject].columns.get(name)
    return entry.label if entry else name.replace("_", " ").capitalize()


def _accounts(session: Session, store: Store, subject: str, items: Sequence[Item]) -> dict[str, int]:
    names = {item.number if subject == ACCOUNT else item.account for item in items} - {None}
    table = ACCOUNT_TABLE
    wanted = sa.select(table.c.name, table.c.id).where(table.c.store_id == store.id, table.c.name.in_(names))
    return dict(session.execute(wanted).all()) if names else {}
