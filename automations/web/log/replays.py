"""A log entry judged again: by the version of its time and by another of the automation, side by side."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, abort, g, render_template, request

from automations.features.examples.pinning import label_of
from automations.features.history.log_phrases import entry_of
from automations.features.replay.replay import ReplayChoice, replay
from automations.models.db.base import db
from automations.web.builder.effect_preview import preview
from automations.web.kit import scope
from automations.web.kit.paging import with_arguments
from automations.web.records.kind_pages import KINDS, record_or_404, store_words

bp = Blueprint("replays", __name__)

#: How many changed fields the page lists.
MOST_CHANGES = 12


@bp.get("/<any(orders, events, customers):plural>/<number>/replays/<int:occurrence_id>/<int:automation_id>")
def show(plural: str, number: str, occurrence_id: int, automation_id: int) -> str:
    kind = KINDS[plural]
    record, automation = record_or_404(kind, number), scope.automation_or_404(automation_id)
    occurrence = scope.occurrence_or_404(occurrence_id)
    if (occurrence.subject, occurrence.record_id) != (kind.subject, record.id):
        abort(404)
    words, arguments = store_words(), request.args
    asked = ReplayChoice(
        arguments.get("left", ""), arguments.get("right", ""), arguments.get("values") == "today"
    )
    found = replay(db.session(), g.store, words, automation, occurrence, asked, dt.datetime.now(dt.UTC))
    context: dict[str, Any] = {"kind": kind, "record": record, "automation": automation, "found": found}
    context |= {"entry": entry_of(occurrence, words), "label": label_of(kind.subject, occurrence.snapshot)}
    context |= {"preview": preview, "most": MOST_CHANGES, "address": with_arguments, "occurrence": occurrence}
    return render_template("replays/show.html", **context)
