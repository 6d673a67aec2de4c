"""The listening spans of time triggers, each with how far it was scanned."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.rules.trigger_schedule import Schedule
from automations.models.tables.automation import Automation, Listening, Version
from automations.models.tables.schedule_progress import TIMED, ScanMark
from automations.models.tables.store import Store
from automations.pipeline.evaluation.evaluate import LiveVersion, live_of


@dataclass(frozen=True, slots=True)
class Span:
    """A version, and from when to when it listened."""

    listening_id: int
    store_id: int
    subject: str
    trigger: str
    live: LiveVersion
    zone: ZoneInfo
    started_at: dt.datetime
    ended_at: dt.datetime | None
    #: Everything due up to this instant is written.
    looked_to: dt.datetime
    #: Whether its automation is still on, in this version or a later one; shadow mode needs no switch.
    on: bool

    @property
    def schedule(self) -> Schedule | None:
        return self.live.rule.trigger.schedule

    def until(self, now: dt.datetime) -> dt.datetime:
        """Return the last instant it may be due at, as of `now`."""
        # One that has ended is over, even when the clock was set back since.
        return self.ended_at or now


def open_spans(session: Session) -> list[Span]:
    """Return the spans not yet scanned to their end, oldest first, also of automations that are off."""
    mark = sa.func.coalesce(ScanMark.looked_to, Listening.started_at)
    query = _query().where(sa.or_(Listening.ended_at.is_(None), mark < Listening.ended_at))
    return [_span(*row) for row in session.execute(query.order_by(Listening.id)).all()]


def live_spans(session: Session, store_id: int, automation_id: int | None = None) -> list[Span]:
    """Return the spans of one store that are waiting now, of one automation or all; none in shadow mode."""
    query = _query().where(Listening.ended_at.is_(None), Listening.store_id == store_id, ~Version.shadow)
    if automation_id is not None:
        query = query.where(Version.automation_id == automation_id)
    return [_span(*row) for row in session.execute(query.order_by(Listening.id)).all()]


def spans_of(session: Session, automation_id: int) -> list[Span]:
    """Return the spans of one automation, newest first, also those that have ended; none in shadow mode."""
    query = _query().where(Version.automation_id == automation_id, ~Version.shadow)
    return [_span(*row) for row in session.execute(query.order_by(Listening.id.desc())).all()]


def mark(session: Session, span: Span) -> ScanMark:
    """Return the row with the span's progress, locked: another worker's scan of the same span waits here."""
    query = sa.select(ScanMark).where(ScanMark.listening_id == span.listening_id)
    scan_mark = session.scalars(query.with_for_update().execution_options(populate_existing=True)).first()
    if scan_mark is None:
        scan_mark = ScanMark(listening_id=span.listening_id, looked_to=span.looked_to)
        session.add(scan_mark)
        session.flush()
    return scan_mark


def still_as_read(session: Session, span: Span) -> bool:
    """Return whether the span has not ended since it was read."""
    ended = sa.select(Listening.ended_at).where(Listening.id == span.listening_id)
    return session.scalar(ended) == span.ended_at


def _query() -> sa.Select[Version, Listening, str, int | None, ScanMark | None]:
    return (
        sa.select(Version, Listening, Store.timezone, Automation.active_version_id, ScanMark)
        .join(Listening.version)
        .join(Store, Store.id == Listening.store_id)
        .join(Automation, Automation.id == Version.automation_id)
        .outerjoin(ScanMark, ScanMark.listening_id == Listening.id)
        .where(Listening.trigger.in_(TIMED))
    )


def _span(
    version: Version, listening: Listening, zone: str, active: int | None, mark: ScanMark | None
) -> Span:
    return Span(
        listening_id=listening.id,
        store_id=listening.store_id,
        subject=listening.subject,
        trigger=listening.trigger,
        live=live_of(version),
        zone=ZoneInfo(zone),
        started_at=listening.started_at,
        ended_at=listening.ended_at,
        looked_to=mark.looked_to if mark else listening.started_at,
        on=version.shadow or active is not None,
    )
