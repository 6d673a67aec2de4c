"""The store's own fields where they are more than looked at: in messages, changes, sentences and times."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from flask import Flask

from automations.features.authoring import custom_field_edits, drafts
from automations.features.history.upcoming_runs import upcoming
from automations.features.scheduling import scan
from automations.models.db import schema
from automations.models.db.base import db, write
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.custom_field import CustomField
from automations.models.tables.customer import Customer
from automations.models.tables.order import Order
from automations.models.tables.own_date import CustomDate
from automations.models.tables.people import User
from automations.models.tables.store import Store
from tests.kit import shop
from tests.kit.doing import perform_all
from tests.kit.downgrading import downgrade
from tests.kit.own_fields import own_field
from tests.kit.time import at, dues, reached, scan_through, timed
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")
DAY = dt.timedelta(days=1)


def change(field: str, value: str) -> dict[str, Any]:
    return {"kind": "change_data", "settings": {"field": field, "value": value}}


def data(*actions: dict[str, Any], subject: str = "order") -> dict[str, Any]:
    return drafts.blank(subject) | {
        "trigger": {"key": "created", "from": None, "to": None},
        "actions": list(actions),
    }


def in_words(store: Store, one: dict[str, Any]) -> str:
    return "".join(text for text, _ in drafts.in_words(StoreWords(db.session(), store), one))


def problems(store: Store, one: dict[str, Any]) -> list[str]:
    return [each.sentence for each in drafts.problems(StoreWords(db.session(), store), one)]


def message(text: str) -> dict[str, Any]:
    return shop.email_to("manager", message=text)


def test_a_message_renders_custom_fields(bloom: Store) -> None:
    own_field("Ribbon colour", "choice", choices="Red\nDark blue")
    own_field("Gift wrap", "bool")
    own_field("Vase deposit", "money")
    own_field("2nd visit", "date")
    text = (
        "{{ order.custom.ribbon_colour }} {% if order.custom.gift_wrap %}wrapped{% endif %} "
        "{{ order.custom.gift_wrap }} {{ order.custom.vase_deposit | money }} "
        '{{ order.custom["2nd_visit"] | date: "%-d %B" }}'
    )
    shop.publish_automation("Tell", "created", actions=[message(text)])
    custom = {
        "ribbon_colour": "dark_blue",
        "gift_wrap": True,
        "vase_deposit": "12.50",
        "2nd_visit": "2026-12-03",
    }
    shop.place_order("1", custom=custom)
    shop.place_order("2", custom={"gift_wrap": False})
    perform_all()
    db.session.rollback()
    bodies = [" ".join(run.messages[0].body.split()) for run in shop.runs()]
    assert bodies == ["Dark blue wrapped yes £12.50 3 December", "no"]


def test_a_message_with_an_unknown_field_is_refused_with_its_position(bloom: Store) -> None:
    own_field("Ribbon colour")
    assert problems(bloom, data(message("{{ order.custom.ribbon_colour }}"))) == []
    (sentence,) = problems(bloom, data(message("Hi\n{{ order.custom.ribon_colour }}")))
    assert sentence == (
        "Line 2, column 4: There is no field order.custom.ribon_colour. "
        "Did you mean order.custom.ribbon_colour?"
    )
    own_field("Gift wrap", "bool")
    (sentence,) = problems(bloom, data(message('{% if order.custom.gift_wrap == "yes" %}x{% endif %}')))
    assert "ask {% if order.custom.gift_wrap %}" in sentence


@pytest.mark.parametrize(
    ("type", "value", "expected"),
    [
        ("text", "For {{ order.number }}", "For 10482"),
        ("number", "12", "12"),
        ("money", "9.50", "9.50"),
        ("date", "2026-12-24", "2026-12-24"),
        ("date", "today+3", "2026-11-25"),
        ("bool", "yes", True),
        ("bool", "No", False),
        ("choice", "Dark blue", "dark_blue"),
    ],
)
def test_an_automation_sets_a_custom_field(bloom: Store, type: str, value: str, expected: object) -> None:
    key = own_field("Mark", type, choices="Red\nDark blue")
    own_field("Other")
    assert problems(bloom, data(change(key, value))) == []
    shop.publish_automation("Mark it", "created", actions=[change(key, value)])
    shop.place_order(custom={"other": "stays"})
    perform_all()
    db.session.rollback()
    assert [run.state for run in shop.runs()] == ["succeeded"]
    assert db.session.query(Order).one().custom == {"other": "stays", "mark": expected}
    last = shop.occurrences()[-1]
    assert (last.cause_kind, last.changed) == ("automation", ["custom"])


@pytest.mark.parametrize(
    ("type", "value", "sentence"),
    [
        ("choice", "Green", "“Mark” has no “Green”. Choose Red or Dark blue."),
        ("number", "many", "Mark needs a number such as 40.00, not “many”."),
        ("date", "soon", "Enter a date like 2026-11-24, “today”, or “today+3” for three days later."),
        ("bool", "perhaps", "Enter yes or no."),
    ],
)
def test_a_value_that_does_not_fit_is_refused_at_save(
    bloom: Store, type: str, value: str, sentence: str
) -> None:
    key = own_field("Mark", type, choices="Red\nDark blue")
    assert problems(bloom, data(change(key, value))) == [sentence]


def test_a_value_found_unfit_at_run_time_fails_with_a_sentence() -> None:
    key = own_field("Mark", "number")
    shop.publish_automation("Mark it", "created", actions=[change(key, "{{ order.note }}")])
    shop.place_order(note="many")
    perform_all()
    db.session.rollback()
    (run,) = shop.runs()
    assert (run.state, run.reason) == ("failed", "Mark needs a number such as 40.00, not “many”.")


def test_the_sentence_names_the_custom_field(bloom: Store) -> None:
    key = own_field("Ribbon colour", "choice", choices="Red")
    assert in_words(bloom, data(change(key, "Red"))).endswith("set the ribbon colour to “Red”.")
    with write() as session:
        session.query(CustomField).one().label = "Bow"
    db.session.rollback()
    assert in_words(bloom, data(change(key, "Red"))).endswith("set the bow to “Red”.")


def test_consent_and_storage_dates_change_through_receive(bloom: Store) -> None:
    asked = [change("customer.marketing_consent", "given"), change("storage_until", "today+7")]
    assert problems(bloom, data(*asked)) == []
    assert problems(bloom, data(change("customer.marketing_consent", "perhaps"))) == [
        "Enter given or not given."
    ]
    shop.publish_automation("Keep", "created", actions=asked)
    anna = db.session.query(Customer).filter_by(number="C-1").one().id
    shop.place_order(customer_id=anna)
    perform_all()
    db.session.rollback()
    assert [run.state for run in shop.runs()] == ["succeeded", "succeeded"]
    customer = db.session.get_one(Customer, anna)
    assert customer.marketing_consent and customer.marketing_consent_since == NOW
    assert db.session.query(Order).one().storage_until == dt.date(2026, 11, 29)


def test_a_field_used_by_a_message_in_any_spelling_is_not_removed(bloom: Store) -> None:
    for label, text in (
        ("Grüße", "{{ order.custom.grüße }}"),
        ("2nd", '{{ order.custom["2nd"] }}'),
        ("For", '{{ order.custom["for"] }}'),
        ("Colour", '{{ order["custom"].colour }}'),
        ("With", "{{ order[ 'custom' ]['with'] }}"),
    ):
        own_field(label)
        shop.draft_automation(label, "created", actions=[message(text)])
        with pytest.raises(custom_field_edits.FieldEditRefused, match="is in use"), write() as session:
            row = session.query(CustomField).filter_by(label=label).one()
            user = session.query(User).filter_by(email="ada@bloom.example").one()
            custom_field_edits.remove(session, session.get_one(Store, bloom.id), user, row, NOW)


def test_a_custom_date_triggers_what_waits_for_it(bloom: Store) -> None:
    visit = own_field("Visit", "date")
    id = timed("Prepare", "date_reached", reached(visit, "before", 1))
    moves, stays, goes = (
        shop.place_order(number, custom={"visit": "2026-12-01"}).id for number in ("1", "2", "3")
    )
    foretold = upcoming(db.session(), bloom, db.session.get_one(Automation, id), now=NOW)
    assert [(one.record_id, one.at) for one in foretold] == [
        (one, at("2026-11-30 09:00")) for one in (moves, stays, goes)
    ]
    shop.place_order("1", custom={"visit": "2026-12-09"}, now=NOW + DAY)
    shop.place_order("3", custom={"visit": None}, now=NOW + DAY)
    scan_through(NOW, at("2026-12-20 00:00"), 30 * dt.timedelta(hours=1))
    assert dues(id) == [(stays, at("2026-11-30 09:00")), (moves, at("2026-12-08 09:00"))]


def test_a_custom_date_of_a_customer_triggers_too() -> None:
    birthday = own_field("Birthday", "date", "customer")
    id = timed("Congratulate", "date_reached", reached(birthday, "after", 0), subject="customer")
    mia = shop.place_customer("C-9", custom={"birthday": "2026-12-05"}).id
    # An order with the same number in its own field of that name is someone else's.
    own_field("Birthday", "date", "order")
    shop.place_order(custom={"birthday": "2026-12-05"})
    scan_through(NOW, at("2026-12-20 00:00"), DAY)
    assert dues(id) == [(mia, at("2026-12-05 09:00"))]


def test_an_action_waits_for_a_custom_date_even_if_it_moves(bloom: Store) -> None:
    visit = own_field("Visit", "date")
    timing = {"when": "date", "field": visit, "amount": "1", "unit": "days", "direction": "before"}
    action = shop.email_to("manager") | {"timing": timing | {"time": "09:00"}}
    assert problems(bloom, data(action)) == []
    assert "1 day before its visit at 09:00" in in_words(bloom, data(action))
    shop.publish_automation("Prepare", "created", actions=[action])
    shop.place_order("1", custom={"visit": "2026-12-01"})
    shop.place_order("2")
    assert [(run.state, run.due_at, run.reason) for run in shop.runs()] == [
        ("waiting", at("2026-11-30 09:00"), None),
        ("skipped", NOW, "Visit is empty, so there is no date to wait for."),
    ]
    shop.place_order("1", custom={"visit": "2026-12-03"}, now=NOW + DAY)
    perform_all(at("2026-11-30 09:00"))
    db.session.rollback()
    assert shop.runs()[0].due_at == at("2026-12-02 09:00")


def test_dates_recorded_before_publishing_are_found(app: Flask) -> None:
    visit = own_field("Visit", "date")
    own_field("Room", "text")
    order = shop.place_order(custom={"visit": "2026-12-01", "room": "2026-12-02"}).id
    shop.place_order("2", custom={"room": "7"})
    db.session.remove()
    downgrade("0012")
    schema.upgrade()
    (found,) = db.session.query(CustomDate).all()
    assert (found.subject, found.record_id, found.key, found.day) == (
        "order",
        order,
        visit.removeprefix("custom."),
        dt.date(2026, 12, 1),
    )
    id = timed("Prepare", "date_reached", reached(visit, "after", 0))
    shop.place_order(custom={"visit": "2026-12-04"}, now=NOW + DAY)
    scan.scan(at("2026-12-05 00:00"))
    assert dues(id) == [(order, at("2026-12-04 09:00"))]
