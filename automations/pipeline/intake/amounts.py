"""Amounts of money as they arrive: exact decimal text, with at most the decimals of the currency."""

from __future__ import annotations

import re
from decimal import ROUND_DOWN, Decimal

from automations.engine.fields.currencies import decimals_of
from automations.engine.operators.value_types import shown

_AMOUNT = re.compile(r"-?[0-9]{1,12}(?:\.([0-9]{1,9}))?", re.ASCII)
KEPT = 4096
#: The most decimals of any currency; docs/api.md and the OpenAPI document say so.
_MOST_WRITTEN = 3
_CENT = Decimal("0.01")
_EXAMPLE = Decimal("86.50")


class Amounts(dict[str, Decimal]):
    """Text -> Decimal for one currency, with a cache, because a shop's prices repeat.

    A text that is not such an amount raises ValueError with a sentence.
    """

    def __init__(self, currency: str) -> None:
        super().__init__()
        self.currency = currency
        #: Text -> the amount as a snapshot holds it.
        self.texts = _Texts(self)
        self.places = decimals_of(currency)
        #: An amount as this currency is written, for sentences.
        self.example = str(_EXAMPLE.quantize(Decimal(1).scaleb(-self.places), ROUND_DOWN))

    def __missing__(self, text: str) -> Decimal:
        match = _AMOUNT.fullmatch(text)
        if not match:
            raise ValueError(f"Needs an amount such as {self.example}, not {shown(text)}.")
        decimals = match[1] or ""
        # Zeros at the end are not too many: another program may write every amount with two decimals.
        if len(decimals) > _MOST_WRITTEN or len(decimals.rstrip("0")) > self.places:
            raise ValueError(self.too_many_decimals(text))
        if len(self) >= KEPT:
            self.clear()
        amount = self[text] = plain(Decimal(text))
        return amount

    def too_many_decimals(self, said: str) -> str:
        """Return the sentence that an amount, as it was said, has more decimals than the currency."""
        most = f"at most {self.places}" if self.places else "no"
        return f"Needs {most} decimals in {self.currency}, not {shown(said)}."


class _Texts(dict[str, str]):
    def __init__(self, amounts: Amounts) -> None:
        super().__init__()
        self._amounts = amounts

    def __missing__(self, text: str) -> str:
        if len(self) >= KEPT:
            self.clear()
        match = self[text] = str(self._amounts[text])
        return match


def plain(amount: Decimal) -> Decimal:
    """Return the amount with two decimals, or three if it needs them, as the database returns it."""
    rounded = amount.quantize(_CENT)
    return (rounded if rounded == amount else amount) + 0
