"""The words of a message as paragraphs, and the web addresses in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

#: Ends before the punctuation that closes a sentence or a bracket.
_URL = re.compile(r"https?://[^\s<>\"“”]{1,2000}?(?=[.,;:!?)\]’']*(?:[\s<>\"“”]|$))")
_LONGEST_PREHEADER = 110
#: A greeting says nothing in the list of messages.
_LONGEST_GREETING = 60

#: A piece of a line: its text, and the address it links to or "".
Piece = tuple[str, str]


def paragraphs(words: str) -> list[list[list[Piece]]]:
    """Return the paragraphs, each with its lines, each with its pieces of text."""
    blocks = re.split(r"\n[^\S\n]*\n\s*", words.replace("\r\n", "\n").strip("\n"))
    return [[list(_pieces(line)) for line in block.split("\n")] for block in blocks if block.strip()]


def preheader(words: str) -> str:
    """Return the first words after the greeting, which mail programs show beside the subject."""
    lines = [" ".join(block.split()) for block in re.split(r"\n\s*\n", words) if block.strip()]
    if len(lines) > 1 and len(lines[0]) <= _LONGEST_GREETING:
        lines = lines[1:]
    return _cut(lines)


def _cut(lines: Sequence[str]) -> str:
    text = " ".join(lines)
    if len(text) <= _LONGEST_PREHEADER:
        return text
    return text[:_LONGEST_PREHEADER].rsplit(" ", 1)[0] + "…"


def _pieces(line: str) -> Iterator[Piece]:
    end = 0
    for match in _URL.finditer(line):
        if match.start() > end:
            yield line[end : match.start()], ""
        yield match.group(), match.group()
        end = match.end()
    if end < len(line) or not line:
        yield line[end:], ""
