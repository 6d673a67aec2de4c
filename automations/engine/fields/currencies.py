"""The decimals of currencies, as ISO 4217 has them."""

from __future__ import annotations

from decimal import Decimal

_CODES = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD
CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD
GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT
LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR
NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP
STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD
XCG XOF XPF YER ZAR ZMW ZWG
"""
#: The codes of the currencies that people pay in.
CODES = tuple(_CODES.split())
_USUAL = 2
_WITHOUT = ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV")
_WITHOUT_IN_FRANCS = ("XAF", "XOF", "XPF")
_WITH_THREE = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
_DECIMALS = dict.fromkeys(_WITHOUT + _WITHOUT_IN_FRANCS, 0) | dict.fromkeys(_WITH_THREE, 3)


def decimals_of(currency: str) -> int:
    """Return how many decimals an amount of an ISO currency has; 2 for an unknown one."""
    return _DECIMALS.get(currency, _USUAL)


def in_full(amount: Decimal, currency: str) -> Decimal:
    """Return the amount with the decimals of its currency, or with as many as it needs; never rounded."""
    exact = amount.quantize(Decimal(1).scaleb(-decimals_of(currency)))
    return exact if exact == amount else amount.normalize()
