"""An order as a PDF: the same bytes from the same document, wherever and whenever it is made."""

from __future__ import annotations

import html
import io
import re
from functools import cache
from typing import Any

import font_roboto
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table

from automations.emails.colours import WHITE, readable
from automations.emails.email_layout import OrderTable, Row
from automations.emails.order_document import OrderDocument

TYPE = "application/pdf"
_TEXT, _BOLD = "Roboto", "Roboto-Bold"
_RULE, _GREY = HexColor("#d8dee0"), HexColor("#5b6668")
#: Where paper is not A4.
_LETTER = frozenset({"US", "CA", "MX"})
_MARGIN = 20 * mm
#: What of one text fits on any page: a row that is higher than a page cannot be drawn.
_LONGEST, _LINES = 600, 12
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def order_pdf(document: OrderDocument) -> bytes:
    """Return the PDF of an order."""
    _fonts()
    page = LETTER if document.language.partition("-")[2] in _LETTER else A4
    written, look = io.BytesIO(), document.look
    # `invariant` leaves out the time and what is drawn by lot.
    pdf = SimpleDocTemplate(
        written,
        pagesize=page,
        title=document.title,
        author=look.brand,
        lang=document.language,
        invariant=1,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN,
    )
    width = page[0] - 2 * _MARGIN
    parts: list[Flowable] = [_words(look.brand, _BOLD, 15, readable(look.colour, WHITE))]
    reach = (look.address, look.phone, look.email)
    parts += [_words(text, colour="#5b6668") for text in reach if text]
    parts += [Spacer(1, 9 * mm), _words(document.title, _BOLD, 18), Spacer(1, 4 * mm)]
    if document.facts:
        parts += [_facts(document, width), Spacer(1, 7 * mm)]
    if document.table:
        parts.append(_table(document.table, width))
    pdf.build(parts, onFirstPage=_foot, onLaterPages=_foot)
    return written.getvalue()


@cache
def _fonts() -> None:
    for name, file in ((_TEXT, font_roboto.Roboto), (_BOLD, font_roboto.RobotoBold)):
        pdfmetrics.registerFont(TTFont(name, file))


def _words(
    text: str, font: str = _TEXT, size: int = 10, colour: str = "#1d2426", right: bool = False
) -> Paragraph:
    style = ParagraphStyle(
        f"{font}-{size}-{colour}-{right}",
        fontName=font,
        fontSize=size,
        leading=size * 1.35,
        textColor=HexColor(colour),
        alignment=2 if right else 0,
        splitLongWords=True,
    )
    lines = (html.escape(line, quote=False) for line in _UNSEEN.sub("", text[:_LONGEST]).split("\n")[:_LINES])
    return Paragraph("<br/>".join(lines), style)


def _facts(document: OrderDocument, width: float) -> Table:
    rows = [[_words(what, colour="#5b6668"), _words(value)] for what, value in document.facts]
    return Table(rows, [width * 0.28, width * 0.72], style=[*_TIGHT, ("VALIGN", (0, 0), (-1, -1), "TOP")])


def _table(table: OrderTable, width: float) -> Table:
    """Return the lines with the sums below; the heads come again on each page."""
    rows, total = [_cells(table.heads, _BOLD), *map(_cells, table.lines)], len(table.lines) + 1
    rows += [*map(_cells, table.sums), _cells(table.total, _BOLD, 12), *map(_cells, table.below)]
    above = total + len(table.sums)
    lines: list[Any] = [("LINEBELOW", (0, 0), (-1, above - 1), 0.5, _RULE)]
    lines += [("LINEABOVE", (0, above), (-1, above), 1.2, HexColor("#1d2426"))]
    lines += [("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)]
    lines += [("RIGHTPADDING", (0, 0), (-1, -1), 0)]
    return Table(rows, [width * 0.72, width * 0.28], repeatRows=1, style=lines)


def _cells(row: Row, font: str = _TEXT, size: int = 10) -> list[Paragraph]:
    what, amount = row
    return [_words(what, font, size), _words(amount, font, size, right=True)]


def _foot(canvas: Any, pdf: Any) -> None:
    canvas.setFont(_TEXT, 8)
    canvas.setFillColor(_GREY)
    canvas.drawRightString(pdf.pagesize[0] - _MARGIN, 10 * mm, str(pdf.page))


_TIGHT = [
    (f"{side}PADDING", (0, 0), (-1, -1), 0 if side == "LEFT" else 2) for side in ("LEFT", "TOP", "BOTTOM")
]
