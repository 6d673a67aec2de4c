"""What the PDF of an order leaves out: letters that no font here has."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from automations.emails.paper_fonts import register, runs

#: Scripts that are better known by a language that is written in them.
_KNOWN_AS = {"Devanagari": "Hindi", "Gurmukhi": "Punjabi", "Ethiopic": "Amharic", "Myanmar": "Burmese"}
#: Scripts of which a font has the usual letters: one that it lacks is named itself.
_USUAL = frozenset({"Latin", "Greek", "Cyrillic"})


def left_out(texts: Iterable[str], language: str) -> list[str]:
    """Return what these texts lose on paper: scripts by name, and single signs: ["Hindi letters", "“₾”"]."""
    others = [text for text in texts if not text.isascii()]
    if not others:
        return []
    register()
    lost = {letter for text in others for line in text.split("\n") for letter in _lost(line, language)}
    return sorted(set(filter(None, map(_named, lost))))


def texts_in(data: object) -> Iterator[str]:
    """Yield the texts in plain data."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping):
        for value in data.values():
            yield from texts_in(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from texts_in(value)


def _lost(line: str, language: str) -> Iterator[str]:
    for name, letters in runs(line, language):
        font = pdfmetrics.getFont(name)
        # Fonts that readers bring along have all of their script.
        if isinstance(font, TTFont):
            yield from (letter for letter in letters if ord(letter) not in font.face.charToGlyph)


def _named(letter: str) -> str:
    """Return the script of a letter, or the sign itself; "" for spaces and for accents that stand alone."""
    kind, script = unicodedata.category(letter)[0], unicodedata.name(letter, "").partition(" ")[0].title()
    if kind in "ZC" or script in ("Combining", ""):
        return ""
    if kind not in "LMN" or script in _USUAL:
        return f"“{letter}”"
    return f"{_KNOWN_AS.get(script, script)} letters"
