"""Accounts are found by their names, within their store."""

from __future__ import annotations

import pytest

from automations.models import accounts
from automations.models.base import db, write
from automations.models.customer import Account
from automations.models.store import Store
from tests.world import NOW


@pytest.fixture(autouse=True)
def more_accounts(bloom: Store) -> None:
    with write() as session:
        names = ("Hotel Zoo", "100% Flowers", "Zoo")
        session.add_all(Account(store_id=bloom.id, name=name, created_at=NOW) for name in names)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["100% Flowers", "Grand Hotel", "Hotel Zoo", "Zoo"]),
        ("hotel", ["Grand Hotel", "Hotel Zoo"]),
        ("%", ["100% Flowers"]),
    ],
)
def test_they_are_listed_by_name_and_by_a_part_of_it(bloom: Store, text: str, found: list[str]) -> None:
    assert [name for _, name in accounts.named(db.session(), bloom.id, text)] == found


@pytest.mark.parametrize(
    ("typed", "name"),
    [(" zoo ", "Zoo"), ("grand", "Grand Hotel"), ("hotel", None), ("", None), ("nobody", None)],
)
def test_a_typed_name_means_one_account_or_none(bloom: Store, typed: str, name: str | None) -> None:
    names = dict(accounts.named(db.session(), bloom.id))
    found = accounts.id_of(db.session(), bloom.id, typed)
    assert (names[found] if found else None) == name


def test_another_store_has_none(bloom: Store) -> None:
    thorn = db.session.query(Store).filter_by(name="Thorn & Co").one()
    assert accounts.count(db.session(), bloom.id) == 4
    assert accounts.count(db.session(), thorn.id) == 0
    assert accounts.id_of(db.session(), thorn.id, "Zoo") is None
