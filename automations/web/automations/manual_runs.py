"""Run an automation by hand: choose records, see whom it is for, confirm."""

from __future__ import annotations

import datetime as dt
import secrets
from collections import Counter
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from automations.features.checks.unworkable import not_sent
from automations.features.history.log_phrases import record_words
from automations.features.history.upcoming_runs import summary_of
from automations.features.scheduling import manual_run
from automations.features.scheduling.over_cap import over_cap
from automations.models.db.base import db, run_in_write
from automations.models.tables.automation import Automation, Version
from automations.pipeline.intake.idempotency import StoredAnswer, answer_once
from automations.web.automations import manual_choices
from automations.web.automations.manual_choices import Choices
from automations.web.automations.manual_reach import button_words, quiet_until, skipped
from automations.web.kit.scope import automation_or_404
from automations.web.kit.template_filters import counted
from automations.web.records.kind_pages import BY_SUBJECT, store_words, url_of
from automations.web.records.record_saving import form_key

bp = Blueprint("manual_runs", __name__, url_prefix="/automations/<int:automation_id>/manual-run")

OFF = "“{}” is off. Switch it on, then run it by hand."
NOBODY = "Tick at least one first."
UNREACHED = "None of the ticked ones would get it. Nothing was done."
GONE = "None of the ticked ones meets the conditions any more. Nothing was done."


@bp.get("")
def new(automation_id: int) -> str:
    automation = automation_or_404(automation_id)
    version = automation.active_version
    if version is None:
        return _page("new", automation, version=None)
    return _list(automation, _choices(version), manual_choices.unpacked(request.args.get("ticked", "")))


@bp.post("/selection")
def select(automation_id: int) -> Response:
    """Lead to the list with other boxes ticked, to another page of it, or to the second step."""
    automation = automation_or_404(automation_id)
    if automation.active_version is None:
        return _off(automation)
    form, ids = request.form, manual_choices.posted_ids(request.form)
    choices = _choices(automation.active_version)
    if len(ids) > manual_run.MOST:
        abort(400, f"Choose at most {manual_run.MOST} records.")
    if "tick" in form or "to_page" in form or "change" in form:
        return _back(automation, choices, choices.ticked(form.get("tick", ""), ids))
    if not ids:
        flash(NOBODY, "error")
        return _back(automation, choices, ids)
    # The token stays in the address, so that whoever comes back to the second step does nothing twice.
    once: dict[str, Any] = {"once": secrets.token_hex(12), "ticked": manual_choices.packed(ids)}
    return redirect(url_for(".review", automation_id=automation_id, **(once | choices.address)), 303)


@bp.get("/review")
def review(automation_id: int) -> ResponseReturnValue:
    """Show for whom it would run, and ask."""
    automation = automation_or_404(automation_id)
    version = automation.active_version
    if version is None:
        return _off(automation)
    choices, ticked = _choices(version), manual_choices.unpacked(request.args.get("ticked", ""))
    meeting = manual_choices.firing(version, sorted(ticked))
    nothing, now = skipped(version, meeting), dt.datetime.now(dt.UTC)
    reached = [candidate for candidate in meeting if candidate.id not in nothing]
    held = over_cap(db.session(), g.store, version, reached, now, together=True)
    nothing |= held
    firing = [candidate for candidate in meeting if candidate.id not in nothing]
    if not firing:
        flash(UNREACHED if meeting else GONE, "error")
        return _list(automation, choices, set())
    words = store_words()
    subject = words.subject(version.subject)
    return _page(
        "review",
        automation,
        version=version,
        choices=choices,
        firing=firing,
        ran=manual_choices.already(version, [candidate.id for candidate in firing]),
        left_out=len(ticked) - len(meeting),
        skipped=list(Counter(nothing.values()).items()),
        quiet_until=quiet_until(version, now),
        not_sent=not_sent(db.session(), g.store, version.definition),
        does=[summary_of(action, subject, words) for action in version.definition["actions"]],
        button=button_words(version, choices.kind, len(firing)),
        once=request.args.get("once", "")[:40] or secrets.token_hex(12),
    )


@bp.post("")
def create(automation_id: int) -> Response:
    automation = automation_or_404(automation_id)
    ids = manual_choices.posted_ids(request.form)
    if not ids or len(ids) > manual_run.MOST:
        abort(400, f"Choose at least one record, and at most {manual_run.MOST}.")
    if automation.active_version is None:
        return _off(automation)
    answer = _run_once(automation.active_version, ids, request.form.get("once", ""))
    records = f"{counted(len(ids))} record{'' if len(ids) == 1 else 's'}"
    outcome = f"It fired on {counted(int(answer.body))} of {records}."
    flash(f"This was already done. {outcome}" if answer.replayed else outcome)
    return redirect(url_for("activity.index", automation=automation_id), 303)


def _list(automation: Automation, choices: Choices, ticked: set[int]) -> str:
    shown = {candidate.id for candidate in choices.shown}
    words = [button_words(choices.version, choices.kind, count) for count in (None, 1, 2)]
    return _page(
        "new",
        automation,
        version=choices.version,
        choices=choices,
        ticked=ticked,
        elsewhere=sorted(ticked - shown),
        most=manual_run.MOST,
        looked_at=min(len(choices.ids), manual_run.MOST),
        more=len(choices.ids) > manual_run.MOST,
        button=[f"{text}…" for text in words],
    )


def _choices(version: Version) -> Choices:
    asked = request.values.to_dict()
    asked["page"] = asked.get("to_page") or asked.get("page", "")
    return Choices(BY_SUBJECT[version.subject], version, asked)


def _back(automation: Automation, choices: Choices, ticked: set[int]) -> Response:
    """Lead to the list, with these ticked."""
    kept: dict[str, Any] = choices.address | ({"ticked": manual_choices.packed(ticked)} if ticked else {})
    return redirect(url_for(".new", automation_id=automation.id, **kept), 303)


def _page(name: str, automation: Automation, **context: Any) -> str:
    context |= {"automation": automation, "words": store_words()}
    template = f"manual_runs/{name}.html"
    return render_template(template, record_words=record_words, url_of=url_of, **context)


def _run_once(version: Version, ids: set[int], token: str) -> StoredAnswer:
    """Run it and answer with the number of records it fired on; the same form sent twice runs once."""
    key = form_key(token, {"version": version.id, "records": sorted(ids)})

    def work(session: Session) -> StoredAnswer:
        now = dt.datetime.now(dt.UTC)

        def run() -> StoredAnswer:
            return StoredAnswer(201, str(manual_run.run(session, g.store, version, ids, g.user, now)))

        return answer_once(session, version.store_id, key, now, run)

    return run_in_write(work)


def _off(automation: Automation) -> Response:
    flash(OFF.format(automation.name), "error")
    return redirect(url_for(".new", automation_id=automation.id), 303)
