"""What can be taken back: for each kind of change, who may, how, and where they are led then."""

from __future__ import annotations

import datetime as dt

from flask import url_for
from sqlalchemy.orm import Session

from automations.features.audience import segment_edits
from automations.features.authoring import (
    archiving,
    arranging,
    sittings,
    switching,
)
from automations.features.expectations import expectation_edits
from automations.features.history import saved_filters
from automations.features.scheduling import upcoming_decisions
from automations.models.access import undo_steps
from automations.models.accounts import account_names
from automations.models.tables.people import User
from automations.models.tables.undo_step import UndoStep
from automations.web.kit.template_filters import counted
from automations.web.records import edit_undo
from automations.web.undo import undo_of_settings, undo_of_sources
from automations.web.undo.undone import Kinds, Undone


def _archive(session: Session, step: UndoStep, user: User, now: dt.datetime) -> Undone:
    automation, count = archiving.unarchive(session, step, user, now)
    state = "on" if automation.active_version_id else "off"
    waits = {0: "", 1: " One action waits again."}.get(count, f" {counted(count)} actions wait again.")
    url = url_for("automations.show", automation_id=automation.id)
    return Undone(f"“{automation.name}” is back, and {state} as before.{waits}", url)


def _switch(session: Session, step: UndoStep, user: User, now: dt.datetime) -> Undone:
    automation = switching.switch_back(session, step, user, now)
    state = "on" if automation.active_version_id else "off"
    return Undone(f"“{automation.name}” is {state} again.", "")


def _edits(session: Session, step: UndoStep, user: User, now: dt.datetime) -> Undone:
    automation = sittings.take_back(session, step, user, now)
    return Undone("Your changes are undone.", url_for("automations.show", automation_id=automation.id))


def _segment(session: Session, step: UndoStep, user: User, now: dt.datetime) -> Undone:
    segment = segment_edits.put_back(session, step, user, now)
    return Undone(f"“{segment.name}” is back.", url_for("segments.index"))


def _expectation(session: Session, step: UndoStep, user: User, now: dt.datetime) -> Undone:
    expectation_edits.put_back(session, step, user, now)
    return Undone("The expectation is back, with its counts.", url_for("expectations.index"))


def _segment_edit(session: Session, step: UndoStep, user: User, now: dt.datetime) -> Undone:
    segment = segment_edits.change_back(session, step, user, now)
    url = url_for("segments.edit", segment_id=segment.id)
    return Undone(f"“{segment.name}” is as it was, and its customers are found again.", url)


def _expectation_edit(session: Session, step: UndoStep, user: User, now: dt.datetime) -> Undone:
    expectation = expectation_edits.change_back(session, step, user, now)
    url = url_for("expectations.show", expectation_id=expectation.id)
    return Undone("The expectation is as it was, with its counts.", url)


def _record(session: Session, step: UndoStep, user: User, now: dt.datetime) -> Undone:
    return Undone(*edit_undo.take_back(session, step, user, now))


def _account(session: Session, step: UndoStep, user: User, now: dt.datetime) -> Undone:
    name = account_names.name_back(session, step, user)
    return Undone(
        f"The account is called “{name}” again.", url_for("accounts.show", account_id=step.about_id)
    )


def _place(session: Session, step: UndoStep, user: User, now: dt.datetime) -> Undone:
    automation = arranging.move_back(session, step, user, now)
    return Undone(f"“{automation.name}” is back in its place.", "")


def _group(session: Session, step: UndoStep, user: User, now: dt.datetime) -> Undone:
    automation = arranging.group_back(session, step, user, now)
    where = f"in “{automation.group_name}” again" if automation.group_name else "in no group again"
    return Undone(f"“{automation.name}” is {where}.", "")


def _run(session: Session, step: UndoStep, user: User, now: dt.datetime) -> Undone:
    run = upcoming_decisions.unskip_run(session, step, user, now)
    is_due = run.due_at is None or run.due_at <= now
    return Undone("The action is due and goes out now." if is_due else "The action waits again.", "")


def _instant(session: Session, step: UndoStep, user: User, now: dt.datetime) -> Undone:
    upcoming_decisions.unskip_due(session, step, user, now)
    return Undone("The action is coming up again.", "")


def _filter(session: Session, step: UndoStep, user: User, now: dt.datetime) -> Undone:
    saved = saved_filters.put_back(session, step, user)
    return Undone(f"The filter “{saved.name}” is back.", url_for("activity.index", **saved.arguments))


#: Kind -> the endpoint that one has to be allowed to use, and how it is taken back.
KINDS: Kinds = {
    archiving.KIND: ("archive.create", _archive),
    switching.KIND: ("automation_activations.create", _switch),
    sittings.KIND: ("automations.update", _edits),
    segment_edits.KIND: ("segments.destroy", _segment),
    expectation_edits.KIND: ("expectations.destroy", _expectation),
    segment_edits.EDITED: ("segments.update", _segment_edit),
    expectation_edits.EDITED: ("expectations.update", _expectation_edit),
    undo_steps.RECORD_EDIT: ("statuses.update", _record),
    account_names.KIND: ("accounts.update", _account),
    arranging.MOVED: ("arrange.move", _place),
    arranging.GROUPED: ("arrange.put", _group),
    upcoming_decisions.SKIPPED_RUN: ("upcoming.skip", _run),
    upcoming_decisions.SKIPPED_DUE: ("upcoming.skip", _instant),
    saved_filters.KIND: ("saved_filters.destroy", _filter),
    **undo_of_settings.KINDS,
    **undo_of_sources.KINDS,
}
