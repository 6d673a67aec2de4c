"""How high the frame of an email is: as high as its words need, for a page cannot measure what it frames.

A frame without scripts tells nothing about its content, so the height is worked out
here, in steps, once for a wide frame and once for a phone. What needs more than the highest step scrolls.
"""

from __future__ import annotations

import math

from automations.emails.email_layout import EmailLayout

#: Pixels of one step, and the highest; static/css/components/email.css has a rule for each.
STEP = 64
LOWEST, HIGHEST = 4, 11
#: Letters of one line: of a wide frame, of a phone.
_LETTERS = (78, 34)
#: Pixels: the brand, margins and the first line of the foot; one line; between paragraphs; the button; a row
#: of the table; the logo.
_AROUND, _LINE, _BETWEEN, _BUTTON, _ROW, _LOGO = 220, 24, 16, 64, 43, 48


def frame_class(layout: EmailLayout, words: str) -> str:
    """Return the classes of a frame for this email: "wide-5 narrow-7"."""
    wide, narrow = (_steps(_height(layout, words, letters)) for letters in _LETTERS)
    return f"wide-{wide} narrow-{narrow}"


def _steps(height: int) -> int:
    return min(max(math.ceil(height / STEP), LOWEST), HIGHEST)


def _height(layout: EmailLayout, words: str, letters: int) -> int:
    height = _AROUND + _of_lines(words, letters)
    height += _BUTTON if layout.button else 0
    height += _LINE * sum(map(bool, (layout.ending, layout.why, layout.look.phone or layout.look.email)))
    height += _LOGO if layout.look.logo else 0
    if layout.table:
        rows = (*layout.table.lines, *layout.table.sums, *layout.table.below)
        height += _ROW * (2 + len(rows))
    return height


def _of_lines(words: str, letters: int) -> int:
    lines = words.strip().splitlines()
    return sum(_LINE * math.ceil(len(line) / letters) if line.strip() else _BETWEEN for line in lines)
