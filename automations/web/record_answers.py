"""The answer to "Why didn't this automation run for this record?"."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, Response, g, request

from automations.models.base import db
from automations.pipeline.why_not import why_not
from automations.web import record_logs, scope
from automations.web.filters import when
from automations.web.fragments import answer
from automations.web.record_kinds import KINDS, record_or_404, words

bp = Blueprint("answers", __name__)


@bp.get("/<any(orders, events, customers):plural>/<number>/why-not")
def show(plural: str, number: str) -> Response:
    kind = KINDS[plural]
    record = record_or_404(kind, number)
    automation = scope.automation_or_404(request.args.get("automation", 0, type=int))
    now = dt.datetime.now(dt.UTC)
    asked = (words(), kind.subject, record.id, kind.name(record), automation, now)
    found = why_not(db.session(), g.store, *asked)
    # A name may hold braces too; the sentence's own come after it.
    before, braces, after = found.sentence.rpartition("{since}") if found.since else (found.sentence, "", "")
    sentence = f"{before}{when(found.since) if braces else ''}{after}"
    context = {"kind": kind, "record": record, "answer": found, "sentence": sentence}
    context |= {"automation": automation, "automations": record_logs.automations()}
    return answer("records/_why_not.html", "records/why_not.html", **context)
