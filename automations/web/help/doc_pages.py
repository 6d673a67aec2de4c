"""The pages of docs/ that are shown in the product, read once at the start."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from markdown_it import MarkdownIt
from markdown_it.token import Token

from automations.models.db.text_search import folded
from automations.web.setup.config import ROOT

DOCS = ROOT / "docs"
#: The files, in the order of the list -> what a reader finds there. Those for developers are left out.
PAGES: Mapping[str, str] = {
    "words": "What each word on the screen means.",
    "triggers": "What can start an automation, and every field that conditions can ask about.",
    "operators": "How fields are compared, and how conditions are grouped.",
    "actions": "What automations can do, when, and how messages are written.",
    "know-before": "How the figures about a draft are made, checks, shadow mode, and what is held.",
    "connections": "How orders come in from web shops and other programs.",
    "csv": "Importing and exporting records.",
    "rule-files": "Keeping automations as files, and taking them to another store.",
}
#: Sections of these pages that are for developers.
LEFT_OUT = {("actions", "A new kind")}
#: HTML in a page is shown as text: nothing of a page is passed through as it is.
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


@dataclass(frozen=True)
class Section:
    """A heading with what stands below it up to the next one. `slug` is its anchor, "" for the page."""

    page: str
    title: str
    slug: str
    tag: str
    tokens: tuple[Token, ...]

    @cached_property
    def text(self) -> str:
        """The words of the section without markup."""
        return " ".join(" ".join(_texts(self.tokens)).split())

    @cached_property
    def searched(self) -> str:
        """Its heading and its words, folded."""
        return folded(f"{self.title} {self.text}")

    @property
    def first_sentences(self) -> str:
        """Return the words of the first paragraph."""
        inline = next((token for token in self.tokens if token.type == "inline"), None)
        return " ".join(" ".join(_texts([inline])).split()) if inline else ""


@dataclass(frozen=True)
class DocPage:
    """One file. `sections` holds the page itself first, with its title, then its headings in order."""

    name: str
    about: str
    sections: tuple[Section, ...]

    @property
    def title(self) -> str:
        return self.sections[0].title


def read() -> dict[str, DocPage]:
    """Return every page by its name. A file that is missing stops the start."""
    pages = {}
    for name, about in PAGES.items():
        tokens = _MARKDOWN.parse((DOCS / f"{name}.md").read_text(encoding="utf-8"))
        sections = (one for one in _sections(name, tokens) if (name, one.title) not in LEFT_OUT)
        pages[name] = DocPage(name, about, tuple(sections))
    return pages


def slug_of(heading: str) -> str:
    """Return the anchor of a heading, as GitHub makes it, so that the links of the files hold."""
    letters = unicodedata.normalize("NFC", heading.lower())
    return re.sub(r"[^\w\- ]", "", letters).replace(" ", "-")


def _sections(page: str, tokens: list[Token]) -> Iterator[Section]:
    starts = [place for place, token in enumerate(tokens) if token.type == "heading_open"]
    for start, end in zip(starts, [*starts[1:], len(tokens)], strict=True):
        title = "".join(_texts([tokens[start + 1]]))
        slug = "" if tokens[start].tag == "h1" else slug_of(title)
        yield Section(page, title, slug, tokens[start].tag, tuple(tokens[start + 3 : end]))


def _texts(tokens: list[Token] | tuple[Token, ...]) -> Iterator[str]:
    for token in tokens:
        if token.children:
            yield from (_plain(child) for child in token.children if child.type != "image")
        elif token.type in ("fence", "code_block"):
            yield token.content


def _plain(token: Token) -> str:
    return " " if token.type in ("softbreak", "hardbreak") else token.content
