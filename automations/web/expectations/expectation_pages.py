"""Expectations: listed with their states, written, looked at, seen to and removed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from automations.engine.wording.wording import Part
from automations.features.expectations import expectation_edits
from automations.models.db.base import db, write
from automations.models.settings.choices import StoreWords
from automations.models.tables.expectation import Expectation
from automations.web.builder.submit import words_of_store
from automations.web.expectations import expectation_form
from automations.web.expectations.expectation_form import Written
from automations.web.expectations.past_view import LISTED, past_view
from automations.web.kit.later import address_of_whole, past_is_long
from automations.web.kit.scope import by_id_or_404
from automations.web.kit.template_filters import counted
from automations.web.kit.undo_links import flash_undo

bp = Blueprint("expectations", __name__, url_prefix="/expectations")
MEANWHILE = (
    "Someone else saved this expectation meanwhile. What you typed is below; save it again to replace theirs."
)


@dataclass(frozen=True)
class Listed:
    """One expectation with its sentence; with a `problem`, it cannot be judged."""

    expectation: Expectation
    sentence: list[Part]
    title: str
    problem: str

    @property
    def state(self) -> str:
        """How it stands, in the words of its badge."""
        if self.problem:
            return "Cannot be judged"
        if self.expectation.broken:
            return f"Broken by {counted(self.expectation.broken)}"
        return "Kept" if self.expectation.kept else "Nothing happened yet"


@bp.get("")
def index() -> str:
    return render_template("expectations/index.html", lines=listed())


def listed() -> list[Listed]:
    """Return the store's expectations; what needs someone comes first."""
    words = words_of_store()
    own = sa.select(Expectation).where(Expectation.store_id == g.store.id)
    rows = db.session.scalars(own.order_by((Expectation.broken > 0).desc(), Expectation.id)).all()
    return [_line(row, words) for row in rows]


@bp.get("/new")
def new() -> str:
    return _form(None, expectation_form.blank())


@bp.post("")
def create() -> ResponseReturnValue:
    return _save(None)


@bp.get("/<int:expectation_id>")
def show(expectation_id: int) -> str:
    expectation, words = by_id_or_404(Expectation, expectation_id), words_of_store()
    line, now = _line(expectation, words), dt.datetime.now(dt.UTC)
    look, waits = None, address_of_whole(not line.problem and past_is_long())
    if not line.problem and not waits:
        look = past_view(words, expectation.rule, expectation.follow, now, LISTED)
    return render_template("expectations/show.html", line=line, look=look, later=waits)


@bp.get("/<int:expectation_id>/edit")
def edit(expectation_id: int) -> str:
    expectation = by_id_or_404(Expectation, expectation_id)
    return _form(expectation, expectation_form.saved(expectation))


@bp.post("/<int:expectation_id>")
def update(expectation_id: int) -> ResponseReturnValue:
    return _save(by_id_or_404(Expectation, expectation_id))


@bp.post("/<int:expectation_id>/sightings")
def see(expectation_id: int) -> ResponseReturnValue:
    expectation = by_id_or_404(Expectation, expectation_id)
    with write() as session:
        count = expectation_edits.see(session, g.store, g.user, expectation, dt.datetime.now(dt.UTC))
    flash(
        f"{counted(count)} marked as seen. What breaks it next is told anew." if count else "Nothing was new."
    )
    return redirect(url_for(".show", expectation_id=expectation_id), 303)


@bp.post("/<int:expectation_id>/removal")
def destroy(expectation_id: int) -> ResponseReturnValue:
    expectation = by_id_or_404(Expectation, expectation_id)
    with write() as session:
        now = dt.datetime.now(dt.UTC)
        step_id = expectation_edits.remove(session, g.store, g.user, expectation, now).id
    flash_undo("The expectation is removed. The log is as it was.", step_id)
    return redirect(url_for(".index"), 303)


def _save(expectation: Expectation | None) -> ResponseReturnValue:
    words = words_of_store()
    written, submitted = expectation_form.sent(words)
    if submitted.refusal:
        return _form(expectation, written, problem=submitted.refusal), 422
    now = dt.datetime.now(dt.UTC)
    try:
        with write() as session:
            values, revision, step_id = written.values, written.revision, None
            whose = (session, g.store, g.user)
            if expectation:
                step_id = expectation_edits.change(*whose, expectation, values, revision, now).id
            saved = expectation or expectation_edits.save(*whose, None, values, revision, now)
    except expectation_edits.ExpectationRefused as refused:
        general = next((problem.sentence for problem in refused.problems if not problem.path), "")
        wrong = [problem for problem in refused.problems if problem.path == "name"]
        return _form(expectation, written, saving=True, problem=general, wrong=wrong), 422
    except expectation_edits.SavedMeanwhile:
        current = by_id_or_404(Expectation, expectation.id if expectation else 0)
        typed = replace(written, revision=current.revision)
        return _form(current, typed, problem=MEANWHILE), 409
    flash_undo("The expectation is saved. From now on you are told when it is broken.", step_id)
    return redirect(url_for(".show", expectation_id=saved.id), 303)


def _form(expectation: Expectation | None, written: Written, **shown: Any) -> str:
    form = expectation_form.form_of(expectation, written, words_of_store(), **shown)
    return render_template("expectations/form.html", builder=form)


def _line(expectation: Expectation, words: StoreWords) -> Listed:
    session = db.session()
    found = expectation_edits.problems(session, words, expectation.rule, expectation.follow)
    said = expectation_edits.in_words(session, words, expectation.rule, expectation.follow)
    name = expectation_edits.title(session, words, expectation)
    return Listed(expectation, said, name, found[0].sentence if found else "")
