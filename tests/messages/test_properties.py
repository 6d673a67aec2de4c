from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from automations.messages.message_fields import KNOWN
from automations.messages.render import render
from automations.messages.template_check import check
from automations.messages.template_problem import TemplateFailed
from tests.messages.samples import order_context

WORDS = """
{{ }} {% %} {%- -%} | : , . .. ( ) [ ] # = ; é == != < > 'a' "%-d" 1 -1 2.5 99
if unless case when else elsif for endif endunless endcase endfor in break continue limit offset reversed
contains and or not nil true blank money date round plus times size first default truncate
order customer line
order.number order.total order.lines order.tags order.delivery_date line.name forloop.index
"""
PIECES = st.sampled_from([*WORDS.split(), "\n"])
SOUPS = st.lists(PIECES, max_size=25).map(" ".join)
TAGGED = st.lists(
    st.tuples(st.sampled_from([("{{ ", " }}"), ("{% ", " %}")]), SOUPS).map(
        lambda pair: pair[1].join(pair[0])
    ),
    max_size=6,
).map("".join)
EXPRESSIONS = st.builds(
    "{{{{ {} | {}: {} }}}}".format,
    st.sampled_from(
        ["order.number", "order.total", "order.tags", "order.delivery_date", "'x'", "order.note"]
    ),
    st.sampled_from(["plus", "times", "minus", "round", "truncate", "date", "default"]),
    st.sampled_from(["1", "'%Y'", "order.note", "order.lines", "order.number", "7", "'1E+30'", "nil"]),
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.binary(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.text(max_size=200) | SOUPS | TAGGED, st.sampled_from([*KNOWN, "nothing"]))
@settings(max_examples=400)
def test_a_check_never_raises(text: str, subject: str) -> None:
    for problem in check(text, subject):
        assert problem.line >= 1
        assert problem.column >= 1
        assert problem.sentence


@given(
    TAGGED | EXPRESSIONS,
    st.dictionaries(st.sampled_from(["number", "total", "lines", "tags", "note"]), VALUES),
)
@settings(max_examples=400)
def test_a_checked_template_renders_or_fails_with_a_reason(text: str, changes: dict[str, object]) -> None:
    if check(text, "order"):
        return
    try:
        assert isinstance(render(text, order_context(**changes)), str)
    except TemplateFailed as failure:
        assert str(failure)


@given(SOUPS, st.dictionaries(st.sampled_from(["order", "customer"]), VALUES))
@settings(max_examples=200)
def test_an_unchecked_text_renders_or_fails_with_a_reason(text: str, context: dict[str, object]) -> None:
    try:
        render(text, context)
    except TemplateFailed as failure:
        assert str(failure)
