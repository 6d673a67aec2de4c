"""A large table is kept in a file: for the next start, naming nobody, and only while it fits the log."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from automations.engine.rules.rule import Condition, Rule, Trigger
from automations.features.past import asking, kept_columns, tables
from automations.features.past.period import Period
from automations.models.db.base import db, write
from automations.models.tables.customer import Customer
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.store import Store, note_log_change
from tests.kit.shop import place_order
from tests.world import NOW

_PERIOD = Period(NOW - dt.timedelta(days=400), NOW + dt.timedelta(days=1), None)
_CONDITIONS = (
    Condition("total", "at_least", "40"),
    Condition("placed_at", "is_not_empty"),
    Condition("placed_at", "within_last", "30"),
    Condition("fulfilment_method", "equals", "delivery"),
    Condition("customer.first_name", "equals", "Anna"),
    Condition("note", "contains", "bell"),
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the tables are kept, however small they are."""
    monkeypatch.setattr(tables, "_folders", [tmp_path / "past"])
    monkeypatch.setattr(kept_columns, "LEAST", 1)
    yield tmp_path / "past"
    tables.clear()


def _orders(store: Store) -> list[int]:
    rule = Rule(0, "order", Trigger("created"), _CONDITIONS)
    return asking.matches(db.session(), store, rule, _PERIOD).record_ids.tolist()


def _place(number: str, total: str) -> int:
    anna = db.session.query(Customer).filter_by(number="C-1").one().id
    values = {"customer_id": anna, "note": "Ring the bell", "fulfilment_method": "delivery"}
    return place_order(number, now=NOW, total=Decimal(total), placed_at=NOW, **values).id


def _read_at_start(store: Store, folder: Path) -> tuple[list[int], int]:
    """Ask as a new process would; also say how many occurrences that process takes from the file."""
    tables.clear()
    kept = kept_columns.load(db.session(), folder, _key(store))
    return _orders(store), 0 if kept is None else len(kept)


def _key(store: Store) -> tables.TableKey:
    return tables.TableKey(store.id, "order", "created")


def test_the_next_start_goes_on_from_the_file(bloom: Store, folder: Path) -> None:
    first, _ = _place("1", "50"), _place("2", "12")
    assert _orders(bloom) == [first]
    third = _place("3", "60")
    assert _read_at_start(bloom, folder) == ([first, third], 2)
    (file,) = folder.iterdir()
    assert (file.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)


def test_the_file_names_nobody(bloom: Store, folder: Path) -> None:
    _place("1", "50")
    _orders(bloom)
    kept = kept_columns.load(db.session(), folder, _key(bloom))
    assert kept is not None and "customer.first_name" in tables.kept()[0].columns
    assert kept.columns.keys() == {"changed", "total", "placed_at", "placed_at@days", "fulfilment_method"}
    (file,) = folder.iterdir()
    assert b"Anna" not in file.read_bytes() and b"bell" not in file.read_bytes()


def test_what_was_deleted_or_rewritten_since_is_not_taken_from_the_file(bloom: Store, folder: Path) -> None:
    first, second = _place("1", "50"), _place("2", "60")
    assert _orders(bloom) == [first, second]
    with write() as session:
        session.execute(sa.delete(Evaluation))
        session.execute(sa.delete(Occurrence).where(Occurrence.record_id == first))
        note_log_change(session, bloom.id)
    assert _read_at_start(bloom, folder)[0] == [second]
    with write() as session:
        kept = session.query(Occurrence).one()
        kept.snapshot = kept.snapshot | {"total": "1.00"}
        note_log_change(session, bloom.id, rewritten=True)
    assert _read_at_start(bloom, folder) == ([], 0)


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04cut off", None])
def test_a_file_that_is_broken_or_of_another_form_is_ignored(
    bloom: Store, folder: Path, content: bytes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = _place("1", "50")
    assert _orders(bloom) == [first]
    (file,) = folder.iterdir()
    if content is None:
        monkeypatch.setattr(kept_columns, "FORM", kept_columns.FORM + 1)
    else:
        file.write_bytes(content)
    assert _read_at_start(bloom, folder) == ([first], 0)


def test_a_file_of_another_log_with_the_same_numbers_is_ignored(bloom: Store, folder: Path) -> None:
    """As after a backup was restored and the shop went on."""
    _place("1", "50")
    assert len(_orders(bloom)) == 1
    with write() as session:
        (kept,) = session.query(Occurrence)
        kept.snapshot = kept.snapshot | {"total": "1.00"}
    assert _read_at_start(bloom, folder) == ([], 0)
