"""The builder's responses: redraw what was sent, or save it unless someone else saved first."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Response, flash, g, request, url_for
from werkzeug.wrappers import Response as Answer

from automations.engine.rules.rule import Problem
from automations.features.authoring import drafts
from automations.features.authoring.drafts import Conflict
from automations.models.access.audit import note
from automations.models.db.base import db, write
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.web.builder import form_data
from automations.web.builder.form_data import Submitted
from automations.web.builder.page import builder
from automations.web.kit.fragments import dom_id, go_to, render_part_or_page, wants_fragment

FORM, PAGE = "automations/_form.html", "automations/show.html"


def words_of_store() -> StoreWords:
    """Return the words of the signed-in person's store."""
    return StoreWords(db.session(), g.store)


def sent_form(words: StoreWords) -> Submitted:
    """Return the builder's form as sent with this request."""
    return form_data.read(request.form, words)


def page(
    automation: Automation,
    sent: Submitted,
    status: int = 200,
    theirs: Automation | None = None,
    fragment: str = FORM,
    told: str = "",
    went: bool = True,
    answered: object = None,
    **more: Any,
) -> Response:
    """Return the builder's page for what was sent, without losing anything typed.

    `theirs` is the automation as someone else saved it meanwhile. `told` says what became of a test
    message, and `went` whether it was sent; `answered` is the answer to a request that was tried.
    """
    words = words_of_store()
    typed: dict[str, Any] = {"record": sent.chosen_record, "name": sent.name, "revision": sent.revision}
    # Without htmx nothing asks for the past later.
    typed["past"] = not wants_fragment()
    view = builder(g.store, automation, sent.data, words=words, **(typed | more))
    their_sentence = drafts.in_words(words, theirs.draft) if theirs else None
    context: dict[str, Any] = {"theirs": theirs, "their_sentence": their_sentence, "told": told, "went": went}
    context["answered"] = answered
    return render_part_or_page(fragment, PAGE, status, builder=view, **context)


def over_limit(automation: Automation, sent: Submitted) -> Response:
    """Return the 422 page for a form with more conditions or actions than allowed."""
    response = page(automation, sent, 422, wrong=[Problem("", sent.refusal)])
    # Whichever part htmx asked for, the whole form is swapped: the sentence stands at its top.
    response.headers["HX-Retarget"] = f"#{dom_id(automation, 'form')}"
    return response


def save(automation: Automation, sent: Submitted, complete: bool = False) -> Response | None:
    """Save the draft; return None on success, else 422 with what to change, or 409 with both versions.

    With `complete`, a draft that could not be published is saved and answered with what it lacks.
    """
    if sent.refusal:
        return over_limit(automation, sent)
    problem = drafts.name_problem(db.session(), g.store, sent.name, automation.id)
    if problem:
        return page(automation, sent, 422, wrong=[problem])
    try:
        _save_draft(automation, sent)
    except Conflict as conflict:
        return page(automation, sent, 409, theirs=conflict.theirs)
    if complete and drafts.problems(words_of_store(), automation.draft):
        return page(automation, sent, 422, revision=automation.revision, publishing=True)
    return None


def back_to_builder(automation: Automation, sentence: str) -> Answer:
    """Return a redirect to the builder that flashes `sentence`; htmx loads the whole page."""
    flash(sentence)
    return go_to(url_for("automations.show", automation_id=automation.id))


def note_change(action: str, automation: Automation, now: dt.datetime, after: Any = None) -> None:
    """Write to the audit log who did what to an automation. Call it inside `write()`."""
    about, store_id = f"automation “{automation.name}”", automation.store_id
    note(db.session(), action=action, about=about, store_id=store_id, user_id=g.user.id, after=after, at=now)


def _save_draft(automation: Automation, sent: Submitted) -> None:
    """Save the draft. Raises Conflict."""
    now = dt.datetime.now(dt.UTC)
    with write() as session:
        drafts.save(session, automation, sent.name, sent.data, sent.revision, g.user, now)
        note_change("changed", automation, now)
