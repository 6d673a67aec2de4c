"""A log entry judged again: what was then, what would be by another version, and why they differ."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from automations.engine.rules.rule import rule_from
from automations.engine.wording.wording import Part
from automations.features.authoring import custom_field_edits
from automations.features.history.listeners import OccurrenceToExplain
from automations.features.privacy import erasure
from automations.features.replay.replay import Replay, ReplayChoice, replay
from automations.models.db.base import db, write
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.custom_field import CustomField
from automations.models.tables.customer import Customer
from automations.models.tables.people import User
from automations.models.tables.store import Store
from tests.kit import shop
from tests.kit.doing import perform_all
from tests.kit.own_fields import own_field
from tests.kit.rows import all_rows
from tests.kit.time import reached, scan_through, timed
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")
DAY = dt.timedelta(days=1)
ANNA = 1
DELIVERED = shop.condition("fulfilment_method", "equals", "delivery")
OVER_40 = shop.condition("total", "greater_than", "40.00")
ORDER: dict[str, Any] = {"customer_id": ANNA, "fulfilment_method": "delivery", "total": Decimal("32.50")}


def again(automation_id: int, place: int = -1, **asked: Any) -> Replay:
    automation = db.session.get_one(Automation, automation_id)
    store = db.session.get_one(Store, automation.store_id)
    words = StoreWords(db.session(), store)
    occurrence = shop.occurrences()[place]
    return replay(db.session(), store, words, automation, occurrence, ReplayChoice(**asked), NOW + DAY)


def text(parts: Any) -> str:
    found: list[Part] = list(parts)
    return "".join(part for part, _ in found)


def table(found: Replay) -> list[tuple[str, str, str, bool]]:
    return [(row.label, row.cells[0].text, row.cells[1].text, row.decides) for row in found.rows]


@pytest.fixture
def confirmed(app: object) -> int:
    """Version 1 fires on a delivery order of £32.50; version 2 also asks for more than £40.00."""
    automation = shop.publish_automation("Confirm", "created", DELIVERED)
    shop.place_order("0912", **ORDER)
    perform_all()
    shop.publish_again(automation, "created", DELIVERED, OVER_40, now=NOW + DAY)
    return automation


def test_the_condition_that_makes_the_difference_is_named(confirmed: int) -> None:
    before = all_rows()
    found = again(confirmed)
    titles = [(column.known.title, column.badge.word) for column in found.columns]
    assert titles == [
        ("By version 1 of that time", "Fired: kept here"),
        ("By today’s version 2", "Not applicable"),
    ]
    assert table(found) == [
        ("Fulfilment method", "is Delivery", "is Delivery", False),
        ("Total", "not asked", "£32.50, needs over £40.00", True),
    ]
    assert [row.was for row in found.rows] == ["was Delivery", "was £32.50"]
    assert found.rows[1].cells[1].note == "asked since version 2, 23 Nov 2026"
    why = "Version 2 would not fire: total £32.50, needs over £40.00. Version 1 does not ask that."
    assert text(found.why) == why
    (email,) = found.actions
    assert email.cells[0].run and email.cells[0].run.letters and email.cells[1].text == "would not be sent"
    assert all_rows() == before


def test_the_message_by_another_version_is_rendered_on_the_snapshot(confirmed: int) -> None:
    shop.place_order("0912", total=Decimal("99.00"))
    with write() as session:
        automation = session.get_one(Automation, confirmed)
        email = shop.email_to(subject="For {{ order.number }}: {{ order.total }}")
        automation.draft = automation.draft | {"conditions": [DELIVERED], "actions": [email]}
    found = again(confirmed, place=0, right="draft")
    (row,) = found.actions
    assert found.right.badge.word == "Would fire"
    assert text(found.why) == "Both fire. What they do differs."
    assert row.cells[1].text == "would be sent to anna@grandhotel.example"
    assert (
        row.cells[1].messages[0].subject.startswith("For 0912: ")
        and "32.50" in row.cells[1].messages[0].subject
    )


def test_as_it_is_today_judges_the_values_of_today(confirmed: int) -> None:
    shop.place_order("0912", total=Decimal("99.00"), now=NOW + DAY)
    found = again(confirmed, place=0, today=True)
    assert [column.judged.fires for column in found.columns] == [True, True]
    assert not found.left.stored and text(found.why) == "Both fire."
    changes = {change.label: (change.text, change.since) for change in again(confirmed, place=0).changed}
    assert changes["Total"] == ("£32.50 → £99.00", NOW + DAY)


@pytest.mark.parametrize("today", [False, True])
def test_each_new_verdict_equals_the_explanation_of_its_rule(confirmed: int, today: bool) -> None:
    shop.publish_again(confirmed, "payment_status_changed", OVER_40)
    shop.place_order("0912", payment_status="paid", total=Decimal("50.00"))
    for place, occurrence in enumerate(shop.occurrences()):
        for number in (1, 2, 3):
            found = again(confirmed, place, right=f"v{number}", left="draft", today=today).right
            if found.stored or not found.judged.listens:
                continue
            moment = OccurrenceToExplain(occurrence)
            fires = moment.explain(rule_from(0, found.known.data or {})).fires
            assert found.judged.fires is (True if today and number != 3 else fires), (place, number)


def test_another_trigger_and_a_time_before_it_was_live_are_said(confirmed: int) -> None:
    shop.publish_again(confirmed, "payment_status_changed")
    found = again(confirmed)
    assert text(found.why) == "Version 3: It starts by another trigger, so this did not concern it."
    late = shop.publish_automation("Late", "created")
    found = again(late, place=0)
    assert (found.left.known.title, found.left.badge.word) == ("No version of that time", "Can’t be judged")
    assert found.right.badge.word == "Would fire" and found.actions[0].cells[0].text == "no such action"


def test_an_unknown_version_and_a_field_that_is_gone_are_named(confirmed: int) -> None:
    found = again(confirmed, left="v9")
    assert text(found.why) == "Version 9: There is no version 9 of this automation."
    with write() as session:
        automation = session.get_one(Automation, confirmed)
        gone = shop.condition("custom.ribbon", "equals", "red")
        automation.draft = automation.draft | {"conditions": [gone]}
    found = again(confirmed, right="draft")
    assert found.right.badge.word == "Can’t be judged" and "custom.ribbon" in found.right.judged.problem


def test_a_removed_field_of_the_stores_own_stays_readable(confirmed: int) -> None:
    ribbon = own_field("Ribbon")
    shop.publish_again(confirmed, "created", shop.condition(ribbon, "equals", "red"))
    shop.publish_again(confirmed, "created", DELIVERED)
    with write() as session:
        ada = session.query(User).filter_by(email="ada@bloom.example").one()
        store = session.query(Store).filter_by(name="Bloom & Wild St").one()
        custom_field_edits.remove(session, store, ada, session.query(CustomField).one(), NOW)
    assert table(again(confirmed, right="v3"))[0] == ("Ribbon", "not asked", "empty, needs “red”", True)


def test_after_erasing_the_verdict_of_that_time_stays() -> None:
    anna, grand = (shop.condition("customer.email", "contains", word) for word in ("anna", "grand"))
    automation = shop.publish_automation("Anna", "created", anna)
    shop.place_order("0912", **ORDER)
    perform_all()
    shop.publish_again(automation, "created", grand)
    with write() as session:
        customer = session.get_one(Customer, ANNA)
        erasure.erase(session, session.get_one(Store, customer.store_id), customer, NOW)
    found = again(automation)
    assert found.erased and (found.left.badge.word, found.right.badge.word) == (
        "Fired: kept here",
        "Can’t be judged",
    )
    (row, *_) = found.rows
    assert row.was == "was erased" and row.cells[1].text == "erased, so it can’t be judged any more"
    assert "grandhotel" not in str(found)


def test_the_time_of_another_automation_is_no_time_of_this_one() -> None:
    schedule = reached("delivery_date", "before", 3)
    first, second = (timed(name, "date_reached", schedule) for name in ("First", "Second"))
    shop.place_order("0912", **ORDER, delivery_date=(NOW + 4 * DAY).date())
    assert scan_through(NOW, NOW + 2 * DAY, DAY / 2) == 2
    (mine,) = [place for place in (-1, -2) if again(first, place).left.stored]
    assert again(first, mine).left.badge.word == "Fired: waiting"
    assert again(second, mine).left.judged.problem == "This moment was due for another automation."
