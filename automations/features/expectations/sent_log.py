"""What was sent or done about records, as the log has it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions import ACTIONS
from automations.features.expectations.follow import Follow, automation_ids
from automations.features.expectations.judging import Sent
from automations.features.figures import outcomes
from automations.features.figures.standings import rank_of_success
from automations.models.tables.automation import Version
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.run import SUCCEEDED, Message, Run
from automations.pipeline.providers.manager_alerts import BEHIND

#: Records asked about in one statement: databases limit its parameters.
CHUNK = 500


def sent(
    session: Session,
    store_id: int,
    subject: str,
    follow: Follow,
    record_ids: Collection[int],
    since: dt.datetime,
    until: dt.datetime,
) -> list[Sent]:
    """Return what counts for `follow` and happened about these records, each run once."""
    whose = automation_ids(session, store_id, follow.whose)
    reaches = _Reaching(session)
    found: dict[int, Sent] = {}
    for ids in chunks(record_ids):
        for row in session.execute(_rows(store_id, subject, follow, ids, since, until)):
            if whose is not None and row.automation_id not in whose:
                continue
            if follow.to_customer and not reaches.customer(row.version_id, row.position):
                continue
            # One action is one message, however many people it goes to.
            outcome = outcomes.WORST_LAST[row.rank]
            found.setdefault(
                row.run_id,
                Sent(row.at, row.caused_at, row.record_id, row.run_id, row.automation_id, outcome),
            )
    return list(found.values())


def chunks(ids: Collection[int]) -> Iterator[list[int]]:
    """Yield the distinct ids in order, some at a time."""
    listed = sorted(set(ids))
    for first in range(0, len(listed), CHUNK):
        yield listed[first : first + CHUNK]


def _rows(
    store_id: int,
    subject: str,
    follow: Follow,
    record_ids: Sequence[int],
    since: dt.datetime,
    until: dt.datetime,
) -> sa.Select[*tuple[Any, ...]]:
    at = Message.at if follow.channels else Run.finished_at
    query = (
        sa.select(
            Occurrence.record_id,
            Occurrence.at.label("caused_at"),
            Run.id.label("run_id"),
            Run.position,
            Evaluation.automation_id,
            Evaluation.version_id,
            at.label("at"),
            rank_of_success().label("rank"),
        )
        .join(Evaluation, Evaluation.occurrence_id == Occurrence.id)
        .join(Run, Run.evaluation_id == Evaluation.id)
        .where(Occurrence.store_id == store_id, Occurrence.subject == subject)
        # What the managers themselves are told is nothing that an automation does.
        .where(Occurrence.record_id.in_(record_ids), Run.position < BEHIND, at >= since, at <= until)
    )
    if follow.channels:
        query = query.join(Message, Message.run_id == Run.id).where(Message.channel.in_(follow.channels))
        return query.order_by(Message.at, Message.id)
    return query.where(Run.state == SUCCEEDED).order_by(Run.id)


class _Reaching:
    """Whether the actions of versions go to the customer; each version is read once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._versions: dict[int, list[bool]] = {}

    def customer(self, version_id: int, position: int) -> bool:
        if version_id not in self._versions:
            definition = self._session.scalar(sa.select(Version.definition).where(Version.id == version_id))
            self._versions[version_id] = list(_reaching(definition or {}))
        reaching = self._versions[version_id]
        return position < len(reaching) and reaching[position]


def _reaching(definition: Mapping[str, Any]) -> Iterator[bool]:
    for action in definition.get("actions") or ():
        kind = ACTIONS.get(action["kind"])
        yield bool(kind and kind.contacts_customer(action["settings"]))
