"""Subjects are discovered by folder, offer fitting operators, and read snapshots into typed facts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from automations.engine.fields.subject import UnreadableFact
from automations.engine.fields.subjects import CHANGE_FROM, CHANGE_TO, SUBJECTS, discover
from automations.engine.operators.value_types import TYPES
from tests.kit.facts import facts

SNAPSHOT: dict[str, object] = {
    "id": "1042",
    "status": "confirmed",
    "payment_status": "paid",
    "order_type": None,
    "fulfilment_method": "delivery",
    "total": "86.50",
    "item_count": 3,
    "delivery_date": "2026-11-24",
    "placed_at": "2026-11-22T10:00:00Z",
    "tags": ["vip"],
    "store": {"id": "1", "name": "Bloom & Wild St"},
    "account": None,
}
_FIELDS = [(subject, field) for subject in SUBJECTS.values() for field in subject.fields.values()]
_NAMES = [f"{subject.key}.{field.key}" for subject, field in _FIELDS]


def test_orders_come_first_then_events_then_customers() -> None:
    assert list(SUBJECTS) == ["order", "event", "customer"]


@pytest.mark.parametrize("key", ["order", "event"])
def test_orders_and_events_have_the_three_triggers_of_a_change(key: str) -> None:
    triggers = SUBJECTS[key].triggers
    assert list(triggers)[:3] == ["created", "status_changed", "payment_status_changed"]
    assert [kind.choices for kind in triggers.values()][:3] == [None, f"{key}_status", "payment_status"]
    assert triggers["payment_status_changed"].note.endswith("not just once.")


def test_each_subject_has_the_triggers_that_fit_it() -> None:
    later = ["date_reached", "stays_in_status", "scheduled", "manual"]
    assert list(SUBJECTS["order"].triggers)[3:] == ["field_changed", "carrier_changed", *later]
    assert list(SUBJECTS["event"].triggers)[3:] == ["field_changed", *later]
    of_customers = ["created", "field_changed", "segment_entered", "segment_left", "date_reached"]
    assert list(SUBJECTS["customer"].triggers) == [*of_customers, "scheduled", "manual"]


@pytest.mark.parametrize(("subject", "field"), _FIELDS, ids=_NAMES)
def test_every_field_is_complete(subject: object, field: object) -> None:
    assert field.type in TYPES
    assert field.label and field.phrase and field.path
    assert bool(field.choices or field.labels) or field.type != "choice"
    assert not field.choices or field.type == "choice"
    assert bool(field.reference) == (field.type == "reference")
    assert subject.fields[field.key] is field


@pytest.mark.parametrize(("subject", "field"), _FIELDS, ids=_NAMES)
def test_every_field_is_offered_operators_that_fit_it(subject: object, field: object) -> None:
    keys = [operator.key for operator in subject.operators_for(field)]
    assert keys and keys == [operator.key for operator in subject.operators_for(field.key)]
    assert ("is_empty" in keys) == field.can_be_empty
    assert ("greater_than" in keys) == (field.type in {"number", "money", "date", "datetime", "time"})
    assert ("within_next" in keys) == (field.type in {"date", "datetime"})
    assert ("changed_to" in keys) == (field.type == "choice" and field.own)
    assert ("contains" in keys) == (field.type in {"tags", "text"})


def test_facts_are_typed_and_missing_ones_are_none() -> None:
    found = facts("order", SNAPSHOT)
    assert found["total"] == Decimal("86.50")
    assert found["item_count"] == Decimal(3)
    assert found["delivery_date"] == date(2026, 11, 24)
    assert found["placed_at"] == datetime(2026, 11, 22, 10, tzinfo=UTC)
    assert found["tags"] == frozenset({"vip"})
    assert found["store"] == "1"
    assert [found[key] for key in ("account", "order_type", "source", "amount_paid")] == [None] * 4
    of_the_record = {key for key in SUBJECTS["order"].fields if not key.startswith("now.")}
    assert set(found) == {*of_the_record, *SUBJECTS["order"].line_fields, CHANGE_FROM, CHANGE_TO}


def test_facts_hold_the_change_itself() -> None:
    found = facts("order", SNAPSHOT, from_value="unpaid", to_value="paid", only=())
    assert found == {CHANGE_FROM: "unpaid", CHANGE_TO: "paid"}
    assert facts("order", SNAPSHOT, only=()) == {CHANGE_FROM: None, CHANGE_TO: None}


def test_only_the_fields_in_use_are_read() -> None:
    broken = {**SNAPSHOT, "total": "a lot"}
    assert facts("order", broken, only={"status", CHANGE_TO})["status"] == "confirmed"


@pytest.mark.parametrize(
    ("key", "stored", "sentence"),
    [
        ("total", "a lot", "Total needs a number such as 40.00, not “a lot”."),
        ("tags", "vip", "Tags holds “vip”, which is not a list of tags."),
        ("account", "Grand Hotel", "Account is where the record holds no details."),
    ],
)
def test_an_unreadable_fact_is_an_error_that_names_its_field(key: str, stored: str, sentence: str) -> None:
    with pytest.raises(UnreadableFact) as refused:
        facts("order", {**SNAPSHOT, key: stored})
    assert (refused.value.field, str(refused.value)) == (key, sentence)


def test_a_module_without_its_subject_prevents_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "strange_subjects"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "parcel.py").write_text("SUBJECT = 'parcel'\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ImportError, match="needs a SUBJECT whose key is 'parcel'"):
        discover("strange_subjects", [str(folder)])


def test_a_module_that_cannot_be_imported_prevents_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "broken_subjects"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "order.py").write_text("import nothing_of_this_name\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError):
        discover("broken_subjects", [str(folder)])
