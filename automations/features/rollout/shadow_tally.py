"""What all evaluations of a shadow mode would have led to, as counts.

Rendering takes too long for a page of thousands, so the worker does it and keeps the counts: how often each
action would have been done or skipped, and which fields would have been empty. Of customers it keeps nothing.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from automations.features.rollout.would_have import would_have
from automations.models.db.base import db, run_in_write
from automations.models.settings.choices import StoreWords
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.shadow import SHADOW, Shadow
from automations.models.tables.store import Store

log = logging.getLogger("automations.shadow")

#: Evaluations rendered between two writes.
BATCH = 50
#: Evaluations younger than this wait: one with a lower id may still be on its way into the database.
SETTLED = dt.timedelta(minutes=1)
#: How long after the decision counting goes on.
AFTERWARDS = dt.timedelta(days=1)
_QUOTED = re.compile("“[^”]*”")


@dataclass
class Tally:
    """The counts over `rendered` evaluations."""

    rendered: int = 0
    #: The label of an action -> how often it would have been done; label and reason -> how often skipped.
    done: Counter[str] = field(default_factory=Counter)
    skipped: Counter[tuple[str, str]] = field(default_factory=Counter)
    #: The label of a field -> how often it would have been an empty place in a message.
    holes: Counter[str] = field(default_factory=Counter)

    def add(
        self, session: Session, store: Store, words: StoreWords, evaluations: Iterable[Evaluation]
    ) -> None:
        """Render these evaluations and count what they would have led to."""
        for evaluation in evaluations:
            self.rendered += 1
            for step in would_have(session, store, words, evaluation).steps:
                self.holes.update(step.empty)
                if step.skipped:
                    self.skipped[step.label, without_values(step.skipped)] += 1
                else:
                    self.done[step.label] += len(step.messages)

    def kept(self) -> dict[str, Any]:
        """Return the counts as the database keeps them."""
        skipped = [[label, reason, count] for (label, reason), count in self.skipped.items()]
        counts = {"done": dict(self.done), "skipped": skipped, "holes": dict(self.holes)}
        return {"rendered": self.rendered, **counts}


def tally_of(kept: Mapping[str, Any]) -> Tally:
    """Return the counts that the database keeps."""
    skipped = Counter({(label, reason): count for label, reason, count in kept.get("skipped", ())})
    done, holes = Counter(kept.get("done", {})), Counter(kept.get("holes", {}))
    return Tally(kept.get("rendered", 0), done, skipped, holes)


def without_values(reason: str) -> str:
    """Return why an action is skipped without what it quotes, which may be about a customer."""
    return _QUOTED.sub("“…”", reason)


def tally_all(now: dt.datetime, go_on: Callable[[], bool] = lambda: True) -> int:
    """Count what is not counted yet; return how many evaluations. Needs an application context."""
    recent = sa.or_(Shadow.decided_at.is_(None), Shadow.decided_at >= now - AFTERWARDS)
    ids = db.session.scalars(sa.select(Shadow.id).where(recent).order_by(Shadow.id)).all()
    db.session.rollback()
    return sum(_tally_safely(id, now, go_on) for id in ids)


def uncounted(shadow: Shadow) -> sa.Select[Evaluation]:
    """Select the evaluations that its tally does not hold yet, oldest first, with what rendering asks for."""
    of_version = sa.and_(
        Evaluation.automation_id == shadow.automation_id,
        Evaluation.version_id == shadow.version_id,
        Evaluation.outcome == SHADOW,
        Evaluation.id > shadow.tallied_to,
    )
    eager = joinedload(Evaluation.occurrence), joinedload(Evaluation.version)
    return sa.select(Evaluation).where(of_version).order_by(Evaluation.id).options(*eager)


def _tally_safely(shadow_id: int, now: dt.datetime, go_on: Callable[[], bool]) -> int:
    # One that cannot be counted must not keep the others waiting.
    counted = 0
    try:
        while go_on() and (more := _batch(shadow_id, now)):
            counted += more
    except Exception:
        log.exception("counting shadow mode %s", shadow_id)
        db.session.rollback()
    return counted


def _batch(shadow_id: int, now: dt.datetime) -> int:
    """Render the next few outside of any write, then keep their counts; return how many."""
    session = db.session()
    shadow = session.get_one(Shadow, shadow_id)
    settled = uncounted(shadow).where(Evaluation.at <= now - SETTLED).limit(BATCH)
    rows = session.scalars(settled).all()
    if not rows:
        session.rollback()
        return 0
    tally, before, last = tally_of(shadow.tally), shadow.tallied_to, rows[-1].id
    store = session.get_one(Store, shadow.store_id)
    tally.add(session, store, StoreWords(session, store), rows)
    kept, count = tally.kept(), len(rows)
    session.rollback()
    run_in_write(partial(_keep, shadow_id=shadow_id, before=before, last=last, kept=kept))
    return count


def _keep(session: Session, shadow_id: int, before: int, last: int, kept: Mapping[str, Any]) -> None:
    # Another worker may have counted the same ones meanwhile.
    unmoved = sa.update(Shadow).where(Shadow.id == shadow_id, Shadow.tallied_to == before)
    session.execute(unmoved.values(tallied_to=last, tally=dict(kept)))
