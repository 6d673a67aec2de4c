"""Amounts of money as they arrive: decimal text, exact, as many decimals as the currency has."""

from __future__ import annotations

import re
from decimal import Decimal

from automations.engine.values import shown

_AMOUNT = re.compile(r"-?[0-9]{1,12}(?:\.([0-9]{1,3}))?", re.ASCII)
# ISO 4217: every other currency has two decimals.
_WITHOUT_DECIMALS = re.compile("BIF|CLP|DJF|GNF|ISK|JPY|KMF|KRW|PYG|RWF|UGX|VND|VUV|XAF|XOF|XPF")
_WITH_THREE = re.compile("BHD|IQD|JOD|KWD|LYD|OMR|TND")
KEPT = 4096
_CENT = Decimal("0.01")


class Amounts(dict[str, Decimal]):
    """Text -> Decimal for one currency; it remembers, because a shop's prices repeat.

    Raises ValueError with a sentence for anything that is no such amount.
    """

    def __init__(self, currency: str) -> None:
        super().__init__()
        self.currency = currency
        self._texts: dict[str, str] = {}
        self.places = (
            0 if _WITHOUT_DECIMALS.fullmatch(currency) else 3 if _WITH_THREE.fullmatch(currency) else 2
        )

    def text(self, text: str) -> str:
        """The amount as it is written in a snapshot."""
        return self._texts.get(text) or self._text(text)

    def _text(self, text: str) -> str:
        found = str(self[text])
        if len(self._texts) >= KEPT:
            self._texts.clear()
        self._texts[text] = found
        return found

    def __missing__(self, text: str) -> Decimal:
        found = _AMOUNT.fullmatch(text)
        if not found:
            raise ValueError(f"Needs an amount such as 86.50, not {shown(text)}.")
        if len(found[1] or "") > self.places:
            raise ValueError(f"Needs at most {self.places} decimals in {self.currency}, not {shown(text)}.")
        if len(self) >= KEPT:
            self.clear()
        amount = self[text] = plain(Decimal(text))
        return amount


def plain(amount: Decimal) -> Decimal:
    """The amount with two decimals, three where it needs them: the form the database gives back."""
    rounded = amount.quantize(_CENT)
    return (rounded if rounded == amount else amount) + 0
