"""Changing a status from the record's page, without its whole form."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, request
from werkzeug.wrappers import Response

from automations.web import record_saving
from automations.web.record_kinds import KINDS, Kind, record_or_404, words

bp = Blueprint("statuses", __name__)


@bp.post("/<any(orders, events):plural>/<number>/status")
def update(plural: str, number: str) -> Response:
    kind = KINDS[plural]
    record = record_or_404(kind, number)
    values = _values(kind)
    try:
        received = record_saving.update(kind, record, request.form.get("revision", ""), values)
    except record_saving.Overtaken:
        flash(
            "Somebody changed it meanwhile, so nothing was saved. This is how it is now: choose again.",
            "error",
        )
        return redirect(kind.url(record_or_404(kind, number)), 303)
    flash(_sentence(received.triggers, received.fired))
    return redirect(kind.url(record_or_404(kind, number)), 303)


def _values(kind: Kind) -> dict[str, str]:
    """The statuses that were sent, each one a choice of the store."""
    lists = {name: key for name, _, key in kind.filters if name in ("status", "payment_status")}
    sent = {name: request.form[name] for name in lists if name in request.form}
    if any(value not in words().choices(lists[name]) for name, value in sent.items()):
        abort(400, "This status is not in the list any more. Load the page again and choose another.")
    return sent


def _sentence(triggers: tuple[str, ...], fired: int) -> str:
    if not triggers:
        return "It had these statuses already, so nothing changed."
    return "Saved. " + {0: "No automation fired.", 1: "One automation fired."}.get(
        fired, f"{fired} automations fired."
    )
