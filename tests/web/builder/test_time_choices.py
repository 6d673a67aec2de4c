"""The choices of time triggers and of actions that follow later, saved as they were made."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from automations.models.tables.people import User
from automations.models.tables.store import Store
from tests.kit.shop import email_to
from tests.web.building import Form, an_automation, automation, opened, send
from tests.web.pages import signed_in, text_of

NOTHING = {"key": None, "from": None, "to": None}


def test_a_lasting_status_can_be_asked_to_repeat(client: FlaskClient, bloom: Store, rosa: User) -> None:
    stays = {"status_field": "status", "status": "confirmed", "amount": "20", "unit": "days"}
    id = an_automation(bloom, rosa, trigger={**NOTHING, "key": "stays_in_status", "schedule": stays})
    signed_in(client, "rosa")
    part = "trigger-schedule-repeat_"
    drawn = send(client, f"/automations/{id}/draft-form", opened(client, id), **{f"{part}every": "20"})
    send(client, f"/automations/{id}", Form(drawn), **{f"{part}times": "4"})
    saved = automation(id).draft["trigger"]["schedule"]
    assert saved == stays | {"repeat_every": "20", "repeat_unit": "days", "repeat_times": "4"}
    assert "has been Confirmed for 20 days, then every 20 days, 4 more times" in text_of(
        client.get(f"/automations/{id}")
    )


REACHED = {"field": "delivery_date", "direction": "before", "amount": "1", "unit": "days", "time": "09:00"}


def test_a_date_can_come_every_year(client: FlaskClient, bloom: Store, rosa: User) -> None:
    schedule = REACHED | {"repeat_every": None}
    id = an_automation(bloom, rosa, trigger={**NOTHING, "key": "date_reached", "schedule": schedule})
    signed_in(client, "rosa")
    name = "trigger-schedule-yearly"
    assert opened(client, id).options[name] == [("", "once"), ("yes", "every year")]
    choices = {name: "yes", "trigger-schedule-amount": "2", "trigger-schedule-unit": "weeks"}
    drawn = send(client, f"/automations/{id}/draft-form", opened(client, id), **choices)
    assert "trigger-schedule-repeat_every" not in Form(drawn).values
    send(client, f"/automations/{id}", Form(drawn))
    yearly = REACHED | {"amount": "2", "unit": "weeks", "yearly": "yes"}
    assert automation(id).draft["trigger"]["schedule"] == yearly
    page = client.get(f"/automations/{id}")
    assert "2 weeks before an order’s delivery date every year at 09:00" in text_of(page)


def test_a_schedule_can_be_a_weekday_of_the_month(client: FlaskClient, bloom: Store, rosa: User) -> None:
    monthly = {"every": "month", "day": "3", "time": "09:00"}
    id = an_automation(bloom, rosa, trigger={**NOTHING, "key": "scheduled", "schedule": monthly})
    signed_in(client, "rosa")
    path, name = f"/automations/{id}/draft-form", "trigger-schedule-nth"
    drawn = Form(send(client, path, opened(client, id), **{name: "last"}))
    assert drawn.values["trigger-schedule-weekday"] == "monday"
    send(client, f"/automations/{id}", drawn, **{"trigger-schedule-weekday": "friday"})
    saved = automation(id).draft["trigger"]["schedule"]
    assert (saved["nth"], saved["weekday"]) == ("last", "friday")
    assert "Every month on the last Friday at 09:00" in text_of(client.get(f"/automations/{id}"))


def test_what_becomes_of_a_time_that_is_over_is_chosen_for_a_trigger(
    client: FlaskClient, bloom: Store, rosa: User
) -> None:
    started = {**NOTHING, "key": "date_reached", "schedule": REACHED | {"repeat_every": None}}
    id = an_automation(bloom, rosa, trigger=started)
    signed_in(client, "rosa")
    form = opened(client, id)
    assert form.options["trigger-schedule-late"] == [("", "skip it"), ("send", "send at once")]
    send(client, f"/automations/{id}", form)
    assert automation(id).draft["trigger"] == started
    path = f"/automations/{id}/draft-form"
    drawn = send(client, path, opened(client, id), **{"trigger-schedule-late": "send"})
    send(client, f"/automations/{id}", Form(drawn), **{"trigger-schedule-late_within": "6"})
    late = {"late": "send", "late_within": "6", "late_unit": "days"}
    assert automation(id).draft["trigger"]["schedule"] == started["schedule"] | late
    assert "or at once if at most 6 days late" in text_of(client.get(f"/automations/{id}"))


def test_what_becomes_of_a_time_that_is_over_is_chosen_for_an_action(
    client: FlaskClient, bloom: Store, rosa: User
) -> None:
    timing = {"when": "date", **REACHED, "recheck": True}
    id = an_automation(bloom, rosa, actions=[email_to() | {"timing": timing}])
    signed_in(client, "rosa")
    form, name = opened(client, id), "actions-0-timing-late"
    assert form.options[name][0] == ("", "send at once, however late")
    send(client, f"/automations/{id}", form)
    assert automation(id).draft["actions"][0]["timing"] == timing
    send(client, f"/automations/{id}", opened(client, id), **{name: "skip"})
    assert automation(id).draft["actions"][0]["timing"] == timing | {"late": "skip"}
    assert [key for key, _ in opened(client, id).options[name]] == ["skip", "send"]


@pytest.mark.parametrize("key", ["stays_in_status", "created"])
def test_another_trigger_keeps_nothing_of_the_one_before_without_a_script(
    client: FlaskClient, bloom: Store, rosa: User, key: str
) -> None:
    reached = {"field": "delivery_date", "direction": "before", "amount": "3", "unit": "days"}
    reached |= {"time": "09:00", "repeat_every": "2", "repeat_unit": "days", "repeat_times": "5"}
    id = an_automation(bloom, rosa, trigger={**NOTHING, "key": "date_reached", "schedule": reached})
    signed_in(client, "rosa")
    send(client, f"/automations/{id}", opened(client, id), **{"trigger-key": key})
    kept = automation(id).draft["trigger"].get("schedule", {})
    assert kept.keys() <= {"amount", "unit", "repeat_every", "repeat_unit", "repeat_times"}
    assert bool(kept) is (key == "stays_in_status")
