"""What became of an automation's runs, day by day, and the same runs as sentences."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest

from automations.features.authoring import shadow_mode
from automations.features.figures.outcomes import SERIES, series_of
from automations.features.history.automation_runs import RunPage, runs_page
from automations.features.history.outcome_days import DAYS, Outcomes, outcomes
from automations.models.db.base import db, write
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.people import User
from automations.models.tables.shadow import SHADOW
from automations.models.tables.store import Store
from tests.kit import shop
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")
DAY = dt.timedelta(days=1)
TWO = [shop.email_to(), shop.email_to("manager")]


def asked(store: Store, automation_id: int, now: dt.datetime = NOW) -> Outcomes:
    return outcomes(db.session(), store, automation_id, now)


def listed(store: Store, automation_id: int, outcome: str = "", limit: int = 30) -> RunPage:
    automation = db.session.get_one(Automation, automation_id)
    return runs_page(db.session(), StoreWords(db.session(), store), automation, outcome, limit=limit)


def fire(*instants: dt.datetime) -> list[int]:
    """Place one order at each instant; return the ids of the runs that were made."""
    known = {run.id for run in shop.runs()}
    for instant in instants:
        shop.place_order(f"{instant:%m%d-%H%M}", now=instant)
    return [run.id for run in shop.runs() if run.id not in known]


#: The two runs of one evaluation -> what it counts as.
CASES = {
    "both went": (({"state": "succeeded"}, {"state": "succeeded"}), "sent"),
    "one was skipped": (({"state": "succeeded"}, {"state": "skipped", "reason": "No."}), "skipped"),
    "one waits": (({"state": "skipped", "reason": "No."}, {"state": "waiting"}), "skipped"),
    "one waits for a host": (
        ({"state": "succeeded"}, {"state": "waiting", "reason": "The host is silent."}),
        "waiting",
    ),
    "one is under way": (({"state": "succeeded"}, {"state": "running"}), "waiting"),
    "one is held": (({"state": "succeeded"}, {"state": "waiting", "reason": "Held: off."}), "kept_back"),
    "one is held by a surge": (({"state": "skipped", "reason": "No."}, {"state": "held"}), "kept_back"),
    "one is tried again": (
        ({"state": "succeeded"}, {"state": "waiting", "reason": "Busy.", "tries": 2}),
        "failing",
    ),
    "one failed": (({"state": "waiting"}, {"state": "failed", "reason": "Refused."}), "failed"),
    "one failed for good and one may still go": (
        ({"state": "failed", "reason": "No."}, {"state": "waiting", "reason": "Busy.", "tries": 2}),
        "failed",
    ),
    "one failed and nobody knows of the other": (
        ({"state": "failed", "reason": "No."}, {"state": "unknown"}),
        "unknown",
    ),
    "nobody knows": (({"state": "unknown", "reason": "?"}, {"state": "succeeded"}), "unknown"),
    "one was cancelled": (({"state": "cancelled"}, {"state": "succeeded"}), "sent"),
    "both were cancelled": (({"state": "cancelled"}, {"state": "cancelled"}), "dropped"),
}


def test_each_run_counts_once_by_the_worst_of_its_actions_in_the_figures_and_in_the_list(
    bloom: Store,
) -> None:
    automation_id = shop.publish_automation("Thanks", "created", actions=TWO, now=NOW - 40 * DAY)
    ids = fire(*(NOW - DAY + dt.timedelta(minutes=place) for place in range(len(CASES))))
    for place, (states, _) in enumerate(CASES.values()):
        for run_id, values in zip(ids[2 * place : 2 * place + 2], states, strict=True):
            shop.set_run(run_id, **values)
    expected = Counter(outcome for _, outcome in CASES.values())
    found = asked(bloom, automation_id)
    assert found.fired == len(CASES)
    drawn = Counter(series_of(outcome) for _, outcome in CASES.values())
    assert {name: found.total(name) for name in drawn} == drawn
    every = listed(bloom, automation_id).runs
    assert Counter(run.outcome for run in every) == expected
    for outcome in (*SERIES, *expected):
        of_it = [run.evaluation_id for run in every if outcome in (run.outcome, series_of(run.outcome))]
        assert [run.evaluation_id for run in listed(bloom, automation_id, outcome).runs] == of_it


def test_the_days_are_those_of_the_store_and_end_today(bloom: Store) -> None:
    automation_id = shop.publish_automation("Thanks", "created", now=NOW - 80 * DAY)
    fire(NOW - (DAYS - 1) * DAY, NOW)
    fire(NOW - DAYS * DAY)
    found = asked(bloom, automation_id)
    assert [day.date for day in found.days] == [NOW.date() - back * DAY for back in range(DAYS - 1, -1, -1)]
    assert (found.days[0].of("waiting"), found.days[-1].of("waiting"), found.fired) == (1, 1, 2)


def test_what_was_sent_in_the_days_before_is_counted_apart(bloom: Store) -> None:
    automation_id = shop.publish_automation("Thanks", "created", now=NOW - 80 * DAY)
    for run_id in fire(NOW - 70 * DAY, NOW - 45 * DAY, NOW - 40 * DAY):
        shop.set_run(run_id, state="succeeded")
    assert (asked(bloom, automation_id).before["sent"], asked(bloom, automation_id).fired) == (2, 0)


def test_reasons_stand_beside_the_figures_the_most_frequent_first(bloom: Store) -> None:
    automation_id = shop.publish_automation("Thanks", "created")
    skipped = fire(*(NOW + dt.timedelta(minutes=minute) for minute in range(3)))
    for run_id, reason in zip(skipped, ("No address.", "No phone.", "No address."), strict=True):
        shop.set_run(run_id, state="skipped", reason=reason)
    waits, fails = fire(NOW + dt.timedelta(minutes=10), NOW + dt.timedelta(minutes=11))
    shop.set_run(waits, due_at=NOW + DAY)
    shop.set_run(fails, reason="Busy.", tries=1, due_at=NOW + 2 * DAY)
    found = asked(bloom, automation_id)
    assert found.skips == (("No address.", 2), ("No phone.", 1))
    assert (found.failure, found.next_try) == ("Busy.", NOW + 2 * DAY)
    assert found.waits and (found.waits.first, found.waits.last) == (NOW + DAY, NOW + DAY)


@pytest.mark.parametrize(("outcome", "counted"), [("error", "error"), ("held", "held_back")])
def test_what_did_not_act_is_told_from_what_went_wrong(bloom: Store, outcome: str, counted: str) -> None:
    automation_id = shop.publish_automation("Thanks", "created")
    fire(NOW)
    with write() as session:
        session.query(Evaluation).update({"outcome": outcome, "error": "Because."})
    assert asked(bloom, automation_id).total(counted) == 1
    (run,) = listed(bloom, automation_id).runs
    assert (run.outcome, run.error) == (counted, "Because.")


def test_another_automation_and_another_store_are_not_counted(bloom: Store) -> None:
    automation_id = shop.publish_automation("Thanks", "created")
    shop.publish_automation("Other", "created")
    shop.publish_automation("Theirs", "created", store="Thorn & Co")
    fire(NOW)
    shop.place_order("9", store="Thorn & Co", now=NOW)
    assert asked(bloom, automation_id).fired == 1
    assert len(listed(bloom, automation_id).runs) == 1


def test_what_a_version_in_shadow_mode_would_have_done_is_no_run(bloom: Store, rosa: User) -> None:
    automation_id = shop.publish_automation("Thanks", "created")
    with write() as session:
        shadow_mode.start(session, session.get_one(Automation, automation_id), rosa, 7, NOW)
    fire(NOW)
    assert [row.outcome for row in db.session.query(Evaluation).order_by(Evaluation.outcome)] == [
        "fired",
        SHADOW,
    ]
    assert [run.outcome for run in listed(bloom, automation_id).runs] == ["waiting"]


def test_a_page_of_runs_continues_below_its_last(bloom: Store) -> None:
    automation_id = shop.publish_automation("Thanks", "created")
    fire(*(NOW + dt.timedelta(minutes=minute) for minute in range(3)))
    first = listed(bloom, automation_id, limit=2)
    automation = db.session.get_one(Automation, automation_id)
    words = StoreWords(db.session(), bloom)
    rest = runs_page(db.session(), words, automation, before=first.next, limit=2)
    assert [run.number for run in (*first.runs, *rest.runs)] == ["1122-1002", "1122-1001", "1122-1000"]
    assert rest.next is None


@pytest.mark.parametrize(
    ("customer", "reason", "mend"),
    [
        (1, "The customer has no email address.", "email"),
        (2, "“bob(at)nowhere” is not a valid email address.", "email"),
        (1, "“other(at)nowhere” is not a valid email address.", ""),
        (1, "The message is empty for this record, so there is nothing to send.", ""),
        (None, "The customer has no email address.", ""),
    ],
)
def test_what_the_customer_lacks_can_be_corrected_there(
    bloom: Store, customer: int | None, reason: str, mend: str
) -> None:
    automation_id = shop.publish_automation("Thanks", "created")
    shop.place_order("7", customer_id=customer)
    shop.set_run(shop.runs()[0].id, state="skipped", reason=reason)
    (run,) = listed(bloom, automation_id).runs
    assert run.mend == mend
