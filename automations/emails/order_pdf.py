"""An order as a PDF: the same bytes from the same document, wherever and whenever it is made."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, LETTER
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, SimpleDocTemplate, Spacer, Table

from automations.emails import right_to_left
from automations.emails.colours import WHITE, readable
from automations.emails.email_layout import OrderTable, Row
from automations.emails.order_document import OrderDocument
from automations.emails.paper_fonts import BOLD, TEXT, register
from automations.emails.paper_words import words_on_paper

TYPE = "application/pdf"
Words = Callable[..., Flowable]
Rows = list[list[Flowable]]
_RULE, _GREY = HexColor("#d8dee0"), HexColor("#5b6668")
#: Where paper is not A4.
_LETTER = frozenset({"US", "CA", "MX"})
_MARGIN = 20 * mm


def order_pdf(document: OrderDocument) -> bytes:
    """Return the PDF of an order."""
    register()
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
    words = partial(words_on_paper, document.language)
    parts: list[Flowable] = [words(look.brand, BOLD, 15, readable(look.colour, WHITE))]
    reach = (look.address, look.phone, look.email)
    parts += [words(text, colour="#5b6668") for text in reach if text]
    parts += [Spacer(1, 9 * mm), words(document.title, BOLD, 18), Spacer(1, 4 * mm)]
    if document.facts:
        parts += [_facts(document, width, words), Spacer(1, 7 * mm)]
    if document.table:
        parts.append(_table(document.table, width, words, document.language))
    pdf.build(parts, onFirstPage=_foot, onLaterPages=_foot)
    return written.getvalue()


def _facts(document: OrderDocument, width: float, words: Words) -> Table:
    rows = [[words(what, colour="#5b6668"), words(value)] for what, value in document.facts]
    rows, widths = _mirrored(document.language, rows, [width * 0.28, width * 0.72])
    return Table(rows, widths, style=[*_TIGHT, ("VALIGN", (0, 0), (-1, -1), "TOP")])


def _mirrored(language: str, rows: Rows, widths: list[float]) -> tuple[Rows, list[float]]:
    """Return columns as they stand in a language: the first one on the right if that is where one begins."""
    return ([row[::-1] for row in rows], widths[::-1]) if right_to_left.is_of(language) else (rows, widths)


def _table(table: OrderTable, width: float, words: Words, language: str) -> Table:
    """Return the lines with the sums below; the heads come again on each page."""
    cells = partial(_cells, words)
    rows, total = [cells(table.heads, BOLD), *map(cells, table.lines)], len(table.lines) + 1
    rows += [*map(cells, table.sums), cells(table.total, BOLD, 12), *map(cells, table.below)]
    above = total + len(table.sums)
    lines: list[Any] = [("LINEBELOW", (0, 0), (-1, above - 1), 0.5, _RULE)]
    lines += [("LINEABOVE", (0, above), (-1, above), 1.2, HexColor("#1d2426"))]
    lines += [("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)]
    lines += [("RIGHTPADDING", (0, 0), (-1, -1), 0)]
    rows, widths = _mirrored(language, rows, [width * 0.72, width * 0.28])
    return Table(rows, widths, repeatRows=1, style=lines)


def _cells(words: Words, row: Row, font: str = TEXT, size: int = 10) -> list[Flowable]:
    what, amount = row
    return [words(what, font, size), words(amount, font, size, right=True)]


def _foot(canvas: Any, pdf: Any) -> None:
    canvas.setFont(TEXT, 8)
    canvas.setFillColor(_GREY)
    canvas.drawRightString(pdf.pagesize[0] - _MARGIN, 10 * mm, str(pdf.page))


_TIGHT = [
    (f"{side}PADDING", (0, 0), (-1, -1), 0 if side == "LEFT" else 2) for side in ("LEFT", "TOP", "BOTTOM")
]
