"""Amounts of money as a message writes them."""

from __future__ import annotations

from collections.abc import Mapping

from automations.engine.fields.currencies import decimals_of
from automations.messages.locale_formats import BRITISH, money_in, number_in
from automations.messages.numbers import number, rounded
from automations.messages.template_values import text

#: The name in a context that says that it is for a text message. Its alphabet has neither the minus nor the
#: ellipsis of typography, and one of them makes the whole message cost twice as much.
TEXT_MESSAGE = "_text_message"
#: The name in a context that holds the language of the message: "de-DE".
LANGUAGE = "_language"


def money_text(value: object, values: Mapping[str, object]) -> str:
    """Return an amount in the currency of the record in `values`, rounded; "" for none.

    Raises ValueError with a sentence.
    """
    if not text(value).strip():
        return ""
    currency = _currency(values)
    amount = rounded(number(value), decimals_of(currency))
    return money_in(language_of(values), amount, currency, bool(values.get(TEXT_MESSAGE)))


def number_text(value: object, values: Mapping[str, object]) -> str:
    """Return a number with the separators of the message's language; "" for none.

    Raises ValueError with a sentence.
    """
    if not text(value).strip():
        return ""
    return number_in(language_of(values), number(value), bool(values.get(TEXT_MESSAGE)))


def language_of(values: Mapping[str, object]) -> str:
    """Return the language of the message that is made with `values`."""
    return text(values.get(LANGUAGE)) or BRITISH


def _currency(values: Mapping[str, object]) -> str:
    for name in ("order", "event"):
        record = values.get(name)
        if isinstance(record, Mapping) and record.get("currency"):
            return text(record["currency"])[:10]
    return text(values.get("_currency"))[:10]
