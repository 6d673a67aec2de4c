"""Help: the list of its pages, one page, and the search in them."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Flask, abort, render_template, request, url_for

from automations.models.db.text_search import folded
from automations.web.help import doc_pages
from automations.web.help.doc_pages import DocPage, Section
from automations.web.help.doc_pieces import pieces

#: Sections shown of a search, and characters of each.
SHOWN, EXCERPT = 30, 220
LONGEST = 100
#: The page whose entries are the sentences behind each “?”.
WORDS = "words"

bp = Blueprint("help", __name__, url_prefix="/help")
bp.add_app_template_global(pieces, "doc_pieces")


@dataclass(frozen=True)
class HelpTopic:
    """What one “?” explains: the word, its sentences as docs/ has them, and a link to where more is said."""

    word: str
    sentence: str
    url: str
    more: str


@dataclass(frozen=True)
class HelpHit:
    """A section that has all words of a search, with the part of its text around the first one."""

    section: Section
    excerpt: str

    @property
    def url(self) -> str:
        return url_of(self.section)


_PAGES: dict[str, DocPage] = doc_pages.read()
_TOPICS = {section.slug: section for section in _PAGES[WORDS].sections if section.slug}


@bp.get("")
def index() -> str:
    text = " ".join(request.args.get("q", "").split())[:LONGEST]
    found = search(text, SHOWN) if text else []
    return render_template("help/index.html", q=text, found=found, pages=_PAGES.values())


@bp.get("/<page>")
def show(page: str) -> str:
    return render_template("help/show.html", page=_PAGES.get(page) or abort(404), pages=_PAGES.values())


def search(text: str, most: int) -> list[HelpHit]:
    """Return sections that have every word of `text`: those with it in the heading first, then in order."""
    words = folded(text).split()
    sections = [section for page in _PAGES.values() for section in page.sections]
    hits = [one for one in sections if all(word in one.searched for word in words)]
    hits.sort(key=lambda one: not all(word in folded(one.title) for word in words))
    return [HelpHit(one, _excerpt(one.text, words)) for one in hits[:most]]


def topic(slug: str) -> HelpTopic:
    """Return what a “?” explains. A page that asks for a word that is not there fails its tests."""
    section = _TOPICS[slug]
    parts = pieces(section)
    link = next((place for place, part in enumerate(parts) if part.page), None)
    if link is None:
        return HelpTopic(section.title, section.first_sentences, url_of(section), "All words")
    url = url_for("help.show", page=parts[link].page, _anchor=parts[link].anchor or None)
    return HelpTopic(section.title, section.first_sentences, url, parts[link + 1].text)


def url_of(section: Section) -> str:
    return url_for("help.show", page=section.page, _anchor=section.slug or None)


def register(app: Flask) -> None:
    """Make the sentences available to templates."""
    app.jinja_env.globals.update(help_topic=topic, help_title=_title)


def _title(page: str) -> str:
    return _PAGES[page].title


def _excerpt(text: str, words: list[str]) -> str:
    """Return some of `text` around the first of `words`, cut between words."""
    place = min((at for word in words if (at := folded(text).find(word)) >= 0), default=0)
    start = 0 if place < EXCERPT // 2 else text.find(" ", place - EXCERPT // 3) + 1
    end = len(text) if len(text) - start <= EXCERPT else text.rfind(" ", start, start + EXCERPT)
    return f"{'… ' if start else ''}{text[start:end]}{' …' if end < len(text) else ''}"
