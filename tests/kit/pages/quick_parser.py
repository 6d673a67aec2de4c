"""Python's HTML parser, twice as fast on pages as our templates write them: tests read thousands of them."""

from __future__ import annotations

import re
from functools import lru_cache
from html import unescape
from html.parser import HTMLParser

Attributes = list[tuple[str, str | None]]

_NAME = r"[a-z][a-z0-9-]*"
_STEP = re.compile(
    rf"""
    (?P<text>[^<]*)
    (?: </(?P<end>{_NAME})>
      | (?P<start> <(?P<tag>{_NAME}) (?: \s+ [A-Za-z_:@][\w:@.-]* (?: ="[^"]*" | ='[^']*' )? )* \s* /?> )
      | <!doctype\ html> )
    """,
    re.VERBOSE,
)
#: Elements whose content is read in another way.
_SPECIAL = frozenset(
    {"script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "noscript", "plaintext"}
)


class _StartTag(HTMLParser):
    """What Python's parser reads in one start tag."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.attributes: Attributes = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        self.attributes = attrs


@lru_cache(maxsize=20_000)
def _attributes(text: str) -> tuple[tuple[str, str | None], ...]:
    return tuple(_StartTag(text).attributes)


class QuickParser(HTMLParser):
    """Reads a whole page. What is unusual, and what special elements contain, is left to Python's parser."""

    def feed(self, data: str) -> None:
        place = 0
        while step := _STEP.match(data, place):
            if step["tag"] not in _SPECIAL:
                self._take(step)
                place = step.end()
                continue
            closing = f"</{step['tag']}>"
            end = data.find(closing, step.end())
            if end < 0:
                break
            super().feed(data[place : end + len(closing)])
            place = end + len(closing)
        super().feed(data[place:])

    def _take(self, step: re.Match[str]) -> None:
        if step["text"]:
            self.handle_data(unescape(step["text"]))
        if step["end"]:
            self.handle_endtag(step["end"])
        elif step["start"]:
            attributes = list(_attributes(step["start"]))
            closed = step["start"].endswith("/>")
            (self.handle_startendtag if closed else self.handle_starttag)(step["tag"], attributes)
