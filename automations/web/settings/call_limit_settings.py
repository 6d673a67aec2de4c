"""Settings: how many HTTP requests one host gets at the same time."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from automations.models.db.base import db, write
from automations.models.settings import call_limits
from automations.models.settings.call_limits import MOST, CallLimits
from automations.web.kit.form_clashes import refusal_of, shown_by
from automations.web.kit.open_twice import combined
from automations.web.kit.undo_links import flash_undo
from automations.web.settings.call_limit_form import LimitForm, parse_hosts

bp = Blueprint("call_limit_settings", __name__, url_prefix="/settings/connections/requests")


@bp.get("")
def edit() -> str:
    return _page(_stored())


@bp.post("")
def update() -> ResponseReturnValue:
    opened = combined(request.form, shown_by(_stored()))
    form = LimitForm(opened.values)
    if status := refusal_of(form, opened):
        return _page(form), status
    limits = CallLimits(form.at_once.data or 1, parse_hosts(form.hosts.data or ""))
    with write() as session:
        step = call_limits.save(session, g.store, g.user, limits)
    flash_undo("Saved. It applies to requests sent from now on.", step.id if step else None)
    return redirect(url_for(".edit"), 303)


def _stored() -> LimitForm:
    limits = call_limits.of_store(db.session(), g.store.id)
    lines = "\n".join(f"{host} {limit}" for host, limit in sorted(limits.hosts.items()))
    return LimitForm(formdata=None, at_once=limits.usual, hosts=lines)


def _page(form: LimitForm) -> str:
    stored = shown_by(_stored())
    return render_template("connections/call_limits.html", form=form, most=MOST, stored=stored)
