"""The currency of an order in its form: the control, and what the amounts beside it are read in."""

from __future__ import annotations

from typing import Any

from flask import g
from wtforms import SelectField, ValidationError
from wtforms.fields.choices import SelectChoice

from automations.engine.fields.currencies import CODES
from automations.web.kit.currency_words import currency_words


class CurrencyField(SelectField):
    """A currency by its code; of a record that names none, the store's."""

    data: str | None

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, choices=[], **options)

    def process(self, *arguments: Any, **options: Any) -> None:
        super().process(*arguments, **options)
        usual, kept = g.store.currency, self.object_data or g.store.currency
        codes = dict.fromkeys((usual, *CODES, kept))
        self.choices = [SelectChoice(code, currency_words(code)) for code in codes]
        # A form that leaves it out leaves it alone.
        self.data = self.data or kept

    def pre_validate(self, form: Any) -> None:
        if self.data not in {choice.value for choice in self.choices or ()}:
            raise ValidationError("Choose a currency from the list.")


def choose_currency(record: Any, chosen: str) -> None:
    """Read this request's form in the `chosen` currency; if it is none, in the record's or the store's."""
    own = str(getattr(record, "currency", g.store.currency))
    g.record_currency = chosen if chosen in CODES else own
    g.is_new_currency = record is not None and g.record_currency != own


def form_currency() -> str:
    """Return the currency of the amounts of this request's record form."""
    return str(g.get("record_currency", g.store.currency))


def is_in_a_new_currency() -> bool:
    """Whether this request's form gives the amounts of a record another currency than they have."""
    return bool(g.get("is_new_currency", False))
