"""The builder's answers: the page for what was sent, and keeping it unless somebody else was faster."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from flask import Response, flash, g, request, url_for
from werkzeug.wrappers import Response as Answer

from automations.engine.rule import Problem
from automations.models.audit import note
from automations.models.automation import Automation
from automations.models.base import db, write
from automations.models.choices import StoreWords
from automations.models.store import locked
from automations.pipeline import drafts
from automations.pipeline.drafts import Conflict
from automations.pipeline.publish import NotPublishable, publish
from automations.web import builder_form
from automations.web.builder_form import Submitted
from automations.web.builder_page import builder
from automations.web.fragments import answer, dom_id, go_to

FORM, PAGE = "automations/_form.html", "automations/show.html"


def words_of_store() -> StoreWords:
    """The words of the signed-in person's store."""
    return StoreWords(db.session(), g.store)


def sent_form(words: StoreWords) -> Submitted:
    """The builder's form of this request."""
    return builder_form.read(request.form, words)


def page(
    automation: Automation,
    sent: Submitted,
    status: int = 200,
    theirs: Automation | None = None,
    fragment: str = FORM,
    told: str = "",
    went: bool = True,
    **more: Any,
) -> Response:
    """The builder for what was sent, nothing of which is lost.

    `theirs` is what somebody else saved meanwhile; `told` what became of a test message, and
    `went` whether it left.
    """
    words = words_of_store()
    kept = {"data": sent.data, "record": sent.record, "name": sent.name, "revision": sent.revision}
    view = builder(g.store, automation, words=words, **(kept | more))
    others = drafts.in_words(words, theirs.draft) if theirs else None
    said = {"theirs": theirs, "their_sentence": others, "told": told, "went": went}
    return answer(fragment, PAGE, status, builder=view, **said)


def too_much(automation: Automation, sent: Submitted) -> Response:
    """The 422 page for a form with more conditions or actions than may be."""
    response = page(automation, sent, 422, wrong=[Problem("", sent.refusal)])
    # Whatever part was asked for, the sentence stands on top of the form.
    response.headers["HX-Retarget"] = f"#{dom_id(automation, 'form')}"
    return response


def save(automation: Automation, sent: Submitted, publishing: bool = False) -> Response | None:
    """Keep the draft, and make it the live version if asked to.

    Returns the answer when that is not possible: 422 with what to change, 409 with both sides.
    """
    if sent.refusal:
        return too_much(automation, sent)
    problem = drafts.name_problem(db.session(), g.store, sent.name, automation.id)
    if problem:
        return page(automation, sent, 422, wrong=[problem])
    try:
        unready = _write(automation, sent, publishing)
    except Conflict as conflict:
        return page(automation, sent, 409, theirs=conflict.theirs)
    if unready:
        return page(automation, sent, 422, revision=automation.revision, publishing=True)
    return None


def done(automation: Automation, sentence: str) -> Answer:
    """Back to the builder with what was done; htmx is told to load the page anew."""
    flash(sentence)
    return go_to(url_for("automations.show", automation_id=automation.id))


def noted(action: str, automation: Automation, now: dt.datetime, after: Any = None) -> None:
    """Who did what to an automation, for the audit. Call it inside `write()`."""
    about, store_id = f"automation “{automation.name}”", automation.store_id
    note(db.session(), action=action, about=about, store_id=store_id, user_id=g.user.id, after=after, at=now)


def _write(automation: Automation, sent: Submitted, publishing: bool) -> Sequence[Problem]:
    """What keeps it from being published; the draft is kept all the same. Raises Conflict."""
    now = dt.datetime.now(dt.UTC)
    with write() as session:
        if publishing:
            locked(session, automation.store_id)
        drafts.save(session, automation, sent.name, sent.data, sent.revision, g.user, now)
        try:
            version = publish(session, automation, g.user, now) if publishing else None
        except NotPublishable as error:
            noted("changed", automation, now)
            return error.problems
        noted("changed", automation, now)
        if version:
            noted(f"published version {version.number} of", automation, now)
    return ()
