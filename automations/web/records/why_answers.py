"""The answer to "Why didn't this automation run for this record?"."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, Response, g, request

from automations.features.history.why_not import why_not
from automations.models.db.base import db
from automations.web.kit import scope
from automations.web.kit.fragments import render_part_or_page
from automations.web.kit.template_filters import when
from automations.web.records import record_logs
from automations.web.records.kind_pages import KINDS, record_or_404, store_words

bp = Blueprint("answers", __name__)


@bp.get("/<any(orders, events, customers):plural>/<number>/why-not")
def show(plural: str, number: str) -> Response:
    kind = KINDS[plural]
    record = record_or_404(kind, number)
    automation = scope.automation_or_404(request.args.get("automation", 0, type=int))
    now = dt.datetime.now(dt.UTC)
    question = (store_words(), kind.subject, record.id, kind.name(record), automation, now)
    reply = why_not(db.session(), g.store, *question)
    context: dict[str, Any] = {"kind": kind, "record": record, "answer": reply}
    context["sentence"] = _with_instant(reply.sentence, reply.since)
    context |= {"automation": automation, "automations": record_logs.automations()}
    return render_part_or_page("records/_why_not.html", "records/why_not.html", **context)


def _with_instant(sentence: str, since: dt.datetime | None) -> str:
    """Return the sentence with the instant in place of "{since}": "on 27 Nov 09:00", "today 09:00"."""
    # A name may contain "{since}" too; the sentence's own placeholder comes after it.
    before, braces, after = sentence.rpartition("{since}")
    if not since or not braces:
        return sentence
    words = when(since)
    if words.startswith("today"):
        before = before.removesuffix("on ").removesuffix("at ")
    return f"{before}{words}{after}"
