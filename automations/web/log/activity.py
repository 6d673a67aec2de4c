"""The activity page: everything that happened in the store, and what its automations did."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, Response, g

from automations.engine.fields.subjects import SUBJECTS
from automations.features.history import daily_counts, following, saved_filters, store_log
from automations.features.history.log_filter import OUTCOME_LABELS
from automations.models.access import audit
from automations.models.db.base import db, write
from automations.web.kit import paging
from automations.web.kit.fragments import render_part_or_page
from automations.web.kit.streamed_file import streamed_csv
from automations.web.log import activity_chart, activity_csv, activity_filters
from automations.web.records import record_logs
from automations.web.records.kind_pages import store_words, url_of

bp = Blueprint("activity", __name__)


@bp.get("/activity")
def index() -> Response:
    asked = activity_filters.requested()
    page = store_log.activity(
        db.session(), g.store, store_words(), asked.filter, before=paging.requested_key()
    )
    context: dict[str, Any] = {"asked": asked, "listing": page, "automations": record_logs.automations()}
    context |= {"subjects": SUBJECTS, "outcomes": OUTCOME_LABELS, "url_of": url_of}
    context |= {
        "this_url": paging.with_arguments(),
        "older": paging.older_url(page.next),
        "newer": paging.newest_url(),
    }
    lines, now = following.runs_of_entries(page.entries), dt.datetime.now(dt.UTC)
    context["follows"] = following.seconds_to_next_look(lines, now)
    context["saved"] = saved_filters.filters_of(db.session(), g.store.id, g.user.id)
    context["needs_you"] = store_log.needs_you(db.session(), g.store)
    days = daily_counts.per_day(db.session(), g.store, asked.filter.automation_id, now)
    context["chart"] = activity_chart.chart(days)
    context["csv_url"] = paging.with_arguments(before=None).replace("/activity", "/activity.csv", 1)
    return render_part_or_page("activity/_answer.html", "activity/index.html", **context)


@bp.get("/activity.csv")
def export() -> Response:
    """Return the filtered log as a CSV file; the audit log says who exported it."""
    asked, store_id, user_id = activity_filters.requested(), g.store.id, g.user.id
    with write() as session:
        audit.note(session, action="exported", about="the activity log", store_id=store_id, user_id=user_id)
    entries = store_log.exported(db.session(), g.store, store_words(), asked.filter)
    return streamed_csv(activity_csv.lines(entries), "activity")
