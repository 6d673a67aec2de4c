"""What a shop says otherwise of a record, and the decision which value stands."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, request, url_for
from werkzeug.wrappers import Response

from automations.engine.fields.subjects import SUBJECTS
from automations.models.access import audit
from automations.models.db.base import db, write
from automations.models.settings.choices import StoreWords
from automations.models.tables.shop_connection import ShopRecord
from automations.pipeline.intake.field_types import InvalidInput
from automations.pipeline.records.change import Cause
from automations.pipeline.sources import conflicts
from automations.web.kit.scope import by_id_or_404
from automations.web.records.kind_pages import BY_SUBJECT, store_words

bp = Blueprint("shop_conflicts", __name__, url_prefix="/shop-conflicts")


@dataclass(frozen=True)
class ShownConflict:
    """One field that both sides changed, in words."""

    link_id: int
    name: str
    label: str
    shop: str
    theirs: str
    ours: str
    #: "ours" or "theirs": the value that the record has.
    kept: str


def shown(subject: str, record_id: int) -> list[ShownConflict]:
    """Return the conflicts of a record of this store."""
    words, found = store_words(), []
    for link, connection in conflicts.links_of(db.session(), g.store.id, subject, record_id):
        for name, one in link.conflicts.items():
            theirs, ours = (_text(subject, name, one[side], words) for side in conflicts.SIDES)
            found.append(
                ShownConflict(
                    link.id, name, _label(subject, name, words), connection.name, theirs, ours, one["kept"]
                )
            )
    return found


@bp.post("/<int:link_id>")
def update(link_id: int) -> Response:
    link, name, side = (
        by_id_or_404(ShopRecord, link_id),
        request.form.get("field", ""),
        request.form.get("side", ""),
    )
    if side not in conflicts.SIDES:
        abort(400, "Choose one of the two values.")
    cause, now = Cause("person", g.user.name), dt.datetime.now(dt.UTC)
    try:
        with write() as session:
            changed = session.get_one(ShopRecord, link_id, populate_existing=True)
            if conflicts.decide(session, g.store, changed, name, side, cause, now):
                _note(changed, name, side)
                flash("Decided. What the shop says later is accepted as usual.")
    except InvalidInput as error:
        flash(f"That value can no longer be used: {error.problems[0][1]}")
    return redirect(_record_url(link), 303)


def _note(link: ShopRecord, name: str, side: str) -> None:
    about = f"{link.subject} {link.record_id}: {name}"
    audit.note(
        db.session(),
        action="decided against the shop about" if side == "ours" else "decided for the shop about",
        about=about,
        store_id=link.store_id,
        user_id=g.user.id,
    )


def _record_url(link: ShopRecord) -> str:
    kind = BY_SUBJECT[link.subject]
    record = by_id_or_404(kind.model, link.record_id)
    return url_for(f"{kind.plural}.show", number=kind.reference(record))


def _label(subject: str, name: str, words: StoreWords) -> str:
    entry = words.subject(subject).columns.get(name) or words.custom_ever(subject).get(name)
    return entry.label if entry else name


def _text(subject: str, name: str, value: Any, words: StoreWords) -> str:
    entry = SUBJECTS[subject].columns.get(name)
    if entry is not None and entry.choices and isinstance(value, str):
        return words.choice(entry.choices, value)
    if isinstance(value, list):
        return ", ".join(
            str(part.get("name", part)) if isinstance(part, dict) else str(part) for part in value
        )
    return "nothing" if value in (None, "", [], {}) else str(value)
