"""The lines of a mail header: what stands in them is read back exactly as it was written.

The email library's own folding is not used: it loses spaces between encoded words, drops the quotation
marks of long names and encodes long addresses, differently from one version of Python to the next.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from automations.connectors.plain_text import one_line

#: Characters of a line: what one with an encoded word may have (RFC 2047), and what any may have (RFC 5322).
_FOLDED, LONGEST = 76, 998
_BREAK = "\r\n"
_START, _END = "=?utf-8?{}?", "?="
_AROUND = len(_START.format("q") + _END)
#: What may stand in an encoded word of a name as itself (RFC 2047, section 5, rule 3); a space is "_".
_AS_IT_IS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
#: Words that need no quotation marks in a name. A full stop does.
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_NEEDS_ESCAPE = re.compile(r'(["\\])')


def text_line(name: str, text: str) -> str:
    """Return a header with free text, such as the subject, folded where it is long. `text` may be empty."""
    words = _safe(text)
    line = _folded(f"{name}: {words}".rstrip(" "))
    return line if _can_stay(words) and _fits(line) else _folded(f"{name}: {_encoded(words, name)}")


def mailbox_line(name: str, display_name: str, address: str) -> str:
    """Return a header with exactly one person: their name, which may be empty, and their address."""
    words, address = _safe(display_name), _safe(address)
    if not words:
        return whole_line(name, address)
    line = _name_line(name, words)
    gap = " " if len(f"{line.rpartition(_BREAK)[2]} <{address}>") <= _FOLDED else f"{_BREAK} "
    return f"{line}{gap}<{address}>"


def addresses_line(name: str, addresses: Sequence[str]) -> str:
    """Return a header with several addresses, each on a line of its own."""
    return f"{name}: " + f",{_BREAK} ".join(_safe(address) for address in addresses)


def whole_line(name: str, value: str) -> str:
    """Return a header that programs compare or follow, such as an id: neither folded nor encoded."""
    return f"{name}: {_safe(value)}"


def _safe(text: str) -> str:
    return one_line(text, LONGEST)


def _can_stay(text: str) -> bool:
    # Whoever reads "=?" may take it for the start of an encoded word.
    return text.isascii() and "=?" not in text


def _fits(line: str) -> bool:
    return all(len(part) <= LONGEST for part in line.split(_BREAK))


def _name_line(name: str, text: str) -> str:
    if _can_stay(text):
        # A quotation is never folded: some programs take the end of a line for its end.
        quoted = '"' + _NEEDS_ESCAPE.sub(r"\\\1", text) + '"'
        line = _folded(f"{name}: {text}") if _is_atoms(text) else f"{name}: {quoted}"
        if _fits(line):
            return line
    # Words stay readable where they can. Some programs show a space between two encoded words of a name,
    # so there are as few neighbours as possible.
    runs = [(plain, " ".join(words)) for plain, words in groupby(text.split(" "), _is_plain)]
    return _folded(f"{name}: " + " ".join(run if plain else _encoded(run, name) for plain, run in runs))


def _is_plain(word: str) -> bool:
    return _is_atoms(word) and len(word) <= _FOLDED - _AROUND


def _is_atoms(text: str) -> bool:
    return bool(_ATOMS.fullmatch(text)) and _can_stay(text)


def _folded(line: str) -> str:
    """Break a line at spaces, but not before its second word; readers undo it and keep the space."""
    first, *words = line.split(" ")
    lines = [first]
    for place, word in enumerate(words):
        longer = f"{lines[-1]} {word}"
        if place and len(longer) > _FOLDED:
            lines.append(f" {word}")
        else:
            lines[-1] = longer
    return _BREAK.join(lines)


def _encoded(text: str, name: str) -> str:
    """Return the text as encoded words, which a reader joins without the spaces between them.

    Each of them fits into a line behind the name of the header.
    """
    room = _FOLDED - _AROUND - len(f"{name}: ")
    quoted, in_base64 = list(_pieces(text, room, _quoted)), list(_pieces(text, room, _base64))
    letter, pieces = ("q", quoted) if len("".join(quoted)) <= len("".join(in_base64)) else ("b", in_base64)
    return " ".join(f"{_START.format(letter)}{piece}{_END}" for piece in pieces)


def _pieces(text: str, room: int, encode: Callable[[str], str]) -> Iterator[str]:
    """Yield the text piece by piece, encoded to at most `room` characters; a piece holds whole characters."""
    start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and len(encode(text[start : end + 1])) <= room:
            end += 1
        yield encode(text[start:end])
        start = end


def _quoted(text: str) -> str:
    return "".join(map(_quoted_character, text))


def _quoted_character(character: str) -> str:
    if character == " ":
        return "_"
    if character in _AS_IT_IS:
        return character
    return "".join(f"={byte:02X}" for byte in character.encode())


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
