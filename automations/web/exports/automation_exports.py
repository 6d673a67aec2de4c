"""Automations as CSV files, with what belongs to one: its versions, pinned examples and backtests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from flask import Blueprint, Response, g
from sqlalchemy.orm import joinedload

from automations.engine.wording.wording import text_of
from automations.features.authoring import automation_listing, version_history
from automations.features.authoring.automation_listing import ListingRow
from automations.features.authoring.version_history import VersionEntry
from automations.features.backtest.backtests import PERIODS
from automations.features.examples import checking
from automations.features.examples.answering import Answer
from automations.features.figures.outcomes import ERROR, WRONG
from automations.models.db.base import db
from automations.models.tables.automation import Automation
from automations.models.tables.backtest import FATES, Backtest
from automations.web.automations import archive_pages, automation_pages
from automations.web.automations.automation_list import ROWS, state_word
from automations.web.builder import submit
from automations.web.expectations import expectation_pages
from automations.web.expectations.expectation_pages import Listed
from automations.web.exports.csv_response import csv_response, local, newest_first, pieces
from automations.web.kit.scope import automation_or_404

bp = Blueprint("automation_exports", __name__)

AUTOMATION = (
    *("Automation", "Group", "State", "Version", "What it does", "Fired in 30 days", "Went wrong"),
    "Last fired",
)
ARCHIVED = ("Automation", "Archived", "By")
VERSION = ("Version", "Name", "Published", "By", "Live", "Shadow", "What it does", "Changes")
EXAMPLE = ("Record", "It", "Answer", "Why", "Note", "As it was", "Pinned by", "Pinned")
BACKTEST = ("Started", "By", "Past", "Against version", "State", "Gained", "Lost", "The same")
EXPECTATION = ("Expectation", "What has to follow", "State", "Why", "Kept", "Broken", "Counted since")


@bp.get("/automations.csv")
def automations() -> Response:
    """Return the automations that the list shows with the same search and filters, in its order."""
    ids = automation_listing.matching_ids(db.session(), g.store, *automation_pages.asked_for())
    return csv_response("automations", AUTOMATION, _automations(ids), "the automations")


@bp.get("/automations/archived.csv")
def archived() -> Response:
    return csv_response("archived", ARCHIVED, _archived(), "the archived automations")


@bp.get("/automations/<int:automation_id>/versions.csv")
def versions(automation_id: int) -> Response:
    automation = automation_or_404(automation_id)
    entries = version_history.history(db.session(), g.store, automation)
    rows = (_version(entry, automation) for entry in entries)
    return csv_response("versions", VERSION, rows, f"the versions of “{automation.name}”")


@bp.get("/automations/<int:automation_id>/examples.csv")
def examples(automation_id: int) -> Response:
    """Return the pinned examples with what the draft answers to each, as the page says it."""
    automation = automation_or_404(automation_id)
    asked = checking.ask(db.session(), submit.words_of_store(), automation, automation.draft)
    rows = map(_example, asked.answers)
    return csv_response("examples", EXAMPLE, rows, f"the examples of “{automation.name}”")


@bp.get("/automations/<int:automation_id>/backtests.csv")
def backtests(automation_id: int) -> Response:
    """Return every backtest that is kept, newest first; the rows of one are a file of its own."""
    automation = automation_or_404(automation_id)
    query = sa.select(Backtest).where(Backtest.automation_id == automation.id)
    rows = newest_first(query.options(joinedload(Backtest.version)), Backtest.id, _backtest)
    return csv_response("backtests", BACKTEST, rows, f"the backtests of “{automation.name}”")


@bp.get("/expectations.csv")
def expectations() -> Response:
    rows = map(_expectation, expectation_pages.listed())
    return csv_response("expectations", EXPECTATION, rows, "the expectations")


def _automations(ids: Sequence[int]) -> Iterator[Sequence[str]]:
    now = dt.datetime.now(dt.UTC)
    for begin in range(0, len(ids), ROWS):
        page = ids[begin : begin + ROWS]
        yield from map(_automation, automation_listing.rows_of(db.session(), g.store, page, now))


def _automation(row: ListingRow) -> Sequence[str]:
    automation, live = row.automation, row.automation.active_version
    what = (automation.name, automation.group_name, state_word(automation))
    number = str(live.number) if live else ""
    wrong = row.totals.get(WRONG, 0) + row.totals.get(ERROR, 0)
    figures = (str(row.fires), str(wrong), local(row.last_fired))
    return *what, number, text_of(row.sentence), *figures


def _archived() -> Iterator[Sequence[str]]:
    for rows in pieces(archive_pages.archived(), Automation.id):
        people = archive_pages.people_of(rows)
        for row in rows:
            yield row.name, local(row.archived_at), people.get(row.archived_by or 0, "")


def _version(entry: VersionEntry, automation: Automation) -> Sequence[str]:
    version = entry.version
    live = "yes" if automation.active_version_id == version.id else ""
    changed = [f"{kind}: {text.strip()}" for kind, text in entry.difference if kind != version_history.SAME]
    who = (local(version.published_at), version.publisher.name, live, "yes" if version.shadow else "")
    changes = "; ".join([*changed, *entry.notes])
    return str(version.number), version.name, *who, text_of(entry.sentence), changes


def _example(answer: Answer) -> Sequence[str]:
    example = answer.example
    pinned = (local(example.at), example.person.name, local(example.pinned_at))
    return example.label, answer.expects, answer.then, answer.why, example.note, *pinned


def _backtest(backtest: Backtest) -> Iterator[Sequence[str]]:
    against = str(backtest.version.number) if backtest.version else ""
    about = (PERIODS.get(backtest.period, backtest.period), against, backtest.state_words)
    counts = (str(backtest.figures.get(fate, 0)) for fate in FATES)
    yield local(backtest.created_at), backtest.asked_by, *about, *counts


def _expectation(line: Listed) -> Sequence[str]:
    one = line.expectation
    counts = (str(one.kept), str(one.broken), local(one.counted_from))
    return line.title, text_of(line.sentence), line.state, line.problem, *counts
