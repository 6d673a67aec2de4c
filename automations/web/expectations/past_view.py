"""What the last 30 days say about an expectation, in the words of its page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import g, url_for

from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules.typed_rule import BrokenRule
from automations.features.expectations import follow as follows
from automations.features.expectations.follow import COUNTS, KINDS, Follow
from automations.features.expectations.past_judgement import PastJudgement, judged_past
from automations.features.expectations.why_broken import BrokenRecord, explained
from automations.models.db.base import db
from automations.models.settings.choices import StoreWords
from automations.web.kit.template_filters import counted

#: How many that broke it the builder and the page of an expectation list.
IN_THE_BUILDER, LISTED = 3, 50


@dataclass(frozen=True)
class PastView:
    """The figures and the newest that broke it; with a `problem`, why there are none."""

    found: PastJudgement | None
    rows: Sequence[BrokenRecord]
    #: "212 orders", "212 times, for 198 orders".
    begun: str
    #: "got exactly one email".
    wanted: str
    #: "email", for "two of them".
    what: str
    problem: str = ""

    @property
    def more(self) -> int:
        """The number of those that broke it and are not listed."""
        return len(self.found.broken) - len(self.rows) if self.found else 0

    def link(self, row: BrokenRecord) -> str:
        """Return the address of the log entry that it began with."""
        plural = SUBJECTS[row.occurrence.subject].plural.lower()
        # By id: a number may hold what an address cannot.
        number = f"~{row.record_id}"
        return url_for("occurrences.show", plural=plural, number=number, occurrence_id=row.occurrence_id)


def past_view(
    words: StoreWords,
    rule: Mapping[str, Any],
    follow: Mapping[str, Any],
    now: dt.datetime,
    listed: int = IN_THE_BUILDER,
) -> PastView:
    """Return what the log says about an expectation without problems."""
    wanted, kind = Follow.of(follow), KINDS[follow["what"]][0]
    verb = "had" if follow["what"] == follows.RUN else "got"
    said = f"{verb} {COUNTS[follow['count']][0]} {kind}"
    try:
        found = judged_past(db.session(), g.store, rule, wanted, now)
    except BrokenRule as problem:
        return PastView(None, (), "", said, kind, str(problem))
    rows = explained(db.session(), words, wanted, found.broken[:listed])
    return PastView(found, rows, _begun(found, str(rule["subject"])), said, kind)


def _begun(found: PastJudgement, subject: str) -> str:
    entry = SUBJECTS[subject]
    noun = (entry.label if found.records == 1 else entry.plural).lower()
    records = f"{counted(found.records)} {noun}"
    return records if found.begun == found.records else f"{counted(found.begun)} times, for {records}"
