"""Two verdicts side by side: a row for each part that either rule asks about. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from automations.engine.explain.explanation import GroupVerdict, TreeVerdict, Verdict
from automations.engine.fields.subject import Subject
from automations.engine.operators.operators import OPERATORS
from automations.engine.rules.rule import Condition, Group, Leaf, LineGroup, Narrowing, Node
from automations.engine.wording.wording import Words, needed_words, value_words, verdict_words
from automations.features.examples.unknown_values import asked_in_vain, certain
from automations.features.replay.judged import NewVerdict

HELD, FAILED, UNSEEN = "held", "failed", "unseen"
NOT_ASKED = "not asked"
ERASED = "erased, so it can’t be judged any more"
_GROUPS = {"any": "Any of these", "all": "All of these", "none": "None of these"}
Pair = tuple[TreeVerdict | None, TreeVerdict | None]


@dataclass(frozen=True, slots=True)
class Cell:
    """What one rule says about one part: "held", "failed" or "unseen", in words."""

    state: str
    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ComparedPart:
    """One part of the rules: "Order total", "was £32.50", and what each of the two says."""

    label: str
    was: str
    cells: tuple[Cell, Cell]
    #: Whether this part makes the difference between the two verdicts.
    decides: bool
    #: The nodes behind it, None for a trigger or where it is not asked.
    nodes: tuple[Node | None, Node | None] = (None, None)


def rows(
    left: NewVerdict, right: NewVerdict, subject: Subject, words: Words, lost: Collection[str] = ()
) -> list[ComparedPart]:
    """Return the rows in the order of the left rule, with what only the right asks where it stands there."""
    both = (left, right)
    trees = [one.explanation.tree if one.explanation and one.listens else () for one in both]
    differ = {one.fires for one in both} == {True, False} and all(one.listens for one in both)
    fires = left.fires if differ else None
    return [_row(pair, fires, subject, words, lost) for pair in paired(*trees)]


def paired(left: Sequence[TreeVerdict], right: Sequence[TreeVerdict]) -> list[Pair]:
    """Return the parts of two rules, each with its counterpart: the same, else one on the same field."""
    partner: dict[int, int] = {}
    for key in (_same, _asked_alike, _about):
        for place, verdict in enumerate(left):
            taken = partner.values()
            free = [at for at, other in enumerate(right) if at not in taken and key(other) == key(verdict)]
            if free and place not in partner:
                partner[place] = free[0]
    places: list[tuple[int | None, int | None]] = [(place, partner.get(place)) for place in range(len(left))]
    for at in range(len(right)):
        if at not in partner.values():
            before = [row for row, pair in enumerate(places) if pair[1] == at - 1]
            places.insert(before[0] + 1 if before else 0, (None, at))
    return [(None if i is None else left[i], None if j is None else right[j]) for i, j in places]


def _same(verdict: TreeVerdict) -> Group | Leaf:
    return verdict.group if isinstance(verdict, GroupVerdict) else verdict.condition


def _asked_alike(verdict: TreeVerdict) -> object:
    part = _same(verdict)
    return (_about(verdict), getattr(part, "operator", None))


def _about(verdict: TreeVerdict) -> object:
    part = _same(verdict)
    if isinstance(part, Group):
        return ("group", part.match)
    return ("lines",) if isinstance(part, LineGroup) else (type(part), part.field)


def _row(
    pair: Pair, left_fires: bool | None, subject: Subject, words: Words, lost: Collection[str]
) -> ComparedPart:
    shown = next(verdict for verdict in pair if verdict is not None)
    hold = [True if verdict is None else certain([verdict], lost) for verdict in pair]
    decides = left_fires is not None and hold == [left_fires, not left_fires]
    cells = tuple(_cell(verdict, subject, words, lost) for verdict in pair)
    is_lost = bool(asked_in_vain([shown], lost))
    was = "was erased" if is_lost else _was(shown, subject, words)
    nodes = tuple(_node(verdict) for verdict in pair)
    return ComparedPart(_label(shown, subject), was, (cells[0], cells[1]), decides, (nodes[0], nodes[1]))


def _node(verdict: TreeVerdict | None) -> Node | None:
    part = None if verdict is None else _same(verdict)
    return part if isinstance(part, Condition | Group | LineGroup) else None


def _label(verdict: TreeVerdict, subject: Subject) -> str:
    part = _same(verdict)
    if isinstance(part, Group):
        return _GROUPS[part.match]
    if isinstance(part, LineGroup):
        return "Lines"
    if isinstance(part, Narrowing):
        name = part.field.partition("@")[0]
        return subject.fields[name].label if name in subject.fields else subject.triggers[part.trigger].label
    return subject.any_field(part.field).label


def _was(verdict: TreeVerdict, subject: Subject, words: Words) -> str:
    if isinstance(verdict, GroupVerdict) or not isinstance(verdict.condition, Condition):
        return ""
    field = subject.any_field(verdict.condition.field)
    if OPERATORS[verdict.condition.operator].derives in ("from", "to"):
        return ""
    return f"{'were' if field.type == 'tags' else 'was'} {value_words(field, verdict.actual, words)}"


def _cell(verdict: TreeVerdict | None, subject: Subject, words: Words, lost: Collection[str]) -> Cell:
    if verdict is None:
        return Cell(UNSEEN, NOT_ASKED)
    holds = certain([verdict], lost)
    if holds is None:
        return Cell(UNSEEN, ERASED)
    return Cell(HELD if holds else FAILED, _words(verdict, subject, words))


def _words(verdict: TreeVerdict, subject: Subject, words: Words) -> str:
    whole = verdict_words(verdict, subject, words)
    part = _same(verdict)
    if not (isinstance(verdict, Verdict) and isinstance(part, Condition)):
        return whole
    field, operator = subject.any_field(part.field), OPERATORS[part.operator]
    if operator.derives in ("from", "to"):
        return whole
    if verdict.holds:
        needed = needed_words(field, operator, part.value, words)
        return " ".join(filter(None, (operator.phrase(field.type), needed)))
    return whole.removeprefix(f"{field.label} ").removeprefix("is ").removeprefix("are ")
