"""The runs of one automation as sentences: each time it fired, with the worst of its actions first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions.shared.skip_reasons import CUSTOMER_HAS_NO_EMAIL, CUSTOMER_HAS_NO_PHONE
from automations.features.figures import outcomes
from automations.features.figures.standings import rank_of, rank_of_run
from automations.features.history.log_entries import FIRED, LogEntry, RunLine, VerdictLine
from automations.features.history.log_verdicts import entries_of
from automations.features.history.outcome_days import HELD_BACK
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.run import SKIPPED, Run
from automations.models.tables.shadow import SHADOW_OUTCOMES

#: Evaluations looked at for one page that shows a single outcome.
SCANNED = 5_000


@dataclass(frozen=True, slots=True)
class RunSentence:
    """One time the automation fired. `worst` is the action it is named after, `others` are the rest."""

    evaluation_id: int
    occurrence_id: int
    at: dt.datetime
    version: int
    #: A key of figures.outcomes, or HELD_BACK.
    outcome: str
    subject: str
    record_id: int
    record: str
    number: str
    #: The customer of that time, with the fields of the snapshot; empty if there is none.
    customer: Mapping[str, Any]
    worst: RunLine | None
    others: tuple[RunLine, ...]
    #: Why it could not be evaluated or was held back, or "".
    error: str

    @property
    def who(self) -> str:
        """The customer's name, "" where the record is named after them anyway."""
        return "" if self.subject == "customer" else str(self.customer.get("name") or "")

    @property
    def mend(self) -> str:
        """The customer's field that kept the message back, "email" or "phone"; "" if another reason did."""
        reason = self.worst.reason if self.worst and self.worst.standing == SKIPPED else ""
        missing = {CUSTOMER_HAS_NO_EMAIL: "email", CUSTOMER_HAS_NO_PHONE: "phone"}
        if not reason or not self.customer.get("id"):
            return ""
        wrong = (name for name in ("email", "phone") if f"“{self.customer.get(name)}”" in reason)
        return missing.get(reason) or next(wrong, "")


@dataclass(frozen=True, slots=True)
class RunPage:
    """Runs, newest first; `next` continues below. `looked_to` is set if the search stopped early."""

    runs: tuple[RunSentence, ...]
    next: int | None
    looked_to: dt.datetime | None = None


def runs_page(
    session: Session,
    words: StoreWords,
    automation: Automation,
    outcome: str = "",
    before: int | None = None,
    limit: int = 30,
) -> RunPage:
    """Return one page of the automation's runs, all of them or those of one `outcome`, a word or series."""
    of_it = sa.and_(Evaluation.store_id == automation.store_id, Evaluation.automation_id == automation.id)
    query = sa.select(Evaluation.id, Evaluation.at).where(of_it).order_by(Evaluation.id.desc())
    # What a version in shadow mode would have done is no run; its own page tells of it.
    query = query.where(Evaluation.outcome.not_in(SHADOW_OUTCOMES))
    if before is not None:
        query = query.where(Evaluation.id < before)
    if not outcome:
        ids = [id for id, _ in session.execute(query.limit(limit + 1))]
        return RunPage(_sentences(session, words, automation, ids[:limit]), _next(ids, limit))
    scanned = query.limit(SCANNED).subquery()
    ids = list(session.scalars(_with_outcome(scanned, outcome).limit(limit + 1)))
    found = _sentences(session, words, automation, ids[:limit])
    if len(ids) > limit:
        return RunPage(found, ids[limit - 1])
    reached = session.execute(
        sa.select(sa.func.count(), sa.func.min(scanned.c.id), sa.func.min(scanned.c.at))
    )
    count, lowest, oldest = reached.one()
    return RunPage(found, lowest, oldest) if count == SCANNED else RunPage(found, None)


def _next(ids: Sequence[int], limit: int) -> int | None:
    return ids[limit - 1] if len(ids) > limit else None


def _with_outcome(scanned: sa.Subquery, outcome: str) -> sa.Select[int]:
    """Select the evaluations among `scanned` whose runs are at worst `outcome`, newest first."""
    rank = sa.func.coalesce(sa.func.max(rank_of_run()), rank_of(outcomes.DROPPED))
    meant = outcomes.GOES_WRONG if outcome == outcomes.WRONG else (outcome,)
    ranks = [rank_of(one) for one in meant if one in outcomes.WORST_LAST]
    fits = [sa.and_(Evaluation.outcome == FIRED, rank.in_(ranks))] if ranks else []
    if outcome == outcomes.ERROR:
        fits.append(Evaluation.outcome == outcome)
    return (
        sa.select(Evaluation.id)
        .join(scanned, scanned.c.id == Evaluation.id)
        .join(Run, Run.evaluation_id == Evaluation.id, isouter=True)
        .group_by(Evaluation.id, Evaluation.outcome)
        .having(sa.or_(*fits))
        .order_by(Evaluation.id.desc())
    )


def _sentences(
    session: Session, words: StoreWords, automation: Automation, ids: Sequence[int]
) -> tuple[RunSentence, ...]:
    evaluations = sa.select(Evaluation).where(Evaluation.id.in_(ids)).order_by(Evaluation.id.desc())
    rows = session.scalars(evaluations).all() if ids else ()
    wanted = sa.select(Occurrence).where(Occurrence.id.in_([row.occurrence_id for row in rows]))
    occurrences = {row.id: row for row in session.scalars(wanted)} if rows else {}
    entries = {
        entry.id: entry
        for entry in entries_of(session, words, list(occurrences.values()), nearest=0, versions=())
    }
    return tuple(
        sentence
        for row in rows
        for verdict in _verdicts(entries[row.occurrence_id], row)
        for sentence in [_sentence(row, entries[row.occurrence_id], verdict, occurrences)]
    )


def _verdicts(entry: LogEntry, row: Evaluation) -> list[VerdictLine]:
    """Return the verdict that the evaluation became."""
    own = (row.automation_id, row.version.number)
    return [verdict for verdict in entry.verdicts if (verdict.automation_id, verdict.version) == own][:1]


def _sentence(
    row: Evaluation, entry: LogEntry, verdict: VerdictLine, occurrences: Mapping[int, Occurrence]
) -> RunSentence:
    lines = sorted(verdict.runs, key=_badness, reverse=True)
    worst = lines[0] if lines else None
    return RunSentence(
        evaluation_id=row.id,
        occurrence_id=row.occurrence_id,
        at=row.at,
        version=verdict.version,
        outcome=verdict.became or (outcomes.ERROR if row.outcome == outcomes.ERROR else HELD_BACK),
        subject=entry.subject,
        record_id=entry.record_id,
        record=entry.record,
        number=entry.number,
        customer=_customer(occurrences[row.occurrence_id]),
        worst=worst,
        others=tuple(lines[1:]),
        error=row.error or "",
    )


def _badness(line: RunLine) -> int:
    return outcomes.WORST_LAST.index(line.outcome)


def _customer(occurrence: Occurrence) -> Mapping[str, Any]:
    snapshot = occurrence.snapshot
    customer = snapshot if occurrence.subject == "customer" else snapshot.get("customer")
    return customer if isinstance(customer, dict) else {}
