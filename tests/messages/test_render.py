from __future__ import annotations

import pytest

from automations.messages import environment
from automations.messages.render import render
from automations.messages.template_check import check
from automations.messages.template_problem import TemplateFailed
from tests.messages.samples import order_context

READS = [
    ("Hello {{ customer.first_name }}", "Hello Anna"),
    ("{{ order.status }}", "Confirmed"),
    ("{{ order.total | money }}", "£86.50"),
    ("{{ order.total | plus: 1000 | money }}", "£1,086.50"),
    ("{{ order.total | times: 2 }}", "173.00"),
    ("{{ order.total | minus: 0.5 | round }}", "86"),
    ("{{ order.total | round: 1 }}", "86.5"),
    ('{{ order.delivery_date | date: "%A %-d %B" }}', "Wednesday 4 November"),
    ('{{ order.delivery_date | date: "%d/%m/%Y" }}', "04/11/2026"),
    ('{{ order.placed_at | date: "%H:%M" }}', "11:00"),
    ("{{ order.tracking_number }}|{{ account.name }}|{{ order.note }}", "||"),
    ('{{ order.note | default: "none" }}', "none"),
    ("{{ order.tags }}", "vip, gift"),
    ("{{ order.tags | first }} {{ order.tags | last | upcase }}", "vip GIFT"),
    ("{{ order.lines.size }} {{ order.lines | size }}", "2 2"),
    ("{{ order.lines[0].name }} {{ order.lines.last.name }}", "Roses Vase"),
    ("{% for line in order.lines %}{{ line.quantity }} {{ line.name }};{% endfor %}", "2 Roses;1 Vase;"),
    ("{% for tag in order.tags %}{{ forloop.index }}{{ tag }}{% break %}{% endfor %}", "1vip"),
    ("{% if order.total > 50 and order.status == 'Confirmed' %}big{% else %}small{% endif %}", "big"),
    ("{% if order.note %}note{% elsif order.tags contains 'vip' %}vip{% endif %}", "vip"),
    ("{% unless account.name %}private{% endunless %}", "private"),
    ("{% case order.status %}{% when 'Confirmed' %}yes{% else %}no{% endcase %}", "yes"),
    ("{{ customer.name | truncate: 5 | downcase }}", "anna…"),
    ("{{ 'a b' | capitalize }}{{ ' x ' | strip }}", "A bx"),
    ("50% off & <b>", "50% off & <b>"),
]


@pytest.mark.parametrize(("text", "expected"), READS)
def test_a_template_renders_the_expected_text(text: str, expected: str) -> None:
    assert check(text, "order") == []
    assert render(text, order_context()) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ order.total | minus: 84 | round }}", "3"),
        ("{{ order.total | minus: 85 | round }}", "2"),
        ("{{ order.total | minus: 89 | round }}", "-3"),
        ("{{ order.total | times: 0.25 | round: 2 }}", "21.63"),
        ("{{ order.total | times: 0.05 | money }}", "£4.33"),
        ("{{ order.total | minus: 86.49 | times: 0.5 | money }}", "£0.01"),
    ],
)
def test_a_half_is_rounded_away_from_zero_as_on_an_invoice(text: str, expected: str) -> None:
    assert render(text, order_context()) == expected


@pytest.mark.parametrize(
    ("text", "empty"),
    [('{{ order.delivery_date | date: "%Y" }}', "delivery_date"), ("{{ order.total | money }}", "total")],
)
def test_a_date_or_an_amount_that_is_missing_is_shown_as_nothing(text: str, empty: str) -> None:
    assert check(text, "order") == []
    assert render(text, order_context(**{empty: None})) == ""


def test_an_empty_list_counts_as_nothing() -> None:
    text = "{% if order.tags %}tags{% else %}none{% endif %}{{ order.tags.size }}"
    assert render(text, order_context(tags=[])) == "none0"


def test_an_order_without_a_customer_shows_nothing_in_its_place() -> None:
    assert render("Hello {{ customer.first_name }}!", order_context(customer=None)) == "Hello !"


def test_money_takes_the_currency_of_the_record() -> None:
    assert render("{{ order.total | money }}", order_context(currency="EUR")) == "€86.50"


def test_a_wrong_value_fails_with_a_sentence() -> None:
    with pytest.raises(TemplateFailed, match="“Anna Lee” is not a date"):
        render('{{ customer.name | date: "%Y" }}', order_context())


def test_nested_loops_beyond_the_budget_are_refused_before_they_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "WORK_LIMIT", 20)
    loops = "{% for a in order.lines %}" * 3 + "{{ a.name }}" + "{% endfor %}" * 3
    with pytest.raises(TemplateFailed, match="loops take too long"):
        render(loops, order_context(lines=[{"name": "x"}] * 3))


def test_many_loops_one_after_another_share_one_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "WORK_LIMIT", 20)
    context = order_context(lines=[{"name": ""}] * 3)
    loop = "{% for a in order.lines %}{{ a.name }}{% endfor %}"
    assert render(loop, context) == ""
    with pytest.raises(TemplateFailed, match="loops take too long"):
        render(loop * 3, context)


def test_a_message_of_more_than_200_kb_is_refused() -> None:
    with pytest.raises(TemplateFailed, match="longer than 200 kB"):
        render("{{ order.note }}" * 11, order_context(note="x" * 20_000))


def test_an_order_with_two_hundred_lines_is_rendered_in_full() -> None:
    line = "{{ line.quantity }} × {{ line.name }}: {{ line.unit_price | money }}\n"
    text = "{% for line in order.lines %}" + line + "{% endfor %}"
    lines = [{"name": "Roses", "quantity": 1, "unit_price": "3.00"}] * 200
    assert render(text, order_context(lines=lines)).count("£3.00") == 200


@pytest.mark.parametrize("filter", ["plus: 1", "times: 2", "round", "money", 'date: "%Y"'])
def test_a_wrong_value_is_named_with_its_first_forty_characters(filter: str) -> None:
    kind = "date" if filter.startswith("date") else "number"
    with pytest.raises(TemplateFailed, match=f"“{'x' * 40}” is not a {kind}"):
        render(f"{{{{ order.note | {filter} }}}}", order_context(note="x" * 60))


@pytest.mark.parametrize(("digits", "expected"), [("6", "0.123457"), ("7", "0.123457"), ("99", "0.123457")])
def test_a_number_is_rounded_to_six_decimals_at_most(digits: str, expected: str) -> None:
    text = f"{{{{ order.total | times: 0 | plus: 0.12345678 | round: {digits} }}}}"
    assert render(text, order_context()) == expected
