"""Decisions of a person about runs that failed, or whose message may not have arrived. Beside: settle."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions.shared.action_kind import EMAIL, SMS, Prepared
from automations.models.access import audit
from automations.models.tables.run import FAILED, SUCCEEDED, UNKNOWN, WAITING, Attempt, Message, Run
from automations.pipeline.runs import relay_signal
from automations.pipeline.runs.claimed_run import LEFT, SENT, STARTED, TRY_AGAIN, UNCERTAIN


class Decider(Protocol):
    """Who decides: a person, or a program by its key."""

    @property
    def name(self) -> Any: ...

    @property
    def id(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class ByKey:
    """A program: its key's name stands where a person's would."""

    name: str
    id: None = None


class AlreadyDecided(Exception):
    """The run is no longer in the state the person saw; nothing was changed."""


def retry(session: Session, run: Run, user: Decider, now: dt.datetime) -> None:
    """Put a failed run back in line. Raises AlreadyDecided."""
    _move(session, run, FAILED, {"state": WAITING, "due_at": now} | _RESTART)
    _audit(session, run, user, now, "tried again", WAITING)
    relay_signal.on_commit(session)


def try_now(session: Session, run: Run, user: Decider, now: dt.datetime) -> None:
    """Make the next try of a failing run due at once. Raises AlreadyDecided."""
    # A run that waits without a reason has not been tried yet, and may wait on purpose.
    later = sa.and_(Run.reason.is_not(None), Run.due_at > now)
    _move(session, run, WAITING, {"due_at": now}, later)
    _audit(session, run, user, now, "tried now", WAITING)
    relay_signal.on_commit(session)


def arrived(session: Session, run: Run, user: Decider, now: dt.datetime) -> None:
    """Mark an unknown run as arrived; recipients whose try failed are tried again. Raises AlreadyDecided."""
    left = any(attempt.result not in (SENT, *_OPEN) for attempt in _latest(session, run))
    done: dict[str, object] = {"state": SUCCEEDED, "reason": None}
    state = {"state": WAITING, "due_at": now} | _RESTART if left else done
    _move(session, run, UNKNOWN, state)
    _settle(session, run, SENT, f"{user.name} says it arrived.", now)
    session.add_all(_messages(session, run, _latest(session, run)))
    _audit(session, run, user, now, "said it arrived", str(state["state"]))
    relay_signal.on_commit(session)


def send_again(session: Session, run: Run, user: Decider, now: dt.datetime) -> None:
    """Send an unknown run again, to the recipients whose outcome is unknown. Raises AlreadyDecided."""
    _move(session, run, UNKNOWN, {"state": WAITING, "due_at": now} | _RESTART)
    _settle(session, run, TRY_AGAIN, f"{user.name} asked to send it again.", now)
    _audit(session, run, user, now, "sent again", WAITING)
    relay_signal.on_commit(session)


#: Attempts whose outcome is unknown.
_OPEN = (STARTED, UNCERTAIN)
#: A run that waits with a reason reads as failing; one that a person put back in line starts anew.
_RESTART: dict[str, object] = {"reason": None, "workflow_id": None, "finished_at": None, "deaths": None}


def _move(
    session: Session,
    run: Run,
    before: str,
    values: dict[str, object],
    only: sa.ColumnElement[bool] | None = None,
) -> None:
    update = sa.update(Run).where(Run.id == run.id, Run.state == before).values(**values)
    update = update if only is None else update.where(only)
    if session.connection().execute(update).rowcount == 0:
        raise AlreadyDecided("Someone else got there first: this action no longer waits for a decision.")


def _settle(session: Session, run: Run, result: str, detail: str, now: dt.datetime) -> None:
    # An attempt left uncertain would make the next try refuse to send, and the run unknown again.
    open_ones = sa.and_(Attempt.run_id == run.id, Attempt.result.in_(_OPEN))
    values = {"result": result, "detail": detail, "finished_at": now}
    session.execute(sa.update(Attempt).where(open_ones).values(**values))


def _latest(session: Session, run: Run) -> list[Attempt]:
    """Return the latest attempt at each part."""
    rows = session.scalars(sa.select(Attempt).where(Attempt.run_id == run.id).order_by(Attempt.id))
    return list({attempt.part: attempt for attempt in rows}.values())


def _messages(session: Session, run: Run, latest: list[Attempt]) -> list[Message]:
    """Return the messages a person vouched for that are not in the log yet."""
    kept = set(session.scalars(sa.select(Message.part).where(Message.run_id == run.id)))
    wanted = [attempt for attempt in latest if attempt.result in LEFT and attempt.part not in kept]
    prepared = [attempt for attempt in wanted if attempt.prepared]
    return [
        _message(run, attempt)
        for attempt in prepared
        if attempt.prepared.get("channel", EMAIL) in (EMAIL, SMS)
    ]


def _message(run: Run, attempt: Attempt) -> Message:
    prepared = attempt.prepared
    channel = prepared.get("channel") or EMAIL
    message = Message(store_id=run.store_id, run_id=run.id, part=attempt.part, channel=channel)
    message.connector, message.at = "smtp" if channel == EMAIL else channel, attempt.started_at
    message.to, message.to_name = prepared["to"], prepared.get("to_name", "")
    message.sender = prepared.get("sender", "")
    message.subject, message.body = prepared["subject"], prepared["body"]
    message.layout = Prepared.from_data(prepared).around
    return message


def _audit(session: Session, run: Run, user: Decider, now: dt.datetime, action: str, state: str) -> None:
    audit.note(
        session,
        action=action,
        about=f"run {run.id}",
        store_id=run.store_id,
        user_id=user.id,
        before={"state": run.state},
        after={"state": state} if user.id else {"state": state, "by": user.name},
        at=now,
    )
