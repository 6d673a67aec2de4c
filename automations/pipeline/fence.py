"""Whether a claimed run still belongs to the process that claimed it."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.run import RUNNING, Run


def still_ours(session: Session, tries: Mapping[int, int]) -> set[int]:
    """Return those of `tries`, run id -> try number, that are still running with that number.

    The rows stay locked: nobody claims them anew before the transaction ends.
    """
    running = sa.select(Run.id, Run.tries).where(Run.id.in_(tries), Run.state == RUNNING).order_by(Run.id)
    return {id for id, number in session.execute(running.with_for_update()) if number == tries[id]}
