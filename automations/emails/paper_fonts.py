"""The fonts of a PDF: one for most letters, one for each other script, and for the East those of readers."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import cache, lru_cache
from itertools import groupby

import font_roboto
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

from automations.emails.paper_scripts import font_of_script, script_of

TEXT, BOLD = "Roboto", "Roboto-Bold"
#: By language: in each, the same character looks a little different. No such font is in the file.
_EAST = {
    "ja": "HeiseiKakuGo-W5",
    "zh": "STSong-Light",
    "zh-TW": "MSung-Light",
    "ko": "HYGothic-Medium",
}
_KANA = re.compile(r"[\u3040-\u30ff\uff66-\uff9f]")
_HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]")
_IS_EAST = re.compile(r"[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef]")
#: Pictures, and what joins them or picks their look: no font here has them, and nobody misses them on paper.
_PICTURES = frozenset({"So", "Sk", "Cf", "Cs", "Co", "Cn"})
_LOOKS = range(0xFE00, 0xFE10)


@cache
def register() -> None:
    """Have the fonts ready; must be called before any is used."""
    for name, file in ((TEXT, font_roboto.Roboto), (BOLD, font_roboto.RobotoBold)):
        pdfmetrics.registerFont(TTFont(name, file))
    for name in _EAST.values():
        pdfmetrics.registerFont(UnicodeCIDFont(name))


def runs(text: str, language: str, font: str = TEXT) -> list[tuple[str, str]]:
    """Return the parts of one line with the font of each, without pictures."""
    kept = "".join(letter for letter in unicodedata.normalize("NFC", text) if not _is_picture(letter))
    east = _east(text, language)

    def font_of(letter: str) -> str:
        script = script_of(letter)
        if script:
            return font_of_script(script, bold=font == BOLD)
        return east if _IS_EAST.match(letter) else font

    return [(name, "".join(letters)) for name, letters in groupby(kept, key=font_of)]


def marked_up(text: str, language: str, font: str = TEXT) -> str:
    """Return one line as a paragraph in this font takes it, with the font of each part."""
    parts = []
    for name, letters in runs(text, language, font):
        part = html.escape(letters, quote=False)
        parts.append(part if name == font else f'<font name="{name}">{part}</font>')
    return "".join(parts)


def width_of(text: str, language: str, font: str, size: float) -> float:
    """Return how wide one line is, in points."""
    return sum(pdfmetrics.stringWidth(part, name, size) for name, part in runs(text, language, font))


def _east(text: str, language: str) -> str:
    """Return the font of characters of the East: by the script, where it says more than the language."""
    if _KANA.search(text):
        return _EAST["ja"]
    if _HANGUL.search(text):
        return _EAST["ko"]
    return _EAST.get(language) or _EAST.get(language.partition("-")[0]) or _EAST["zh"]


@lru_cache(maxsize=2048)
def _is_picture(letter: str) -> bool:
    if ord(letter) in _drawn() or _IS_EAST.match(letter):
        return False
    return ord(letter) in _LOOKS or unicodedata.category(letter) in _PICTURES


@cache
def _drawn() -> frozenset[int]:
    """Return the characters that our own font has."""
    return frozenset(TTFont(TEXT, font_roboto.Roboto).face.charToGlyph)
