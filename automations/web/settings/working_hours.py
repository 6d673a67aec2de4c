"""Settings: the store's opening hours by weekday, and the quiet hours of marketing."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from automations.engine.fields.shared_fields import WEEKDAYS
from automations.models.db.base import write
from automations.models.settings import store_edits
from automations.pipeline.evaluation.action_timing import span_of
from automations.pipeline.evaluation.quiet_hours import USUAL as USUAL_QUIET_HOURS
from automations.web.kit.form_clashes import changed_elsewhere
from automations.web.kit.open_twice import combined
from automations.web.kit.undo_links import flash_undo

bp = Blueprint("working_hours", __name__, url_prefix="/settings/hours")
Hours = dict[str, list[str]]
QUIET = "quiet"
#: The fields of each weekday and of the quiet hours.
_NAMES = {str(day): (f"opens-{day}", f"closes-{day}") for day in range(7)} | {
    QUIET: ("quiet-from", "quiet-until")
}
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


@bp.get("")
def edit() -> str:
    return _page(_typed(_stored()))


@bp.post("")
def update() -> ResponseReturnValue:
    opened = combined(request.form, _stored())
    typed = _typed(opened.values)
    quiet_hours = typed[QUIET]
    hours = {day: span for day, span in typed.items() if any(span) and day != QUIET}
    wrong = {day: problem for day, span in hours.items() if (problem := _problem(span))}
    if any(quiet_hours) and (problem := _quiet_problem(quiet_hours)):
        wrong[QUIET] = problem
    if wrong or opened.clashes:
        return _page(typed, _clash_problems(opened.clashes) | wrong), 422 if wrong else 409
    values = {"working_hours": hours, "quiet_hours": quiet_hours if any(quiet_hours) else []}
    store_id, now = g.store.id, dt.datetime.now(dt.UTC)
    with write() as session:
        step = store_edits.save(session, store_edits.HOURS, store_id, g.user, values, told, now)
    flash_undo("The working hours are saved.", step.id if step else None)
    return redirect(url_for("working_hours.edit"), 303)


def _problem(span: list[str]) -> str:
    if not all(_TIME.fullmatch(time) for time in span):
        return "Enter when it opens and when it closes, such as 09:00 and 18:00, or leave both empty."
    return "" if span[0] < span[1] else "It must close later than it opens."


def _quiet_problem(span: list[str]) -> str:
    if not all(_TIME.fullmatch(time) for time in span):
        return "Enter from when until when, such as 20:00 and 08:00, or leave both empty."
    return "The end must differ from the beginning." if span[0] == span[1] else ""


def told(values: Mapping[str, Any]) -> dict[str, str]:
    """Return the hours of each weekday and the quiet hours, as the audit says them: "closed"."""
    quiet_hours: Sequence[str] | None = values["quiet_hours"]
    spans = {day: span_of(place, values["working_hours"]) for place, day in enumerate(WEEKDAYS.values())}
    hours = {
        day: "–".join(f"{time:%H:%M}" for time in span) if span else "closed" for day, span in spans.items()
    }
    quiet = USUAL_QUIET_HOURS if quiet_hours is None else quiet_hours
    return hours | {"quiet": "–".join(quiet) if quiet else "none"}


def _stored() -> dict[str, str]:
    """Return the hours by the names of the form's fields: {"opens-0": "09:00", "closes-0": "18:00", …}."""
    quiet_hours = USUAL_QUIET_HOURS if g.store.quiet_hours is None else g.store.quiet_hours
    values = dict(zip(_NAMES[QUIET], quiet_hours or ("", ""), strict=True))
    for day in range(7):
        span = [f"{time:%H:%M}" for time in span_of(day, g.store.working_hours) or ()]
        values |= dict(zip(_NAMES[str(day)], span or ("", ""), strict=True))
    return values


def _typed(values: Mapping[str, str]) -> Hours:
    return {key: [values.get(name, "").strip() for name in names] for key, names in _NAMES.items()}


def _clash_problems(clashes: Mapping[str, str]) -> dict[str, str]:
    """Return what to say beside each day of which a time was changed elsewhere."""
    stored = _stored()
    changed = {key: names for key, names in _NAMES.items() if clashes.keys() & {*names}}
    spans = {key: [stored[name] for name in names] for key, names in changed.items()}
    return {key: changed_elsewhere("–".join(filter(None, span))) for key, span in spans.items()}


def _page(typed: Hours, problems: dict[str, str] | None = None) -> str:
    context = {"hours": typed, "quiet": typed[QUIET], "problems": problems or {}, "stored": _stored()}
    return render_template("settings/hours.html", days=WEEKDAYS.values(), **context)
