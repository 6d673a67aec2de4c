"""The pinned examples of an automation: listed with their last answer, pinned, changed and removed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

import sqlalchemy as sa
from flask import Blueprint, Response, abort, flash, g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from automations.features.examples import answering, checking, pinning
from automations.features.examples.pinning import NotPinned, Pin
from automations.features.trial.pin_trial import pin_trial
from automations.models.db.base import db, run_in_write
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.example import Example
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.people import User
from automations.models.tables.store import Store
from automations.web.builder import submit
from automations.web.kit import safe_redirect, scope
from automations.web.kit.open_twice import combined
from automations.web.kit.scope import automation_or_404
from automations.web.records.record_links import links_to

bp = Blueprint("examples", __name__, url_prefix="/automations/<int:automation_id>/examples")

#: The field that only the builder's form has: the draft as typed is what the moment is for.
_BUILDER = "revision"


@bp.get("")
def index(automation_id: int) -> str:
    automation = automation_or_404(automation_id)
    asked = checking.ask(db.session(), submit.words_of_store(), automation, automation.draft)
    examples = [answer.example for answer in asked.answers]
    links = links_to((example.subject, example.record_id) for example in examples)
    ids = [example.occurrence_id for example in examples if example.occurrence_id]
    kept = sa.select(Occurrence.id).where(Occurrence.store_id == g.store.id, Occurrence.id.in_(ids))
    context = {"links": links, "kept": set(db.session.scalars(kept)), "stored_values": example_values}
    return render_template("examples/index.html", automation=automation, asked=asked, **context)


@bp.post("")
def create(automation_id: int) -> Response | Answer:
    """Pin a log entry (`occurrence_id`) or a record tried on (`record`) with the expectation `must_fire`."""
    automation = automation_or_404(automation_id)
    pin, occurrence_id = _pin(request.form), request.form.get("occurrence_id", "")
    user_id, from_builder = g.user.id, _BUILDER in request.form
    sent = submit.sent_form(submit.words_of_store()) if from_builder else None
    if sent and sent.refusal:
        return submit.over_limit(automation, sent)
    record = sent.record if sent else request.form.get("record", "").strip()
    data = sent.data if sent else automation.draft
    if occurrence_id:
        record, data = "", automation.draft
        scope.occurrence_or_404(int(occurrence_id) if occurrence_id.isdigit() else 0)

    def work(session: Session) -> str:
        own = session.get_one(Automation, automation_id)
        store = session.get_one(Store, own.store_id)
        words, user_pin = (
            StoreWords(session, store),
            Pin(pin.must_fire, session.get_one(User, user_id), pin.now),
        )
        if occurrence_id:
            occurrence = session.get_one(Occurrence, int(occurrence_id))
            example = pinning.pin_occurrence(session, words, own, occurrence, user_pin)
        else:
            example = pin_trial(session, store, words, own, data, record, user_pin)
        answers = checking.ask(session, words, own, data).answers
        sentence = next(answer.sentence for answer in answers if answer.example.id == example.id)
        return f"{'Pinned' if example.pinned_at == user_pin.now else 'That was pinned already'}. {sentence}"

    try:
        told, went = run_in_write(work), True
    except NotPinned as problem:
        told, went = str(problem), False
    if sent:
        return submit.page(automation, sent, 200 if went else 422, told=told, went=went)
    flash(told, "message" if went else "error")
    back = safe_redirect.current_page()
    return redirect(back if back != "/" else url_for(".index", automation_id=automation_id), 303)


@bp.post("/<int:example_id>")
def update(automation_id: int, example_id: int) -> Answer:
    """Change what an example expects, and its note."""
    stored = example_values(_example_or_404(automation_id, example_id))
    pin, user_id = _pin(combined(request.form, stored).values), g.user.id

    def work(session: Session) -> str:
        example, automation = session.get_one(Example, example_id), session.get_one(Automation, automation_id)
        user = session.get_one(User, user_id)
        pinning.expect(session, automation, example, replace(pin, user=user))
        return f"{example.label} {answering.expectation(example.must_fire)}."

    flash(run_in_write(work))
    return redirect(url_for(".index", automation_id=automation_id), 303)


@bp.post("/<int:example_id>/removal")
def destroy(automation_id: int, example_id: int) -> Answer:
    label, user_id = _example_or_404(automation_id, example_id).label, g.user.id
    now = dt.datetime.now(dt.UTC)

    def work(session: Session) -> None:
        automation, example = session.get_one(Automation, automation_id), session.get_one(Example, example_id)
        pin = Pin(example.must_fire, session.get_one(User, user_id), now)
        pinning.remove(session, automation, example, pin)

    run_in_write(work)
    undo = url_for(".restore", automation_id=automation_id, example_id=example_id)
    flash(f"{label} is no longer an example.", f"undo {undo}")
    return redirect(url_for(".index", automation_id=automation_id), 303)


@bp.post("/<int:example_id>/return")
def restore(automation_id: int, example_id: int) -> Answer:
    """Put a removed example back as it was."""
    label, user_id = _example_or_404(automation_id, example_id, removed=True).label, g.user.id
    now = dt.datetime.now(dt.UTC)

    def work(session: Session) -> None:
        automation, example = session.get_one(Automation, automation_id), session.get_one(Example, example_id)
        pin = Pin(example.must_fire, session.get_one(User, user_id), now)
        pinning.put_back(session, automation, example, pin)

    try:
        run_in_write(work)
        flash(f"{label} is an example again.")
    except NotPinned as problem:
        flash(str(problem), "error")
    return redirect(url_for(".index", automation_id=automation_id), 303)


def example_values(example: Example) -> dict[str, str]:
    """Return what the form of an example shows."""
    return {"must_fire": "yes" if example.must_fire else "no", "note": example.note or ""}


def _pin(sent: Mapping[str, str]) -> Pin:
    """Return what the form says: `must_fire` is yes or no, `note` free text."""
    expected = sent.get("must_fire", "")
    if expected not in ("yes", "no"):
        abort(400, "Choose whether it must fire or must not fire.")
    note = " ".join(sent.get("note", "").split())
    return Pin(expected == "yes", g.user, dt.datetime.now(dt.UTC), note)


def _example_or_404(automation_id: int, example_id: int, removed: bool = False) -> Example:
    automation_or_404(automation_id)
    example: Example = scope.by_id_or_404(Example, example_id)
    is_there = removed or example.removed_at is None
    return example if example.automation_id == automation_id and is_there else abort(404)
