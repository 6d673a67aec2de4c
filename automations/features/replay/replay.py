"""A log entry judged again by two rules of one automation: condition by condition, and why they differ."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.fields.problem import lower
from automations.engine.wording.wording import Part, joined
from automations.features.examples.unknown_values import moment_of, redacted_keys
from automations.features.figures.outcomes import Badge
from automations.features.history.log_entries import CAPPED, ERROR, HELD, NOT_APPLICABLE
from automations.features.history.log_phrases import OTHER_BADGES, fired_badge
from automations.features.history.run_lines import runs_of
from automations.features.replay.actions_compared import ActionRow, Side, action_rows
from automations.features.replay.changed_since import FieldChange, changed_since
from automations.features.replay.compared import FAILED, UNSEEN, ComparedPart, rows
from automations.features.replay.judged import NewVerdict, judge
from automations.features.replay.versions import KnownRule, Rules, rules_of
from automations.features.trial.trial import TrialStep, test_fire
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.customer import ERASED, Customer
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.schedule_progress import TIMED
from automations.models.tables.store import Store
from automations.pipeline.evaluation.action_timing import is_working
from automations.pipeline.records import current_records

WOULD = Badge("Would fire", "teal", "bolt")
UNKNOWN = Badge("Can’t be judged", "secondary", "alert")
_HELD_THEN = {
    CAPPED: "Then its conditions held, but it was over its cap.",
    HELD: "Then its conditions held, but it was held back.",
}
OTHER_TIMES = (
    "It waits for other times, and whether it was due at this moment is not judged here: a backtest tells."
)
#: What stays of an occurrence that is judged as if it happened today.
_SAME = ("store_id", "subject", "record_id", "revision", "trigger", "from_value", "to_value", "changed")


@dataclass(frozen=True)
class ReplayColumn:
    """One rule with its verdict. `stored` says that the verdict is the one of that time, not a new one."""

    known: KnownRule
    judged: NewVerdict
    badge: Badge
    stored: bool


@dataclass(frozen=True)
class ReplayChoice:
    """What a reader asked for: the keys of the two rules, "" for the usual, and whether as it is today."""

    left: str = ""
    right: str = ""
    today: bool = False


@dataclass(frozen=True)
class Replay:
    """The whole answer."""

    rules: Rules
    left: ReplayColumn
    right: ReplayColumn
    rows: Sequence[ComparedPart]
    actions: Sequence[ActionRow]
    why: Sequence[Part]
    changed: Sequence[FieldChange]
    today: bool
    #: What kept it from running although its conditions held, which is not judged again; "" for nothing.
    held_then: str
    #: Whether the person was erased since, and whether there is a record to judge as it is today.
    erased: bool
    has_present: bool

    @property
    def columns(self) -> tuple[ReplayColumn, ReplayColumn]:
        return self.left, self.right


def replay(
    session: Session,
    store: Store,
    words: StoreWords,
    automation: Automation,
    occurrence: Occurrence,
    asked: ReplayChoice,
    now: dt.datetime,
) -> Replay:
    """Return an occurrence judged again. Nothing is written, and nothing leaves."""
    rules, subject = rules_of(session, words, automation, occurrence), words.subject(occurrence.subject)
    present = current_records.present(session, occurrence.subject, store, occurrence.record_id)
    today = asked.today and present is not None
    moment = _as_today(occurrence, present.snapshot, store, now) if present and today else occurrence
    lost = (
        frozenset(redacted_keys(subject, moment_of(moment))) if _is_erased(session, moment) else frozenset()
    )
    seen = _Seen(session, store, words, moment, lost, rules, today)
    left, right = (
        seen.column(rules.chosen(asked.left, rules.left)),
        seen.column(rules.chosen(asked.right, rules.right)),
    )
    compared = seen.rows(left, right)
    return Replay(
        rules=rules,
        left=left,
        right=right,
        rows=compared,
        actions=action_rows(seen.side(left), seen.side(right)),
        why=why(left, right, compared),
        changed=changed_since(session, words, subject, occurrence, present.snapshot) if present else (),
        today=today,
        held_then=_held_then(rules),
        erased=bool(lost),
        has_present=present is not None,
    )


def why(left: ReplayColumn, right: ReplayColumn, compared: Sequence[ComparedPart]) -> list[Part]:
    """Return in one sentence why the two verdicts differ, or that they do not."""
    for column in (left, right):
        if column.judged.fires is None or not column.judged.listens:
            problem = column.known.problem or column.judged.problem
            return [(f"{_upper(column.known.name)}: ", True), (problem, False)]
    if left.judged.fires is right.judged.fires:
        failing = [row for row in compared if FAILED in {cell.state for cell in row.cells}]
        failed = joined([_lower(row) for row in failing][:2])
        if left.judged.fires:
            others = [column.known.data or {} for column in (left, right)]
            differ = others[0].get("actions") != others[1].get("actions")
            return [("Both fire.", True), (" What they do differs.", False)][: 1 + differ]
        return [("Neither fires", True), (f": {failed}." if failed else ".", False)]
    no = right if left.judged.fires else left
    deciding = [row for row in compared if row.decides]
    reasons = joined([_lower(row, int(no is right)) for row in deciding])
    unasked = deciding and all(row.cells[int(no is left)].state == UNSEEN for row in deciding)
    other = left if no is right else right
    end = f" {_upper(other.known.name)} does not ask that." if unasked else ""
    fires = "did not fire" if no.stored else "would not fire"
    reason = f": {reasons}." if reasons else "."
    return [(f"{_upper(no.known.name)} ", False), (fires, True), (f"{reason}{end}", False)]


@dataclass(frozen=True)
class _Seen:
    """What the two columns of one replay share."""

    session: Session
    store: Store
    words: StoreWords
    moment: Occurrence
    lost: frozenset[str]
    rules: Rules
    today: bool

    def column(self, known: KnownRule) -> ReplayColumn:
        if known.data is None:
            return ReplayColumn(known, NewVerdict(None, problem=known.problem), UNKNOWN, stored=False)
        custom = self.words.custom_ever(self.moment.subject)
        judged = judge(self.moment, known.data, custom, self.lost)
        if judged.listens and self._waits_for_other_times(known):
            judged = replace(judged, fires=None, problem=OTHER_TIMES)
        if known is self.rules.left and not self.today:
            return self._stored(known, judged)
        if judged.problem:
            badge = OTHER_BADGES[NOT_APPLICABLE] if judged.fires is False else UNKNOWN
        else:
            badge = WOULD if judged.fires else OTHER_BADGES[NOT_APPLICABLE]
        return ReplayColumn(known, judged, badge, stored=False)

    def _waits_for_other_times(self, known: KnownRule) -> bool:
        """Whether a rule with a time trigger counts its times in another way than the one that was due."""
        schedules = [
            ((one.data or {}).get("trigger") or {}).get("schedule") for one in (self.rules.left, known)
        ]
        return self.moment.trigger in TIMED and known is not self.rules.left and schedules[0] != schedules[1]

    def rows(self, left: ReplayColumn, right: ReplayColumn) -> list[ComparedPart]:
        subject = self.words.subject(self.moment.subject)
        found = rows(left.judged, right.judged, subject, self.words, self.lost)
        return [replace(row, cells=self._noted(row, left, right)) for row in found]

    def side(self, column: ReplayColumn) -> Side:
        data = column.known.data or {}
        actions = data.get("actions") or ()
        fires = column.judged.fires
        return Side(actions, fires, self._runs() if column.stored else None, self._steps(column))

    def _stored(self, known: KnownRule, judged: NewVerdict) -> ReplayColumn:
        """Return the verdict of that time, which stays whatever was erased since."""
        evaluation = self.rules.evaluation
        if evaluation is None:
            badge, fires, problem = OTHER_BADGES[NOT_APPLICABLE], False, ""
        elif evaluation.outcome == ERROR:
            badge, fires, problem = OTHER_BADGES[ERROR], None, evaluation.error or ""
        else:
            lines = runs_of(self.session, [evaluation.id]).get(evaluation.id, ())
            badge = OTHER_BADGES.get(evaluation.outcome) or _fired(fired_badge(lines))
            fires, problem = True, evaluation.error or ""
        return ReplayColumn(
            known, replace(judged, fires=fires, problem=problem, listens=True), badge, stored=True
        )

    def _runs(self) -> Mapping[int, Any]:
        evaluation = self.rules.evaluation
        lines = runs_of(self.session, [evaluation.id]).get(evaluation.id, ()) if evaluation else ()
        return {line.position: line for line in lines}

    def _steps(self, column: ReplayColumn) -> Sequence[TrialStep]:
        if column.stored or not column.judged.fires or column.known.data is None:
            return ()
        tried = test_fire(
            self.session, self.store, self.words, column.known.data, self.moment.snapshot, now=self.moment.at
        )
        return tried.steps

    def _noted(self, row: ComparedPart, left: ReplayColumn, right: ReplayColumn) -> Any:
        pairs = zip(row.cells, row.nodes, (left, right), (right, left), strict=True)
        return tuple(
            replace(cell, note=self.rules.asked_since(node, own.known, other.known))
            if UNSEEN in {one.state for one in row.cells}
            else cell
            for cell, node, own, other in pairs
        )


def _held_then(rules: Rules) -> str:
    outcome = rules.evaluation.outcome if rules.evaluation else ""
    return _HELD_THEN.get(outcome, "")


def _as_today(
    occurrence: Occurrence, snapshot: Mapping[str, Any], store: Store, now: dt.datetime
) -> Occurrence:
    """Return the occurrence as if the same change had just happened to the record as it is."""
    kept: dict[str, Any] = occurrence.moment or {"zone": store.timezone}
    return Occurrence(
        **{name: getattr(occurrence, name) for name in _SAME},
        snapshot=snapshot,
        moment=kept | {"working": is_working(now, ZoneInfo(store.timezone), store.working_hours)},
        at=now,
    )


def _is_erased(session: Session, occurrence: Occurrence) -> bool:
    person = occurrence.snapshot if occurrence.subject == "customer" else occurrence.snapshot.get("customer")
    customer = session.scalars(
        sa.select(Customer).where(
            Customer.id == int((person or {}).get("id") or 0), Customer.store_id == occurrence.store_id
        )
    ).first()
    return customer is not None and customer.first_name == ERASED


def _lower(row: ComparedPart, place: int = 0) -> str:
    """Return the part that failed as a clause: "order total £32.50, needs over £40.00"."""
    cell = row.cells[place] if row.cells[place].state == FAILED else row.cells[1 - place]
    text = cell.text
    return text[:1].lower() + text[1:] if text.startswith(row.label) else f"{lower(row.label)} {text}"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _fired(badge: Badge) -> Badge:
    """Return the badge with what is compared here in front: whether it fired."""
    return replace(badge, word=f"Fired: {badge.word.lower()}")
