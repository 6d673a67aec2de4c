"""A condition on an instant: local on the page, UTC in the draft, unchanged however often it is saved."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from automations.engine.operators.value_types import parse
from automations.engine.wording.wording import text_of as sentence_text
from automations.features.authoring.drafts import in_words
from automations.models.db.base import db, write
from automations.models.settings.choices import StoreWords
from automations.models.tables.people import User
from automations.models.tables.store import Store
from automations.web.builder.local_times import clock_words, exact_text, local_text, utc_text
from tests.web.building import Form, an_automation, automation, opened, send
from tests.web.pages import signed_in, text_of

ZONES = ("Europe/London", "America/St_Johns", "Asia/Kathmandu", "Pacific/Chatham", "UTC")


@dataclass
class Clock:
    """The part of StoreWords that converts times."""

    zone: ZoneInfo

    def local(self, moment: dt.datetime) -> dt.datetime:
        return moment.astimezone(self.zone)


def placed_after(value: str) -> dict[str, str]:
    return {"field": "placed_at", "operator": "greater_than", "value": value}


def conditions_of(id: int) -> list[dict[str, str]]:
    conditions: list[dict[str, str]] = automation(id).draft["conditions"]
    return conditions


def test_the_control_shows_the_stores_time_and_names_its_zone(
    client: FlaskClient, bloom: Store, rosa: User
) -> None:
    id = an_automation(bloom, rosa, conditions=[placed_after("2026-07-01T08:30")])
    page = signed_in(client, "rosa").get(f"/automations/{id}")
    tag = re.search(r'<input[^>]*name="conditions-0-value"[^>]*>', page.text)
    assert tag and 'type="datetime-local"' in tag[0] and 'value="2026-07-01T09:30"' in tag[0]
    assert 'aria-label="Condition 1 value, Europe/London time"' in tag[0]
    assert "In the store’s time zone: Europe/London time." in text_of(page)
    assert "the time it was placed is after 1 Jul 2026 09:30 BST" in text_of(page)


def test_typed_times_are_local_and_stored_as_utc(client: FlaskClient, bloom: Store, rosa: User) -> None:
    id = an_automation(bloom, rosa, conditions=[placed_after("2026-07-01T08:30")])
    signed_in(client, "rosa")
    send(client, f"/automations/{id}", opened(client, id), **{"conditions-0-value": "2026-12-01T09:30"})
    assert conditions_of(id) == [placed_after("2026-12-01T09:30")]
    send(client, f"/automations/{id}", opened(client, id), **{"conditions-0-value": "2026-06-01T09:30"})
    assert conditions_of(id) == [placed_after("2026-06-01T08:30")]


def test_both_ends_of_a_range_use_the_stores_time_even_in_a_group(
    client: FlaskClient, bloom: Store, rosa: User
) -> None:
    ends = ["2026-07-01T08:30", "2026-12-01T09:30"]
    inner = {"field": "placed_at", "operator": "between", "value": ends}
    conditions = [{"match": "any", "conditions": [inner]}]
    id = an_automation(bloom, rosa, conditions=conditions)
    page = signed_in(client, "rosa").get(f"/automations/{id}")
    tags = re.findall(r'<input[^>]*name="conditions-0-conditions-0-value"[^>]*>', page.text)
    shown = [re.search(r' value="([^"]*)"', tag) for tag in tags]
    assert [match and match[1] for match in shown] == ["2026-07-01T09:30", "2026-12-01T09:30"]
    assert all("Europe/London time" in tag and 'type="datetime-local"' in tag for tag in tags)
    send(client, f"/automations/{id}", Form(page))
    assert automation(id).draft["conditions"] == conditions


@pytest.mark.parametrize(
    "value", ["2026-07-01T08:30", "2026-10-25T00:30", "2026-10-25T01:30", "2026-07-01T08:30:15Z", "soon"]
)
def test_redrawing_and_saving_keep_the_moment(
    client: FlaskClient, bloom: Store, rosa: User, value: str
) -> None:
    id = an_automation(bloom, rosa, conditions=[placed_after(value)])
    signed_in(client, "rosa")
    form = opened(client, id)
    for _ in range(2):
        form = Form(send(client, f"/automations/{id}/draft-form", form))
    send(client, f"/automations/{id}", form)
    kept = conditions_of(id)[0]["value"]
    assert kept == value or parse("datetime", kept) == parse("datetime", value)


def test_a_condition_left_over_from_another_model_keeps_its_moment(
    client: FlaskClient, bloom: Store, rosa: User
) -> None:
    id = an_automation(bloom, rosa, conditions=[placed_after("2026-07-01T08:30")])
    signed_in(client, "rosa")
    form = Form(send(client, f"/automations/{id}/draft-form", opened(client, id), subject="event"))
    for _ in range(2):
        form = Form(send(client, f"/automations/{id}/draft-form", form))
    send(client, f"/automations/{id}", form, subject="order")
    assert conditions_of(id) == [placed_after("2026-07-01T08:30")]


def test_changing_the_stores_zone_changes_the_sentence_but_not_the_rule(bloom: Store, rosa: User) -> None:
    id = an_automation(bloom, rosa, conditions=[placed_after("2026-07-01T08:30")])
    with write() as session:
        session.get_one(Store, bloom.id).timezone = "Asia/Kathmandu"
    words = StoreWords(db.session(), db.session.get_one(Store, bloom.id))
    assert "after 1 Jul 2026 14:15 +0545" in sentence_text(in_words(words, automation(id).draft))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("2026-07-01T09:30+03:00", "2026-07-01T09:30+03:00"),
        ("2026-07-01", "2026-06-30T23:00"),
        ("2026-07-01 09:30:10", "2026-07-01T08:30:10"),
        ("tomorrow", "tomorrow"),
        ("0001-01-01T00:00", "0001-01-01T00:01:15"),
    ],
)
def test_a_zone_in_the_text_is_respected_and_unreadable_text_is_kept(
    bloom: Store, typed: str, kept: str
) -> None:
    words = StoreWords(db.session(), bloom)
    utc = utc_text(typed, words)
    assert utc == kept or parse("datetime", utc) == parse("datetime", kept)


MOMENTS = st.datetimes(dt.datetime(1950, 1, 1), dt.datetime(2090, 1, 1)).map(
    lambda moment: moment.replace(second=0, microsecond=0)
)


@given(MOMENTS, st.sampled_from(ZONES))
def test_the_controls_value_converts_back_to_the_same_moment(moment: dt.datetime, zone: str) -> None:
    clock, value = Clock(ZoneInfo(zone)), f"{moment:%Y-%m-%dT%H:%M}"
    shown = local_text(value, clock)
    back = utc_text(exact_text(value) if shown is None else shown, clock)
    assert parse("datetime", back) == parse("datetime", value)
    assert shown is None or clock_words(clock).startswith(zone.replace("_", " "))
