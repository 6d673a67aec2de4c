"""Causation tokens: a request carries its chain to other systems, and a change they send back continues it.

A token holds the store, the run and the time, signed with the installation's key. A change that comes back
with it continues that run's chain, so that the loop limits count it. Without a valid token there is no chain,
and only the limit of starts per record ends a loop.
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

#: How long a token is valid: a change that comes later is not a reaction to the request.
LASTS = dt.timedelta(hours=24)
_LONGEST = 200
_TOKEN = re.compile(
    r"(?P<text>(?P<store>[1-9]\d{0,17})\.run-(?P<run>[1-9]\d{0,17})-\d{1,9}\.(?P<at>\d{1,11}))"
    r"\.(?P<signature>[0-9a-f]{64})",
    re.ASCII,
)


def issue(box: SecretBox, store_id: int, key: str, now: dt.datetime) -> str:
    """Return the token for a request of the run with this key: "7.run-12-0.1795341600.9f…"."""
    text = f"{store_id}.{key}.{int(now.timestamp())}"
    return f"{text}.{box.sign(text)}"


def continue_chain(
    session: Session, cause: Cause, header: str | None, box: SecretBox, store_id: int, now: dt.datetime
) -> Cause:
    """Return `cause` as a link of the chain in the header; unchanged if the token is not ours or expired."""
    match = _TOKEN.fullmatch(header) if header and len(header) <= _LONGEST else None
    if (
        match is None
        or int(match["store"]) != store_id
        or not box.is_signed(match["text"], match["signature"])
    ):
        return cause
    if abs(now.timestamp() - int(match["at"])) > LASTS.total_seconds():
        return cause
    return linked(session, cause, store_id, int(match["run"]))


def linked(session: Session, cause: Cause, store_id: int, run_id: int) -> Cause:
    """Return `cause` as a change made by a run of the store; unchanged if there is no such run."""
    of_store = sa.and_(Run.id == run_id, Run.store_id == store_id)
    wanted = sa.select(Occurrence.id, Occurrence.root_id, Occurrence.depth).join_from(Run, Run.evaluation)
    row = session.execute(wanted.join(Evaluation.occurrence).where(of_store)).first()
    return cause if row is None else link(cause, run_id, *row)


def link(cause: Cause, run_id: int, occurrence_id: int, root_id: int | None, depth: int | None) -> Cause:
    """Return `cause` as the link that follows a run of an occurrence."""
    return replace(cause, run_id=run_id, root_id=root_id or occurrence_id, depth=(depth or 0) + 1)


def link_of(occurrence: Occurrence) -> tuple[int, int | None, int | None]:
    """Return the arguments of `link` for an occurrence."""
    return occurrence.id, occurrence.root_id, occurrence.depth
