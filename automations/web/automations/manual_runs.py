"""Run an automation by hand: choose records, see which meet its conditions, confirm."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from automations.features.history.log_phrases import record_words
from automations.features.scheduling import manual_run
from automations.models.db.base import db, run_in_write
from automations.models.tables.automation import Automation, Version
from automations.pipeline.intake.idempotency import StoredAnswer, answer_once
from automations.web.kit.scope import automation_or_404
from automations.web.kit.template_filters import counted
from automations.web.records import record_search
from automations.web.records.kind_pages import BY_SUBJECT, RecordPages, store_words, url_of
from automations.web.records.record_saving import form_key

bp = Blueprint("manual_runs", __name__, url_prefix="/automations/<int:automation_id>/manual-run")

OFF = "“{}” is off. Switch it on, then run it by hand."


@bp.get("")
def new(automation_id: int) -> str:
    automation = automation_or_404(automation_id)
    version = automation.active_version
    kind = BY_SUBJECT[version.subject if version else automation.draft.get("subject", "order")]
    text, chosen = request.args.get("q", "").strip(), _chosen(kind)
    looks = bool(text or chosen or "all" in request.args)
    ids = _ids(kind, text, chosen) if version and looks else []
    now = dt.datetime.now(dt.UTC)
    preview = (
        manual_run.preview(db.session(), g.store, version, ids[: manual_run.MOST], now) if version else []
    )
    firing = [choice for choice in preview if choice.fires]
    context: dict[str, Any] = {
        "automation": automation,
        "version": version,
        "kind": kind,
        "words": store_words(),
    }
    context |= {"q": text, "chosen": chosen, "looks": looks, "choices": firing}
    context |= {"looked_at": len(preview), "more": len(ids) > manual_run.MOST, "most": manual_run.MOST}
    context |= {"once": secrets.token_hex(12)}
    return render_template("manual_runs/new.html", record_words=record_words, url_of=url_of, **context)


@bp.post("")
def create(automation_id: int) -> Response:
    automation = automation_or_404(automation_id)
    ids = {int(text) for text in request.form.getlist("record") if text.isascii() and text.isdigit()}
    if not ids or len(ids) > manual_run.MOST or max(ids) >= 2**63:
        abort(400, f"Choose at least one record, and at most {manual_run.MOST}.")
    if automation.active_version is None:
        flash(OFF.format(automation.name), "error")
        return _back(automation)
    answer = _run_once(automation.active_version, ids, request.form.get("once", ""))
    records = f"{counted(len(ids))} record{'' if len(ids) == 1 else 's'}"
    outcome = f"It fired on {counted(int(answer.body))} of {records}."
    flash(f"This was already done. {outcome}" if answer.replayed else outcome)
    return redirect(url_for("activity.index", automation=automation_id), 303)


def _run_once(version: Version, ids: set[int], token: str) -> StoredAnswer:
    """Run it and answer with the number of records it fired on; the same form sent twice runs once."""
    key = form_key(token, {"version": version.id, "records": sorted(ids)})

    def work(session: Session) -> StoredAnswer:
        now = dt.datetime.now(dt.UTC)

        def run() -> StoredAnswer:
            return StoredAnswer(201, str(manual_run.run(session, g.store, version, ids, g.user, now)))

        return answer_once(session, version.store_id, key, now, run)

    return run_in_write(work)


def _back(automation: Automation) -> Response:
    return redirect(url_for(".new", automation_id=automation.id), 303)


def _chosen(kind: RecordPages) -> dict[str, str]:
    values = {name: request.args.get(name, "") for name, _, _ in kind.filters}
    return {name: values[name] for name, _, key in kind.filters if values[name] in store_words().choices(key)}


def _ids(kind: RecordPages, text: str, chosen: dict[str, str]) -> list[int]:
    """Return the ids of the newest matching records, at most one more than may be run."""
    query: sa.Select[Any] = sa.select(kind.model.id).where(kind.model.store_id == g.store.id)
    if text:
        query = query.where(record_search.matching(kind, text))
    for name, key in chosen.items():
        query = query.where(getattr(kind.model, name) == key)
    return list(db.session.scalars(query.order_by(kind.model.id.desc()).limit(manual_run.MOST + 1)))
