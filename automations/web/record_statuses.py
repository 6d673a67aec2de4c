"""Changing a status from the record's page, without its whole form."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response

from automations.web import record_saving
from automations.web.record_kinds import KINDS, Kind, record_or_404, words

STATUSES = ("status", "payment_status")

bp = Blueprint("statuses", __name__)


@bp.post("/<any(orders, events):plural>/<number>/status")
def update(plural: str, number: str) -> Response:
    kind = KINDS[plural]
    record = record_or_404(kind, number)
    values = _sent(kind)
    if not all(_is_choice(kind, name, value) for name, value in values.items()):
        flash("This status is not in the list any more, so nothing was saved. Choose another.", "error")
        return redirect(kind.url(record), 303)
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


def _sent(kind: Kind) -> dict[str, str]:
    """The statuses that were sent."""
    names = [name for name, _, _ in kind.filters if name in STATUSES and name in request.form]
    return {name: request.form[name] for name in names}


def _is_choice(kind: Kind, name: str, value: str) -> bool:
    lists = {name: key for name, _, key in kind.filters}
    return value in words().choices(lists[name])


def _sentence(triggers: tuple[str, ...], fired: int) -> str:
    if not triggers:
        return "It had these statuses already, so nothing changed."
    return "Saved. " + {0: "No automation fired.", 1: "One automation fired."}.get(
        fired, f"{fired} automations fired."
    )
