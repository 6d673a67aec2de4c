"""The report of a shadow mode: what it would have done, whom else that reaches, and what it lacks."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, joinedload

from automations.actions import ACTIONS
from automations.features.history.log_phrases import record_words
from automations.features.rollout.shadow_tally import Tally, tally_of, uncounted
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation, Version
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.schedule_progress import TIMED, Due
from automations.models.tables.shadow import SHADOW, SHADOW_CAPPED, SHADOW_ERROR, Shadow, ShadowDue
from automations.models.tables.store import Store

#: The newest evaluations that the report names, and those it renders by itself, beyond what is tallied.
SHOWN, RENDERED = 8, 50


@dataclass(frozen=True)
class ShadowOverlap:
    """Another automation that really contacted someone on the same changes, by the same kind of action."""

    automation_id: int
    name: str
    kind: str
    count: int


@dataclass(frozen=True)
class Latest:
    """One of the newest evaluations, and the record that it was about."""

    evaluation: Evaluation
    occurrence: Occurrence
    record: str


@dataclass(frozen=True)
class ShadowReport:
    """Everything the report says; `tally` was made from `tally.rendered` of `fired`."""

    shadow: Shadow
    until: dt.datetime
    fired: int
    records: int
    capped: int
    errors: int
    #: The newest sentence of an evaluation that failed.
    error: str
    #: (day, count) of each local day.
    per_day: Sequence[tuple[dt.date, int]]
    #: How often the automation's live version fired in the same time, and on changes of both, or only one.
    live: int
    same: int
    overlaps: Sequence[ShadowOverlap]
    latest: Sequence[Latest]
    tally: Tally

    @property
    def gained(self) -> int:
        return self.fired - self.same

    @property
    def lost(self) -> int:
        return self.live - self.same


def report_of(
    session: Session, store: Store, words: StoreWords, shadow: Shadow, now: dt.datetime
) -> ShadowReport:
    """Return the report of a shadow mode, whether it runs, waits for a decision or is over."""
    until = shadow.stopped_at or now
    counts = _counts(session, shadow)
    return ShadowReport(
        shadow=shadow,
        until=until,
        fired=counts[SHADOW],
        records=_records(session, shadow),
        capped=counts[SHADOW_CAPPED],
        errors=counts[SHADOW_ERROR],
        error=_newest_error(session, shadow),
        per_day=_per_day(session, store, shadow, until),
        live=session.scalar(_live(shadow, until)) or 0,
        same=session.scalar(_live(shadow, until).where(_also_in_shadow(shadow))) or 0,
        overlaps=_overlaps(session, shadow),
        latest=_latest(session, shadow),
        tally=_tally(session, store, words, shadow),
    )


def fired_count(session: Session, shadow: Shadow) -> int:
    """Return how often it would have run so far."""
    return session.scalar(sa.select(sa.func.count(Evaluation.id)).where(_would_have(shadow))) or 0


def _would_have(shadow: Shadow) -> sa.ColumnElement[bool]:
    of_automation = Evaluation.automation_id == shadow.automation_id
    return sa.and_(of_automation, Evaluation.version_id == shadow.version_id, Evaluation.outcome == SHADOW)


def _counts(session: Session, shadow: Shadow) -> Counter[str]:
    of_version = sa.and_(
        Evaluation.automation_id == shadow.automation_id, Evaluation.version_id == shadow.version_id
    )
    counted = sa.select(Evaluation.outcome, sa.func.count()).where(of_version).group_by(Evaluation.outcome)
    return Counter(dict(session.execute(counted).all()))


def _records(session: Session, shadow: Shadow) -> int:
    distinct = sa.func.count(sa.distinct(Occurrence.record_id))
    query = sa.select(distinct).select_from(Evaluation).join(Evaluation.occurrence)
    return session.scalar(query.where(_would_have(shadow))) or 0


def _newest_error(session: Session, shadow: Shadow) -> str:
    failed = sa.and_(
        Evaluation.automation_id == shadow.automation_id,
        Evaluation.version_id == shadow.version_id,
        Evaluation.outcome == SHADOW_ERROR,
    )
    newest = sa.select(Evaluation.error).where(failed).order_by(Evaluation.id.desc()).limit(1)
    return session.scalar(newest) or ""


def _per_day(session: Session, store: Store, shadow: Shadow, until: dt.datetime) -> list[tuple[dt.date, int]]:
    zone = ZoneInfo(store.timezone)
    ats = session.scalars(sa.select(Evaluation.at).where(_would_have(shadow)))
    counts = Counter(at.astimezone(zone).date() for at in ats)
    first, last = shadow.started_at.astimezone(zone).date(), until.astimezone(zone).date()
    days = [first + dt.timedelta(days=place) for place in range((last - first).days + 1)]
    return [(day, counts[day]) for day in days]


def _live(shadow: Shadow, until: dt.datetime) -> sa.Select[int]:
    """Count what the live version of the same automation really did in the same time."""
    fired = sa.and_(Evaluation.automation_id == shadow.automation_id, Evaluation.outcome == "fired")
    meanwhile = sa.and_(Evaluation.at >= shadow.started_at, Evaluation.at <= until)
    return sa.select(sa.func.count(Evaluation.id)).where(fired, meanwhile)


def _also_in_shadow(shadow: Shadow) -> sa.ColumnElement[bool]:
    """Whether the shadow version would have run at the same time; for a time trigger, for the same record."""
    if shadow.version.trigger in TIMED:
        return _same_instant(shadow)
    twin = aliased(Evaluation)
    same = sa.and_(twin.occurrence_id == Evaluation.occurrence_id, twin.version_id == shadow.version_id)
    return sa.select(twin.id).where(same, twin.outcome == SHADOW).exists()


def _same_instant(shadow: Shadow) -> sa.ColumnElement[bool]:
    """A time trigger writes an occurrence for each version: what they share is record and instant."""
    own = sa.and_(ShadowDue.record_id == Due.record_id, ShadowDue.due_at == Due.due_at)
    due = sa.select(Due.id).join(ShadowDue, own)
    mine = sa.and_(ShadowDue.version_id == shadow.version_id, Due.automation_id == shadow.automation_id)
    return due.where(mine, Due.occurrence_id == Evaluation.occurrence_id).exists()


def _overlaps(session: Session, shadow: Shadow) -> list[ShadowOverlap]:
    """Return the other automations that acted on the same changes by a kind of action it has too."""
    kinds = _contacting(shadow.version.definition)
    if not kinds:
        return []
    twin = aliased(Evaluation)
    other = sa.and_(twin.occurrence_id == Evaluation.occurrence_id, twin.outcome == "fired")
    elsewhere = twin.automation_id != shadow.automation_id
    columns = (twin.automation_id, Automation.name, twin.version_id, sa.func.count())
    query = sa.select(*columns).select_from(Evaluation).join(twin, sa.and_(other, elsewhere))
    query = query.join(Automation, Automation.id == twin.automation_id).where(_would_have(shadow))
    overlaps: dict[tuple[int, str], ShadowOverlap] = {}
    for id, name, version_id, count in session.execute(query.group_by(*columns[:3])):
        version = session.get_one(Version, version_id)
        for kind in sorted(kinds & _contacting(version.definition)):
            before = overlaps[id, kind].count if (id, kind) in overlaps else 0
            overlaps[id, kind] = ShadowOverlap(id, name, ACTIONS[kind].label.lower(), before + count)
    return sorted(overlaps.values(), key=lambda overlap: -overlap.count)


def _contacting(definition: Mapping[str, Any]) -> set[str]:
    """Return the kinds of its actions that write to the customer."""
    return {
        action["kind"]
        for action in definition["actions"]
        if action["kind"] in ACTIONS and ACTIONS[action["kind"]].contacts_customer(action["settings"])
    }


def _latest(session: Session, shadow: Shadow) -> list[Latest]:
    newest = sa.select(Evaluation).where(_would_have(shadow)).order_by(Evaluation.id.desc()).limit(SHOWN)
    rows = session.scalars(newest.options(joinedload(Evaluation.occurrence)))
    return [
        Latest(row, row.occurrence, record_words(row.occurrence.subject, row.occurrence.snapshot))
        for row in rows
    ]


def _tally(session: Session, store: Store, words: StoreWords, shadow: Shadow) -> Tally:
    """Return the kept counts with those of the next few, so that the first ones show at once."""
    tally = tally_of(shadow.tally)
    tally.add(session, store, words, session.scalars(uncounted(shadow).limit(RENDERED)))
    return tally
