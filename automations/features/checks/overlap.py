"""Records that would have got the same kind of message from the draft and from a live automation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.fields.subjects import SUBJECTS
from automations.engine.operators.value_types import counted
from automations.engine.rules.rule import Rule, rule_from
from automations.engine.rules.typed_rule import BrokenRule
from automations.features.checks.check import Check, CheckPiece, LinkTarget, sentence
from automations.features.checks.others import Other, Reach, shared
from automations.features.checks.rule_firings import (
    MICROSECOND,
    TOGETHER,
    Firings,
    firings,
    firings_beside,
    is_regular,
    regular_firings,
)
from automations.features.past.arrays import Ints, np
from automations.features.past.asking import matches
from automations.features.past.matches import Matches
from automations.features.past.period import Period
from automations.models.tables.store import Store
from automations.pipeline.records.record_kinds import KINDS

Data = Mapping[str, Any]
#: The witnesses that are named, and the most that are listed.
NAMED, LISTED = 3, 50


@dataclass(frozen=True, slots=True)
class Overlap:
    """The records that both would have fired for, newest first: all, and those where it was within a day."""

    record_ids: tuple[int, ...]
    together: tuple[int, ...]
    #: Whether there may be more, of records that were not asked about.
    partly: bool = False


def overlaps(
    session: Session, store: Store, rule: Rule, data: Data, others: Sequence[Other], period: Period
) -> Iterator[Check]:
    """Yield for each live automation that reaches the same people what would have got both, most first."""
    beside = [(other, reaches) for other in others if (reaches := _reaches(rule, data, other))]
    if not beside:
        return
    found = [
        (other, reaches, overlap)
        for (other, reaches), overlap in zip(
            beside, _beside(session, store, rule, [other for other, _ in beside], period), strict=True
        )
        if overlap is not None
    ]
    found.sort(key=lambda entry: -len(entry[2].record_ids))
    for other, reaches, overlap in found:
        if overlap.together:
            yield _warning(session, rule.subject, other, reaches, overlap, period)
    apart = [(other, overlap) for other, _, overlap in found if not overlap.together]
    if apart:
        yield _quiet(rule.subject, apart, period)


def _beside(
    session: Session, store: Store, rule: Rule, others: Sequence[Other], period: Period
) -> list[Overlap | None]:
    """Return the overlap of a rule with each of the others, None for one that can't be evaluated."""
    rules = [rule_from(other.automation_id, other.data) for other in others]
    theirs = [
        _or_none(firings, session, store, one, period) if not is_regular(one) else None for one in rules
    ]
    if is_regular(rule):
        own = firings_beside(session, store, rule, period, [one for one in theirs if one is not None])
    else:
        own = firings(session, store, rule, period)
    return [
        (overlap_of(own, fired) if fired is not None else None)
        if not is_regular(one)
        else _with_regular(session, store, rule, own, one, period)
        for one, fired in zip(rules, theirs, strict=True)
    ]


def _with_regular(
    session: Session, store: Store, rule: Rule, own: Firings, other: Rule, period: Period
) -> Overlap | None:
    if not is_regular(rule):
        theirs = _or_none(firings_beside, session, store, other, period, [own])
        return None if theirs is None else overlap_of(own, theirs)
    both = [_or_none(regular_firings, session, store, one, period) for one in (rule, other)]
    return None if both[0] is None or both[1] is None else overlap_of(both[0], both[1])


def _or_none(ask: Callable[..., Firings], *asked: Any) -> Firings | None:
    try:
        return ask(*asked)
    except BrokenRule:
        return None


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
    near = (np.diff(records) == 0) & (np.diff(whose) != 0) & (np.diff(ats) <= TOGETHER // MICROSECOND)
    together = np.unique(records[1:][near]) if len(records) else records
    newest = _newest_first(records, ats)
    within_a_day = set(together.tolist())
    both = tuple(id for id in newest if id in within_a_day)
    return Overlap(tuple(newest), both, own.partly or theirs.partly)


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
    least = "at least " if overlap.partly else ""
    which = (
        f": {least}{_counted(subject, count)} {_in(period)} would have got {got}, within a day of each other."
    )
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
    return f"{counted(count)} {(entry.label if count == 1 else entry.plural).lower()}"


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
