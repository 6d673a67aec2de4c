"""The trigger of an automation as the start of its sentence."""

from __future__ import annotations

from typing import Any

import pytest

from automations.engine.fields.subjects import SUBJECTS
from automations.engine.wording.sentence import sentence, text_of, trigger_words
from tests.engine.shop_words import ShopWords

_DATE = {"field": "event_date", "direction": "before", "amount": "3", "unit": "days", "time": "09:00"}
_AGAIN = {"repeat_every": "2", "repeat_unit": "days", "repeat_times": "1"}
_STAYS = {"status_field": "status", "status": "confirmed", "amount": "20", "unit": "days"}
_WEEKLY = {"every": "week", "weekday": "monday", "time": "08:00"}
_AFTER = {"direction": "after", "amount": "1"}


def _said(subject: str, key: str, schedule: Any = None, **trigger: Any) -> str:
    data = {"subject": subject, "trigger": {"key": key, "schedule": schedule, **trigger}}
    return text_of(sentence(data, ShopWords(), ["email them"])).removesuffix(", email them.")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (_said("order", "field_changed"), "Every time an order changes in any way"),
        (
            _said("order", "field_changed", field="delivery_type"),
            "Every time an order’s delivery type changes",
        ),
        (
            _said("order", "field_changed", field="delivery_type", to="courier"),
            "Every time an order’s delivery type changes to Courier",
        ),
        (
            _said("order", "carrier_changed"),
            "Every time an order’s delivery status or tracking number changes",
        ),
        (
            _said("order", "carrier_changed", to="delivered"),
            "Every time an order’s delivery status changes to Delivered",
        ),
        (_said("customer", "segment_entered", to="7"), "Every time a customer enters the segment segment 7"),
        (_said("customer", "segment_left"), "Every time a customer leaves the segment …"),
        (
            _said("event", "date_reached", {**_DATE, "amount": "1", "unit": "weeks", "yearly": "yes"}),
            "1 week before an event’s event date every year at 09:00",
        ),
        (
            _said("event", "date_reached", {**_DATE, "amount": "0", "yearly": "yes"}),
            "On an event’s event date every year at 09:00",
        ),
        (
            _said("event", "date_reached", {**_DATE, **_AGAIN, "unit": "months", "repeat_unit": "years"}),
            "3 months before an event’s event date at 09:00, then every 2 years, 1 more time",
        ),
        (
            _said(
                "event",
                "scheduled",
                {"every": "month", "nth": "second", "weekday": "tuesday", "time": "08:00"},
            ),
            "Every month on the second Tuesday at 08:00, for each event",
        ),
        (
            _said("event", "scheduled", {"every": "month", "nth": "last", "time": "08:00"}),
            "Every month on the last … at 08:00, for each event",
        ),
        (_said("event", "date_reached", _DATE), "3 days before an event’s event date at 09:00"),
        (
            _said("event", "date_reached", {**_DATE, "amount": "0"}),
            "On an event’s event date at 09:00",
        ),
        (
            _said("event", "date_reached", {**_DATE, **_AGAIN}),
            "3 days before an event’s event date at 09:00, then every 2 days, 1 more time",
        ),
        (
            _said("order", "date_reached", {**_DATE, **_AFTER, "field": "storage_until"}),
            "1 day after an order’s storage date at 09:00",
        ),
        (
            _said("order", "date_reached", {**_DATE, **_AFTER, "field": "placed_at", "time": None}),
            "1 day after an order was placed",
        ),
        (_said("order", "stays_in_status", _STAYS), "When an order has been Confirmed for 20 days"),
        (
            _said(
                "event",
                "date_reached",
                {**_DATE, "late": "send", "late_within": "1", "late_unit": "days"},
            ),
            "3 days before an event’s event date at 09:00, or at once if at most 1 day late",
        ),
        (
            _said("event", "date_reached", {**_DATE, "late": "send"}),
            "3 days before an event’s event date at 09:00, or at once if at most … … late",
        ),
        (
            _said("event", "date_reached", {**_DATE, "late": "skip"}),
            "3 days before an event’s event date at 09:00",
        ),
        (
            _said("order", "stays_in_status", {**_STAYS, **_AGAIN}),
            "When an order has been Confirmed for 20 days, then every 2 days, 1 more time",
        ),
        (
            _said(
                "order", "stays_in_status", {**_STAYS, "status_field": "payment_status", "status": "unpaid"}
            ),
            "When an order’s payment status has been Unpaid for 20 days",
        ),
        (_said("order", "scheduled", _WEEKLY), "Every Monday at 08:00, for each order"),
        (
            _said("customer", "scheduled", {**_WEEKLY, "every": "month", "day": "31", "segment": "7"}),
            "Every month on day 31 at 08:00, for each customer of segment 7",
        ),
        (_said("order", "scheduled", {**_WEEKLY, "every": "day"}), "Every day at 08:00, for each order"),
        (_said("order", "manual"), "Whenever someone runs it by hand for an order"),
        (_said("event", "date_reached"), "… an event’s …"),
        (_said("order", "stays_in_status"), "When an order has been … for …"),
        (_said("order", "scheduled", "daily"), "Every …, for each order"),
    ],
)
def test_a_trigger_is_the_start_of_the_sentence(said: str, words: str) -> None:
    assert said == words


@pytest.mark.parametrize(
    ("subject", "key", "to", "data", "words"),
    [
        (
            "event",
            "date_reached",
            None,
            {"schedule": _DATE},
            "Date reached: 3 days before event date at 09:00",
        ),
        ("order", "stays_in_status", None, {"schedule": _STAYS}, "Stays in a status: Confirmed for 20 days"),
        ("order", "scheduled", None, {"schedule": _WEEKLY}, "On a schedule: every Monday at 08:00"),
        ("order", "scheduled", None, None, "On a schedule"),
        ("order", "field_changed", "van", {"field": "delivery_type"}, "Delivery type changed to Van"),
        ("customer", "segment_entered", "7", {}, "Enters the segment segment 7"),
        ("customer", "segment_entered", None, {}, "Enters a segment"),
    ],
)
def test_a_trigger_alone_says_its_settings(
    subject: str, key: str, to: str | None, data: dict[str, Any] | None, words: str
) -> None:
    entry = SUBJECTS[subject]
    assert trigger_words(entry.triggers[key], None, to, ShopWords(), entry, data) == words


def test_what_is_missing_is_not_written_as_something_chosen() -> None:
    parts = sentence({}, ShopWords(), ["email them"])
    assert parts[0] == ("Every time …, ", False)
