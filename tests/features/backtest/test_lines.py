"""Each row is one sentence with the fact that decides, and what would have been done."""

from __future__ import annotations

from typing import Any

import pytest

from automations.features.backtest import backtests
from automations.features.backtest.lines import Line
from automations.models.db.base import db, write
from automations.models.tables.automation import Automation
from automations.models.tables.run import Message, Run
from automations.models.tables.store import Store
from automations.models.tables.task import Task
from tests.features.backtest import story
from tests.features.backtest.story import DELIVERY, EMAIL, over
from tests.kit import shop
from tests.kit.rows import all_rows

TASK = {
    "kind": "create_task",
    "settings": {"title": "Pack it", "description": "", "assignee": "manager", "priority": "normal"},
}


@pytest.fixture
def bram(bloom: Store) -> int:
    id = shop.place_customer("C-9", first_name="Bram", last_name="Hollis", email="bram@mail.example").id
    story.pay_the_orders(id)
    return id


def lines(store: Store, automation_id: int, fate: str) -> list[Line]:
    backtest = story.begun(store, automation_id)
    found = backtests.firings(db.session(), backtest, fate, 0, 50)
    return story.teller(store, backtest).lines(fate, found)


def sentence(line: Line) -> str:
    return f"{line.number} {line.text}"


CASES: list[tuple[list[dict[str, Any]], str, str]] = [
    (
        [DELIVERY, over("40")],
        "gained",
        "#1049 Bram Hollis would now get it: total £52.80 is over £40.00, was not over £60.00.",
    ),
    (
        [DELIVERY],
        "gained",
        "#1049 Bram Hollis would now get it: total is £52.80, version 1 needs over £60.00.",
    ),
    (
        [shop.condition("fulfilment_method", "equals", "collection"), over("60")],
        "gained",
        "#1024 Bram Hollis would now get it: fulfilment method is Collection, was not Delivery.",
    ),
    (
        [DELIVERY, over("78")],
        "lost",
        "#1040 Bram Hollis would no longer get it: total is £75.00, needs over £78.00; "
        "version 1 needed over £60.00.",
    ),
    (
        [DELIVERY, over("60"), shop.condition("tags", "contains", "vip")],
        "lost",
        "#1040 Bram Hollis would no longer get it: tags are empty, need to include vip.",
    ),
    (
        [DELIVERY, over("40")],
        "same",
        "#1040 Bram Hollis would get it as before: total £75.00 is over £40.00.",
    ),
    (
        [{"match": "any", "conditions": [over("1000"), shop.condition("total", "equals", "20")]}, DELIVERY],
        "lost",
        "#1040 Bram Hollis would no longer get it: none of the alternatives holds "
        "(total is £75.00, needs over £1,000.00; total is £75.00, needs £20.00).",
    ),
]


@pytest.mark.parametrize(("conditions", "fate", "expected"), CASES)
def test_the_fact_that_decides_is_named(
    bloom: Store, bram: int, conditions: list[dict[str, Any]], fate: str, expected: str
) -> None:
    assert sentence(lines(bloom, story.live_and_draft(*conditions), fate)[0]) == expected


def test_another_trigger_is_the_reason(bloom: Store, bram: int) -> None:
    id = story.live_and_draft(DELIVERY, over("60"))
    with write() as session:
        automation = session.get_one(Automation, id)
        automation.draft = automation.draft | {"trigger": {"key": "created", "from": None, "to": None}}
    gained, lost = lines(bloom, id, "gained"), lines(bloom, id, "lost")
    assert sentence(gained[0]).endswith("version 1 waits for something else: payment status changed.")
    assert sentence(lost[0]).endswith("the draft waits for something else: created.")


def test_a_first_publish_names_what_holds(bloom: Store, bram: int) -> None:
    id = shop.draft_automation("New", "payment_status_changed", DELIVERY, over("60"), after="paid")
    expected = "#1040 Bram Hollis would have got it: total £75.00 is over £60.00."
    assert sentence(lines(bloom, id, "gained")[0]) == expected


def test_the_second_line_is_what_each_action_would_have_done(bloom: Store, bram: int) -> None:
    id = story.live_and_draft(DELIVERY, over("40"))
    with write() as session:
        automation = session.get_one(Automation, id)
        automation.draft = automation.draft | {"actions": [EMAIL, TASK, shop.request_to("https://a.example")]}
    assert lines(bloom, id, "gained")[0].also == "Email to bram@mail.example, a task, a request"


def test_an_action_that_would_have_been_skipped_says_why(bloom: Store) -> None:
    story.pay_the_orders(shop.place_customer("C-9", first_name="Bram").id)
    id = story.live_and_draft(DELIVERY, over("40"))
    assert lines(bloom, id, "gained")[0].also == "No email: the customer has no email address"


def test_the_chosen_row_shows_the_message_of_that_moment_and_nothing_is_written(
    bloom: Store, bram: int
) -> None:
    backtest = story.begun(bloom, story.live_and_draft(DELIVERY, over("40")))
    shop.place_order("1049", total=None, now=story.NOW, status="cancelled")
    teller, before = story.teller(bloom, story.again(backtest.id)), all_rows(frozenset())
    gained = teller.messages("gained", backtests.firings(db.session(), backtest, "gained", 0, 1)[0])
    same = teller.messages("same", backtests.firings(db.session(), backtest, "same", 0, 1)[0])
    assert gained and same
    (message,) = gained.steps[0].messages
    assert (message.to, message.subject) == ("bram@mail.example", "Your order #1049 is confirmed")
    assert gained.note == "Version 1 would have done nothing: total is £52.80, needs over £60.00."
    assert (same.note, same.others) == ("Version 1 would have done exactly the same.", ())
    assert db.session.query(Run).count() == db.session.query(Message).count() == 0
    assert db.session.query(Task).count() == 0 and all_rows(frozenset()) == before


def test_what_both_would_have_done_differently_is_shown(bloom: Store, bram: int) -> None:
    id = story.live_and_draft(DELIVERY, over("60"))
    with write() as session:
        automation = session.get_one(Automation, id)
        automation.draft = automation.draft | {"actions": [shop.email_to(subject="Paid")]}
    backtest = story.begun(bloom, id)
    same = story.teller(bloom, backtest).messages(
        "same", backtests.firings(db.session(), backtest, "same", 0, 1)[0]
    )
    assert same and same.note == "Version 1 would have done this instead:"
    assert [step.messages[0].subject for step in (*same.steps, *same.others)] == [
        "Paid",
        "Your order #1040 is confirmed",
    ]
