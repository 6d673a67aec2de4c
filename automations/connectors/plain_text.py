"""Make safe text out of whatever a person or an API sent as a name, subject or body."""

from __future__ import annotations

import unicodedata

#: Control characters, invisible format characters (bidi overrides, zero-width), lone surrogates,
#: and the line and paragraph separators U+2028 and U+2029.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
#: Format characters that spelling and emoji need: zero-width non-joiner and joiner.
_NEEDED = frozenset("\u200c\u200d")


def one_line(text: str, limit: int = 998) -> str:
    """Return `text` on one line, without control or bidi characters, at most `limit` characters."""
    safe = text[: limit * 4]
    # Nearly every text is safe, and asking for each character takes long.
    if not safe.isprintable():
        safe = "".join(map(_safe, safe))
    return " ".join(safe.split())[:limit].strip()


def _safe(character: str) -> str:
    if character in _NEEDED or unicodedata.category(character) not in _UNSAFE:
        return character
    return " " if unicodedata.category(character) in ("Cc", "Zl", "Zp") else ""


def header_text(text: str, limit: int = 998) -> str:
    """Return `text` for a header, on one line and with no encoded word (RFC 2047) in it.

    The email library would decode an encoded word, so the start of one is broken up.
    """
    return one_line(text, limit).replace("=?", "= ?")


def plain(text: str) -> str:
    """Return `text` with "\\n" line ends and without characters a mail body cannot carry."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    if all(map(str.isprintable, lines.split("\n"))):
        return lines
    return "".join(c for c in lines if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
