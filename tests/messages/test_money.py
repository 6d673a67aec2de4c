"""Amounts in messages have the currency of the record or the store, with the decimals of that currency."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.engine.wording.formats import money_words
from automations.messages.message_context import context_from
from automations.messages.message_fields import fields, known
from automations.messages.render import render
from automations.messages.template_check import check
from automations.messages.value_shapes import FieldShape
from automations.web.settings.store_settings import CURRENCIES
from tests.messages.samples import label

PLACES = {code: {"JPY": 0, "KWD": 3}.get(code, 2) for code in CURRENCIES}
SUBJECTS = ("order", "event", "customer")
MONEY = [
    (subject, name, key)
    for subject in SUBJECTS
    for name, group in known(subject).items()
    for key, shape in group.fields.items()
    if isinstance(shape, FieldShape) and shape.type == "money"
]


def shown(text: str, subject: str, currency: str, **snapshot: object) -> str:
    assert check(text, subject) == []
    return render(text, context_from(subject, snapshot, label, currency=currency))


def in_places(amount: Decimal, currency: str) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-PLACES[currency]), ROUND_HALF_UP)


@pytest.mark.parametrize("currency", CURRENCIES)
@pytest.mark.parametrize(("subject", "name", "key"), MONEY)
def test_what_the_menu_inserts_shows_the_currency(subject: str, name: str, key: str, currency: str) -> None:
    (group,) = [group for group in fields(subject) if group.label == known(subject)[name].label]
    snippet = f"{{{{ {name}.{key} | money }}}}"
    assert snippet in [entry.snippet for entry in group.snippets]
    text = shown(snippet, subject, currency, **{key: "1234.50"})
    assert text == money_words(in_places(Decimal("1234.50"), currency), currency)
    assert currency in text or any(sign in text for sign in "£€$¥")


@given(
    st.sampled_from(CURRENCIES),
    st.sampled_from(["order", "event", "customer"]),
    st.decimals(0, 99999, places=3, allow_nan=False),
    st.lists(
        st.sampled_from(
            ["plus: 0.005", "minus: 20.10", "times: 0.1", "times: 1.175", "round: 3", "round", "default: 5"]
        ),
        max_size=4,
    ),
)
def test_an_amount_has_the_decimals_of_its_currency_behind_every_filter(
    currency: str, subject: str, amount: Decimal, chain: list[str]
) -> None:
    field = "customer.total_spent" if subject == "customer" else f"{subject}.total"
    calculated = "".join(f" | {step}" for step in chain)
    snapshot = {"total": str(amount), "total_spent": str(amount)}
    exact = Decimal(shown(f"{{{{ {field}{calculated} }}}}", subject, currency, **snapshot))
    text = shown(f"{{{{ {field}{calculated} | money }}}}", subject, currency, **snapshot)
    assert text == money_words(in_places(exact, currency), currency)


@pytest.mark.parametrize(
    ("text", "currency", "total", "expected"),
    [
        ("{{ order.total | money }}", "KWD", "37.035", "37.035 KWD"),
        ("{{ order.total | money }}", "KWD", "37.00", "37.000 KWD"),
        ("{{ order.total | money }}", "JPY", "505.00", "¥505"),
        ("{{ order.total | times: 0.1 | money }}", "JPY", "505.00", "¥51"),
        ("{{ order.total | times: 0.1 | money }}", "KWD", "505.00", "50.500 KWD"),
        ("{{ order.total | times: 0.1 | money }}", "GBP", "10.25", "£1.03"),
        ("{{ order.total }}", "JPY", "505.00", "505"),
        ("{{ order.total }}", "KWD", "37.00", "37.000"),
        ("{{ order.total }}", "GBP", "37.00", "37.00"),
        ("{{ order.total | plus: 1 }}", "JPY", "505.00", "506"),
    ],
)
def test_an_amount_is_written_as_in_its_currency(text: str, currency: str, total: str, expected: str) -> None:
    assert shown(text, "order", currency, total=total) == expected


def test_the_currency_of_a_record_goes_before_that_of_the_store() -> None:
    snapshot = {"total": "37.00", "currency": "JPY", "lines": [{"unit_price": "12.00"}]}
    context = context_from("order", snapshot, label, currency="KWD")
    assert render("{{ order.total | money }} {{ order.lines[0].unit_price }}", context) == "¥37 12"
