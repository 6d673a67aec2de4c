"""What a person chooses records by for a manual run: a search, filters, and boxes on several pages."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any

from flask import g
from werkzeug.datastructures import MultiDict

from automations.features.scheduling import manual_run
from automations.features.scheduling.manual_run import Candidate
from automations.features.scheduling.over_cap import over_cap
from automations.features.scheduling.ran_already import Ran, ran_already
from automations.models.db.base import db
from automations.models.db.newest_first import newest_matches
from automations.models.tables.automation import Version
from automations.web.automations.manual_reach import skipped
from automations.web.kit.scope import LARGEST_ID
from automations.web.records import record_search
from automations.web.records.kind_pages import RecordPages, store_words

#: Records on one page of the list.
PAGE = 50
PAGE_OF, FOUND, NEW, NONE = "page", "found", "new", "none"


@dataclass(frozen=True)
class Choices:
    """The records that a search found, and those that meet the conditions of a version, newest first."""

    kind: RecordPages
    version: Version
    #: Of the address or the form: q, the filters, `all`, and the number of the page.
    asked: Mapping[str, str]

    @property
    def text(self) -> str:
        return self.asked.get("q", "").strip()

    @cached_property
    def chosen(self) -> dict[str, str]:
        values = {name: self.asked.get(name, "") for name, _, _ in self.kind.filters}
        lists = {name: store_words().choices(key) for name, _, key in self.kind.filters}
        return {name: value for name, value in values.items() if value in lists[name]}

    @property
    def address(self) -> dict[str, str]:
        """The arguments that find the same page of the same records."""
        kept = {"q": self.text, **self.chosen, "page": str(self.page) if self.page > 1 else ""}
        kept["all"] = "1" if self.looks and not (self.text or self.chosen) else ""
        return {name: value for name, value in kept.items() if value}

    @property
    def looks(self) -> bool:
        """Whether it is known of which records to look: of all where a search was sent empty."""
        return bool(self.chosen) or "q" in self.asked or "all" in self.asked

    @cached_property
    def ids(self) -> list[int]:
        """The ids of the newest matching records, at most one more than may be run."""
        if not self.looks:
            return []
        model: Any = self.kind.model
        matches = [getattr(model, name) == key for name, key in self.chosen.items()]
        if self.text:
            matches.append(record_search.matching(self.kind, self.text))
        found = newest_matches(model, g.store.id, matches)
        return list(db.session.scalars(found.limit(manual_run.MOST + 1)))

    @cached_property
    def firing(self) -> list[Candidate]:
        return firing(self.version, self.ids[: manual_run.MOST])

    @cached_property
    def ran(self) -> dict[int, Ran]:
        """What the automation did for those it did something for already, by id."""
        return already(self.version, [candidate.id for candidate in self.firing])

    @cached_property
    def skipped(self) -> dict[int, str]:
        """Why those that would get nothing get nothing, by id: "There is no email address."."""
        return {**skipped(self.version, self.firing), **self.over_cap}

    @cached_property
    def over_cap(self) -> dict[int, str]:
        """Why the automation's own limits hold these back already, by id."""
        now = dt.datetime.now(dt.UTC)
        return over_cap(db.session(), g.store, self.version, self.firing, now, together=False)

    @property
    def reached(self) -> set[int]:
        """The ids of those it would do something for."""
        return {candidate.id for candidate in self.firing} - self.skipped.keys()

    @property
    def fresh(self) -> set[int]:
        """The ids of those it would do something for and has done nothing for yet."""
        return self.reached - self.ran.keys()

    @property
    def pages(self) -> int:
        return max(1, -(-len(self.firing) // PAGE))

    @property
    def page(self) -> int:
        text = self.asked.get("page", "")
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 1
        return min(max(number, 1), self.pages)

    @property
    def shown(self) -> list[Candidate]:
        return self.firing[(self.page - 1) * PAGE : self.page * PAGE]

    def ticked(self, how: str, before: set[int]) -> set[int]:
        """Return the ticked ids after one of the quick ways to tick."""
        if how == PAGE_OF:
            return before | (self.reached & {candidate.id for candidate in self.shown})
        return {FOUND: self.reached, NEW: self.fresh, NONE: set[int]()}.get(how, before)


def firing(version: Version, ids: Sequence[int]) -> list[Candidate]:
    """Return those of the records that meet the conditions now, newest first."""
    preview = manual_run.preview(db.session(), g.store, version, ids, dt.datetime.now(dt.UTC))
    return [candidate for candidate in preview if candidate.fires]


def already(version: Version, ids: Sequence[int]) -> dict[int, Ran]:
    """Return what the automation did for those of these records it did something for already, by id."""
    now = dt.datetime.now(dt.UTC)
    return ran_already(db.session(), g.store, version.automation_id, version.subject, ids, now)


def posted_ids(form: MultiDict[str, str]) -> set[int]:
    """Return the ids of the ticked records of a form."""
    texts = form.getlist("record")
    return {min(int(text[:19]), LARGEST_ID) for text in texts if text.isascii() and text.isdigit()}


def packed(ids: Collection[int]) -> str:
    """Return ids as a short text for an address: the first in hexadecimal, then how far each is from the one
    before.
    """
    ordered = sorted(ids)
    return ".".join(format(id - before, "x") for before, id in zip([0, *ordered], ordered, strict=False))


def unpacked(text: str) -> set[int]:
    """Return the ids of such a text; none for any other text."""
    if not re.fullmatch(r"[0-9a-f]{1,16}(\.[0-9a-f]{1,16})*", text):
        return set()
    ids = accumulate(int(part, 16) for part in text.split(".")[: manual_run.MOST])
    return {min(id, LARGEST_ID) for id in ids}
