"""Pieces of a sentence, some of them in strong type."""

from __future__ import annotations

from collections.abc import Sequence

#: A piece of the sentence, and whether it is set in strong type.
Part = tuple[str, bool]


def text_of(parts: Sequence[Part]) -> str:
    """The sentence without its strong type."""
    return "".join(text for text, _ in parts)


def listed(phrases: list[list[Part]], last: str = "and") -> list[Part]:
    """The phrases joined by commas and one "and"."""
    parts = list(phrases[0])
    for place, phrase in enumerate(phrases[1:], start=2):
        parts += [(f" {last} " if place == len(phrases) else ", ", False), *phrase]
    return parts


def merged(parts: Sequence[Part]) -> list[Part]:
    """The same with neighbours of one type in one piece."""
    pieces: list[Part] = []
    for text, strong in parts:
        if pieces and pieces[-1][1] == strong:
            pieces[-1] = (pieces[-1][0] + text, strong)
        else:
            pieces.append((text, strong))
    return pieces


def article(noun: str) -> str:
    """ "a" or "an"."""
    return "an" if noun[:1].lower() in "aeiou" else "a"
