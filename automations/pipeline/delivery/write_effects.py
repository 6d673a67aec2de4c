"""Writes effects inside our own database, in the transaction that settles the run: exactly once."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions import ACTIONS
from automations.actions.shared.inside_action import EffectRefused, InsideAction
from automations.pipeline.delivery.effect_context import context_of
from automations.pipeline.runs import claimed_run, fence
from automations.pipeline.runs.claimed_run import Part, RunOutcome

log = logging.getLogger("automations.effects")

BROKEN = "The program could not do this. The operator finds the cause in its log."


def write_effects(session: Session, outcome: RunOutcome, now: dt.datetime) -> RunOutcome:
    """Write the effects that a run still lacks, if it is still ours; return its outcome then."""
    to_write = any(part.to_write for part in outcome.parts)
    if not to_write or not fence.is_still_ours(session, outcome.run_id, outcome.number):
        return outcome
    parts = [
        _written(session, outcome.run_id, part, now) if part.to_write else part for part in outcome.parts
    ]
    return claimed_run.with_parts(outcome, parts)


def _written(session: Session, run_id: int, part: Part, now: dt.datetime) -> Part:
    prepared = claimed_run.prepared_of(part)
    action = ACTIONS.get(prepared.kind)
    if not isinstance(action, InsideAction):
        sentence = f"This version of the program does not know the action “{prepared.kind}”."
        return replace(part, result=claimed_run.REFUSED, detail=sentence)
    try:
        # A savepoint: what fails leaves nothing behind, and its workflow-mates are settled all the same.
        with session.begin_nested():
            context = context_of(session, run_id, part.part, now)
            return replace(part, detail=action.apply(session, context, prepared))
    except EffectRefused as error:
        return replace(part, result=claimed_run.REFUSED, detail=str(error))
    except sa.exc.DBAPIError:
        raise
    except Exception:
        log.exception("effect of run %s", run_id)
        return replace(part, result=claimed_run.REFUSED, detail=BROKEN)
