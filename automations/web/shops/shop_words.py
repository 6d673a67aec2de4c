"""What the words of a shop mean here, beside the latest payload, and applying that to what came in lately."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from automations.models.db.base import db, run_in_write, write
from automations.models.settings.choices import StoreWords
from automations.models.tables.shop_connection import ShopConnection, ShopWord
from automations.pipeline.sources import retaking, word_choices
from automations.pipeline.sources.translation import targets_of
from automations.web.kit.open_twice import combined
from automations.web.kit.scope import LARGEST_ID, by_id_or_404
from automations.web.kit.undo_links import flash_undo
from automations.web.shops import shown_deliveries

bp = Blueprint("shop_words", __name__, url_prefix="/settings/shops")


@bp.get("/<int:shop_id>/words")
def index(shop_id: int) -> str:
    connection, session = by_id_or_404(ShopConnection, shop_id), db.session()
    words = StoreWords(session, g.store)
    by_kind = word_choices.words_of(session, connection)
    return render_template(
        "shops/words.html",
        connection=connection,
        by_kind=by_kind,
        kinds=word_choices.KINDS,
        targets={kind: targets_of(kind, words) for kind in by_kind},
        waiting=sum(word.is_waiting for rows in by_kind.values() for word in rows),
        affected=len(retaking.affected(session, connection, _now())),
        stored=_stored(by_kind),
        latest=shown_deliveries.latest(session, connection, words),
    )


@bp.post("/<int:shop_id>/words")
def update(shop_id: int) -> Response:
    connection = by_id_or_404(ShopConnection, shop_id)
    stored = _stored(word_choices.words_of(db.session(), connection))
    sent = combined(request.form, stored).values
    choices = {_id(name): value for name, value in sent.items() if name.startswith("word-")}
    with write() as session:
        words = StoreWords(session, g.store)
        step = word_choices.choose(session, connection, words, choices, g.user, _now())
    flash_undo(_changed(len(step.after) if step else 0), step.id if step else None)
    return redirect(url_for(".index", shop_id=shop_id), 303)


@bp.post("/<int:shop_id>/retakes")
def create(shop_id: int) -> Response:
    connection, now = by_id_or_404(ShopConnection, shop_id), _now()
    ids = retaking.affected(db.session(), connection, now)
    user_id = g.user.id
    changed = run_in_write(lambda session: retaking.retake(session, shop_id, ids, user_id, now))
    left = max(0, len(ids) - retaking.MOST)
    more = f" {left} more wait: apply once more." if left else ""
    flash(f"{changed} of {min(len(ids), retaking.MOST)} changed.{more}")
    if request.form.get("back") == "mapping":
        return redirect(url_for("shop_mapping.index", mapped_id=shop_id), 303)
    return redirect(url_for(".index", shop_id=shop_id), 303)


def _stored(by_kind: Mapping[str, Sequence[ShopWord]]) -> dict[str, str]:
    """Return what the form shows: {"word-1": "status=picked", "word-2": "", …}."""
    return {f"word-{word.id}": word.target or "" for words in by_kind.values() for word in words}


def _id(name: str) -> int:
    number = name.removeprefix("word-")
    return min(int(number), LARGEST_ID) if number.isascii() and number.isdecimal() and len(number) < 19 else 0


def _changed(count: int) -> str:
    if not count:
        return "There were no changes to save."
    saved = f"{count} word{'' if count == 1 else 's'} saved."
    return f"{saved} {'It applies' if count == 1 else 'They apply'} to whatever comes in from now on."


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
