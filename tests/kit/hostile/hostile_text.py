"""Hostile text for every column that stores text, and a check of what became of it on a page.

Text that comes alive calls `boom()`, loads an address with "boom" in it, or adds an element or an attribute
that our pages do not have.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from html.parser import HTMLParser
from itertools import product
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import Flask

from automations.models.db.base import db, write
from automations.models.db.column_types import JsonColumn

#: Prefixes that end the context the text may stand in …
BREAKOUTS = (
    *("", '"', "'", '">', "'>", ">", "</div>", "</div></div></section>", "</title>", "</textarea>"),
    *("</option></select>", "</script>", "</style>", "</template>", "</svg>", "</button></form>", "-->"),
    *("]]>", "&quot;>", '\\">', "%22%3E", "\n", "`", "{{", "{%", "<!--", "\u2028", "\u202e"),
)
#: … and markup or code to follow them.
PAYLOADS = (
    "<script>boom()</script>",
    "<ScRiPt src=/boom></ScRiPt>",
    "<img src=/boom onerror=boom()>",
    "<svg/onload=boom()>",
    "<iframe srcdoc='<script>parent.boom()</script>'>",
    "<a href=javascript:boom()>x</a>",
    "<input autofocus onfocus=boom()>",
    "<details open ontoggle=boom()>",
    "<object data=/boom></object>",
    "<link rel=stylesheet href=/boom>",
    "<style>@import '/boom'</style>",
    "<base href=//boom.example/>",
    "<meta http-equiv=refresh content='0;url=/boom'>",
    "<form action=/boom><button formaction=/boom>",
    "<div hx-get=/boom hx-trigger=load>",
    "<div data-hx-post=/boom data-hx-trigger=load>",
    "<div hx-on::load=boom()>",
    "<hx-partial hx-target=body>boom</hx-partial>",
    " onmouseover=boom() autofocus onfocus=boom() x=",
    " hx-get=/boom hx-trigger=load x=",
    "javascript:boom()",
)
STRINGS = tuple(before + payload for before, payload in product(BREAKOUTS, PAYLOADS))
ALL = " ".join(STRINGS)
ROWS = 12
#: Characters of an indexed value.
_INDEXED_LENGTH = 2000
#: Columns with values of the program alone: keys, states, hashes. All others hold text from people.
MACHINE = re.compile(
    r".*(_key|_hash|key|status|type|method|source|currency|timezone|region|kind|state|trigger|subject_key)"
    r"|list_key|secret|value|previous|scope|prefix|role|assignee_role|channel|connector|outcome|result"
    r"|workflow_id|from_value|to_value|cause_kind|priority|version_num|number"
)
#: Tables whose "subject" is a kind of record; in a message it is a line of text.
_SUBJECT_IS_A_KIND = frozenset(
    [
        "occurrence",
        "version",
        "listening",
        "custom_field",
        "task",
        "notification",
        "due",
        "numbering",
        "bulk_change",
        "csv_import",
        "search_entry",
    ]
)
_JSON_KEPT = frozenset(
    [
        "kind",
        "to",
        "key",
        "field",
        "operator",
        "trigger",
        "when",
        "unit",
        "method",
        "channel",
        "zone",
        "security",
        "placed_at",
        "updated_at",
    ]
)
#: Of an import alone: how its file is written, and what becomes of what is known.
_JSON_OF_IMPORTS_KEPT = _JSON_KEPT | {"format", "encoding", "separator", "known"}
_KINDS = ("order", "event", "customer")
#: Opening hours are times, not text.
_TIMES = {"working_hours"}
_FORBIDDEN = frozenset(
    [
        "iframe",
        "object",
        "embed",
        "base",
        "style",
        "math",
        "video",
        "audio",
        "marquee",
        "frame",
        "applet",
        "hx-partial",
    ]
)
_LEADS = frozenset(
    [
        "src",
        "href",
        "action",
        "formaction",
        "hx-get",
        "hx-post",
        "hx-put",
        "hx-patch",
        "hx-delete",
        "data-hx-get",
    ]
)


def fill_with_hostile_text() -> int:
    """Write all strings into every text column of the first ROWS rows of each table.

    Return the number of columns written.
    """
    count = 0
    with write() as session:
        for table in db.metadata.sorted_tables:
            for column in table.columns:
                if not _is_free_text(table, column):
                    continue
                count += 1
                first = sa.select(table.c.id, column).order_by(table.c.id).limit(ROWS)
                for row in session.execute(first).all():
                    value = _poisoned(column, row[0], row[1])
                    session.execute(sa.update(table).where(table.c.id == row[0]).values({column: value}))
    return count


def in_json(value: Any, keywords: frozenset[str] = _JSON_KEPT) -> Any:
    """Return plain data with every text replaced, except the keywords the program relies on."""
    if isinstance(value, Mapping):
        kept = {name for name, inner in value.items() if name in keywords or inner in _KINDS}
        return {name: inner if name in kept else in_json(inner, keywords) for name, inner in value.items()}
    if isinstance(value, list):
        return [in_json(inner, keywords) for inner in value]
    return ALL if isinstance(value, str) and not value.isdigit() else value


@contextmanager
def unescaped(app: Flask) -> Iterator[None]:
    """Turn escaping off for a while: the fault that the tests have to notice."""
    environment = app.jinja_env
    escaped, compiled = environment.autoescape, environment.bytecode_cache
    # Escaping is compiled into a template, and what is kept of that is found by its name alone.
    environment.autoescape, environment.bytecode_cache = False, None
    _forget_templates(app)
    try:
        yield
    finally:
        environment.autoescape, environment.bytecode_cache = escaped, compiled
        _forget_templates(app)


def _forget_templates(app: Flask) -> None:
    if app.jinja_env.cache is not None:
        app.jinja_env.cache.clear()


def injected(html: str) -> list[str]:
    """Return the elements of a page that none of our templates has, or with attributes none has."""
    finder = _Finder()
    finder.feed(html)
    return finder.alive


def _is_free_text(table: sa.Table, column: sa.Column[Any]) -> bool:
    if MACHINE.fullmatch(column.name) or column.name in _TIMES or column.primary_key:
        return False
    if column.name == "subject" and table.name in _SUBJECT_IS_A_KIND:
        return False
    return isinstance(column.type, sa.Text | JsonColumn)


def _poisoned(column: sa.Column[Any], row_id: int, value: Any) -> Any:
    if isinstance(column.type, JsonColumn):
        return in_json(value, _JSON_OF_IMPORTS_KEPT if column.table.name == "csv_import" else _JSON_KEPT)
    if value is None and column.nullable:
        return None
    if column.name not in _indexed(column.table):
        return ALL
    # Postgres limits the size of an indexed value, and names are unique in a store.
    start = row_id * _INDEXED_LENGTH % len(ALL)
    return f"{row_id} {ALL[start : start + _INDEXED_LENGTH]}"


def _indexed(table: Any) -> set[str]:
    unique = [constraint for constraint in table.constraints if isinstance(constraint, sa.UniqueConstraint)]
    return {"email"} | {column.name for index in (*table.indexes, *unique) for column in index.columns}


class _Finder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.alive: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name.lower(): value or "" for name, value in attrs}
        is_email = tag == "iframe" and attributes.get("sandbox") == "" and "srcdoc" in attributes
        if is_email:
            self.alive += injected_into_email(attributes["srcdoc"])
        checks: tuple[Callable[[], bool], ...] = (
            lambda: tag in _FORBIDDEN and not is_email,
            lambda: tag == "script" and "src" not in attributes,
            lambda: tag == "meta" and "http-equiv" in attributes,
            lambda: any(name.startswith(("on", "hx-on", "data-hx-", "style")) for name in attributes),
            lambda: any(_leads_away(attributes[name]) for name in _LEADS & attributes.keys()),
        )
        if any(check() for check in checks):
            self.alive.append(f"<{tag} {str(attributes)[:200]}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)


class _EmailFinder(HTMLParser):
    """Looks into the frame of an email, which has a style on every element, one sheet and one policy."""

    def __init__(self) -> None:
        super().__init__()
        self.alive: list[str] = []
        self.once = {"style", "meta http-equiv"}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name.lower(): value or "" for name, value in attrs}
        kind = "meta http-equiv" if tag == "meta" and "http-equiv" in attributes else tag
        addresses = [attributes[name] for name in ("src", "href") if name in attributes]
        checks: tuple[Callable[[], bool], ...] = (
            lambda: kind in (_FORBIDDEN | {"script", "link", "form", "meta http-equiv"}) - self.once,
            lambda: any(name.startswith(("on", "hx-", "data-hx-")) for name in attributes),
            lambda: any("boom" in urlsplit(one).netloc + urlsplit(one).path for one in addresses),
            lambda: any(urlsplit(one).scheme not in ("https", "http", "mailto", "data") for one in addresses),
        )
        if any(check() for check in checks):
            self.alive.append(f"framed <{tag} {str(attributes)[:200]}>")
        self.once.discard(kind)


def injected_into_email(html: str) -> list[str]:
    """What came alive in the document of an email's frame; nothing if all in it is ours."""
    finder = _EmailFinder()
    finder.feed(html)
    return finder.alive


def _leads_away(address: str) -> bool:
    parts = urlsplit(address.strip())
    host = parts.hostname or ""
    outside = bool(host) and host not in ("127.0.0.1", "localhost", "cdn.jsdelivr.net")
    return outside or parts.path == "/boom" or parts.scheme not in ("", "http", "https")
