"""What the past says about a draft: the card of the builder, and the lines under its rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from flask import request, url_for

from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules.rule import rule_from
from automations.engine.rules.typed_rule import BrokenRule
from automations.features.past.firings import all_matches
from automations.features.past.funnel import Funnel, funnel
from automations.features.past.funnel_steps import Step
from automations.features.past.matches import Matches
from automations.features.past.period import DEFAULT, PERIODS, Period, period_of
from automations.features.past.reach import LastNo, RowReach, reaches
from automations.features.past.time_moments import NotTimed
from automations.features.past.written_down import WrittenSince
from automations.models.db.base import db
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation, Version
from automations.models.tables.occurrence import MANUAL
from automations.models.tables.store import Store
from automations.web.builder.controls import Control, Option
from automations.web.builder.past_bars import DayBars, day_bars
from automations.web.builder.try_it import tried_snapshot
from automations.web.kit.fragments import wants_fragment

#: What is shown instead of a figure.
TO_COUNT, NO_TRIGGER, NO_HISTORY, BY_HAND, NOT_KNOWN = (
    "to_count",
    "no_trigger",
    "no_history",
    "by_hand",
    "not_known",
)
COUNTING = "automation_pasts.show"
TITLES = {"30": "The last 30 days", "90": "The last 90 days", "all": "All that is kept"}
LABELS = {"30": "30 days", "90": "90 days", "all": "All"}


@dataclass(frozen=True)
class Against:
    """The draft compared with the live version."""

    version: int
    gained: int
    lost: int


@dataclass(frozen=True)
class NeverHeld:
    """A row that let nothing through: its place and id, and how many it could not check."""

    place: str
    id: str
    errors: int
    is_unchecked: bool


@dataclass(frozen=True)
class Figure:
    """How often the draft would have fired."""

    fired: int
    base: int
    #: What the base is counted in: "payment status changes".
    base_words: str
    records: int
    #: One or many of the subject, for the number of records.
    noun: str
    capped: int | None
    bars: DayBars | None
    against: Against | None
    known_from: dt.datetime | None
    #: Places of the rows that are not complete: "2.1".
    unjudged: Sequence[str]
    #: The first row that let nothing through.
    never: NeverHeld | None
    #: Records of which something is not known (time triggers).
    unknown: int = 0
    #: Own fields that were not written down from the beginning on.
    unwritten: Sequence[WrittenSince] = ()


@dataclass(frozen=True)
class PastCard:
    """The card. Without a figure, `state` says why; TO_COUNT is fetched by a request of its own."""

    period: Control
    state: str = ""
    figure: Figure | None = None
    noun: str = ""
    #: Row -> what stands under it; the row's id on the page is its path with dashes.
    reach: Mapping[str, RowReach] = field(default_factory=dict)
    #: What the tried record is called under a row: "#10482", "Sample".
    tried: str = ""

    @property
    def title(self) -> str:
        return TITLES[self.period.value]

    @property
    def span(self) -> str:
        """The period as the end of a sentence: "in 90 days"."""
        days = PERIODS[self.period.value]
        return f"in {days} days" if days else "in all that is kept"

    def link(self, last: LastNo) -> str:
        """Return the address of the log entry of an occurrence that a row turned away."""
        plural = SUBJECTS[last.subject].plural.lower()
        # By id: a number may hold what an address cannot.
        number = f"~{last.record_id}"
        return url_for("occurrences.show", plural=plural, number=number, occurrence_id=last.occurrence_id)


def past_of_page(
    store: Store, automation: Automation, data: Mapping[str, Any], words: StoreWords, record: str
) -> PastCard:
    """Return the card for a page that is drawn now.

    Counting is left to a request of its own, so that the page comes at once. Without JavaScript the figures
    come with the answer to a form, and with the page that is only for counting.
    """
    if not wants_fragment() and (request.method == "POST" or request.endpoint == COUNTING):
        return counted(store, automation, data, words, record)
    return PastCard(_period(), TO_COUNT, noun=_noun(data, 2))


def counted(
    store: Store, automation: Automation, data: Mapping[str, Any], words: StoreWords, record: str
) -> PastCard:
    """Return the card with its figures for a draft, complete or not."""
    period_control, noun = _period(), _noun(data, 2)
    subject = SUBJECTS.get(str(data.get("subject")))
    kind = subject.triggers.get(str(data["trigger"].get("key"))) if subject else None
    if kind is None:
        return PastCard(period_control, NO_TRIGGER, noun=noun)
    if kind.key == MANUAL:
        return PastCard(period_control, BY_HAND, noun=noun)
    now = dt.datetime.now(dt.UTC)
    period = period_of(period_control.value, store, now)
    try:
        found = funnel(db.session(), store, words, data, period)
        if "trigger" in found.unjudged:
            return PastCard(period_control, NO_TRIGGER, noun=noun)
        if not found.base and not found.known_from and not _has_history(store, words, data, now):
            return PastCard(period_control, NO_HISTORY, noun=noun)
    except NotTimed:
        return PastCard(period_control, NOT_KNOWN, noun=noun)
    snapshot, name = tried_snapshot(store, words, data, record)
    lines = reaches(db.session(), store, words, data, found, snapshot)
    shown = {path.replace(".", "-"): reach for path, reach in lines.items()}
    figure = _figure(store, automation, data, found, period)
    return PastCard(period_control, "", figure, noun, shown, name)


def _period() -> Control:
    asked = request.values.get("period", DEFAULT)
    options = tuple(Option(key, label) for key, label in LABELS.items())
    return Control("period", "Period", asked if asked in PERIODS else DEFAULT, options)


def _noun(data: Mapping[str, Any], count: int) -> str:
    subject = SUBJECTS.get(str(data.get("subject")))
    return (subject.label if count == 1 else subject.plural).lower() if subject else "records"


def _has_history(store: Store, words: StoreWords, data: Mapping[str, Any], now: dt.datetime) -> bool:
    return funnel(db.session(), store, words, data, period_of("all", store, now)).base > 0


def _figure(
    store: Store, automation: Automation, data: Mapping[str, Any], found: Funnel, period: Period
) -> Figure:
    live = automation.active_version
    before = _live_matches(store, live, data, period) if live and not found.unjudged else None
    against = bars = None
    if before is not None and live:
        both = found.matches & before
        against = Against(live.number, len(found.matches) - len(both), len(before) - len(both))
        same = dict(both.per_day(ZoneInfo(store.timezone), period))
        bars = day_bars([(day, same.get(day, 0), count - same.get(day, 0)) for day, count in found.per_day])
    if bars is None:
        bars = day_bars([(day, 0, count) for day, count in found.per_day])
    never = next((step for step in found.steps if step.came and not step.passed), None)
    return Figure(
        fired=found.fired,
        base=found.base,
        base_words=found.base_words,
        records=found.records,
        noun=_noun(data, found.records),
        capped=found.capped,
        bars=bars,
        against=against,
        known_from=_later(found.known_from, period),
        unjudged=_places(found.unjudged),
        never=_never(never) if never and never.path.startswith("conditions") else None,
        unknown=found.unknown,
        unwritten=found.unwritten,
    )


def _never(step: Step) -> NeverHeld:
    return NeverHeld(_place(step.path), step.path.replace(".", "-"), step.errors, step.errors == step.came)


def _live_matches(store: Store, live: Version, data: Mapping[str, Any], period: Period) -> Matches | None:
    """Return when the live version would have fired; None if it judges alike, or cannot be asked."""
    if all(live.definition.get(part) == data.get(part) for part in ("subject", "trigger", "conditions")):
        return None
    try:
        return all_matches(db.session(), store, rule_from(0, live.definition), period)
    except BrokenRule:
        return None


def _later(known_from: dt.datetime | None, period: Period) -> dt.datetime | None:
    """Return since when it can know, None if no whole day of the period is missing."""
    return known_from if known_from and known_from >= period.since + dt.timedelta(days=1) else None


def _places(paths: Sequence[str]) -> list[str]:
    """Return the numbers of the rows on the page; a group stands for the rows inside it."""
    rows = [path for path in paths if path.startswith("conditions")]
    outer = [path for path in rows if not any(path.startswith(f"{other}.") for other in rows)]
    return sorted(map(_place, outer), key=lambda place: [int(part) for part in place.split(".")])


def _place(path: str) -> str:
    """Return the number that a row has on the page: "conditions.1.conditions.0" is 2.1."""
    return ".".join(str(int(part) + 1) for part in path.split(".") if part.isdigit())
