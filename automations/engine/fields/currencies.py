"""The decimals of currencies, as ISO 4217 has them."""

from __future__ import annotations

from decimal import Decimal

_USUAL = 2
_WITHOUT = ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV")
_WITHOUT_IN_FRANCS = ("XAF", "XOF", "XPF")
_WITH_THREE = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
_DECIMALS = dict.fromkeys(_WITHOUT + _WITHOUT_IN_FRANCS, 0) | dict.fromkeys(_WITH_THREE, 3)


def decimals_of(currency: str) -> int:
    """Return how many decimals an amount of an ISO currency has; 2 for an unknown one."""
    return _DECIMALS.get(currency, _USUAL)


def in_full(amount: Decimal, currency: str) -> Decimal:
    """Return the amount with the decimals of its currency, or with more if it has more; never rounded."""
    exact = amount.quantize(Decimal(1).scaleb(-decimals_of(currency)))
    return exact if exact == amount else amount
