"""Searching and filtering the mailbox, and its days."""

from __future__ import annotations

import datetime as dt

import pytest
from flask.testing import FlaskClient

from automations.models.db.base import write
from automations.models.tables.run import Message
from automations.models.tables.store import Store
from automations.web.inbox import mailbox_search
from automations.web.kit import template_filters
from tests.world import NOW


def keep(store: Store, subject: str, **values: object) -> None:
    given = {"channel": "email", "connector": "mailbox", "to": "anna@a.example", "body": "Hello", "at": NOW}
    with write() as session:
        session.add(Message(store_id=store.id, subject=subject, **(given | values)))


def subjects(client: FlaskClient, query: str = "") -> list[str]:
    page = client.get(f"/mailbox{query}", headers={"HX-Request": "true"}).text
    pieces = page.split('<a class="letter-subject"')[1:]
    return [piece.split(">", 1)[1].split("<", 1)[0] for piece in pieces]


@pytest.fixture
def letters(bloom: Store) -> None:
    keep(bloom, "First", body="Dear Anna,\n\nyour PEONIES are here.")
    keep(bloom, "Second", connector="smtp", to="bram@b.example", to_name="Bram Hollis")
    keep(bloom, "", channel="sms", connector="twilio", to="+447700900417", body="Ready to collect")


@pytest.mark.usefixtures("letters")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Ready to collect", "Second", "First"]),
        ("?q=peonies", ["First"]),
        ("?q=hollis", ["Second"]),
        ("?q=A.EXAMPLE", ["First"]),
        ("?q=first", ["First"]),
        ("?channel=sms", ["Ready to collect"]),
        ("?state=kept", ["First"]),
        ("?state=sent", ["Ready to collect", "Second"]),
        ("?state=sent&channel=email", ["Second"]),
        ("?state=lost&channel=pigeon", ["Ready to collect", "Second", "First"]),
        ("?q=nothing+like+it", []),
    ],
)
def test_messages_are_found_by_words_addresses_channel_and_state(
    as_finn: FlaskClient, query: str, expected: list[str]
) -> None:
    assert subjects(as_finn, query) == expected


@pytest.mark.usefixtures("letters")
def test_a_search_without_a_match_says_what_it_looked_at(as_finn: FlaskClient) -> None:
    page = as_finn.get("/mailbox?q=tulips").text
    assert "No message matches" in page and "No messages yet" not in page


@pytest.mark.usefixtures("letters")
def test_messages_of_another_store_are_not_found(as_mallory: FlaskClient) -> None:
    assert subjects(as_mallory, "?q=peonies") == []


def test_a_search_looks_at_so_many_and_goes_on_below_them(
    as_finn: FlaskClient, bloom: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox_search, "LOOKED_AT", 2)
    for subject in ("Rose 1", "Tulip 2", "Tulip 3", "Tulip 4", "Rose 5"):
        keep(bloom, subject)
    found, address = [], "/mailbox?q=rose"
    for _ in range(3):
        page = as_finn.get(address).text
        found.append(subjects(as_finn, address.removeprefix("/mailbox")))
        if "Search further back" not in page:
            break
        address = page.split('. <a href="')[-1].split('"')[0].replace("&amp;", "&")
    assert found == [["Rose 5"], [], ["Rose 1"]]


def test_each_day_of_the_store_has_a_heading(as_finn: FlaskClient, bloom: Store) -> None:
    # Half past eleven in the evening of one day and half past midnight of the next, in London.
    keep(bloom, "Late", at=dt.datetime(2026, 6, 1, 22, 30, tzinfo=dt.UTC))
    keep(bloom, "Early", at=dt.datetime(2026, 6, 1, 23, 30, tzinfo=dt.UTC))
    page = as_finn.get("/mailbox").text
    order = [
        page.index(words)
        for words in ("Tuesday 2 Jun 2026", ">Early<", ">00:30<", "Monday 1 Jun 2026", ">Late<", ">23:30<")
    ]
    assert order == sorted(order)


@pytest.mark.usefixtures("bloom")
def test_the_newest_days_are_named() -> None:
    now = dt.datetime(2026, 11, 22, 10, 0, tzinfo=dt.UTC)
    days = [dt.date(2026, 11, day) for day in (22, 21, 20)]
    names = [template_filters.day_heading(day, now) for day in days]
    assert names == ["Today", "Yesterday", "Friday 20 Nov 2026"]
