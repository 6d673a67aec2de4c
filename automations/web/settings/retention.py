"""Settings: how long the log is kept, by the outcome of a change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from wtforms import SelectField, ValidationError

from automations.models.db.base import write
from automations.models.settings import log_retention, store_edits
from automations.web.kit.form_clashes import refusal_of, shown_by
from automations.web.kit.form_helpers import options
from automations.web.kit.open_twice import combined
from automations.web.kit.undo_links import flash_undo

FOREVER = 0
DAYS = {31: "31 days", 90: "90 days", 180: "half a year", 365: "1 year", 730: "2 years", 1825: "5 years"}
DAYS |= {3650: "10 years", FOREVER: "for ever"}
CHOICES = tuple((str(days), words) for days, words in DAYS.items())

bp = Blueprint("retention", __name__, url_prefix="/settings/retention")


class RetentionForm(FlaskForm):
    nothing = SelectField("A change that set nothing off", choices=options(CHOICES))
    unsent = SelectField("A change whose actions came to nothing", choices=options(CHOICES))
    sent = SelectField("A change that sent or did something", choices=options(CHOICES))

    def validate_unsent(self, field: SelectField) -> None:
        _at_least(field, self.nothing)

    def validate_sent(self, field: SelectField) -> None:
        _at_least(field, self.unsent)


@bp.get("")
def edit() -> str:
    return _page(_stored())


@bp.post("")
def update() -> Response:
    opened = combined(request.form, shown_by(_stored()))
    form = RetentionForm(opened.values)
    if status := refusal_of(form, opened):
        return make_response(_page(form), status)
    after = {name: int(getattr(form, name).data) for name in log_retention.USUAL}
    store_id, values, now = g.store.id, {"retention": after}, dt.datetime.now(dt.UTC)
    with write() as session:
        step = store_edits.save(session, store_edits.RETENTION, store_id, g.user, values, told, now)
    flash_undo("Saved. Older entries will be deleted tonight.", step.id if step else None)
    return make_response(redirect(url_for("retention.edit"), 303))


def told(values: Mapping[str, Any]) -> dict[str, int]:
    """Return the days by outcome, as the audit tells them."""
    return {**log_retention.USUAL, **(values["retention"] or {})}


def _at_least(field: SelectField, other: SelectField) -> None:
    """Raise ValidationError if `field` is shorter than `other`: people ask longest about what was sent."""
    chosen = [each.data for each in (field, other)]
    if not all(data in dict(CHOICES) for data in chosen):
        return
    days, least = (int(data) or 10**6 for data in chosen)
    if days < least:
        raise ValidationError("Keep this at least as long as the one above.")


def _stored() -> RetentionForm:
    days = log_retention.days_of(g.store)
    return RetentionForm(formdata=None, data={name: str(kept) for name, kept in days.items()})


def _page(form: RetentionForm) -> str:
    return render_template("settings/retention.html", form=form, stored=shown_by(_stored()))
