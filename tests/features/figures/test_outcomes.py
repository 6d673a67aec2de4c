"""One order of badness: the same in Python, in SQL, in the badge, in the filters of the log and its pages."""

from __future__ import annotations

import datetime as dt
from itertools import product
from typing import Any

import pytest
import sqlalchemy as sa

from automations.features.figures import outcomes
from automations.features.figures.outcomes import WORDS, WORST_LAST, series_of
from automations.features.figures.standings import of_waiting, outcome_of, rank_of_run, with_standing
from automations.features.history import record_log, store_log
from automations.features.history.log_filter import OF_FIRED, LogFilter
from automations.features.history.run_lines import lines_of
from automations.models.db.base import db
from automations.models.settings.choices import StoreWords
from automations.models.tables import run as runs
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.run import Run
from automations.models.tables.store import Store
from tests.kit import shop
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")
TWO = [shop.email_to(), shop.email_to("manager")]
SEEN = {"kind": "change_data", "settings": {"field": "note", "value": "Seen"}}
#: Every way a run can stand, best first, with its outcome.
RUNS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"state": runs.CANCELLED, "reason": "Off."}, outcomes.DROPPED),
    ({"state": runs.SUCCEEDED, "kind": "change_data"}, outcomes.DONE),
    ({"state": runs.SUCCEEDED}, outcomes.SENT),
    ({"state": "kept here"}, outcomes.STAYED),
    ({"state": runs.WAITING}, outcomes.WAITING),
    ({"state": runs.QUEUED}, outcomes.WAITING),
    ({"state": runs.RUNNING, "tries": 1}, outcomes.WAITING),
    ({"state": runs.WAITING, "reason": "The host is silent."}, outcomes.WAITING),
    ({"state": runs.SKIPPED, "reason": "No address."}, outcomes.SKIPPED),
    ({"state": runs.WAITING, "reason": "Held: off."}, outcomes.HELD),
    ({"state": runs.HELD, "reason": "Held: far too many."}, outcomes.HELD),
    ({"state": runs.WAITING, "reason": "503", "tries": 1}, outcomes.FAILING),
    ({"state": runs.FAILED, "reason": "550"}, outcomes.FAILED),
    ({"state": runs.UNKNOWN, "reason": "No answer."}, outcomes.UNKNOWN),
)
PAIRS = list(product(RUNS, repeat=2))


@pytest.fixture
def pairs(bloom: Store) -> dict[str, str]:
    """One order for each pair of runs; the expected outcome by its number."""
    shop.publish_automation("Thanks", "created", actions=TWO)
    expected = {}
    for place, (first, second) in enumerate(PAIRS):
        shop.place_order(str(place), now=NOW + dt.timedelta(seconds=place))
        expected[str(place)] = max(first[1], second[1], key=WORST_LAST.index)
    ids = iter(sorted(run.id for run in shop.runs()))
    for pair in PAIRS:
        for values, _ in pair:
            became(next(ids), values)
    return expected


def became(run_id: int, values: dict[str, Any]) -> None:
    if values["state"] == "kept here":
        shop.keep_here(run_id)
    else:
        shop.set_run(run_id, **({"reason": None, "tries": 0} | values))


def found(store: Store, outcome: str) -> list[str]:
    """Return the numbers that the filtered log lists, page by page."""
    words, before, numbers = StoreWords(db.session(), store), None, list[str]()
    while True:
        page = store_log.activity(
            db.session(), store, words, LogFilter(outcome=outcome), before=before, limit=7
        )
        numbers += [entry.number for entry in page.entries if entry.verdicts]
        before = page.next
        if before is None:
            return numbers


def test_sql_and_python_name_every_pair_of_runs_alike(bloom: Store, pairs: dict[str, str]) -> None:
    standing = with_standing(where=[Evaluation.store_id == bloom.id])
    rows = db.session.execute(sa.select(standing.c.standing).order_by(standing.c.id)).scalars()
    assert [outcome_of(one) for one in rows] == list(pairs.values())


def test_the_badge_and_the_filter_of_the_log_say_the_same_word(bloom: Store, pairs: dict[str, str]) -> None:
    words = StoreWords(db.session(), bloom)
    page = store_log.activity(db.session(), bloom, words, LogFilter(outcome="fired"), limit=500)
    badges = {entry.number: entry.verdicts[0].badge.word for entry in page.entries}
    assert badges == {number: WORDS[outcome].word for number, outcome in pairs.items()}
    for outcome in OF_FIRED:
        wanted = {number for number, one in pairs.items() if outcome in (one, series_of(one))}
        listed = found(bloom, outcome)
        assert (len(listed), set(listed)) == (len(wanted), wanted), outcome


def test_the_log_of_a_record_is_filtered_by_the_same_word(bloom: Store, pairs: dict[str, str]) -> None:
    words = StoreWords(db.session(), bloom)
    occurrences = {entry.number: entry for entry in _all(bloom, words)}
    for number in ("0", "17", "30", "33", "77", "143", "195"):
        entry = occurrences[number]
        for outcome in outcomes.SERIES:
            page = record_log.log_for_record(
                db.session(), bloom, words, "order", entry.record_id, outcome=outcome
            )
            assert bool(page.entries) == (series_of(pairs[number]) == outcome), (number, outcome)


def _all(store: Store, words: StoreWords) -> Any:
    return store_log.activity(db.session(), store, words, LogFilter(), limit=500).entries


def test_a_run_has_one_outcome_in_sql_as_in_python(bloom: Store, pairs: dict[str, str]) -> None:
    waiting = {one: of_waiting(one) for one in (outcomes.WAITING, outcomes.HELD, outcomes.FAILING)}
    rank = sa.func.coalesce(rank_of_run(), -1)
    ranked = db.session.execute(sa.select(Run, rank, *waiting.values()).order_by(Run.id)).all()
    assert len(ranked) == 2 * len(PAIRS)
    lines = lines_of(db.session(), [one.id for one, *_ in ranked])
    for one, place, *meant in ranked:
        outcome = lines[one.id].outcome
        assert WORST_LAST[place] == outcome
        if one.state not in runs.FINAL:
            assert [name for name, fits in zip(waiting, meant, strict=True) if fits] == [outcome]


def test_a_run_that_succeeds_after_failing_changes_the_badge(bloom: Store) -> None:
    shop.publish_automation("Thanks", "created", actions=TWO)
    order = shop.place_order()
    words = StoreWords(db.session(), bloom)

    def badge() -> str:
        (entry,) = record_log.log_for_record(db.session(), bloom, words, "order", order.id).entries
        return entry.verdicts[0].badge.word

    first, second = (run.id for run in shop.runs())
    seen = []
    for run_id, values in (
        (first, {"state": runs.SUCCEEDED}),
        (second, {"state": runs.WAITING, "reason": "503", "tries": 1}),
        (second, {"state": runs.FAILED, "reason": "503", "tries": 5}),
        (second, {"state": runs.WAITING, "reason": None, "tries": 0}),
        (second, {"state": runs.SUCCEEDED, "reason": None}),
    ):
        shop.set_run(run_id, **values)
        seen.append(badge())
    assert seen == ["Waiting", "Failing", "Failed", "Waiting", "Sent"]


def test_what_only_changed_something_here_is_done_and_not_sent(bloom: Store) -> None:
    shop.publish_automation("Mark", "created", actions=[SEEN])
    order = shop.place_order()
    shop.set_run(shop.runs()[0].id, state=runs.SUCCEEDED)
    words = StoreWords(db.session(), bloom)
    (entry,) = record_log.log_for_record(
        db.session(), bloom, words, "order", order.id, outcome=outcomes.DONE
    ).entries
    assert entry.verdicts[0].badge.word == "Done"
    sent = record_log.log_for_record(db.session(), bloom, words, "order", order.id, outcome=outcomes.SENT)
    assert not sent.entries


def test_an_automation_without_actions_did_nothing(bloom: Store) -> None:
    shop.publish_automation("Thanks", "created")
    shop.place_order()
    with db.session.begin_nested():
        db.session.execute(sa.delete(Run))
        standing = with_standing(where=[Evaluation.store_id == bloom.id])
        assert db.session.scalars(sa.select(standing.c.standing)).all() == [outcomes.DROPPED]
        assert outcomes.worst([]) == outcomes.DROPPED
    db.session.rollback()
