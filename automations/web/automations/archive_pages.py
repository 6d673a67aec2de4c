"""Archive an automation after showing what is pending, and restore an archived one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from flask import Blueprint, abort, flash, g, redirect, render_template, url_for
from werkzeug.wrappers import Response

from automations.features.authoring import archiving
from automations.features.history.upcoming_runs import upcoming
from automations.models.db.base import db, write
from automations.models.tables.automation import Automation, Version
from automations.models.tables.people import User
from automations.models.tables.segment import Campaign
from automations.web.kit.paging import page_of
from automations.web.kit.scope import automation_or_404
from automations.web.kit.template_filters import counted
from automations.web.kit.undo_links import flash_undo

SHOWN = 20

bp = Blueprint("archive", __name__, url_prefix="/automations")


@bp.get("/archived")
def index() -> str:
    page = page_of(archived(), Automation.id)
    return render_template("archive/index.html", listing=page, people=people_of(page.rows))


def archived() -> sa.Select[Automation]:
    """Return the store's archived automations; what only carries the message of a campaign is in no list."""
    is_archived = sa.and_(Automation.store_id == g.store.id, Automation.archived_at.is_not(None))
    carries = sa.exists().where(Version.automation_id == Automation.id, Campaign.version_id == Version.id)
    return sa.select(Automation).where(is_archived, ~carries)


def people_of(automations: Sequence[Automation]) -> dict[int, str]:
    """Return the names of those who archived these automations, by user id."""
    ids = [automation.archived_by for automation in automations]
    names = sa.select(User.id, User.name).where(User.id.in_(ids))
    return dict(db.session.execute(names).all())


@bp.get("/<int:automation_id>/archive")
def new(automation_id: int) -> str:
    automation, now = automation_or_404(automation_id), dt.datetime.now(dt.UTC)
    coming = upcoming(db.session(), g.store, automation, SHOWN, now=now)
    count = archiving.waiting(db.session(), automation)
    return render_template("archive/new.html", automation=automation, coming=coming, waiting=count)


@bp.post("/<int:automation_id>/archive")
def create(automation_id: int) -> Response:
    automation = automation_or_404(automation_id)
    if automation.archived_at:
        abort(409, "This automation is already archived.")
    with write() as session:
        archived = archiving.archive(session, automation, g.user, dt.datetime.now(dt.UTC))
    ended = {0: "", 1: " One waiting action was cancelled."}.get(
        archived.cancelled, f" {counted(archived.cancelled)} waiting actions were cancelled."
    )
    flash_undo(f"“{automation.name}” is archived.{ended}", archived.step_id)
    return redirect(url_for(".index"), 303)


@bp.post("/<int:automation_id>/restoration")
def destroy(automation_id: int) -> Response:
    automation = automation_or_404(automation_id)
    if automation.archived_at and not db.session.scalar(archived().where(Automation.id == automation_id)):
        abort(404)
    with write() as session:
        archiving.restore(session, automation, g.user, dt.datetime.now(dt.UTC))
    flash(f"“{automation.name}” is restored and switched off. Switch it on when you are ready.")
    return redirect(url_for("automations.show", automation_id=automation_id), 303)
