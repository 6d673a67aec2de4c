"""Count the parts of a text message: gateways bill each part."""

from __future__ import annotations

from dataclasses import dataclass

#: GSM 03.38: the basic alphabet, and the characters that take two septets.
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_DOUBLE = frozenset("\f^{}\\[~]|€")
GSM, UCS2 = "GSM-7", "UCS-2"


@dataclass(frozen=True)
class Segments:
    """The alphabet a text needs and the parts it takes, at least one."""

    alphabet: str
    count: int

    def __str__(self) -> str:
        return f"{self.count} part" if self.count == 1 else f"{self.count} parts"


def segments(text: str) -> Segments:
    """Count the parts: 160 characters (153 each when longer), or 70 (67) outside the GSM alphabet."""
    if all(character in _BASIC or character in _DOUBLE for character in text):
        return Segments(GSM, _parts([2 if character in _DOUBLE else 1 for character in text], 160, 153))
    return Segments(UCS2, _parts([2 if ord(character) > 0xFFFF else 1 for character in text], 70, 67))


def _parts(sizes: list[int], single: int, each: int) -> int:
    if sum(sizes) <= single:
        return 1
    count, left = 1, each
    for size in sizes:
        # A character of two units is never split between two parts.
        if size > left:
            count, left = count + 1, each
        left -= size
    return count
