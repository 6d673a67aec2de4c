"""The worker's look at expectations: what became due since the last look is judged once, and told once."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.rules.rule import rule_from
from automations.features.expectations import expectation_edits, notices
from automations.features.expectations.beginnings import begun, begun_later, erased_among
from automations.features.expectations.follow import Follow
from automations.features.expectations.judging import Judgement, judge
from automations.features.expectations.past_judgement import GRACE
from automations.features.expectations.sent_log import sent
from automations.models.db.base import db, run_in_write
from automations.models.settings.choices import StoreWords
from automations.models.tables.expectation import Expectation
from automations.models.tables.store import Store
from automations.pipeline.records.record_kinds import KINDS

log = logging.getLogger("automations.expectations")

#: It is kept again once it was kept this often in a row, and for this long.
IN_A_ROW, FOR = 10, dt.timedelta(days=1)
#: Of a log that was not looked at for long, a day at a time is read.
STRETCH = dt.timedelta(days=1)
#: Nothing happened: how far the worker looked is written no more often than this.
WRITTEN_EVERY = dt.timedelta(hours=1)
#: Records that a notice names.
NAMED = 5
#: Characters of a title under the bell.
LONGEST_TITLE = 160

GoOn = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Look:
    """What one look found, for the state of the expectation that it was made for."""

    id: int
    revision: int
    since: dt.datetime
    until: dt.datetime
    found: Judgement


def look_after_all(now: dt.datetime, go_on: GoOn = lambda: True) -> int:
    """Judge what became due of all expectations; return how many firings broke one.

    Needs an application context.
    """
    ids = db.session.scalars(sa.select(Expectation.id).order_by(Expectation.id)).all()
    db.session.rollback()
    return sum(_safely(id, now, go_on) for id in ids if go_on())


def _safely(expectation_id: int, now: dt.datetime, go_on: GoOn) -> int:
    # One that cannot be judged must not keep the others from being looked after.
    broken = 0
    try:
        while go_on() and (look := _look(db.session(), expectation_id, now)):
            db.session.rollback()
            if look.found.kept or look.found.broken or look.until - look.since >= WRITTEN_EVERY:
                broken += run_in_write(partial(_write, look=look, now=now))
            if look.until - look.since < STRETCH:
                break
    except Exception:
        log.exception("expectation %s", expectation_id)
    finally:
        db.session.rollback()
    return broken


def _look(session: Session, expectation_id: int, now: dt.datetime) -> Look | None:
    """Judge the next stretch that is due; None if nothing is, or it cannot be judged."""
    expectation = session.get(Expectation, expectation_id)
    if expectation is None:
        return None
    store = session.get_one(Store, expectation.store_id)
    words, since = StoreWords(session, store), expectation.looked_to
    if expectation_edits.problems(session, words, expectation.rule, expectation.follow):
        return None
    rule, follow = rule_from(0, expectation.rule), Follow.of(expectation.follow)
    settled = now - GRACE
    until = min(settled - follow.within, since + STRETCH)
    if until <= since:
        return None
    revision = expectation.revision
    due = begun(session, words, rule, since, until)
    gone = erased_among(session, store.id, rule.subject, {firing.record_id for firing in due})
    due = [firing for firing in due if firing.record_id not in gone]
    ids = {firing.record_id for firing in due}
    later = begun_later(session, words, rule, ids, until, until + follow.within)
    followed = sent(session, store.id, rule.subject, follow, ids, since, until + follow.within)
    # Those that began later are judged in their turn: here they only take what belongs to them.
    found = judge([*due, *later], followed, follow, until + follow.within)
    return Look(expectation_id, revision, since, until, found)


def _write(session: Session, look: Look, now: dt.datetime) -> int:
    """Count what was found and tell the managers, unless another worker did or someone saved it anew."""
    locked = sa.select(Expectation).where(Expectation.id == look.id).with_for_update()
    expectation = session.scalars(locked.execution_options(populate_existing=True)).one_or_none()
    if expectation is None or (expectation.revision, expectation.looked_to) != (look.revision, look.since):
        return 0
    expectation.looked_to = look.until
    found = look.found
    expectation.kept += len(found.kept)
    expectation.broken += len(found.broken)
    if found.broken:
        expectation.broken_at, expectation.in_a_row = found.broken[-1].firing.at, 0
        _tell(session, expectation, [one.firing.record_id for one in reversed(found.broken)], now)
    last = expectation.broken_at
    expectation.in_a_row += sum(1 for firing in found.kept if last is None or firing.at > last)
    if expectation.broken and not found.broken and _is_kept_again(expectation, found):
        notices.settle(session, expectation, now)
        expectation.broken = 0
    return len(found.broken)


def _is_kept_again(expectation: Expectation, found: Judgement) -> bool:
    if expectation.in_a_row < IN_A_ROW or expectation.broken_at is None or not found.kept:
        return False
    return found.kept[-1].at - expectation.broken_at >= FOR


def _tell(session: Session, expectation: Expectation, newest: Sequence[int], now: dt.datetime) -> None:
    store = session.get_one(Store, expectation.store_id)
    words, count = StoreWords(session, store), expectation.broken
    name = expectation_edits.title(session, words, expectation)
    short = name if len(name) <= LONGEST_TITLE else f"{name[:LONGEST_TITLE].rsplit(' ', 1)[0]} …"
    times = "once" if count == 1 else f"{words.formats.number(count)} times"
    numbers = _numbers(session, expectation.rule["subject"], newest[:NAMED])
    named = f" The newest: {', '.join(numbers)}." if numbers else ""
    body = f"Broken {times} since someone last dealt with it.{named}"
    notices.tell(session, expectation, f"Broken: “{short}”", body, now)


def _numbers(session: Session, subject: str, record_ids: Sequence[int]) -> list[str]:
    table = KINDS[subject].table
    columns = sa.select(table.c.id, table.c.number).where(table.c.id.in_(set(record_ids)))
    numbers: dict[int, str] = dict(session.execute(columns).all())
    return [f"#{numbers[id]}" for id in dict.fromkeys(record_ids) if id in numbers]
