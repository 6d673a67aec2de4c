"""The effects inside our own database, done in the transaction that records them: exactly once."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions.base import Prepared
from automations.pipeline import effects_change, effects_notify, effects_task, fence, job
from automations.pipeline.effects_around import Around, EffectRefused, around
from automations.pipeline.job import Part, RunOutcome

log = logging.getLogger("automations.effects")

#: Kind of action -> what writes its effect and says what it did. Nothing else is ever done.
EFFECTS: Mapping[str, Callable[[Session, Around, Prepared], str]] = {
    "create_task": effects_task.apply,
    "notify": effects_notify.apply,
    "change_data": effects_change.apply,
}
BROKEN = "The program could not do this. The operator finds the cause in its log."


def write_effects(session: Session, outcome: RunOutcome, now: dt.datetime) -> RunOutcome:
    """Do what is still to be written of a run, if it is still ours; returns its outcome as it then is."""
    to_write = any(part.to_write for part in outcome.parts)
    if not to_write or not fence.is_still_ours(session, outcome.run_id, outcome.number):
        return outcome
    parts = [
        _written(session, outcome.run_id, part, now) if part.to_write else part for part in outcome.parts
    ]
    return job.with_parts(outcome, parts)


def _written(session: Session, run_id: int, part: Part, now: dt.datetime) -> Part:
    prepared = job.prepared_of(part)
    effect = EFFECTS.get(prepared.kind)
    if effect is None:
        sentence = f"This version of the program does not know the action “{prepared.kind}”."
        return replace(part, result=job.REFUSED, detail=sentence)
    try:
        # A savepoint: what fails leaves nothing behind, and its workflow-mates are recorded all the same.
        with session.begin_nested():
            return replace(part, detail=effect(session, around(session, run_id, part.part, now), prepared))
    except EffectRefused as error:
        return replace(part, result=job.REFUSED, detail=str(error))
    except sa.exc.DBAPIError:
        raise
    except Exception:
        log.exception("effect of run %s", run_id)
        return replace(part, result=job.REFUSED, detail=BROKEN)
