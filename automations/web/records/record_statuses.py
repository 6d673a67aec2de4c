"""Change a record's status from its page, without opening the whole form."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response

from automations.web.kit.undo_links import flash_undo
from automations.web.records import record_edits, record_saving
from automations.web.records.conflict_words import changed_since_opened
from automations.web.records.kind_pages import KINDS, RecordPages, record_or_404, store_words

STATUSES = ("status", "payment_status")

bp = Blueprint("statuses", __name__)


@bp.post("/<any(orders, events):plural>/<number>/status")
def update(plural: str, number: str) -> Response:
    kind = KINDS[plural]
    record = record_or_404(kind, number)
    values = _sent(kind)
    if not all(_is_choice(kind, name, value) for name, value in values.items()):
        flash("This status is no longer in the list, so nothing was saved. Choose another.", "error")
        return redirect(kind.url(record), 303)
    try:
        edited = record_edits.update(kind, record, request.form.get("revision", ""), values)
    except record_saving.EditConflict:
        record = record_or_404(kind, number)
        who = changed_since_opened(kind, record)
        flash(f"{who}, so nothing was saved. Choose again from its current values.", "error")
        return redirect(kind.url(record), 303)
    flash_undo(_sentence(edited.received.triggers, edited.received.fired), edited.step_id)
    return redirect(kind.url(record_or_404(kind, number)), 303)


def _sent(kind: RecordPages) -> dict[str, str]:
    """Return the statuses that were sent, by column."""
    names = [name for name, _, _ in kind.filters if name in STATUSES and name in request.form]
    return {name: request.form[name] for name in names}


def _is_choice(kind: RecordPages, name: str, value: str) -> bool:
    lists = {name: key for name, _, key in kind.filters}
    return value in store_words().choices(lists[name])


def _sentence(triggers: tuple[str, ...], fired: int) -> str:
    if not triggers:
        return "It already had these statuses, so nothing changed."
    return f"Saved. {record_edits.fired_words(fired)}"
