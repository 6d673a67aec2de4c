"""One look at the runs to be claimed: may anything speak against one of them? Part of: claim.

Nearly always nothing does, and asking each of the fences by itself costs more than the rest of the claim. It
says yes too often rather than too seldom: the fences are asked then, and decide.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.models.db.fast_select import Lookup, Row, in_list
from automations.models.tables.automation import Version
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.run import RUNNING, Run
from automations.models.tables.store import Store
from automations.pipeline.delivery import ownership
from automations.pipeline.evaluation import action_timing, quiet_hours
from automations.pipeline.evaluation.consent import MARKETING
from automations.pipeline.runs import held_while_off, shadow_fence

Definitions = Mapping[int, Mapping[str, Any]]


def _question(dialect: str) -> sa.Select[Any]:
    against = (
        # Its process died.
        Run.state == RUNNING,
        shadow_fence.IN_SHADOW,
        held_while_off.is_off(),
        ownership.MAY_NOT_ACT,
    )
    columns: list[sa.ColumnElement[Any]] = [
        *(Run.id.expression, Run.kind.expression, Run.position.expression, Run.held_at.expression),
        *(Evaluation.version_id.expression, Store.timezone.expression, Store.quiet_hours.expression),
        sa.or_(*against).label("may_be_stopped"),
        Run.prepared.is_(None).label("is_rendered_now"),
    ]
    joined = sa.select(*columns).select_from(Run).join(Store, Store.id == Run.store_id).join(Run.evaluation)
    joined = ownership.with_owner(joined.join(Evaluation.version).join(Evaluation.automation))
    return joined.where(in_list(Run.id, "run_ids", dialect))


_QUESTION = Lookup(_question)
_DEFINITIONS = Lookup(
    lambda dialect: sa.select(Version.id, Version.definition).where(in_list(Version.id, "ids", dialect))
)


@dataclass(frozen=True, slots=True)
class ClaimLook:
    """What was found: whether a fence may have to stop one of the runs, and the definitions of all."""

    may_be_stopped: bool
    definitions: Definitions
    _rows: Sequence[Row]

    def later(self) -> set[int]:
        """Return the ids of the runs that had to wait: their records are looked at again."""
        return {
            row["id"]
            for row in self._rows
            if row["is_rendered_now"]
            and (row["held_at"] or self._is_later(row["version_id"], row["position"]))
        }

    def definition_of(self) -> dict[int, Mapping[str, Any]]:
        """Return run id -> the definition of its version."""
        return {row["id"]: self.definitions[row["version_id"]] for row in self._rows}

    def _is_later(self, version_id: int, position: int) -> bool:
        action = self.definitions[version_id]["actions"][position]
        return (action.get("timing") or {}).get("when") in action_timing.LATER


def look(session: Session, run_ids: Collection[int], now: dt.datetime | None) -> ClaimLook:
    """Look at the runs of a workflow; without `now` at what stops them at any time."""
    rows = _QUESTION.rows(session, run_ids=list(run_ids))
    # A run without a row has lost what it hangs on.
    may_be_stopped = any(row["may_be_stopped"] or _is_quiet(row, now) for row in rows)
    may_be_stopped = may_be_stopped or len(rows) < len(run_ids)
    return ClaimLook(may_be_stopped, _definitions(session, rows), rows)


def _is_quiet(row: Row, now: dt.datetime | None) -> bool:
    """Return whether the run is marketing and its store has quiet hours."""
    if now is None or row["kind"] not in MARKETING:
        return False
    return quiet_hours.after_quiet_hours(now, ZoneInfo(row["timezone"]), row["quiet_hours"]) > now


def _definitions(session: Session, rows: Iterable[Row]) -> Definitions:
    ids = list({row["version_id"] for row in rows})
    return {row["id"]: row["definition"] for row in _DEFINITIONS.rows(session, ids=ids)}
