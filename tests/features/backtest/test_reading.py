"""A backtest is read by the worker: in turn, with progress, stopped by a person, and on after a restart."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask

from automations.engine.rules.typed_rule import BrokenRule
from automations.features.backtest import backtest_reading, backtests
from automations.features.backtest.backtests import NotComparable
from automations.models.db.base import db, write
from automations.models.tables.automation import Automation
from automations.models.tables.backtest import DONE, FAILED, RUNNING, STOPPED, WAITING, Backtest, BacktestPart
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.store import Store
from automations.worker import cleanup
from tests.features.backtest import story
from tests.features.backtest.story import DELIVERY, over
from tests.kit import shop
from tests.kit.live import wait_until, working

FATES = {"gained": 2, "lost": 0, "same": 2}


@pytest.fixture
def automation_id(bloom: Store) -> int:
    story.pay_the_orders(shop.place_customer("C-9", first_name="Bram", last_name="Hollis").id)
    return story.live_and_draft(DELIVERY, over("40"))


def _fates(backtest: Backtest) -> dict[str, int]:
    return {fate: backtests.count_of(backtest, fate) for fate in FATES}


def test_a_small_one_is_read_at_once(bloom: Store, automation_id: int) -> None:
    backtest = story.begun(bloom, automation_id)
    assert (backtest.state, backtest.read, backtest.total) == (DONE, 6, 6)
    assert _fates(backtest) == FATES
    numbers = [
        db.session.get_one(Occurrence, firing.occurrence_id).snapshot["number"]
        for firing in backtests.firings(db.session(), backtest, "gained", 0, 10)
    ]
    assert numbers == ["1049", "1045"]


def test_the_worker_reads_newest_first_and_says_how_far_it_is(bloom: Store, automation_id: int) -> None:
    backtest_id = story.begun(bloom, automation_id, at_once=0).id
    assert story.again(backtest_id).state == WAITING
    assert backtest_reading.read_all(story.moment, "one", story.turns(2)) == 0
    backtest = story.again(backtest_id)
    assert (backtest.state, backtest.read, backtest.total) == (RUNNING, 5, 6)
    assert _fates(backtest) == FATES | {"same": 1}
    assert backtest.read_to is not None and backtest.since < backtest.read_to < backtest.until
    # Another worker leaves it alone; the same one, started again, goes on where it was.
    assert story.read("another") == 0
    assert story.read("one") == 1
    backtest = story.again(backtest_id)
    assert (backtest.state, backtest.read, _fates(backtest)) == (DONE, 6, FATES)


def test_another_worker_goes_on_when_the_first_has_been_silent(bloom: Store, automation_id: int) -> None:
    backtest_id = story.begun(bloom, automation_id, at_once=0).id
    backtest_reading.read_all(story.moment, "one", story.turns(2))
    later = story.moment() + backtest_reading.LEASE + dt.timedelta(seconds=1)
    assert backtest_reading.read_all(lambda: later, "another", lambda: True) == 1
    assert _fates(story.again(backtest_id)) == FATES


def test_what_was_read_stays_when_it_is_stopped(bloom: Store, automation_id: int) -> None:
    backtest_id = story.begun(bloom, automation_id, at_once=0).id
    backtest_reading.read_all(story.moment, "one", story.turns(2))
    with write() as session:
        assert backtests.stop(session, backtest_id, story.moment())
        assert not backtests.stop(session, backtest_id, story.moment())
    assert story.read("one") == 0
    backtest = story.again(backtest_id)
    assert (backtest.state, backtest.read, _fates(backtest)) == (STOPPED, 5, FATES | {"same": 1})


def test_ten_at_once_are_read_one_after_the_other(bloom: Store, automation_id: int) -> None:
    ids = [story.begun(bloom, automation_id, at_once=0).id for _ in range(10)]
    assert backtests.ahead_of(db.session(), story.again(ids[3])) == 3
    backtest_reading.read_all(story.moment, "one", story.turns(2))
    assert [story.again(id).state for id in ids] == [RUNNING, *[WAITING] * 9]
    assert story.read("another") == 0
    assert story.read("one") == 10
    assert {story.again(id).state for id in ids} == {DONE}


def test_it_belongs_to_the_draft_it_began_with(bloom: Store, automation_id: int) -> None:
    backtest_id = story.begun(bloom, automation_id, at_once=0).id
    with write() as session:
        automation = session.get_one(Automation, automation_id)
        automation.draft = automation.draft | {"conditions": [over("1000")]}
    shop.publish_again(automation_id, "created", now=story.NOW)
    story.read()
    assert _fates(story.again(backtest_id)) == FATES


def test_without_a_live_version_all_are_the_drafts(bloom: Store) -> None:
    story.pay_the_orders(shop.place_customer("C-9").id)
    id = shop.draft_automation("New", "payment_status_changed", DELIVERY, after="paid")
    assert _fates(story.begun(bloom, id)) == {"gained": 5, "lost": 0, "same": 0}


def test_an_error_ends_it_with_a_sentence(
    bloom: Store, automation_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> None:
        raise BrokenRule("The condition on ribbon can’t be checked: there is no such field.")

    backtest_id = story.begun(bloom, automation_id, at_once=0).id
    monkeypatch.setattr(backtest_reading, "compare", breaks)
    assert story.read() == 1
    backtest = story.again(backtest_id)
    assert (backtest.state, "ribbon" in (backtest.problem or "")) == (FAILED, True)


def test_a_draft_that_cannot_be_judged_says_which_row(bloom: Store) -> None:
    id = shop.draft_automation("Odd", "created", DELIVERY, shop.condition("total", "greater_than", "lots"))
    with pytest.raises(NotComparable) as refused:
        story.begun(bloom, id)
    assert refused.value.problems[0].path.startswith("conditions.1")
    by_hand = shop.draft_automation("By hand", "manual")
    with pytest.raises(NotComparable, match="has no past"):
        story.begun(bloom, by_hand)


def test_the_worker_reads_what_waits(app: Flask, bloom: Store, automation_id: int) -> None:
    backtest_id = story.begun(bloom, automation_id, at_once=0).id
    # An open transaction would hold up the tables that the worker makes.
    db.session.rollback()
    with working(app):
        wait_until(lambda: story.again(backtest_id).state == DONE)
    assert _fates(story.again(backtest_id)) == FATES


def test_old_ones_are_deleted_with_their_rows_and_pending_ones_are_not(
    bloom: Store, automation_id: int
) -> None:
    old, young = story.begun(bloom, automation_id).id, story.begun(bloom, automation_id).id
    waiting = story.begun(bloom, automation_id, at_once=0).id
    with write() as session:
        for id in (old, waiting):
            session.get_one(Backtest, id).created_at -= cleanup.BACKTESTS_FOR + story.DAY
    result = cleanup.clean_up(None, story.moment(), lambda _: True)
    assert result.backtests == 1
    assert {id for (id,) in db.session.query(Backtest.id)} == {young, waiting}
    assert {id for (id,) in db.session.query(BacktestPart.backtest_id)} == {young}


def test_a_row_whose_entry_is_deleted_says_so(bloom: Store, automation_id: int) -> None:
    backtest = story.begun(bloom, automation_id)
    (newest, *_) = backtests.firings(db.session(), backtest, "gained", 0, 1)
    with write() as session:
        session.query(Occurrence).filter_by(id=newest.occurrence_id).delete()
    teller = story.teller(bloom, story.again(backtest.id))
    (line, other) = teller.lines("gained", backtests.firings(db.session(), teller.backtest, "gained", 0, 2))
    assert (line.number, "deleted" in line.text, other.number) == ("", True, "#1045")
    assert teller.messages("gained", newest) is None
