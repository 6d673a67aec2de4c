"""The builder's responses: redraw what was sent, or save it unless someone else saved first."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from flask import Response, g, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from automations.engine.rules.rule import Problem
from automations.features.authoring import audited_rules, drafts, sittings
from automations.features.authoring.drafts import Conflict
from automations.features.authoring.sittings import Edit
from automations.models.access.audit import note
from automations.models.db.base import db, run_in_write
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation, Version
from automations.models.tables.people import User
from automations.models.tables.store import Store
from automations.models.tables.undo_step import UndoStep
from automations.web.builder import form_data
from automations.web.builder.form_data import Submitted
from automations.web.builder.page import builder
from automations.web.kit.fragments import dom_id, go_to, render_part_or_page, wants_fragment
from automations.web.kit.scope import NEW
from automations.web.kit.undo_links import flash_undo

#: The name of an automation that nobody has named.
UNNAMED = "New automation"
FORM, PAGE = "automations/_form_answer.html", "automations/show.html"


@dataclass(frozen=True)
class Saved:
    """A saved automation, and the id of what takes the sitting back that saved it."""

    automation: Automation
    step_id: int | None


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
    view = replace(view, sitting=sent.sitting or view.sitting)
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


def save(automation: Automation, sent: Submitted, complete: bool = False) -> Saved | Response:
    """Save the draft; else return 422 with what to change, or 409 with both versions.

    With `complete`, a draft that could not be published is saved and answered with what it lacks.
    """
    if sent.refusal:
        return over_limit(automation, sent)
    problem = drafts.name_problem(db.session(), g.store, sent.name, id_of(automation, sent))
    if problem:
        return page(automation, sent, 422, wrong=[problem])
    try:
        saved, step = keep(automation, sent)
    except Conflict as conflict:
        return page(automation, sent, 409, theirs=conflict.theirs)
    if complete and drafts.problems(words_of_store(), saved.draft):
        return page(saved, sent, 422, revision=saved.revision, publishing=True)
    return Saved(saved, step.id if step and step.before is not None else None)


def keep(automation: Automation, sent: Submitted) -> tuple[Automation, UndoStep | None]:
    """Save what was sent as the draft of an automation, or of a new one. Raises Conflict."""
    edit = Edit(sent.name, sent.data, sent.revision, sent.sitting, sent.save_number)
    automation_id, store_id, user_id = automation.id, g.store.id, g.user.id

    def work(session: Session) -> tuple[Automation, UndoStep | None]:
        known = session.get_one(Automation, automation_id) if automation_id != NEW else None
        store, user = session.get_one(Store, store_id), session.get_one(User, user_id)
        return sittings.keep(session, store, known, edit, user, dt.datetime.now(dt.UTC))

    return run_in_write(work)


def id_of(automation: Automation, sent: Submitted) -> int | None:
    """Return the id under which it is stored; None if it is not: a page may not know yet that it is."""
    if automation.id != NEW:
        return automation.id
    stored = of_sitting(sent)
    return stored.id if stored else None


def of_sitting(sent: Submitted) -> Automation | None:
    """Return the automation that the sitting of a page has made, if it has."""
    return sittings.made_by(db.session(), g.store, g.user, sent.sitting)


def back_to_builder(automation: Automation, sentence: str, step_id: int | None = None) -> Answer:
    """Return a redirect to the builder that says `sentence`, with the Undo of a step."""
    flash_undo(sentence, step_id)
    return go_to(url_for("automations.show", automation_id=automation.id))


def note_change(
    action: str, automation: Automation, now: dt.datetime, after: Any = None, before: Any = None
) -> None:
    """Write to the audit log who did what to an automation. Call it inside `write()`."""
    about = f"automation “{automation.name}”"
    whose = {"store_id": automation.store_id, "user_id": g.user.id}
    note(db.session(), action=action, about=about, before=before, after=after, at=now, **whose)


def note_published(version: Version, automation: Automation, now: dt.datetime) -> None:
    """Write to the audit log what was published, and what it was before. Call it inside `write()`."""
    before, after = audited_rules.difference(db.session(), g.store, version)
    note_change(f"published version {version.number} of", automation, now, after, before)
