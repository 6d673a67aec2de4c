"""The judge of expectations agrees with a slow plain one over drawn logs."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from automations.features.expectations.follow import ANY, COUNTS, Follow
from automations.features.expectations.judging import Sent, judge
from automations.features.past.firings import Firing
from tests.world import NOW

MINUTE = dt.timedelta(minutes=1)
minutes = st.integers(0, 12)
firings_drawn = st.lists(st.tuples(minutes, st.integers(1, 2)), max_size=8)
sent_drawn = st.lists(st.tuples(minutes, minutes, st.integers(1, 2)), max_size=10)


def _follow(count: str, within: int) -> Follow:
    _, least, most = COUNTS[count]
    return Follow(least, most, "email", ANY, False, within * MINUTE)


def _plainly(
    firings: list[Firing], sent: list[Sent], follow: Follow, now: dt.datetime
) -> tuple[list[int], dict[int, set[int]], int]:
    """Judge each firing by looking at everything that was sent, and at every other firing."""
    kept: list[int] = []
    broken: dict[int, set[int]] = {}
    not_over = 0
    for firing in firings:
        if not firing.at + follow.within < now:
            not_over += 1
            continue
        followed = set()
        for one in sent:
            belongs_later = any(
                other.record_id == firing.record_id and firing.at < other.at <= one.caused_at
                for other in firings
            )
            in_time = dt.timedelta(0) <= one.at - firing.at <= follow.within
            if one.record_id == firing.record_id and in_time and not belongs_later:
                followed.add(one.run_id)
        if len(followed) < follow.least or (follow.most is not None and len(followed) > follow.most):
            broken[firing.occurrence_id] = followed
        else:
            kept.append(firing.occurrence_id)
    return sorted(kept), broken, not_over


@given(
    drawn=firings_drawn,
    sent=sent_drawn,
    count=st.sampled_from(sorted(COUNTS)),
    within=st.integers(1, 6),
    now=st.integers(0, 14),
)
def test_it_is_judged_as_a_plain_reader_of_the_log_would(
    drawn: list[tuple[int, int]],
    sent: list[tuple[int, int, int]],
    count: str,
    within: int,
    now: int,
) -> None:
    firings = [Firing(NOW + at * MINUTE, record, id) for id, (at, record) in enumerate(drawn, 1)]
    # What is sent was caused at the same moment or before.
    log = [
        Sent(NOW + max(at, caused) * MINUTE, NOW + min(at, caused) * MINUTE, record, run, 1)
        for run, (at, caused, record) in enumerate(sent, 1)
    ]
    follow, until = _follow(count, within), NOW + now * MINUTE
    found = judge(firings, log, follow, until)
    broken = {one.firing.occurrence_id: {each.run_id for each in one.sent} for one in found.broken}
    kept = sorted(firing.occurrence_id for firing in found.kept)
    assert (kept, broken, found.not_over) == _plainly(firings, log, follow, until)
    assert len(kept) + len(broken) + found.not_over == len(firings)


def test_what_a_later_change_set_off_is_counted_with_that_change() -> None:
    twice = [Firing(NOW, 1, 1), Firing(NOW + 3 * MINUTE, 1, 2)]
    each = [
        Sent(NOW + MINUTE, NOW, 1, 1, 1),
        Sent(NOW + 4 * MINUTE, NOW + 3 * MINUTE, 1, 2, 1),
    ]
    found = judge(twice, each, _follow("exactly_one", 10), NOW + dt.timedelta(hours=1))
    assert [firing.occurrence_id for firing in found.kept] == [1, 2] and not found.broken
