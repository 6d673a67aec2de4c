"""Counts how often a run's worker died while doing it, and parks it the third time. Part of: relay, claim.

A parked run has failed, or is unknown where its message may have left: that must not be called failed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions.shared.action_kind import HTTP
from automations.messages.store_formats import StoreFormats, formats_of
from automations.models.tables.run import FAILED, RUNNING, UNKNOWN, WAITING, Run
from automations.models.tables.store import Store
from automations.pipeline.runs.claimed_run import STARTED, UNCERTAIN

MOST_DEATHS = 3
#: One death is chance: a program is killed, a machine switched off. A run present at two goes alone.
SUSPECT_AFTER = 2
PARKED = (
    "Parked: the program stopped {count} times while doing this, at {times} UTC. "
    "It is not tried again by itself."
)


def is_suspect(deaths: Sequence[str] | None) -> bool:
    """Return whether a run with deaths at these times may be what its workers died of."""
    return len(deaths or ()) >= SUSPECT_AFTER


def requeue_after_death(session: Session, runs: sa.ColumnElement[bool], now: dt.datetime) -> int:
    """Note that the worker of these runs died; each goes back to be done again, or is parked.

    Only those that are `running` had begun. Call it inside `write()`; returns how many those were.
    """
    query = sa.select(Run).where(runs, Run.state == RUNNING).order_by(Run.id).with_for_update()
    runs_begun = session.scalars(query.execution_options(populate_existing=True)).all()
    for run in runs_begun:
        _put_back(session, run, now)
    session.flush()
    return len(runs_begun)


def _put_back(session: Session, run: Run, now: dt.datetime) -> None:
    run.deaths = [*(run.deaths or ()), now.isoformat()]
    run.workflow_id = None
    if len(run.deaths) < MOST_DEATHS:
        # It keeps its due time: what came after it on the same record must not go first.
        run.state = WAITING
        return
    # The worker may only be asleep: with a new number it can no longer settle the run, and a person decides.
    run.tries += 1
    run.state, run.finished_at = UNKNOWN if _may_have_left(run) else FAILED, now
    formats = formats_of(session.get_one(Store, run.store_id).language)
    run.reason = PARKED.format(count=len(run.deaths), times=_times(run.deaths, formats))


def _may_have_left(run: Run) -> bool:
    """Return whether a part was begun and may have left; requests do not count, their key makes them safe."""
    latest = {attempt.part: attempt for attempt in run.attempts}.values()
    begun = [attempt for attempt in latest if attempt.result in (STARTED, UNCERTAIN)]
    return any((attempt.prepared or {}).get("channel") != HTTP for attempt in begun)


def _times(texts: Iterable[str], formats: StoreFormats) -> str:
    moments = [dt.datetime.fromisoformat(text) for text in texts]
    times = [formats.together(formats.short_date(moment), formats.seconds(moment)) for moment in moments]
    return f"{', '.join(times[:-1])} and {times[-1]}"
