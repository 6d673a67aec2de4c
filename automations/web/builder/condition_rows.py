"""Conditions as rows of controls, and groups of conditions as brackets around them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from automations.engine.fields.subject import Field, Subject
from automations.engine.operators.operators import OPERATORS
from automations.engine.rules.condition_check import MAX_DEPTH, is_group
from automations.features.authoring.draft_problems import elsewhere
from automations.models.settings.choices import StoreWords
from automations.web.builder import local_times
from automations.web.builder.controls import Control, Option, grouped, select
from automations.web.builder.field_options import fields_of, options_of, owner_of
from automations.web.builder.value_controls import value_controls
from automations.web.builder.value_parsing import listed

Errors = Mapping[str, str]
MATCHES = {"any": "Any of these is true", "all": "All of these are true", "none": "None of these is true"}
LINES = {"any": "Any item of the order", "all": "Every item of the order", "none": "No item of the order"}
_BETWEEN = {"any": "or", "all": "and", "none": "nor"}


@dataclass(frozen=True)
class ConditionRow:
    """One condition. `operator` and `values` are empty until a field is chosen."""

    path: str
    number: str
    between: str
    field: Control
    operator: Control | None
    values: tuple[Control, ...]
    #: Values that this operator does not use, kept in case the next operator does.
    kept: tuple[str, ...]
    error: str
    help: str
    partial: str = "automations/_condition.html"

    @property
    def controls(self) -> list[Control]:
        return [control for control in (self.field, self.operator, *self.values) if control]


@dataclass(frozen=True)
class Bracket:
    """A group of conditions. `match` is its select; `adds` are the edits that add a member."""

    path: str
    number: str
    between: str
    match: Control
    #: Hidden (name, value) inputs beside `match` that make the form read as the same kind of group.
    fixed: tuple[tuple[str, str], ...]
    nodes: tuple[ConditionRow | Bracket, ...]
    adds: tuple[Option, ...]
    error: str
    partial: str = "automations/_group.html"

    @property
    def controls(self) -> list[Control]:
        return [self.match, *(control for node in self.nodes for control in node.controls)]

    @property
    def ids(self) -> list[str]:
        """The ids of this bracket and of those inside it."""
        return [self.path, *(id for node in self.nodes if isinstance(node, Bracket) for id in node.ids)]


@dataclass(frozen=True)
class Drawing:
    """What all conditions of one page share."""

    subject: Subject | None
    words: StoreWords
    errors: Errors

    def error(self, path: str, *parts: str) -> str:
        return self.errors.get(".".join([path.replace("-", "."), *parts]), "")


def nodes_of(
    data: Sequence[Mapping[str, Any]],
    drawing: Drawing,
    path: str = "conditions",
    number: str = "",
    between: str = "",
    on_lines: bool = False,
) -> tuple[ConditionRow | Bracket, ...]:
    """Return the rows and brackets of a list of nodes, joined on the page by the word `between`."""
    nodes: list[ConditionRow | Bracket] = []
    for place, node in enumerate(data):
        node_path, node_number = f"{path}-{place}", f"{number}{place + 1}"
        make = _bracket if is_group(node) else _row
        nodes.append(make(node, drawing, node_path, node_number, between if place else "", on_lines))
    return tuple(nodes)


def adds_to(subject: Subject | None, path: str = "", depth: int = 0) -> tuple[Option, ...]:
    """Return the edits that add to the list at `path` ("" is the top level), each with its label."""
    end = f"-{path}" if path else ""
    options = [Option(f"add-condition{end}", "Add condition")]
    if depth < MAX_DEPTH:
        options.append(Option(f"add-group{end}", "Add “or” group"))
    if subject and subject.line_fields:
        options.append(Option(f"add-lines{end}", "Add item condition"))
    return tuple(options)


def _bracket(
    data: Mapping[str, Any], drawing: Drawing, path: str, number: str, between: str, on_lines: bool
) -> Bracket:
    lines = data.get("match") == "line"
    name, table = ("lines", LINES) if lines else ("match", MATCHES)
    depth = path.count("conditions")
    place = "-".join(path.split("-")[1::2])
    match = select(
        f"{path}-{name}",
        f"Group {number}: how many must hold" if not lines else f"Group {number}: which items",
        data.get(name),
        table.items(),
        empty="" if data.get(name) else "Choose…",
        error=drawing.error(path, name),
        redraws=True,
    )
    word = "and" if lines else _BETWEEN.get(str(data.get("match")), "or")
    inner = data.get("conditions")
    nodes = inner if isinstance(inner, list) else []
    adds = (
        (Option(f"add-condition-{place}", "Add condition"),)
        if lines
        else adds_to(drawing.subject, place, depth)
    )
    return Bracket(
        path=path,
        number=number,
        between=between,
        match=match,
        fixed=((f"{path}-match", "line"),) if lines else (),
        nodes=nodes_of(nodes, drawing, f"{path}-conditions", f"{number}.", word, lines),
        adds=adds,
        error=drawing.error(path),
    )


def _row(
    data: Mapping[str, Any], drawing: Drawing, path: str, number: str, between: str, on_lines: bool
) -> ConditionRow:
    key = data.get("field")
    fields = fields_of(drawing.subject, on_lines)
    current = fields.get(key or "")
    field = current or elsewhere(key, drawing.words)
    error = drawing.error(path, "value")
    values = _values(data, drawing, path, number, field) if field else []
    return ConditionRow(
        path=path,
        number=number,
        between=between,
        field=_field(key, drawing, path, number, fields, field),
        operator=_operator(data, drawing, path, number, field) if field else None,
        values=tuple(
            replace(control, error=error if not place else "") for place, control in enumerate(values)
        ),
        kept=() if values else _kept(data.get("value"), field),
        error=drawing.error(path),
        help=_help(field, data.get("operator"), drawing.subject, drawing.words),
    )


def _kept(value: object, field: Field | None) -> tuple[str, ...]:
    # The form sends these back as if typed; without a zone they would be read as the store's local time.
    if field and field.type == "datetime":
        return tuple(local_times.exact_text(text) for text in listed(value))
    return tuple(listed(value))


def _help(field: Field | None, operator: str | None, subject: Subject | None, words: StoreWords) -> str:
    chosen = OPERATORS.get(operator or "")
    if field and field.type == "datetime" and not (chosen and chosen.range):
        return f"In the store’s time zone: {local_times.clock_words(words)}."
    if field and chosen and chosen.needs_value and _is_amount_of_order(field, subject):
        return f"{field.help} In {words.currency}; orders in another currency can’t be compared.".strip()
    return field.help if field else ""


def _is_amount_of_order(field: Field, subject: Subject | None) -> bool:
    return field.is_amount_of_record and subject is not None and "currency" in subject.fields


def _field(
    key: str | None,
    drawing: Drawing,
    path: str,
    number: str,
    fields: Mapping[str, Field],
    field: Field | None,
) -> Control:
    subject = drawing.subject
    return grouped(
        f"{path}-field",
        f"Condition {number} field",
        key,
        options_of(fields.values(), subject.label if subject else ""),
        empty="Choose a field…",
        strange=f"{field.label} (not a field of {subject.label})" if field and subject else "",
        error=drawing.error(path, "field"),
        redraws=True,
    )


def _operator(data: Mapping[str, Any], drawing: Drawing, path: str, number: str, field: Field) -> Control:
    key = data.get("operator")
    chosen = OPERATORS.get(key or "")
    operators = owner_of(field, drawing.subject).operators_for(field)
    return select(
        f"{path}-operator",
        f"Condition {number} operator",
        key,
        [(operator.key, operator.label) for operator in operators],
        empty="" if key else "Choose…",
        strange=f"{chosen.label} (does not fit)" if chosen else "",
        error=drawing.error(path, "operator"),
        redraws=True,
    )


def _values(data: Mapping[str, Any], drawing: Drawing, path: str, number: str, field: Field) -> list[Control]:
    operator = OPERATORS.get(data.get("operator") or "")
    return value_controls(
        f"{path}-value", f"Condition {number} value", data.get("value"), field, operator, drawing.words
    )
