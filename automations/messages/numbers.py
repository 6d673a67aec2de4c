"""Numbers in messages: exact decimals of a limited size."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation

_MOST_DIGITS = 20
#: Longer than any result here, so that nothing is rounded on the way.
_EXACT = Context(prec=400)
#: A number with more zeros than this is shown with an exponent.
_MOST_ZEROS = 400


def number(value: object) -> Decimal:
    """Return `value` as a Decimal; None and blank text count as 0. Raises ValueError with a sentence."""
    if isinstance(value, Decimal):
        return bounded(value)
    text = "" if value is None else str(value).strip()
    try:
        return bounded(Decimal(text[:100])) if text else Decimal(0)
    except InvalidOperation:
        raise ValueError(f"“{text[:40]}” is not a number.") from None


def bounded(number: Decimal) -> Decimal:
    """Return `number` if it is finite and not too large or small. Raises ValueError with a sentence."""
    if not number.is_finite() or (number and abs(number.adjusted()) > _MOST_DIGITS):
        raise ValueError("A number in the message is too large.")
    return number


def calculated(left: object, sign: str, right: object) -> Decimal:
    """Return the exact result of "+", "-" or "*". Raises ValueError with a sentence."""
    calculate = {"+": _EXACT.add, "-": _EXACT.subtract, "*": _EXACT.multiply}[sign]
    return bounded(calculate(number(left), number(right)))


def rounded(value: Decimal, digits: int) -> Decimal:
    """Return `value` rounded to `digits` decimals, clamped to -20 to 6; halves round away from zero.

    Negative `digits` round to tens, hundreds and so on.
    """
    step = Decimal(1).scaleb(-min(6, max(-_MOST_DIGITS, digits)))
    return value.quantize(step, ROUND_HALF_UP, context=_EXACT)


def digits_of(number: Decimal) -> str:
    """Return a number as people write it: without an exponent, and no minus before zero."""
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or abs(exponent) > _MOST_ZEROS:
        return str(number)
    digits = f"{number:f}"
    return digits if number else digits.removeprefix("-")
