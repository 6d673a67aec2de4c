"""Amounts of money as they arrive: decimal text, exact, as many decimals as the currency has."""

from __future__ import annotations

import re
from decimal import Decimal

from automations.engine.operators.value_types import shown

_AMOUNT = re.compile(r"-?[0-9]{1,12}(?:\.([0-9]{1,9}))?", re.ASCII)
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
        #: Text -> the amount as it is written in a snapshot.
        self.texts = _Texts(self)
        self.places = (
            0 if _WITHOUT_DECIMALS.fullmatch(currency) else 3 if _WITH_THREE.fullmatch(currency) else 2
        )

    def __missing__(self, text: str) -> Decimal:
        found = _AMOUNT.fullmatch(text)
        if not found:
            raise ValueError(f"Needs an amount such as 86.50, not {shown(text)}.")
        if len(found[1] or "") > self.places:
            most = f"at most {self.places}" if self.places else "no"
            raise ValueError(f"Needs {most} decimals in {self.currency}, not {shown(text)}.")
        if len(self) >= KEPT:
            self.clear()
        amount = self[text] = plain(Decimal(text))
        return amount


class _Texts(dict[str, str]):
    def __init__(self, amounts: Amounts) -> None:
        super().__init__()
        self._amounts = amounts

    def __missing__(self, text: str) -> str:
        if len(self) >= KEPT:
            self.clear()
        found = self[text] = str(self._amounts[text])
        return found


def plain(amount: Decimal) -> Decimal:
    """The amount with two decimals, three where it needs them: the form the database gives back."""
    rounded = amount.quantize(_CENT)
    return (rounded if rounded == amount else amount) + 0
