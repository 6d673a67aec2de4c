"""Sentences as a list of parts, some of them in bold."""

from __future__ import annotations

from collections.abc import Sequence

#: A part of a sentence, and whether it is bold.
Part = tuple[str, bool]


def text_of(parts: Sequence[Part]) -> str:
    """Return the text of the parts without formatting."""
    return "".join(text for text, _ in parts)


def listed(phrases: list[list[Part]], last: str = "and") -> list[Part]:
    """Return the phrases joined by commas and one `last`."""
    parts = list(phrases[0])
    for place, phrase in enumerate(phrases[1:], start=2):
        parts += [(f" {last} " if place == len(phrases) else ", ", False), *phrase]
    return parts


def merged(parts: Sequence[Part]) -> list[Part]:
    """Return the parts with adjacent parts of the same formatting joined."""
    pieces: list[Part] = []
    for text, strong in parts:
        if pieces and pieces[-1][1] == strong:
            pieces[-1] = (pieces[-1][0] + text, strong)
        else:
            pieces.append((text, strong))
    return pieces


def article(noun: str) -> str:
    """Return "a" or "an", whichever fits the noun."""
    return "an" if noun[:1].lower() in "aeiou" else "a"
