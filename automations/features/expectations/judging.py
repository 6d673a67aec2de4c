"""Which firings kept an expectation, by what was sent. Pure: values in, a judgement out."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from automations.features.expectations.follow import Follow
from automations.features.figures.outcomes import SENT, STAYED
from automations.features.past.firings import Firing


@dataclass(frozen=True, slots=True)
class Sent:
    """One run that sent or did something about a record."""

    at: dt.datetime
    #: When the change happened that set it off.
    caused_at: dt.datetime
    record_id: int
    run_id: int
    automation_id: int
    #: What became of it: SENT, STAYED or DONE.
    outcome: str = SENT


@dataclass(frozen=True, slots=True)
class Broken:
    """A firing that was not followed by what it should be, and what followed instead."""

    firing: Firing
    sent: tuple[Sent, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """The firings whose time is over, kept and broken, both oldest first, and the number of the others."""

    kept: tuple[Firing, ...]
    broken: tuple[Broken, ...]
    not_over: int
    #: How many were kept by messages of which one or more only stayed here and reached nobody.
    stayed: int = 0


def judge(firings: Sequence[Firing], sent: Iterable[Sent], follow: Follow, now: dt.datetime) -> Judgement:
    """Judge the firings whose time is over by `now`.

    What a later firing of the same record set off is counted with that one alone.
    """
    of_record: dict[int, list[Sent]] = defaultdict(list)
    for one in sent:
        of_record[one.record_id].append(one)
    for listed in of_record.values():
        listed.sort(key=lambda one: (one.at, one.run_id))
    begun: dict[int, list[dt.datetime]] = defaultdict(list)
    for firing in firings:
        begun[firing.record_id].append(firing.at)
    for instants in begun.values():
        instants.sort()
    kept, broken, not_over, stayed = [], [], 0, 0
    for firing in sorted(firings, key=lambda firing: (firing.at, firing.occurrence_id)):
        if firing.at + follow.within >= now:
            not_over += 1
            continue
        followed = _followed(firing, of_record[firing.record_id], begun[firing.record_id], follow.within)
        if follow.least <= len(followed) and (follow.most is None or len(followed) <= follow.most):
            kept.append(firing)
            stayed += any(one.outcome == STAYED for one in followed)
        else:
            broken.append(Broken(firing, followed))
    return Judgement(tuple(kept), tuple(broken), not_over, stayed)


def _followed(
    firing: Firing, sent: Sequence[Sent], begun: Sequence[dt.datetime], within: dt.timedelta
) -> tuple[Sent, ...]:
    first = bisect_left(sent, firing.at, key=lambda one: one.at)
    end = bisect_right(sent, firing.at + within, key=lambda one: one.at)
    later = bisect_right(begun, firing.at)
    limit = begun[later] if later < len(begun) else None
    return tuple(one for one in sent[first:end] if limit is None or one.caused_at < limit)
