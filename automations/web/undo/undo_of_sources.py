"""How changes of the reading of a source’s messages are taken back."""

from __future__ import annotations

import datetime as dt

from flask import url_for
from sqlalchemy.orm import Session

from automations.connectors.sources.mapping_targets import MappingTarget
from automations.models.settings import shop_connections
from automations.models.tables.people import User
from automations.models.tables.undo_step import UndoStep
from automations.pipeline.sources import picking, word_choices
from automations.web.kit.template_filters import counted
from automations.web.undo.undone import Kinds, Undone


def _mapping(session: Session, step: UndoStep, user: User, now: dt.datetime) -> Undone:
    target = picking.put_back(session, step, user, now)
    return Undone(f"{target.label} is read again.", _page_of(step, target))


def _pick(session: Session, step: UndoStep, user: User, now: dt.datetime) -> Undone:
    target = picking.pick_back(session, step, user, now)
    was = "read from where it was" if step.before["paths"].get(target.key) else "no longer read"
    return Undone(f"{target.label} is {was}.", _page_of(step, target))


def _page_of(step: UndoStep, target: MappingTarget) -> str:
    anchor = f"field-{target.key}"
    return url_for("shop_mapping.index", mapped_id=step.about_id, field=target.key, _anchor=anchor)


def _sends(session: Session, step: UndoStep, user: User, now: dt.datetime) -> Undone:
    picking.kind_back(session, step, user, now)
    return Undone("It is as it was.", url_for("shop_mapping.index", mapped_id=step.about_id))


def _meanings(session: Session, step: UndoStep, user: User, now: dt.datetime) -> Undone:
    word_choices.choose_back(session, step, user, now)
    many = "The word means" if len(step.after) == 1 else f"{counted(len(step.after))} words mean"
    return Undone(f"{many} what was meant before.", url_for("shop_words.index", shop_id=step.about_id))


def _options(session: Session, step: UndoStep, user: User, now: dt.datetime) -> Undone:
    connection = shop_connections.options_back(session, step, user, now)
    return Undone("The options are as they were.", url_for("shops.show", shop_id=connection.id))


KINDS: Kinds = {
    picking.KIND: ("shop_mapping.destroy", _mapping),
    picking.PICKED: ("shop_mapping.update", _pick),
    picking.SENDS: ("shop_mapping.kind", _sends),
    word_choices.EDITED: ("shop_words.update", _meanings),
    shop_connections.OPTIONS_EDITED: ("shop_secrets.options", _options),
}
