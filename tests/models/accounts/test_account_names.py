"""Accounts are found by name within their store."""

from __future__ import annotations

import pytest

from automations.models.accounts import account_names
from automations.models.db.base import db, write
from automations.models.tables.customer import Account
from automations.models.tables.store import Store
from tests.world import NOW


@pytest.fixture(autouse=True)
def more_accounts(bloom: Store) -> None:
    with write() as session:
        names = ("Hotel Zoo", "100% Flowers", "Zoo")
        session.add_all(Account(store_id=bloom.id, name=name, created_at=NOW) for name in names)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["100% Flowers", "Grand Hotel", "Hotel Zoo", "Zoo"]),
        ("hotel", ["Grand Hotel", "Hotel Zoo"]),
        ("%", ["100% Flowers"]),
    ],
)
def test_accounts_are_listed_by_name_or_part_of_a_name(bloom: Store, text: str, expected: list[str]) -> None:
    assert [name for _, name in account_names.search(db.session(), bloom.id, text)] == expected


@pytest.mark.parametrize(
    ("typed", "name"),
    [(" zoo ", "Zoo"), ("grand", "Grand Hotel"), ("hotel", None), ("", None), ("nobody", None)],
)
def test_a_typed_name_finds_one_account_or_none(bloom: Store, typed: str, name: str | None) -> None:
    names = dict(account_names.search(db.session(), bloom.id))
    account_id = account_names.find_id(db.session(), bloom.id, typed)
    assert (names[account_id] if account_id else None) == name


def test_accounts_of_another_store_are_not_found(bloom: Store) -> None:
    thorn = db.session.query(Store).filter_by(name="Thorn & Co").one()
    assert account_names.count(db.session(), bloom.id) == 4
    assert account_names.count(db.session(), thorn.id) == 0
    assert account_names.find_id(db.session(), thorn.id, "Zoo") is None
