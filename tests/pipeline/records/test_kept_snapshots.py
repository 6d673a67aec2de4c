"""A snapshot is kept without what its record does not have, and whoever reads it finds the same."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from automations.engine.fields.subjects import SUBJECTS
from automations.messages.message_context import context_from
from automations.models.db.base import db
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.store import Store
from automations.pipeline.records import current_records
from automations.pipeline.records.record_kinds import KINDS, rows
from tests.kit import shop

pytestmark = pytest.mark.usefixtures("app")


def _kept_and_whole() -> tuple[dict[str, object], dict[str, object]]:
    shop.place_order("7", customer_id=1, tags=["vip"])
    session = db.session()
    kept = session.scalars(sa.select(Occurrence.snapshot)).one()
    store = session.get_one(Store, 1)
    row = rows(session, KINDS["order"], store.id, {"7"})["7"]
    return kept, current_records.snapshots(session, "order", store, [row])[0]


def test_what_a_record_does_not_have_is_not_kept() -> None:
    kept, whole = _kept_and_whole()
    assert {"note", "lines", "parcels", "delivery_date", "delivery_address", "account"} <= whole.keys()
    assert not {"note", "lines", "parcels", "delivery_date", "delivery_address", "account"} & kept.keys()
    assert kept["tags"] == ["vip"] and list(kept) == [name for name in whole if name in kept]
    assert len(str(kept)) < len(str(whole)) * 0.8


def test_nothing_that_is_zero_or_no_is_left_out() -> None:
    kept, whole = _kept_and_whole()
    assert (whole["item_count"], whole["total_given"], whole["amount_paid"]) == (0, False, "0.00")
    assert (kept["item_count"], kept["total_given"], kept["amount_paid"]) == (0, False, "0.00")
    person = kept["customer"]
    assert isinstance(person, dict) and person["marketing_consent"] is False and "note" not in person


def test_conditions_and_messages_find_the_same_in_it() -> None:
    kept, whole = _kept_and_whole()
    subject = SUBJECTS["order"]
    assert {key: field.value(kept) for key, field in subject.fields.items()} == {
        key: field.value(whole) for key, field in subject.fields.items()
    }
    told = [context_from("order", snapshot, lambda _, key: key) for snapshot in (kept, whole)]
    assert str(told[0]) == str(told[1]) and "vip" in str(told[0])
