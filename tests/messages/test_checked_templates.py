"""What the checker accepts renders for every record."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from automations.engine.fields.shared_fields import CUSTOM_TYPES, custom_field
from automations.messages.message_context import context_from
from automations.messages.message_fields import known
from automations.messages.render import render
from automations.messages.template_check import check
from automations.messages.value_shapes import FieldShape, GroupShape, ListOf, Shape
from tests.messages.samples import label

_LABELS = {"choice": {"red": "Red"}, "bool": {"yes": "yes", "no": "no"}}
OWN = {
    field.key: field
    for field in (
        custom_field(f"own_{type}", type, type, subject="order", labels=_LABELS.get(type, {}))
        for type in CUSTOM_TYPES
    )
}
ORDER = known("order", OWN)


def _paths(shape: Shape, path: str) -> list[str]:
    if isinstance(shape, GroupShape):
        return [
            inner for key, part in shape.fields.items() for inner in _paths(part, f"{path}.{key}".lstrip("."))
        ]
    if isinstance(shape, ListOf):
        return [path, f"{path}.size", *_paths(shape.item, f"{path}[0]"), *_paths(shape.item, f"{path}.last")]
    return [path]


PATHS = st.sampled_from(_paths(GroupShape("", ORDER), ""))
LITERALS = st.sampled_from(["'x'", "''", "5", "2.5", "-1", "'2026-11-24'", "'Red'", "'12'", "nil", "true"])
VALUES = PATHS | LITERALS
NAMES = """
capitalize downcase upcase strip size first last money round truncate default date plus minus times
"""
FILTERS = st.sampled_from(NAMES.split())
CALLS = st.tuples(FILTERS, st.lists(VALUES | st.just("'%d %B'"), max_size=2)).map(
    lambda call: f" | {call[0]}" + (f": {', '.join(call[1])}" if call[1] else "")
)
CHAINS = st.tuples(VALUES, st.lists(CALLS, max_size=3)).map(
    lambda pair: f"{{{{ {pair[0]}{''.join(pair[1])} }}}}"
)
COMPARED = st.tuples(VALUES, st.sampled_from(["==", "!=", "<", ">", "<=", ">=", "contains"]), VALUES)
CONDITIONS = (COMPARED.map(" ".join) | PATHS).map(lambda asked: f"{{% if {asked} %}}x{{% endif %}}")
CASES = st.tuples(VALUES, VALUES).map(
    lambda two: "{{% case {} %}}{{% when {} %}}x{{% endcase %}}".format(*two)
)
LOOPS = st.tuples(PATHS, st.sampled_from(["limit", "offset"]), VALUES).map(
    lambda parts: "{{% for item in {} {}: {} %}}x{{% endfor %}}".format(*parts)
)
TEXTS = st.sampled_from(["2nd floor", "12", "2026-11-24", "Red", "ab"])
BY_TYPE: dict[str, st.SearchStrategy[Any]] = {
    "money": st.sampled_from(["0.00", "86.50", "-3.20", "99999.99"]),
    "number": st.integers(-5, 1000),
    "date": st.sampled_from(["2026-11-24", "2026-02-28"]),
    "datetime": st.just("2026-06-21T23:30:00Z"),
    "choice": st.sampled_from(["red", "paid", "gone"]),
    "bool": st.booleans(),
}


def _values(shape: Shape) -> st.SearchStrategy[Any]:
    if isinstance(shape, GroupShape):
        return st.none() | st.fixed_dictionaries(
            {}, optional={key: _values(part) for key, part in shape.fields.items()}
        )
    if isinstance(shape, ListOf):
        return st.lists(_values(shape.item), max_size=2)
    assert isinstance(shape, FieldShape)
    return st.none() | BY_TYPE.get(shape.type, TEXTS)


RECORDS = _values(ORDER["order"]).map(lambda values: values or {})
OTHERS = st.fixed_dictionaries({name: _values(group) for name, group in ORDER.items() if name != "order"})


@given(CHAINS | CONDITIONS | CASES | LOOPS, RECORDS, OTHERS)
@settings(max_examples=1500)
def test_what_the_checker_accepts_renders_for_every_record(
    text: str, record: dict[str, Any], others: dict[str, Any]
) -> None:
    if check(text, "order", own=OWN):
        return
    context = context_from("order", {**record, **others}, label, "Europe/London", OWN)
    assert isinstance(render(text, context), str)
