"""The overview of an automation and the list of its runs."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from flask.testing import FlaskClient

from automations.features.figures.outcomes import RARE, SERIES
from automations.features.history.outcome_days import DAYS, OutcomeDay
from automations.models.db.base import write
from automations.models.tables.run import Message
from automations.web.automations.outcome_chart import BASE, TOP, outcome_chart
from tests.kit import shop
from tests.kit.shadows import start_shadow
from tests.web.automations.test_archive_pages import LATER
from tests.web.pages import assert_fragment, text_of

TODAY = dt.date(2026, 11, 27)


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def ran(**values: object) -> int:
    """Publish an automation and let it fire once, now; its run gets `values`. Return the automation's id."""
    automation_id = shop.publish_automation("Thank you", "created")
    shop.place_order("7", customer_id=1, now=now())
    shop.set_run(shop.runs()[0].id, **values)
    return automation_id


def overview(client: FlaskClient, automation_id: int) -> str:
    return text_of(client.get(f"/automations/{automation_id}/overview"))


def test_what_was_never_published_has_no_figures_and_leads_to_the_rule(as_rosa: FlaskClient) -> None:
    automation_id = shop.draft_automation("Thank you", "created")
    page = as_rosa.get(f"/automations/{automation_id}/overview")
    assert "Never published" in text_of(page) and "Latest runs" not in text_of(page)
    assert f'href="/automations/{automation_id}/publish">Publish…' in page.text


def test_the_figures_lead_to_the_runs_that_they_count(as_finn: FlaskClient) -> None:
    automation_id = ran(state="succeeded")
    page = as_finn.get(f"/automations/{automation_id}/overview")
    assert "Sent 1 of 1 that fired" in text_of(page)
    for outcome, label in SERIES.items():
        if outcome in RARE:
            continue
        assert f'href="/automations/{automation_id}/runs?outcome={outcome}"' in page.text
        listed = text_of(as_finn.get(f"/automations/{automation_id}/runs?outcome={outcome}"))
        assert ("Order 7" in listed) == (outcome == "sent"), label


@pytest.mark.parametrize(
    ("state", "kind", "words"),
    [
        ("succeeded", "sent", "1 sent"),
        ("failed", "wrong", "1 went wrong"),
        ("skipped", "skipped", "1 skipped"),
    ],
)
def test_the_bar_of_the_list_is_the_worst_outcome(
    as_finn: FlaskClient, state: str, kind: str, words: str
) -> None:
    ran(state=state)
    bars = as_finn.get("/automations").text.split('class="sparkline"')[1].split("</svg>")[0]
    assert f"Fired 1 time in 30 days, at most 1 a day: {words}" in bars
    assert set(re.findall(r'rect class="(\w+)"', bars)) == {"none", kind}


def test_a_sent_message_can_be_read(as_finn: FlaskClient) -> None:
    automation_id = ran()
    shop.keep_here(shop.runs()[0].id, now())
    page = as_finn.get(f"/automations/{automation_id}/overview")
    assert "Sent 0 of 1 that fired" in text_of(page) and "Kept here 1" in text_of(page)
    assert "Email the customer for Order 7 , Anna Petrova: kept here for anna@b.example. " in text_of(page)
    assert "“Hi” Read it" in text_of(page) and 'href="/mailbox/1"' in page.text


def test_a_failing_action_says_when_it_is_tried_next_and_can_be_tried_now(as_rosa: FlaskClient) -> None:
    automation_id = ran(state="waiting", reason="Busy.", tries=2, due_at=now() + dt.timedelta(hours=1))
    words = overview(as_rosa, automation_id)
    # In an hour may be tomorrow.
    assert re.search("Went wrong 1 Busy, next try (today|tomorrow)", words)
    assert "failing after 1 try: Busy." in words and "Try now" in words


def test_viewers_are_offered_nothing_to_press(as_finn: FlaskClient) -> None:
    automation_id = ran(state="waiting", reason="Busy.", tries=2, due_at=now() + dt.timedelta(hours=1))
    page = as_finn.get(f"/automations/{automation_id}/overview").text
    main = page[page.index("<main") :]
    assert "<form" not in main


def test_a_wrong_address_is_corrected_at_the_customer(as_rosa: FlaskClient) -> None:
    automation_id = ran(state="skipped", reason="The customer has no email address.")
    page = as_rosa.get(f"/automations/{automation_id}/overview")
    assert "Skipped 1 1: the customer has no email address" in text_of(page)
    assert 'href="/customers/C-1/edit">Correct the address' in page.text
    assert as_rosa.get("/customers/C-1/edit").status_code == 200


def test_what_waits_is_coming_up_and_can_be_skipped(as_rosa: FlaskClient) -> None:
    automation_id = shop.publish_automation("Thank you", "created", actions=[LATER])
    shop.place_order("7", now=now())
    words = overview(as_rosa, automation_id)
    assert re.search(r"Waiting 1 the next \d", words)
    assert re.search(r"Coming up Send now or skip .*Email the customer for Order 7 Skip", words)
    address = f"/automations/{automation_id}/upcoming/runs/{shop.runs()[0].id}/skip"
    assert "The action is skipped." in text_of(as_rosa.post(address, follow_redirects=True))
    assert "Not shown: 1 cancelled before its time." in overview(as_rosa, automation_id)


@pytest.mark.parametrize(
    ("state", "due", "follows"),
    [
        ("waiting", dt.timedelta(minutes=2), "every 5s"),
        ("running", dt.timedelta(minutes=-2), "every 5s"),
        ("waiting", dt.timedelta(days=2), "every 60s"),
        ("held", dt.timedelta(), "every 60s"),
        ("succeeded", dt.timedelta(), ""),
        ("failed", dt.timedelta(), ""),
    ],
)
def test_the_page_follows_along_while_something_waits(
    as_finn: FlaskClient, state: str, due: dt.timedelta, follows: str
) -> None:
    automation_id = ran(state=state, due_at=now() + due)
    page = as_finn.get(f"/automations/{automation_id}/overview", headers={"HX-Request": "true"})
    assert_fragment(page, f"automation-{automation_id}-doings")
    assert re.findall('hx-trigger="(every [^"]*)"', page.text) == ([follows] if follows else [])
    assert ("updates itself while something waits" in text_of(page)) == bool(follows)
    for address in ("/orders/7", "/activity"):
        other = as_finn.get(address, headers={"HX-Request": "true"})
        assert re.findall('hx-trigger="(every [^"]*)"', other.text) == ([follows] if follows else []), address
        assert 'id="count-bell" hx-swap-oob="true"' in other.text


def test_versions_are_told_by_what_changed(as_finn: FlaskClient) -> None:
    automation_id = shop.publish_automation("Thank you", "created")
    shop.publish_again(automation_id, "created", shop.condition("fulfilment_method", "equals", "delivery"))
    words = overview(as_finn, automation_id)
    assert "2 live if its fulfilment method is Delivery, Rosa Lind" in words
    assert "1 The first version Rosa Lind" in words
    start_shadow(automation_id)
    words = overview(as_finn, automation_id)
    assert "3 shadow" in words and "2 live" in words


def test_a_paused_automation_says_why_above_everything(as_rosa: FlaskClient) -> None:
    automation_id = shop.publish_automation("Thank you", "created")
    with write() as session:
        session.execute(
            shop.Automation.__table__.update().values(paused_at=now(), paused_why="It went round.")
        )
    words = overview(as_rosa, automation_id)
    assert words.index("It went round.") < words.index("Sent 0")


def test_the_list_and_the_log_lead_to_the_overview(as_finn: FlaskClient) -> None:
    automation_id = ran(state="succeeded")
    draft_id = shop.draft_automation("Not yet", "created")
    listed = as_finn.get("/automations").text
    assert f'href="/automations/{automation_id}/overview"' in listed
    assert f'href="/automations/{draft_id}"' in listed and f"/automations/{draft_id}/overview" not in listed
    for address in ("/orders/7", "/activity"):
        assert f'href="/automations/{automation_id}/overview"' in as_finn.get(address).text, address


def test_other_stores_do_not_see_it(as_mallory: FlaskClient) -> None:
    automation_id = ran(state="succeeded")
    for end in ("overview", "runs"):
        assert as_mallory.get(f"/automations/{automation_id}/{end}").status_code == 404


def days(*counts: int) -> list[OutcomeDay]:
    """The last days, the others empty."""
    numbers = [0] * (DAYS - len(counts)) + list(counts)
    return [
        OutcomeDay(TODAY - dt.timedelta(days=DAYS - 1 - place), {"sent": number})
        for place, number in enumerate(numbers)
    ]


def test_a_day_far_beyond_the_others_is_cut_off_and_carries_its_number() -> None:
    *others, far = outcome_chart(days(10, 20, 312)).bars
    assert (far.cut, others[-1].cut) == (312, 0)
    assert round(others[-1].pieces[0].height) == BASE - TOP
    assert far.pieces[0].y == TOP and far.words == "Fri 27 Nov: 312 sent"


@pytest.mark.parametrize("counts", [(10, 24), (0, 3), (3, 12), (300, 312)])
def test_no_day_is_cut_off_without_need(counts: tuple[int, ...]) -> None:
    assert [bar.cut for bar in outcome_chart(days(*counts)).bars] == [0] * DAYS


@pytest.mark.parametrize(
    ("most", "lines"), [(0, ["0", "1"]), (1, ["0", "1"]), (7, ["0", "2", "4", "6", "8"])]
)
def test_the_lines_are_round_numbers(most: int, lines: list[str]) -> None:
    assert [line.words for line in outcome_chart(days(most)).lines] == lines


def test_the_chart_is_told_in_words_day_by_day() -> None:
    day = OutcomeDay(TODAY, {"sent": 3, "waiting": 9, "wrong": 1, "dropped": 4})
    chart = outcome_chart([*days()[:-1], day])
    assert chart.name == ("Bars of 30 days by the worst outcome of each run: 3 sent, 9 waiting, 1 went wrong")
    assert chart.bars[-1].words == "Fri 27 Nov: 3 sent, 9 waiting, 1 went wrong"
    assert chart.bars[0].words.endswith("nothing fired")


def test_a_text_message_is_told_by_how_it_begins(as_finn: FlaskClient) -> None:
    automation_id = ran(state="succeeded")
    body = "Your parcel is at the Saltmouth depot.\nPlease fetch it until 4 December, " + "and so on " * 9
    with write() as session:
        told = Message(run_id=shop.runs()[0].id, store_id=shop.runs()[0].store_id, channel="sms", at=now())
        told.to, told.connector, told.subject, told.body = (
            "+442079460548",
            "mailbox",
            "Text message, 2 parts",
            body,
        )
        session.add(told)
    page = overview(as_finn, automation_id)
    assert "“Your parcel is at the Saltmouth depot. Please fetch it until 4 December" in page
    assert "Text message, 2 parts" not in page
