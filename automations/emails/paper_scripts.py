"""The fonts of scripts that the usual font of a PDF lacks, each read from the disk when it is needed."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path

import fontpkg_heebo
import fontpkg_ibm_plex_sans_arabic
import fontpkg_sarabun
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

_HEEBO = fontpkg_heebo.ROOT / "files" / "Heebo[wght].ttf"
_PLEX = fontpkg_ibm_plex_sans_arabic.ROOT / "files"
_SARABUN = fontpkg_sarabun.ROOT / "files"
#: By script: its characters, and its font as usual and bold.
_SCRIPTS: dict[str, tuple[re.Pattern[str], Path, Path]] = {
    "Hebrew": (re.compile(r"[\u0590-\u05ff\ufb1d-\ufb4f]"), _HEEBO, _HEEBO),
    "Arabic": (
        re.compile(r"[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufeff]"),
        _PLEX / "IBMPlexSansArabic-Regular.ttf",
        _PLEX / "IBMPlexSansArabic-Bold.ttf",
    ),
    "Thai": (
        re.compile(r"[\u0e00-\u0e7f]"),
        _SARABUN / "Sarabun-Regular.ttf",
        _SARABUN / "Sarabun-Bold.ttf",
    ),
}


@lru_cache(maxsize=2048)
def script_of(letter: str) -> str:
    """Return the script that a letter belongs to and that has a font of its own; "" for all others."""
    if letter < "\u0590":
        return ""
    return next((name for name, (letters, _, _) in _SCRIPTS.items() if letters.match(letter)), "")


@cache
def font_of_script(script: str, *, bold: bool) -> str:
    """Return the name of a script's font, which is ready then."""
    name = f"{script}-Bold" if bold else script
    _, usual, heavy = _SCRIPTS[script]
    pdfmetrics.registerFont(TTFont(name, str(heavy if bold else usual)))
    return name
