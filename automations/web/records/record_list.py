"""One page of a list of records, newest first or as it is sorted, narrowed by a search and by filters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from flask import g
from sqlalchemy.orm import selectinload

from automations.features.search import text_matches
from automations.web.kit.found_page import found_page
from automations.web.kit.paging import Page, page_of_store, requested_key
from automations.web.kit.sorting import Sort, sorted_page
from automations.web.records import record_search
from automations.web.records.kind_pages import RecordPages

#: A search reads its newest matches; so many times it goes on where a filter lets none of them through.
LOOKS = 3


def page(kind: RecordPages, text: str, chosen: Mapping[str, str], sort: Sort) -> Page:
    """Return the page the address asks for: the records that match the text and have the chosen values."""
    of_store = kind.model.store_id == g.store.id
    filters = [of_store, *(getattr(kind.model, name) == key for name, key in chosen.items())]
    related = [name for name in ("customer", "account") if hasattr(kind.model, name)]
    options = [selectinload(getattr(kind.model, name)) for name in related]
    if sort.key:
        return sorted_page(kind.model, [*filters, *_every_match(kind, text)], sort, options)
    if text:
        return _searched(kind, text, filters, options)
    if chosen:
        return found_page(kind.model, filters, options)
    return page_of_store(sa.select(kind.model).options(*options), kind.model)


def _every_match(kind: RecordPages, text: str) -> Sequence[sa.ColumnElement[bool]]:
    """Return the condition for all matches: sorted, they all have their place, not only the newest."""
    if not text:
        return ()
    found, more_below = text_matches.newest(record_search.sought(text), kind.subject, None)
    return (found if more_below is None else record_search.matching(kind, text),)


def _searched(kind: RecordPages, text: str, filters: Sequence[Any], options: Sequence[Any]) -> Page:
    before, sought = requested_key(), record_search.sought(text)
    for _ in range(LOOKS):
        found, before = text_matches.newest(sought, kind.subject, before)
        listed = found_page(kind.model, [*filters, found], options, more_below=before)
        if listed.rows or before is None:
            break
    return listed
