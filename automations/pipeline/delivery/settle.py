"""Settles runs: writes their outcomes, in one transaction that may be repeated. Before: perform."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions.shared.action_kind import EMAIL, SMS
from automations.faults import crash
from automations.models.tables.run import FAILED, FINAL, QUEUED, SUCCEEDED, WAITING, Attempt, Message, Run
from automations.pipeline.delivery.write_effects import write_effects
from automations.pipeline.runs import claimed_run, fence, relay_signal, retry_schedule, run_ordering
from automations.pipeline.runs.claimed_run import Part, RunOutcome

ATTEMPT_TABLE = Attempt.metadata.tables["attempt"]
MESSAGE_TABLE = Message.metadata.tables["message"]

#: The channels whose messages are stored as sent; anything else is only in its attempt.
MESSAGES = (EMAIL, SMS)

_chance = secrets.SystemRandom()


def settle(session: Session, outcomes: Sequence[RunOutcome], now: dt.datetime) -> int:
    """Write the outcomes of the runs that are still ours; return how many that were.

    A run that another process has claimed since, or that is settled already, is left as it is.
    """
    crash.at("record.begun")
    done = [write_effects(session, outcome, now) for outcome in outcomes]
    crash.at("record.effects_written")
    ours = [outcome for outcome in done if _write_state(session, outcome, now)]
    crash.at("record.settled")
    ids = [outcome.run_id for outcome in ours]
    stores = dict(session.execute(sa.select(Run.id, Run.store_id).where(Run.id.in_(ids))).all())
    stored = session.execute(sa.select(Message.run_id, Message.part).where(Message.run_id.in_(ids)))
    written = {(run_id, part) for run_id, part in stored}
    parts = [(outcome, part) for outcome in ours for part in outcome.parts]
    attempts = [_attempt(outcome, part, now) for outcome, part in parts if not part.kept]
    messages = [
        _message(outcome, part, stores[outcome.run_id], now)
        for outcome, part in parts
        if part.result == claimed_run.SENT and part.channel in MESSAGES
        if (outcome.run_id, part.part) not in written
    ]
    # The next runs about the same records, or to the same hosts, have waited for these.
    relay_signal.on_commit(session)
    for table, rows in ((ATTEMPT_TABLE, attempts), (MESSAGE_TABLE, messages)):
        if rows:
            session.execute(sa.insert(table), rows)
    _note_overtaking(session, [outcome for outcome in ours if outcome.state == SUCCEEDED])
    crash.at("record.written")
    return len(ours)


def _write_state(session: Session, outcome: RunOutcome, now: dt.datetime) -> bool:
    claimed = fence.claimed_as(outcome.run_id, outcome.workflow_id, outcome.number)
    values = _values(outcome, now)
    return session.connection().execute(sa.update(Run).where(claimed).values(**values)).rowcount == 1


def _note_overtaking(session: Session, done: Sequence[RunOutcome]) -> None:
    overtaking = run_ordering.overtook(session, [outcome.run_id for outcome in done]) if done else set()
    # The worker of a run that overtook one of these may have died before it could note that.
    late = [outcome.run_id for outcome in done if outcome.number > 1]
    overtaking |= run_ordering.passed(session, late) if late else set()
    if overtaking:
        session.execute(
            sa.update(Run).where(Run.id.in_(overtaking)).values(reason=run_ordering.OVERTOOK),
            execution_options={"synchronize_session": False},
        )


def _values(outcome: RunOutcome, now: dt.datetime) -> dict[str, Any]:
    values: dict[str, Any] = {"state": outcome.state, "reason": outcome.reason}
    if outcome.state == QUEUED:
        # Released: claimed and not begun, so this was no try, and the run keeps its place.
        released: dict[str, Any] = {"state": WAITING, "tries": Run.tries - 1, "workflow_id": None}
        released |= {"due_at": now + dt.timedelta(seconds=outcome.after)} if outcome.after else {}
        return released | ({"reason": outcome.reason} if outcome.reason else {})
    if outcome.state == WAITING:
        due = retry_schedule.next_try(now, outcome.number, outcome.after, _chance.random())
        values |= {"due_at": due, "workflow_id": None} if due else {"state": FAILED}
    if values["state"] in FINAL:
        values["finished_at"] = now
    return values


def _attempt(outcome: RunOutcome, part: Part, now: dt.datetime) -> dict[str, Any]:
    return {
        "run_id": outcome.run_id,
        "part": part.part,
        "number": outcome.number,
        "result": part.result,
        "detail": part.detail,
        "prepared": part.prepared,
        "provider_id": part.provider_id,
        "started_at": now,
        "finished_at": now,
    }


def _message(outcome: RunOutcome, part: Part, store_id: int, now: dt.datetime) -> dict[str, Any]:
    message = part.prepared
    return {
        "store_id": store_id,
        "run_id": outcome.run_id,
        "part": part.part,
        "channel": part.channel,
        "connector": part.connector,
        "to": message["to"],
        "to_name": message["to_name"],
        "sender": message["sender"],
        "subject": message["subject"],
        "body": message["body"],
        "provider_id": part.provider_id,
        "at": now,
    }
