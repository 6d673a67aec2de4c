from __future__ import annotations

from types import SimpleNamespace

import pytest

from automations.messages import environment
from automations.messages import template_check as check_module
from automations.messages.render import render
from automations.messages.template_check import LONGEST_TEMPLATE, check
from automations.messages.template_problem import TemplateFailed
from automations.messages.template_scan import LONGEST_TAG

REFUSED = [
    ("{{ order.numbr }}", 1, 4, "There is no field order.numbr. Did you mean order.number?"),
    ("Hello\n  {{ ordr.number }}", 2, 6, "There is no field ordr. Did you mean order?"),
    ("{{ event.name }}", 1, 4, "There is no field event."),
    ("{{ order.number | upcas }}", 1, 19, "There is no filter “upcas”. Did you mean upcase?"),
    ("{{ order.tags | join: ',' }}", 1, 17, "There is no filter “join”."),
    ("{% assign x = 1 %}", 1, 1, "There is no tag “assign”. Use if, unless, case or for."),
    ("{% iff order.number %}{% endif %}", 1, 1, "There is no tag “iff”. Did you mean if?"),
    ("{% for n in (1..9) %}{% endfor %}", 1, 13, "Ranges such as (1..5) are not available."),
    ("{% for a in order.note %}{% endfor %}", 1, 13, "A loop goes over one of the record's own lists"),
    ("{% for a in 'abc' %}{% endfor %}", 1, 13, "A loop goes over one of the record's own lists"),
    ("{% for a in order.lines %}{{ a.nam }}{% endfor %}", 1, 30, "Did you mean a.name?"),
    ("{% for a in order.lines %}{% endfor %}{{ a.name }}", 1, 42, "There is no field a."),
    ("{{ order }}", 1, 4, "order has several fields. Choose one, such as order.number."),
    ("{{ order.lines }}", 1, 4, "order.lines is a list. Go through it with {% for line in order.lines %}."),
    ("{{ order[customer.name] }}", 1, 4, "A field is named with dots"),
    ("{{ order.number", 1, 1, "Close {{ with }}"),
    ("ok {% if order.number %}", 1, 4, "This if is not closed. Add {% endif %}."),
    ("{% endif %}", 1, 1, "{% endif %} belongs to nothing"),
    ("{% if order.number %}{% endfor %}", 1, 22, "close the if before it first"),
    ("{% break %}", 1, 1, "only works between {% for … %} and {% endfor %}"),
    ("{% if order.total = 3 %}{% endif %}", 1, 1, "compare with two equals signs, =="),
    ("{{ order number }}", 1, 1, "cannot be read. Check the spelling"),
    ("fine {{ order.number }}\n{{ }}", 2, 1, "cannot be read. Check the spelling"),
    ("{% if order.note == blank %}{% endif %}", 1, 21, "Comparing with blank or empty is not available."),
    ("{% if order.number > 5 %}{% endif %}", 1, 20, "order.number is a text and 5 is a number."),
    ("{% if order.total == '86.50' %}{% endif %}", 1, 19, "order.total is a number and '86.50' is a text."),
    ("{{ order.number | default }}", 1, 19, "The filter “default” takes 1 value after a colon."),
    ("{{ order.number | upcase: 3 }}", 1, 19, "The filter “upcase” takes no value after it."),
    ("{{ order.delivery_date | date: '%Q' }}", 1, 26, "A date format cannot have “%Q”."),
]


@pytest.mark.parametrize(("text", "line", "column", "sentence"), REFUSED)
def test_a_mistake_is_reported_with_its_place(text: str, line: int, column: int, sentence: str) -> None:
    problem = check(text, "order")[0]
    assert (problem.line, problem.column) == (line, column)
    assert sentence in problem.sentence


def test_all_unknown_fields_are_reported_at_once() -> None:
    assert len(check("{{ order.numbr }}\n{{ customer.fist_name }}", "order")) == 2


def test_a_problem_reads_with_line_and_column() -> None:
    assert str(check("{% if x", "order")[0]).startswith("Line 1, column 1: Close {% with %}")


def test_a_text_without_tags_is_fine() -> None:
    assert check("50% off {order} % }}", "order") == []


def test_a_text_that_is_too_long_is_refused_with_the_limit() -> None:
    assert "Shorten it to 20,000." in check("x" * (LONGEST_TEMPLATE + 1), "order")[0].sentence


def test_an_unknown_subject_has_no_fields() -> None:
    assert check("{{ order.number }}", "nothing")[0].sentence == "There is no field order."


@pytest.fixture
def no_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail the test when a text reaches the parser of the library."""

    def refuse(source: str) -> None:
        raise AssertionError(f"{source!r} was parsed")

    monkeypatch.setattr(check_module, "parsed", refuse)
    monkeypatch.setattr(environment, "_ENVIRONMENT", SimpleNamespace(from_string=refuse))
    environment.parsed.cache_clear()


@pytest.mark.usefixtures("no_parser")
@pytest.mark.parametrize("piece", ["{{", "{%", "{% raw %}", "{% a ", "{{ a", "{%-", "{{'", "{% if x %}"])
def test_text_that_never_closes_is_refused_before_it_is_parsed(piece: str) -> None:
    assert check(piece * 3, "order")
    with pytest.raises(TemplateFailed):
        render(piece * 3, {})


@pytest.mark.usefixtures("no_parser")
def test_a_tag_that_is_too_long_is_refused_before_it_is_parsed() -> None:
    text = "{{ order.number" + " " * LONGEST_TAG + "}}"
    assert f"within {LONGEST_TAG} characters" in check(text, "order")[0].sentence
    with pytest.raises(TemplateFailed):
        render(text, {})


@pytest.mark.parametrize("piece", ["(", " "])
def test_text_without_tags_is_fine_whatever_it_holds(piece: str) -> None:
    assert check(piece * 3, "order") == []


@pytest.mark.parametrize("inner", [" ", "(", "[", "'", "a==", "a.", "(1..", "|", "-", "[a", "a and "])
def test_a_malformed_tag_is_reported(inner: str) -> None:
    assert check("{{ " + inner * 3 + " }}", "order")


def test_a_number_compared_with_a_text_is_told_what_to_write() -> None:
    (problem,) = check("{% if order.total == '86.50' %}x{% endif %}", "order")
    advice = "Write numbers without quotation marks, and texts with them."
    assert problem.sentence == f"order.total is a number and '86.50' is a text. {advice}"
