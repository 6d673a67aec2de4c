"""Settles runs: writes their outcomes, in one transaction that may be repeated. Before: perform."""

from __future__ import annotations

import datetime as dt
import secrets
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions.shared.action_kind import EMAIL, SMS, Prepared
from automations.faults import crash
from automations.models.db.fast_select import Lookup, RowChange, in_list
from automations.models.tables.run import (
    FAILED,
    FINAL,
    QUEUED,
    SUCCEEDED,
    WAITING,
    Attempt,
    Message,
    Run,
)
from automations.pipeline.delivery.perform import Performed
from automations.pipeline.delivery.write_effects import write_effects
from automations.pipeline.runs import claimed_run, fence, relay_signal, retry_schedule, run_ordering
from automations.pipeline.runs.claimed_run import Part, RunOutcome

RUN_TABLE = Run.metadata.tables["run"]
ATTEMPT_TABLE = Attempt.metadata.tables["attempt"]
MESSAGE_TABLE = Message.metadata.tables["message"]

#: The channels whose messages are stored as sent; anything else is only in its attempt.
MESSAGES = (EMAIL, SMS)

_SUCCEED = RowChange(
    lambda dialect: (
        sa.update(RUN_TABLE)
        .where(in_list(RUN_TABLE.c.id, "run_ids", dialect))
        .values(state=SUCCEEDED, reason=None, finished_at=sa.bindparam("now"))
    )
)
_STORES = Lookup(lambda dialect: sa.select(Run.id, Run.store_id).where(in_list(Run.id, "run_ids", dialect)))
_STORED = Lookup(
    lambda dialect: sa.select(Message.run_id, Message.part).where(in_list(Message.run_id, "run_ids", dialect))
)
_WITHOUT_SYNCHRONIZING = {"synchronize_session": False}

_chance = secrets.SystemRandom()


def settle(session: Session, outcomes: Sequence[RunOutcome], now: dt.datetime) -> int:
    """Write the outcomes of the runs that are still ours; return how many that were.

    A run that another process has claimed since, or that is settled already, is left as it is.
    """
    crash.at("record.begun")
    done = [write_effects(session, outcome, now) for outcome in outcomes]
    crash.at("record.effects_written")
    written = _write_states(session, done, now)
    ours = [outcome for outcome in done if outcome.run_id in written]
    crash.at("record.settled")
    parts = [(outcome, part) for outcome in ours for part in outcome.parts]
    attempts = [_attempt(outcome, part, now) for outcome, part in parts if not part.kept]
    messages = _messages(session, parts, now)
    # The next runs about the same records, or to the same hosts, have waited for these.
    relay_signal.on_commit(session)
    for table, rows in ((ATTEMPT_TABLE, attempts), (MESSAGE_TABLE, messages)):
        if rows:
            session.execute(sa.insert(table), rows)
    _note_overtaking(session, [outcome for outcome in ours if outcome.state == SUCCEEDED])
    crash.at("record.written")
    return len(ours)


def settle_with_notes(performed: Performed, now: dt.datetime) -> int:
    """Settle what was performed, together with the results of its attempts; return how many were ours."""
    outcomes = performed.outcomes
    if any(part.to_write for outcome in outcomes for part in outcome.parts):
        # Effects lock records, and those come before runs.
        performed.notes.write()
    return performed.notes.write_with(lambda session: settle(session, outcomes, now))


def _write_states(session: Session, outcomes: Sequence[RunOutcome], now: dt.datetime) -> set[int]:
    """Write the states of the runs that are still ours, one statement for all that succeeded alike."""
    alike: dict[tuple[str, int], list[int]] = defaultdict(list)
    written = set()
    for outcome in outcomes:
        if outcome.state == SUCCEEDED and outcome.reason is None:
            alike[outcome.workflow_id, outcome.number].append(outcome.run_id)
        elif _write_state(session, outcome, now):
            written.add(outcome.run_id)
    for (workflow_id, number), run_ids in alike.items():
        ours = fence.still_claimed_as(session, run_ids, workflow_id, number)
        if ours:
            _SUCCEED.execute(session, [{"run_ids": ours, "now": now}])
        written.update(ours)
    return written


def _write_state(session: Session, outcome: RunOutcome, now: dt.datetime) -> bool:
    claimed = fence.claimed_as(outcome.run_id, outcome.workflow_id, outcome.number)
    values = _values(outcome, now)
    return session.connection().execute(sa.update(Run).where(claimed).values(**values)).rowcount == 1


def _messages(
    session: Session, parts: Sequence[tuple[RunOutcome, Part]], now: dt.datetime
) -> list[dict[str, Any]]:
    """Return the rows of the messages that were sent and are not stored yet."""
    sent = [
        (outcome, part)
        for outcome, part in parts
        if part.result in claimed_run.LEFT and part.channel in MESSAGES
    ]
    if not sent:
        return []
    ids = {outcome.run_id for outcome, _ in sent}
    stores = {row["id"]: row["store_id"] for row in _STORES.rows(session, run_ids=list(ids))}
    stored = _STORED.rows(session, run_ids=list(ids))
    written = {(row["run_id"], row["part"]) for row in stored}
    return [
        _message(outcome, part, stores[outcome.run_id], now)
        for outcome, part in sent
        if (outcome.run_id, part.part) not in written
    ]


def _note_overtaking(session: Session, done: Sequence[RunOutcome]) -> None:
    overtaking = run_ordering.overtook(session, [outcome.run_id for outcome in done]) if done else set()
    # A worker may have died before it could note that a run overtook one of these, or one of these another.
    late = [outcome.run_id for outcome in done if outcome.number > 1]
    overtaking |= run_ordering.passed(session, late) if late else set()
    if overtaking:
        session.execute(
            sa.update(Run)
            .where(Run.id.in_(overtaking), Run.reason.is_(None))
            .values(reason=run_ordering.OVERTOOK),
            execution_options=_WITHOUT_SYNCHRONIZING,
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
        "layout": Prepared.from_data(message).around,
        "provider_id": part.provider_id,
        "at": now,
    }
