"""Counts how often a run's worker died while doing it, and parks it the third time. Part of: relay, guard.

What is parked has failed, or is unknown where it may have left: then nobody may call it failed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions.base import HTTP
from automations.models.run import FAILED, RUNNING, UNKNOWN, WAITING, Run
from automations.pipeline.job import STARTED, UNCERTAIN

MOST_DEATHS = 3
#: One death is chance: a program is killed, a machine switched off. Whoever was there again goes alone.
SUSPECT_AFTER = 2
PARKED = (
    "Parked: the program stopped {count} times while doing this, at {times} UTC. "
    "It is not tried again by itself."
)


def is_suspect(deaths: Sequence[str] | None) -> bool:
    """Whether a run may be what its worker died of, with the times of these deaths."""
    return len(deaths or ()) >= SUSPECT_AFTER


def again(session: Session, runs: sa.ColumnElement[bool], now: dt.datetime) -> int:
    """Write down that these runs' worker died; each goes back to be done again, or is parked.

    Only those that are `running` had begun. Call it inside `write()`; returns how many that were.
    """
    query = sa.select(Run).where(runs, Run.state == RUNNING).order_by(Run.id).with_for_update()
    found = session.scalars(query.execution_options(populate_existing=True)).all()
    for run in found:
        _put_back(run, now)
    session.flush()
    return len(found)


def _put_back(run: Run, now: dt.datetime) -> None:
    run.deaths = [*(run.deaths or ()), now.isoformat()]
    run.workflow_id = None
    if len(run.deaths) < MOST_DEATHS:
        # Due since when it was: what came after it on the same record must not go first.
        run.state = WAITING
        return
    # Whoever it was parked for may only sleep: its number is not the run's any more, and a person decides.
    run.tries += 1
    run.state, run.finished_at = UNKNOWN if _may_have_left(run) else FAILED, now
    run.reason = PARKED.format(count=len(run.deaths), times=_times(run.deaths))


def _may_have_left(run: Run) -> bool:
    """Whether something was begun and nobody knows if it left; a request has a key, and may be made again."""
    latest = {attempt.part: attempt for attempt in run.attempts}.values()
    begun = [attempt for attempt in latest if attempt.result in (STARTED, UNCERTAIN)]
    return any((attempt.prepared or {}).get("channel") != HTTP for attempt in begun)


def _times(texts: Iterable[str]) -> str:
    times = [f"{dt.datetime.fromisoformat(text):%d %b %H:%M:%S}" for text in texts]
    return f"{', '.join(times[:-1])} and {times[-1]}"
