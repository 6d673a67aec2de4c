"""Who belonged to a segment when, by the entries of the log that say who entered and left it."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.past.arrays import Ints, Mask, np
from automations.features.past.matches import microseconds
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.segment import Segment, SegmentMember
from automations.models.tables.store import Store
from automations.pipeline.evaluation.segment_membership import ENTERED, LEFT


class SegmentPast:
    """The past of one segment: its members now, and every recorded move back from there."""

    def __init__(self, session: Session, store: Store, segment_id: int, since: dt.datetime) -> None:
        #: Since when it has the conditions it has: what it was before is not kept.
        self.known_from = since
        segment = session.scalar(
            sa.select(Segment).where(Segment.id == segment_id, Segment.store_id == store.id)
        )
        members = sa.select(SegmentMember.customer_id).where(SegmentMember.segment_id == segment_id)
        self._members = set(session.scalars(members)) if segment else set()
        self._moves: dict[int, list[tuple[dt.datetime, bool]]] = {}
        if segment:
            self.known_from = max(since, segment.updated_at)
            for customer_id, at, trigger in session.execute(_moves(store.id, segment_id)):
                self._moves.setdefault(customer_id, []).append((at, trigger == ENTERED))

    def belonged(self, customer_id: int, ats: Ints) -> Mask:
        """Return at which of these instants, in microseconds since 1970, a customer belonged to it."""
        moves = self._moves.get(customer_id, ())
        if not moves:
            return np.full(len(ats), customer_id in self._members)
        belonged = np.array([not moves[0][1], *(entered for _, entered in moves)])
        moved_at = np.array([microseconds(at) for at, _ in moves], np.int64)
        mask: Mask = belonged[np.searchsorted(moved_at, ats, side="right")]
        return mask


def _moves(store_id: int, segment_id: int) -> sa.Select[int, dt.datetime, str]:
    whose = [Occurrence.store_id == store_id, Occurrence.subject == "customer"]
    moved = sa.func.coalesce(Occurrence.to_value, Occurrence.from_value) == str(segment_id)
    query = sa.select(Occurrence.record_id, Occurrence.at, Occurrence.trigger)
    return query.where(*whose, Occurrence.trigger.in_((ENTERED, LEFT)), moved).order_by(Occurrence.id)
