"""The actions of two columns side by side: what was done then, and what would be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from automations.actions import ACTIONS
from automations.actions.shared.action_kind import HTTP, Prepared
from automations.features.history.log_entries import RunLine
from automations.features.trial.trial import TrialStep

DONE, WOULD, NOT = "done", "would", "not"
#: The verb of a kind of action where "sent" does not fit.
_VERBS = {"create_task": "made", "change_data": "made"}


@dataclass(frozen=True, slots=True)
class ActionCell:
    """What one column says about one action. `run` is what was really done, `messages` what would be."""

    state: str
    text: str = ""
    run: RunLine | None = None
    messages: tuple[Prepared, ...] = ()


@dataclass(frozen=True, slots=True)
class ActionRow:
    """One action of either rule."""

    label: str
    icon: str
    cells: tuple[ActionCell, ActionCell]


@dataclass(frozen=True, slots=True)
class Side:
    """The actions of one column. `runs` are what was done, by position; `steps` what would be."""

    actions: Sequence[Mapping[str, Any]]
    fires: bool | None
    runs: Mapping[int, RunLine] | None = None
    steps: Sequence[TrialStep] = ()

    def cell(self, place: int | None) -> ActionCell:
        """Return the cell of the action at `place`; None where this rule has no such action."""
        if place is None:
            return ActionCell(NOT, "no such action")
        verb = verb_of(self.actions[place])
        if self.runs is not None and place in self.runs:
            return ActionCell(DONE, run=self.runs[place])
        if self.fires is None:
            return ActionCell(NOT, "not known")
        if not self.fires:
            return ActionCell(NOT, f"was not {verb}" if self.runs is not None else f"would not be {verb}")
        if self.runs is not None:
            return ActionCell(NOT, f"was not {verb}")
        return _foreseen(self.steps[place], verb) if place < len(self.steps) else ActionCell(NOT, "not known")


def action_rows(left: Side, right: Side) -> list[ActionRow]:
    """Return a row for each action of either side, those of one kind beside each other in their order."""
    rows = []
    for pair in _paired(
        [_kind(action) for action in left.actions], [_kind(action) for action in right.actions]
    ):
        shown = left.actions[pair[0]] if pair[0] is not None else right.actions[pair[1] or 0]
        kind = ACTIONS.get(_kind(shown))
        label, icon = (kind.label, kind.icon) if kind else (_kind(shown), "dots")
        rows.append(ActionRow(label, icon, (left.cell(pair[0]), right.cell(pair[1]))))
    return rows


def verb_of(action: Mapping[str, Any]) -> str:
    """Return what is done with the effect of an action: "sent", "made"."""
    return _VERBS.get(_kind(action), "sent")


def _foreseen(step: TrialStep, verb: str) -> ActionCell:
    if step.skipped:
        return ActionCell(NOT, f"would be skipped: {step.skipped}")
    if step.unfinished:
        return ActionCell(NOT, f"would fail: {step.unfinished[0]}")
    to = [message.to for message in step.messages if message.channel != HTTP and message.to]
    whom = f" to {', '.join(to)}" if to and verb == "sent" else ""
    when = f", {step.timing[:1].lower()}{step.timing[1:]}" if step.timing else ""
    return ActionCell(WOULD, f"would be {verb}{whom}{when}", messages=step.messages)


def _paired(left: Sequence[str], right: Sequence[str]) -> list[tuple[int | None, int | None]]:
    pairs: list[tuple[int | None, int | None]] = []
    free = list(range(len(right)))
    for place, kind in enumerate(left):
        at = next((at for at in free if right[at] == kind), None)
        if at is not None:
            free.remove(at)
        pairs.append((place, at))
    return pairs + [(None, at) for at in free]


def _kind(action: Mapping[str, Any]) -> str:
    return str(action.get("kind"))
