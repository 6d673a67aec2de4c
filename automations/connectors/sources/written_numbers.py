"""Reads a number as people write it: 1,234.50, 1.234,50, 1 234,50, 1'234.50, CHF 12.–, (5.00), 3,20-."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

#: What may separate thousands beside a point or a comma: any one space, which stands here for all, or these.
_APART = " '\u2019\u02bc"
#: The mark before the decimals -> the one that separates thousands, and an example.
OTHER = {",": ".", ".": ","}
EXAMPLES = {",": "1.234,50", ".": "1,234.50"}
#: In place of a mark: the text does not show whether its only mark separates thousands or decimals.
UNCLEAR = "?"
LONGEST = 40

_SIGNS = r"$€£¥₹₩₺₽₪₫₱₦₴₸₡₲₵₭₮฿﷼₨\uffe5"
_WORDS = r"kr\.?|zł|S?Fr\.|Kč|Ft|lei|Rs\.?|RM|R|Rp\.?|лв\.?|din\.?"
_CURRENCY = rf"(?:[A-Z]{{1,3}}\$|[A-Z]{{3}}|[{_SIGNS}]|{_WORDS})"
_WRITTEN = re.compile(
    rf"(?P<before>-?) ?{_CURRENCY}? ?(?P<inside>-?) ?"
    rf"(?P<digits>[0-9.,][0-9.,{_APART}]*?)"
    rf"(?:(?<=[.,])[-–—]{{1,2}})? ?(?P<after>-?) ?{_CURRENCY}?",
    re.ASCII,
)
_GROUPED = re.compile(rf"([0-9]{{1,3}})((?:([{_APART}])[0-9]{{3}})(?:\3[0-9]{{3}})*)([.,].*)?", re.ASCII)
_POINT = re.compile(
    r"(?:[1-9][0-9]{0,2}(?:,[0-9]{3})+|[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}|[0-9]+)?(?:\.[0-9]*)?", re.ASCII
)
_COMMA = re.compile(r"(?:[1-9][0-9]{0,2}(?:\.[0-9]{3})+|[0-9]+)?(?:,[0-9]*)?", re.ASCII)


def mark_of(text: str) -> str:
    """Return which mark a number has before its decimals: a comma, a point, UNCLEAR, or "" if it has none.

    "" also stands for what is no number.
    """
    return _mark(text) if "," in text or "." in text else ""


def number_of(text: str, mark: str) -> Decimal | None:
    """Return the number that has this mark before its decimals; None if it is none."""
    parts = _parts(text)
    if parts is None or not _has_mark(parts[1], mark):
        return None
    is_negative, digits, _ = parts
    plain = digits.replace(OTHER[mark], "").replace(mark, ".")
    number = Decimal(plain.removesuffix("."))
    return -number if is_negative else number


@lru_cache(maxsize=8192)
def _mark(text: str) -> str:
    parts = _parts(text)
    if parts is None:
        return ""
    _, digits, has_groups = parts
    possible = [mark for mark in OTHER if _has_mark(digits, mark)]
    if len(possible) == 2:
        # Spaces separate its thousands: so its only mark is before decimals.
        return ("," if "," in digits else ".") if has_groups else UNCLEAR
    return possible[0] if possible else ""


def _has_mark(digits: str, mark: str) -> bool:
    return any(map(str.isdigit, digits)) and bool((_COMMA if mark == "," else _POINT).fullmatch(digits))


def _parts(text: str) -> tuple[bool, str, bool] | None:
    """Return whether it is below zero, its digits and marks, and whether spaces or the like group them."""
    if len(text) > LONGEST:
        return None
    plain = " ".join(text.split()).replace("\u2212", "-")
    in_brackets = plain.startswith("(") and plain.endswith(")")
    match = _WRITTEN.fullmatch(plain[1:-1] if in_brackets else plain)
    if match is None:
        return None
    signs = [match["before"], match["inside"], match["after"]].count("-") + in_brackets
    digits = match["digits"].rstrip()
    groups = _GROUPED.fullmatch(digits)
    if groups:
        digits = groups[1] + groups[2].replace(groups[3], "") + (groups[4] or "")
    return None if signs > 1 or not digits else (bool(signs), digits, groups is not None)
