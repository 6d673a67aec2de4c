"""The report of a shadow mode: what it would have done, whom else that reaches, and what it lacks."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, joinedload

from automations.actions import ACTIONS
from automations.engine.fields.subjects import SUBJECTS
from automations.features.checks.overlap import overlap_of
from automations.features.checks.rule_firings import TOGETHER, Firings, united_firings
from automations.features.history.log_phrases import record_words
from automations.features.past.arrays import np
from automations.features.past.matches import microseconds
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
    """Another automation that really contacted someone by the same kind of action within a day.

    `count` is of how many records.
    """

    automation_id: int
    name: str
    kind: str
    count: int

    @property
    def by(self) -> str:
        """The kind of action in words."""
        return ACTIONS[self.kind].label.lower()


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
    def noun(self) -> str:
        """One of the records it watches: "order"."""
        return SUBJECTS[self.shadow.version.subject].label.lower()

    @property
    def nouns(self) -> str:
        """Several of them."""
        return SUBJECTS[self.shadow.version.subject].plural.lower()

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
    """Return the automations that really acted for the same records within a day, by a kind it has too."""
    kinds = _contacting(shadow.version.definition)
    if not kinds:
        return []
    own = _firings(session, _fired_for().where(_would_have(shadow)))
    fired: dict[tuple[int, str], list[Firings]] = {}
    for version, theirs in _others(session, shadow):
        for kind in kinds & _contacting(version.definition):
            fired.setdefault((version.automation_id, kind), []).append(theirs)
    found = [
        ShadowOverlap(automation_id, session.get_one(Automation, automation_id).name, kind, count)
        for (automation_id, kind), parts in sorted(fired.items())
        if (count := len(overlap_of(own, united_firings(parts)).together))
    ]
    return sorted(found, key=lambda overlap: -overlap.count)


def _fired_for() -> sa.Select[int, dt.datetime]:
    return sa.select(Occurrence.record_id, Evaluation.at).join(Evaluation.occurrence)


def _firings(session: Session, query: sa.Select[int, dt.datetime]) -> Firings:
    rows = session.execute(query).all()
    ids, ats = [id for id, _ in rows], [microseconds(at) for _, at in rows]
    return Firings(np.array(ids, np.int64), np.array(ats, np.int64))


def _others(session: Session, shadow: Shadow) -> Iterator[tuple[Version, Firings]]:
    """Yield the versions of other automations on the same kind of record, with when they really fired."""
    subject, until = shadow.version.subject, shadow.stopped_at or shadow.until
    meanwhile = [Evaluation.at >= shadow.started_at - TOGETHER, Evaluation.at <= until + TOGETHER]
    of_store = sa.and_(Version.store_id == shadow.store_id, Version.subject == subject, ~Version.shadow)
    elsewhere = Version.automation_id != shadow.automation_id
    for version in session.scalars(sa.select(Version).where(of_store, elsewhere).order_by(Version.id)):
        of_version = [Evaluation.automation_id == version.automation_id, Evaluation.version_id == version.id]
        fired = _fired_for().where(*of_version, Evaluation.outcome == "fired", *meanwhile)
        yield version, _firings(session, fired)


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
