"""A text on paper: a paragraph, or one whose lines are put in the order in which they are seen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_LEFT, TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Flowable, Paragraph

from automations.emails import right_to_left
from automations.emails.paper_fonts import TEXT, marked_up, width_of

#: What of one text fits on any page: a row that is higher than a page cannot be drawn.
_LONGEST, _LINES = 600, 12
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def words_on_paper(
    language: str, text: str, font: str = TEXT, size: int = 10, colour: str = "#1d2426", right: bool = False
) -> Flowable:
    """Return a text in a language; with `right`, it ends where a line of the language ends."""
    to_the_left = right_to_left.is_of(language)
    style = ParagraphStyle(
        f"{font}-{size}-{colour}-{right}-{to_the_left}",
        fontName=font,
        fontSize=size,
        leading=size * 1.35,
        textColor=HexColor(colour),
        alignment=TA_RIGHT if right != to_the_left else TA_LEFT,
        splitLongWords=True,
    )
    lines = _UNSEEN.sub("", text[:_LONGEST]).split("\n")[:_LINES]
    if right_to_left.is_needed(text):
        return MixedParagraph(lines, language, style)
    return Paragraph("<br/>".join(marked_up(line, language, font) for line in lines), style)


class MixedParagraph(Flowable):
    """A paragraph with words from right to left: broken as it is read, and drawn as it is seen."""

    def __init__(self, lines: Sequence[str], language: str, style: ParagraphStyle) -> None:
        super().__init__()
        self._lines, self._language, self._style = lines, language, style
        self._drawn: Paragraph | None = None

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Break the lines to a width; return the room they take."""
        style, language = self._style, self._language
        measure = partial(width_of, language=language, font=style.fontName, size=style.fontSize)
        seen = [one for line in self._lines for one in right_to_left.seen(line, measure, width)]
        written = "<br/>".join(marked_up(one, language, style.fontName) for one in seen)
        self._drawn = Paragraph(written, style)
        taken: tuple[float, float] = self._drawn.wrap(width, height)
        return taken

    def draw(self) -> None:
        """Draw what was wrapped last."""
        if self._drawn is not None:
            self._drawn.drawOn(self.canv, 0, 0)
