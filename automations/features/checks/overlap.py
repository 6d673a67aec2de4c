"""Records that would have got the same kind of message from the draft and from a live automation."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules.rule import Rule, rule_from
from automations.engine.rules.trigger_schedule import DateReached, StaysInStatus
from automations.engine.rules.typed_rule import BrokenRule
from automations.features.checks.check import Check, CheckPiece, LinkTarget, sentence
from automations.features.checks.others import Other, Reach, shared
from automations.features.past.arrays import Ints, np
from automations.features.past.asking import matches
from automations.features.past.matches import Matches, microseconds
from automations.features.past.period import Period
from automations.features.past.time_moments import time_matches
from automations.models.db.driver import connection_of
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.store import Store
from automations.pipeline.records.record_kinds import KINDS

Data = Mapping[str, Any]
#: Two messages further apart than this follow one another, as a confirmation and a reminder do.
TOGETHER = dt.timedelta(days=1)
#: The witnesses that are named, and the most that are listed.
NAMED, LISTED = 3, 50
#: The time triggers whose firings are kept.
MOST_KEPT = 64
_MICROSECOND = dt.timedelta(microseconds=1)

_kept: dict[tuple[Any, ...], Firings] = {}
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Firings:
    """When a rule would have fired, for which record: parallel, in microseconds since 1970."""

    record_ids: Ints
    ats: Ints


@dataclass(frozen=True, slots=True)
class Overlap:
    """The records that both would have fired for, newest first: all, and those where it was within a day."""

    record_ids: tuple[int, ...]
    together: tuple[int, ...]


def overlaps(
    session: Session, store: Store, rule: Rule, data: Data, others: Sequence[Other], period: Period
) -> Iterator[Check]:
    """Yield for each live automation that reaches the same people what would have got both, most first."""
    beside = [(other, reaches) for other in others if (reaches := _reaches(rule, data, other))]
    if not beside:
        return
    own, found = firings(session, store, rule, period), []
    for other, reaches in beside:
        try:
            theirs = firings(session, store, rule_from(other.automation_id, other.data), period)
        except BrokenRule:
            continue
        found.append((other, reaches, overlap_of(own, theirs)))
    found.sort(key=lambda entry: -len(entry[2].record_ids))
    for other, reaches, overlap in found:
        if overlap.together:
            yield _warning(session, rule.subject, other, reaches, overlap, period)
    apart = [(other, overlap) for other, _, overlap in found if not overlap.together]
    if apart:
        yield _quiet(rule.subject, apart, period)


def firings(session: Session, store: Store, rule: Rule, period: Period) -> Firings:
    """Return when a rule would have fired in the period. Raises BrokenRule.

    What fires for every record of the store on a schedule is left out: looking for it would take too long.
    """
    if isinstance(rule.trigger.schedule, DateReached | StaysInStatus):
        return _timed(session, store, rule, period)
    found = matches(session, store, rule, period)
    return Firings(found.record_ids, found.ats)


def _timed(session: Session, store: Store, rule: Rule, period: Period) -> Firings:
    """Return the firings of a time trigger; kept until something new is recorded, as edits follow quickly."""
    newest = session.scalar(sa.select(sa.func.max(Occurrence.id)).where(Occurrence.store_id == store.id))
    key = (connection_of(session).engine, store.id, store.ruleset, rule, period, newest)
    with _lock:
        kept = _kept.get(key)
    if kept is None:
        due = time_matches(session, store, rule, period)
        ids, ats = [moment.record_id for moment in due], [microseconds(moment.at) for moment in due]
        kept = Firings(np.array(ids, np.int64), np.array(ats, np.int64))
        with _lock:
            while len(_kept) >= MOST_KEPT:
                del _kept[next(iter(_kept))]
            _kept[key] = kept
    return kept


def newest_match(session: Session, store: Store, rule: Rule, period: Period) -> tuple[CheckPiece, ...]:
    """Return the newest record on which a rule would have fired, as a link; nothing if there is none."""
    return links(session, rule.subject, record_ids(matches(session, store, rule, period))[:1])


def overlap_of(own: Firings, theirs: Firings) -> Overlap:
    """Return the records that both have, with how near the firings of both came to each other."""
    common = np.intersect1d(own.record_ids, theirs.record_ids)
    parts = [_of_records(firings, common) for firings in (own, theirs)]
    records, ats = (np.concatenate([getattr(part, name) for part in parts]) for name in ("record_ids", "ats"))
    whose = np.concatenate([np.full(len(part.ats), place) for place, part in enumerate(parts)])
    order = np.lexsort((ats, records))
    records, ats, whose = records[order], ats[order], whose[order]
    # The nearest firings of both are neighbours once they are in the order of time.
    near = (np.diff(records) == 0) & (np.diff(whose) != 0) & (np.diff(ats) <= TOGETHER // _MICROSECOND)
    together = np.unique(records[1:][near]) if len(records) else records
    newest = _newest_first(records, ats)
    within_a_day = set(together.tolist())
    return Overlap(tuple(newest), tuple(id for id in newest if id in within_a_day))


def record_ids(found: Matches) -> list[int]:
    """Return the records of some occurrences, each once, newest first."""
    return _newest_first(found.record_ids, found.ats)


def _of_records(found: Firings, records: Ints) -> Firings:
    mask = np.isin(found.record_ids, records)
    return Firings(found.record_ids[mask], found.ats[mask])


def _newest_first(records: Ints, ats: Ints) -> list[int]:
    last = np.lexsort((records, ats))[::-1]
    return list(dict.fromkeys(records[last].tolist()))


def _reaches(rule: Rule, data: Data, other: Other) -> list[Reach]:
    return shared(data, other.data) if other.data.get("subject") == rule.subject else []


def _warning(
    session: Session, subject: str, other: Other, reaches: Sequence[Reach], overlap: Overlap, period: Period
) -> Check:
    count = len(overlap.together)
    got = " and ".join(f"two {reach.several}" for reach in reaches)
    which = f": {_counted(subject, count)} {_in(period)} would have got {got}, within a day of each other."
    named = links(session, subject, overlap.together[:LISTED])
    said = sentence("Overlaps with ", other.link, which)
    return Check("overlap", "warn", said, witnesses(named, count), named[NAMED:], max(0, count - NAMED))


def _quiet(subject: str, apart: Sequence[tuple[Other, Overlap]], period: Period) -> Check:
    """Return the line about those that reach the same people on other days, or never the same record."""
    head = CheckPiece("No overlap", strong=True)
    others = f"the {len(apart)} others that reach" if len(apart) > 1 else "the other that reaches"
    later = [(other, len(overlap.record_ids)) for other, overlap in apart if overlap.record_ids]
    if not later:
        return Check("overlap", "ok", sentence(head, f" with {others} the same people, {_in(period)}."))
    pieces: list[CheckPiece | str] = []
    for place, (other, count) in enumerate(later):
        joint = " and " if place == len(later) - 1 else ", "
        pieces += [joint] if place else []
        pieces += [other.link, f" ({_counted(subject, count)})"]
    reach = "reaches" if len(later) == 1 else "reach"
    return Check(
        "overlap",
        "ok",
        sentence(head, f" within a day, {_in(period)}: ", *pieces, f" {reach} the same on other days."),
    )


def _counted(subject: str, count: int) -> str:
    entry = SUBJECTS[subject]
    return f"{count:,} {(entry.label if count == 1 else entry.plural).lower()}"


def links(session: Session, subject: str, ids: Sequence[int]) -> tuple[CheckPiece, ...]:
    """Return the numbers of records as links, in the order of the ids; erased ones are left out."""
    table = KINDS[subject].table
    columns = sa.select(table.c.id, table.c.number).where(table.c.id.in_(ids))
    numbers: dict[int, str] = dict(session.execute(columns).all())
    return tuple(
        CheckPiece(f"{'#' * numbers[id].isdecimal()}{numbers[id]}", LinkTarget(subject, str(id)))
        for id in ids
        if id in numbers
    )


def witnesses(named: Sequence[CheckPiece], count: int) -> tuple[CheckPiece, ...]:
    """Return "As #1051, #1044, #1038" as the second line, of `count` in all."""
    pieces: list[CheckPiece | str] = ["As "]
    for place, link in enumerate(named[:NAMED]):
        last = place == count - 1
        pieces += [" and " if last else ", "] if place else []
        pieces.append(link)
    return sentence(*pieces) if named else ()


def _in(period: Period) -> str:
    return f"in {period.days} days" if period.days else "in all that is kept"
