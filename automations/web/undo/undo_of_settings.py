"""How changes of the settings of a store are taken back."""

from __future__ import annotations

import datetime as dt

from flask import url_for
from sqlalchemy.orm import Session

from automations.features.authoring import choice_lists, custom_field_edits
from automations.models.settings import attached_files, call_limits, email_looks, store_edits
from automations.models.tables.people import User
from automations.models.tables.undo_step import UndoStep
from automations.web.settings import retention, store_settings, working_hours
from automations.web.undo.undone import Kinds, TakeBack, Undone


def _choice(session: Session, step: UndoStep, user: User, now: dt.datetime) -> Undone:
    return Undone(f"“{choice_lists.put_back(session, step, user).label}” is back.", "")


def _choice_name(session: Session, step: UndoStep, user: User, now: dt.datetime) -> Undone:
    choice = choice_lists.name_back(session, step, user)
    return Undone(f"It is called “{choice.label}” again.", url_for("lists.index", list_key=choice.list_key))


def _choice_added(session: Session, step: UndoStep, user: User, now: dt.datetime) -> Undone:
    list_key, label = choice_lists.take_out(session, step, user)
    return Undone(f"“{label}” is taken out again.", url_for("lists.index", list_key=list_key))


def _choice_moved(session: Session, step: UndoStep, user: User, now: dt.datetime) -> Undone:
    choice = choice_lists.place_back(session, step, user)
    address = url_for("lists.index", list_key=choice.list_key)
    return Undone(f"“{choice.label}” is back in its place.", address)


def _field_added(session: Session, step: UndoStep, user: User, now: dt.datetime) -> Undone:
    label = custom_field_edits.take_out(session, step, user, now).label
    return Undone(f"“{label}” is taken out again.", url_for("custom_fields.index"))


def _field_name(session: Session, step: UndoStep, user: User, now: dt.datetime) -> Undone:
    label = custom_field_edits.name_back(session, step, user).label
    return Undone(f"It is called “{label}” again.", url_for("custom_fields.index"))


def _settings(sentence: str, endpoint: str, told: store_edits.Told) -> TakeBack:
    """Return how a page of the store's settings is put back."""

    def take_back(session: Session, step: UndoStep, user: User, now: dt.datetime) -> Undone:
        store_edits.change_back(session, step, user, told, now)
        return Undone(sentence, url_for(endpoint))

    return take_back


def _field(session: Session, step: UndoStep, user: User, now: dt.datetime) -> Undone:
    return Undone(f"“{custom_field_edits.put_back(session, step, user).label}” is back.", "")


def _file(session: Session, step: UndoStep, user: User, now: dt.datetime) -> Undone:
    return Undone(f"“{attached_files.put_back(session, step, user)}” is back.", "")


def _limits(session: Session, step: UndoStep, user: User, now: dt.datetime) -> Undone:
    call_limits.change_back(session, step, user)
    return Undone("The limits are as they were.", url_for("call_limit_settings.edit"))


KINDS: Kinds = {
    choice_lists.KIND: ("choices.destroy", _choice),
    choice_lists.RENAMED: ("choices.update", _choice_name),
    choice_lists.ADDED: ("choices.create", _choice_added),
    choice_lists.MOVED: ("choices.move", _choice_moved),
    custom_field_edits.ADDED: ("custom_fields.create", _field_added),
    custom_field_edits.KIND: ("custom_fields.destroy", _field),
    custom_field_edits.RENAMED: ("custom_fields.update", _field_name),
    store_edits.STORE: (
        "store_settings.update",
        _settings("The store is as it was.", "store_settings.edit", store_settings.told),
    ),
    store_edits.HOURS: (
        "working_hours.update",
        _settings("The working hours are as they were.", "working_hours.edit", working_hours.told),
    ),
    store_edits.RETENTION: (
        "retention.update",
        _settings("The log is kept as long as before.", "retention.edit", retention.told),
    ),
    store_edits.LOOK: (
        "email_look_settings.update",
        _settings("Emails look as before.", "email_look_settings.edit", email_looks.told),
    ),
    call_limits.EDITED: ("call_limit_settings.update", _limits),
    attached_files.KIND: ("email_files.destroy", _file),
}
