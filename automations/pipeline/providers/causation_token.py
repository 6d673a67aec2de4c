"""Chains that lead through the outside: how a request names its chain, and how that is known again.

A request carries the store, its run and the time, signed with the installation's key. What comes back in
with it goes on in that run's chain, so that the limits count it. Anything else is no chain at all, and only
the limit of starts per record ends it.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.connectors.secret_encryption import SecretBox
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.run import Run
from automations.pipeline.records.change import Cause

#: A system that keeps the header for longer does not answer: it starts something new.
LASTS = dt.timedelta(hours=24)
_LONGEST = 200
_MARK = re.compile(
    r"(?P<text>(?P<store>[1-9]\d{0,17})\.run-(?P<run>[1-9]\d{0,17})-\d{1,9}\.(?P<at>\d{1,11}))"
    r"\.(?P<signature>[0-9a-f]{64})",
    re.ASCII,
)


def mark(box: SecretBox, store_id: int, key: str, now: dt.datetime) -> str:
    """What a request of the run with this key carries: "7.run-12-0.1795341600.9f…"."""
    text = f"{store_id}.{key}.{int(now.timestamp())}"
    return f"{text}.{box.sign(text)}"


def continued(
    session: Session, cause: Cause, header: str | None, box: SecretBox, store_id: int, now: dt.datetime
) -> Cause:
    """`cause` as a link of the chain the header names; as it is where that is none of ours."""
    found = _MARK.fullmatch(header) if header and len(header) <= _LONGEST else None
    if (
        found is None
        or int(found["store"]) != store_id
        or not box.is_signed(found["text"], found["signature"])
    ):
        return cause
    if abs(now.timestamp() - int(found["at"])) > LASTS.total_seconds():
        return cause
    return linked(session, cause, store_id, int(found["run"]))


def linked(session: Session, cause: Cause, store_id: int, run_id: int) -> Cause:
    """`cause` as what a run of the store brought about; as it is where there is no such run."""
    mine = sa.and_(Run.id == run_id, Run.store_id == store_id)
    wanted = sa.select(Occurrence.id, Occurrence.root_id, Occurrence.depth).join_from(Run, Run.evaluation)
    row = session.execute(wanted.join(Evaluation.occurrence).where(mine)).first()
    return cause if row is None else link(cause, run_id, *row)


def link(cause: Cause, run_id: int, occurrence_id: int, root_id: int | None, depth: int | None) -> Cause:
    """`cause` as the link after the run of an occurrence."""
    return replace(cause, run_id=run_id, root_id=root_id or occurrence_id, depth=(depth or 0) + 1)


def link_of(occurrence: Occurrence) -> tuple[int, int | None, int | None]:
    """An occurrence as `link` takes it."""
    return occurrence.id, occurrence.root_id, occurrence.depth
