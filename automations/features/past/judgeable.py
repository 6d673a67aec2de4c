"""The part of a draft that can be judged already, and the paths of what was left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules.condition_check import is_group
from automations.engine.rules.rule import Group, Node, Rule, Trigger, check, node_from, rule_from
from automations.engine.rules.typed_rule import TypedNode, typed_nodes
from automations.models.settings.choices import StoreWords

_CONDITIONS = "conditions"


@dataclass(frozen=True, slots=True)
class Row:
    """A condition or a group of a draft that can be judged; `rows` are those inside a group."""

    path: str
    node: Node
    typed: TypedNode
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgeable:
    """What can be judged of a draft; `rule` is None where not even its trigger is known."""

    rule: Rule | None
    narrowings: tuple[TypedNode, ...]
    rows: tuple[Row, ...]
    #: The paths of rows and of parts of the trigger that cannot be judged yet.
    unjudged: tuple[str, ...]


def judgeable(words: StoreWords, data: Mapping[str, Any]) -> Judgeable:
    """Return what can be judged of rule data, complete or not."""
    problems = {
        problem.path for problem in check(data, words.choices, words.has_reference, _custom(words, data))
    }
    trigger = _trigger(data, problems)
    if trigger is None:
        return Judgeable(None, (), (), ("trigger",))
    subject = str(data["subject"])
    draft = _Draft(words, subject, problems)
    rows = tuple(draft.rows(data.get(_CONDITIONS), _CONDITIONS))
    rule = Rule(0, subject, trigger, tuple(row.node for row in rows))
    unjudged = [path for path in sorted(problems) if path.startswith("trigger.")] + draft.left_out
    narrowings = typed_nodes(replace(rule, conditions=()), words.custom_ever(subject))
    return Judgeable(rule, narrowings, rows, tuple(unjudged))


def _custom(words: StoreWords, data: Mapping[str, Any]) -> Mapping[str, Any]:
    return words.custom(str(data.get("subject")))


def _trigger(data: Mapping[str, Any], problems: set[str]) -> Trigger | None:
    """Return the trigger without those of its parts that have a problem; None if it has no kind."""
    entry, settings = SUBJECTS.get(str(data.get("subject"))), data.get("trigger")
    if entry is None or not isinstance(settings, Mapping) or settings.get("key") not in entry.triggers:
        return None
    schedule = entry.triggers[settings["key"]].schedule
    if schedule and any(path.startswith("trigger.schedule") for path in problems):
        return None
    known = {name: value for name, value in settings.items() if f"trigger.{name}" not in problems}
    return rule_from(0, {"subject": entry.key, "trigger": known}).trigger


class _Draft:
    """Collects the rows of one draft."""

    def __init__(self, words: StoreWords, subject: str, problems: set[str]) -> None:
        self._subject = subject
        self._custom = words.custom_ever(subject)
        self._problems = problems
        self.left_out: list[str] = []

    def rows(self, nodes: Any, path: str) -> Iterator[Row]:
        for place, data in enumerate(
            nodes if isinstance(nodes, Sequence) and not isinstance(nodes, str) else ()
        ):
            row = self._row(data, f"{path}.{place}")
            if row is not None:
                yield row

    def _row(self, data: Any, path: str) -> Row | None:
        if not is_group(data):
            return None if self._is_wrong(path) else self._typed(data, path)
        # What is wrong inside a group leaves out that row alone; what is wrong with the group, the group.
        if path in self._problems or f"{path}.match" in self._problems or f"{path}.lines" in self._problems:
            return self._left_out(path)
        if data.get("match") == "line":
            return self._lines(data, path)
        inner = tuple(self.rows(data.get(_CONDITIONS), f"{path}.{_CONDITIONS}"))
        if not inner:
            return self._left_out(path)
        group = Group(data["match"], tuple(row.node for row in inner))
        return self._row_of(group, path, inner)

    def _lines(self, data: Mapping[str, Any], path: str) -> Row | None:
        inner, kept = [], []
        for place, condition in enumerate(data[_CONDITIONS]):
            here = f"{path}.{_CONDITIONS}.{place}"
            # Asked for itself, a row says whether any line is like this; of "all", whether all of them are.
            alone = {"match": "line", "lines": "all" if data["lines"] == "all" else "any"}
            row = None if self._is_wrong(here) else self._typed({**alone, _CONDITIONS: [condition]}, here)
            if row is not None:
                inner.append(row)
                kept.append(condition)
        if not kept:
            return self._left_out(path)
        row = self._typed({**data, _CONDITIONS: kept}, path)
        return row and replace(row, rows=tuple(inner))

    def _is_wrong(self, path: str) -> bool:
        wrong = any(problem == path or problem.startswith(f"{path}.") for problem in self._problems)
        if wrong:
            self.left_out.append(path)
        return wrong

    def _typed(self, data: Any, path: str) -> Row | None:
        try:
            return self._row_of(node_from(data), path)
        except (LookupError, TypeError, ValueError, AttributeError):
            return self._left_out(path)

    def _row_of(self, node: Node, path: str, rows: tuple[Row, ...] = ()) -> Row:
        (typed,) = typed_nodes(Rule(0, self._subject, Trigger(""), (node,)), self._custom)
        return Row(path, node, typed, rows)

    def _left_out(self, path: str) -> Row | None:
        self.left_out.append(path)
        return None
