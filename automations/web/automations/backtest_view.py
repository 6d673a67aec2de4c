"""What the page of a backtest shows: progress, figures, tabs, rows, and the message of the chosen row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from flask import g, request, url_for

from automations.features.backtest import backtests, funnels
from automations.features.backtest.backtests import PERIODS
from automations.features.backtest.funnels import FunnelRow
from automations.features.backtest.lines import Line, Messages, Teller
from automations.features.past.firings import Firing, is_timed
from automations.features.trial.trial import TrialStep
from automations.models.db.base import db
from automations.models.tables.backtest import FATES, GAINED, LOST, PENDING, SAME, WAITING, Backtest
from automations.pipeline.providers.store_files import files_of
from automations.web.automations.backtest_chart import DivergingChart, chart
from automations.web.builder.tried_steps import TriedStep, tried_steps
from automations.web.kit import template_filters
from automations.web.kit.paging import with_arguments
from automations.web.kit.template_filters import zone
from automations.web.records.kind_pages import store_words, url_of

#: Rows shown at first, and how many more with each "Show 25 more".
SHOWN, MORE, MOST = 10, 25, 1_000
ICONS = {GAINED: "plus", LOST: "minus", SAME: "equal"}
LABELS = {GAINED: "Gained", LOST: "Lost", SAME: "Same"}
EMPTY = {
    GAINED: "No order would change: nobody would now get it who did not before.",
    LOST: "No order would change: nobody would lose it.",
    SAME: "There is none that both would have fired for.",
}


@dataclass(frozen=True)
class Tab:
    fate: str
    label: str
    icon: str
    count: int
    url: str


@dataclass(frozen=True)
class BacktestRow:
    """A line with its address on this page, and whether it is the chosen one."""

    line: Line
    url: str
    chosen: bool


class BacktestView:
    """One backtest as this request asks for it."""

    def __init__(self, backtest: Backtest) -> None:
        self.backtest = backtest
        self.teller = Teller(db.session(), g.store, store_words(), backtest)
        self.noun = self.teller.words.subject(backtest.draft["subject"]).label.lower()
        self.nouns = self.teller.words.subject(backtest.draft["subject"]).plural.lower()
        self.period = PERIODS.get(backtest.period, backtest.period)
        self.subject_label = self.teller.words.subject(backtest.draft["subject"]).plural
        self.pending = backtest.state in PENDING

    @property
    def base(self) -> str:
        """What is read, in the plural: "payment status changes"."""
        subject = self.teller.words.subject(self.backtest.draft["subject"])
        one, many = subject.triggers[self.backtest.draft["trigger"]["key"]].counted
        return (one if self.backtest.total == 1 else many) or f"changes of {self.nouns}"

    @property
    def since(self) -> str:
        return _day(self.backtest.since)

    @property
    def until(self) -> str:
        return _day(self.backtest.until - dt.timedelta.resolution)

    @property
    def read_to(self) -> str:
        return _day(self.backtest.read_to or self.backtest.until)

    @cached_property
    def funnel(self) -> list[tuple[FunnelRow, int, int]]:
        """The conditions of both, each with the lengths of its two bars."""
        version = self.backtest.version
        live = version.definition if version else None
        table = funnels.rows(self.teller.words, self.backtest.draft, live, self.backtest.figures)
        return [(row, *widths) for row, widths in zip(table, funnels.widths(table), strict=True)]

    @property
    def known_from(self) -> str:
        """Why older entries are not complete, or ""."""
        text = self.backtest.figures.get("known_from")
        if not text:
            return ""
        day = template_filters.day(dt.datetime.fromisoformat(text))
        if is_timed(self.teller.draft):
            unknown = f"{template_filters.counted(self.backtest.figures['unknown'])} {self.nouns}"
            return f"What was due is known from {day} on: of {unknown} not all earlier changes are kept."
        return f"Before {day} only part of the log is still kept, so older figures are too low."

    @cached_property
    def ahead(self) -> int:
        """How many are read before this one, while it waits."""
        waits = self.backtest.state == WAITING
        return backtests.ahead_of(db.session(), self.backtest) if waits else 0

    @cached_property
    def chart(self) -> DivergingChart | None:
        return chart(self.backtest, zone())

    @property
    def fired(self) -> int:
        """How often the draft would have fired, so far."""
        return self._count(GAINED) + self._count(SAME)

    @property
    def live_fired(self) -> int:
        return self._count(LOST) + self._count(SAME)

    @cached_property
    def fate(self) -> str:
        """The tab that is open: the one asked for, else the first that holds anything."""
        fates = [GAINED] if not self.backtest.version_id else list(FATES)
        asked = request.args.get("tab", "")
        filled = (fate for fate in fates if self._count(fate))
        return asked if asked in fates else next(filled, GAINED)

    @property
    def tabs(self) -> list[Tab]:
        if not self.backtest.version_id:
            return [Tab(GAINED, "Would have fired", "bolt", self._count(GAINED), _tab_url(GAINED))]
        return [Tab(fate, LABELS[fate], ICONS[fate], self._count(fate), _tab_url(fate)) for fate in FATES]

    @property
    def total(self) -> int:
        return self._count(self.fate)

    @cached_property
    def rows(self) -> list[BacktestRow]:
        lines = self.teller.lines(self.fate, self._firings)
        return [
            BacktestRow(line, with_arguments(tab=self.fate, row=place), place == self.chosen)
            for place, line in enumerate(lines)
        ]

    @property
    def icon(self) -> str:
        return ICONS[self.fate] if self.backtest.version_id else "bolt"

    @property
    def empty(self) -> str:
        """Why there is no row."""
        if self.pending:
            return "None so far."
        if not self.backtest.version_id:
            return f"In this time it would not have fired for any {self.noun}."
        return EMPTY[self.fate].replace("order", self.noun)

    @property
    def more_url(self) -> str:
        """The address of this page with more rows, or ""."""
        left = self.total > len(self.rows) and len(self.rows) < MOST
        return with_arguments(tab=self.fate, shown=self._shown + MORE) if left else ""

    @property
    def more(self) -> int:
        return min(MORE, self.total - len(self.rows))

    @cached_property
    def chosen(self) -> int:
        """The place of the chosen row, from 0."""
        return min(_number("row", 0), max(len(self._firings) - 1, 0))

    @cached_property
    def messages(self) -> Messages | None:
        if not self._firings:
            return None
        return self.teller.messages(self.fate, self._firings[self.chosen])

    @property
    def steps(self) -> list[TriedStep]:
        return self._shown_as_it_looks(self.messages.steps if self.messages else ())

    @property
    def others(self) -> list[TriedStep]:
        return self._shown_as_it_looks(self.messages.others if self.messages else ())

    @property
    def record_url(self) -> str:
        """The address of the chosen row's record, or "" if it is no longer known."""
        line = self.rows[self.chosen].line if self.rows else None
        return url_of(line.subject, line.firing.record_id, line.record_number) if line and line.number else ""

    @property
    def pins(self) -> int | None:
        """The occurrence of the chosen row, to be pinned as an example; None for what a time set off."""
        if is_timed(self.teller.draft) or not self.record_url:
            return None
        return self._firings[self.chosen].occurrence_id

    @property
    def answer(self) -> str:
        """What the draft answers on the chosen row: whether it fires, as a form says it."""
        return "no" if self.fate == LOST else "yes"

    @property
    def within_limits(self) -> str:
        """How often both would have run within their own limits, as a sentence; "" where there are none."""
        figures, version = self.backtest.figures, self.backtest.version
        ours, theirs = (figures.get(name) for name in (funnels.DRAFT_RAN, funnels.LIVE_RAN))
        if ours is None and theirs is None:
            return ""
        ran = f"Within its own limits it would have run {_times(self.fired if ours is None else ours)}"
        live = self.live_fired if theirs is None else theirs
        return f"{ran}; version {version.number} {_times(live)}." if version else f"{ran}."

    @property
    def edited(self) -> bool:
        """Whether the draft is no longer the one that was compared."""
        return bool(self.backtest.automation.draft != self.backtest.draft)

    @property
    def csv_url(self) -> str:
        automation_id, backtest_id = self.backtest.automation_id, self.backtest.id
        return url_for("backtests.export", automation_id=automation_id, backtest_id=backtest_id)

    def _shown_as_it_looks(self, steps: Sequence[TrialStep]) -> list[TriedStep]:
        return tried_steps(steps, files_of(db.session(), g.store.id))

    @cached_property
    def _firings(self) -> Sequence[Firing]:
        return backtests.firings(db.session(), self.backtest, self.fate, 0, self._shown)

    @property
    def _shown(self) -> int:
        return max(SHOWN, min(_number("shown", SHOWN), MOST), min(_number("row", 0) + 1, MOST))

    def _count(self, fate: str) -> int:
        return backtests.count_of(self.backtest, fate)


def _tab_url(fate: str) -> str:
    return with_arguments(tab=fate, row=None, shown=None)


def _day(moment: dt.datetime) -> str:
    """Return "today", "30 Aug", or with the year if it is another one."""
    local, today = moment.astimezone(zone()).date(), dt.datetime.now(zone()).date()
    if local == today:
        return "today"
    return template_filters.short_day(local)


def _times(count: int) -> str:
    return f"{template_filters.counted(count)} time{'' if count == 1 else 's'}"


def _number(name: str, usual: int) -> int:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else usual
