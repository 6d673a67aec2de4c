"""A page of docs/ as pieces that the template writes one after another, each text escaped."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markdown_it.token import Token

from automations.web.help.doc_pages import PAGES, Section

#: Elements that a page may have; anything else of a page is left out.
TAGS = frozenset(
    ("a", "blockquote", "br", "code", "em", "h3", "hr", "li", "ol", "p", "pre", "strong", "ul")
) | frozenset(("table", "tbody", "td", "th", "thead", "tr"))
_PAGE = re.compile(r"(?P<page>[\w-]+)\.md(#(?P<anchor>[\w-]+))?")
_OUTSIDE = re.compile(r"https://[\w.-]+(/\S*)?")


@dataclass(frozen=True)
class DocPiece:
    """A text, or the beginning or end of an element `tag`."""

    text: str = ""
    tag: str = ""
    ends: bool = False
    #: Where a link leads: a page of help with an anchor, or an address outside.
    page: str = ""
    anchor: str = ""
    address: str = ""
    #: The heading of a table's column, shown beside its value where rows are stacked.
    label: str = ""


def pieces(section: Section) -> list[DocPiece]:
    """Return what stands below the heading of `section`."""
    return list(_of_tokens(section.tokens, section.page))


def _of_tokens(tokens: Sequence[Token], page: str) -> Iterator[DocPiece]:
    heads: list[str] = []
    column = 0
    for place, token in enumerate(tokens):
        if token.type in ("fence", "code_block"):
            yield from (DocPiece(tag="pre"), DocPiece(token.content), DocPiece(tag="pre", ends=True))
        elif token.type == "inline":
            yield from _of_text(token.children or (), page)
        elif token.hidden or token.tag not in TAGS:
            continue
        elif token.type == "td_open":
            yield DocPiece(tag="td", label=heads[column] if column < len(heads) else "")
            column += 1
        else:
            heads = [] if token.type == "table_open" else heads
            column = 0 if token.type == "tr_open" else column
            if token.type == "th_open":
                heads = [*heads, tokens[place + 1].content]
            yield DocPiece(tag=token.tag, ends=token.nesting < 0)


def _of_text(tokens: Sequence[Token], page: str) -> Iterator[DocPiece]:
    linked = False
    for token in tokens:
        if token.type in ("text", "code_inline"):
            yield from _text(token)
        elif token.type in ("softbreak", "hardbreak"):
            yield DocPiece(" ")
        elif token.type == "link_open":
            link = _link(str(token.attrs.get("href", "")), page)
            linked = link is not None
            if link:
                yield link
        elif token.type == "link_close":
            if linked:
                yield DocPiece(tag="a", ends=True)
        elif token.tag in TAGS:
            yield DocPiece(tag=token.tag, ends=token.nesting < 0)


def _text(token: Token) -> Iterator[DocPiece]:
    if token.type == "text":
        yield DocPiece(token.content)
    else:
        yield from (DocPiece(tag="code"), DocPiece(token.content), DocPiece(tag="code", ends=True))


def _link(href: str, page: str) -> DocPiece | None:
    """Return the beginning of a link; None where it leads to a page for developers, whose words stay."""
    found = _PAGE.fullmatch(href)
    if found and found["page"] in PAGES:
        return DocPiece(tag="a", page=found["page"], anchor=found["anchor"] or "")
    if href.startswith("#"):
        return DocPiece(tag="a", page=page, anchor=href[1:])
    return DocPiece(tag="a", address=href) if _OUTSIDE.fullmatch(href) else None
