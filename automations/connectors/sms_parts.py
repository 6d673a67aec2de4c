"""Count the parts of a text message: gateways bill each part."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

#: GSM 03.38: the basic alphabet, and the characters that take two septets.
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_DOUBLE = frozenset("\f^{}\\[~]|€")
GSM, UCS2 = "GSM-7", "UCS-2"
#: More characters than these are only counted.
_MOST_SHOWN = 5


@dataclass(frozen=True)
class Segments:
    """The alphabet a text needs and the parts it takes, at least one."""

    alphabet: str
    count: int
    #: The characters outside the GSM alphabet, each once, in the order of the text.
    outside: str = ""
    #: The parts it would take without them, each replaced by one of the alphabet.
    count_without: int = 1

    def __str__(self) -> str:
        return _counted(self.count)

    @property
    def reason(self) -> str:
        """Which characters make the parts smaller, as a sentence; "" if none does."""
        if not self.outside:
            return ""
        shown = [f"“{_named(character)}”" for character in self.outside[:_MOST_SHOWN]]
        more = [f"{len(self.outside) - _MOST_SHOWN} more"] if len(self.outside) > _MOST_SHOWN else []
        *before, last = [*shown, *more]
        names = f"{', '.join(before)} and {last}" if before else last
        be, them = ("are", "them") if before else ("is", "it")
        sentence = f"{names} {be} not in the alphabet of text messages: a part holds 70 characters, not 160."
        if self.count_without == self.count:
            return sentence
        return f"{sentence} Without {them}, this would take {_counted(self.count_without)}."


def segments(text: str) -> Segments:
    """Count the parts: 160 characters (153 each when longer), or 70 (67) outside the GSM alphabet."""
    outside = "".join(dict.fromkeys(one for one in text if one not in _BASIC and one not in _DOUBLE))
    in_gsm = _parts([2 if character in _DOUBLE else 1 for character in text], 160, 153)
    if not outside:
        return Segments(GSM, in_gsm, count_without=in_gsm)
    in_ucs = _parts([2 if ord(character) > 0xFFFF else 1 for character in text], 70, 67)
    return Segments(UCS2, in_ucs, outside, in_gsm)


def _counted(count: int) -> str:
    return f"{count} part" if count == 1 else f"{count} parts"


def _named(character: str) -> str:
    """Return a character as a reader can see it: what is invisible by its name."""
    is_visible = character.isprintable() and not character.isspace()
    return character if is_visible else unicodedata.name(character, f"U+{ord(character):04X}").lower()


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
