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
    # A name may contain "{since}" too; the sentence's own placeholder comes after it.
    before, braces, after = reply.sentence.rpartition("{since}") if reply.since else (reply.sentence, "", "")
    sentence = f"{before}{when(reply.since) if braces else ''}{after}"
    context: dict[str, Any] = {"kind": kind, "record": record, "answer": reply, "sentence": sentence}
    context |= {"automation": automation, "automations": record_logs.automations()}
    return render_part_or_page("records/_why_not.html", "records/why_not.html", **context)
