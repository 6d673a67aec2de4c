"""Settings: the store's lists of statuses, types and methods."""

from __future__ import annotations

from flask import Blueprint, abort, g, render_template

from automations.features.authoring import choice_lists
from automations.features.authoring.choice_uses import NEWEST, uses_of_list
from automations.models.db.base import db
from automations.models.settings.choices import LIST_LABELS

bp = Blueprint("lists", __name__, url_prefix="/settings/lists")


@bp.get("", defaults={"list_key": "order_status"})
@bp.get("/<list_key>")
def index(list_key: str) -> str:
    return page(list_key)


def page(list_key: str, form: object = None, problem: choice_lists.ChoiceRefused | None = None) -> str:
    """Render the page of one list, with what was typed and the problem with it."""
    if list_key not in LIST_LABELS:
        abort(404)
    session = db.session()
    return render_template(
        "settings/lists.html",
        list_key=list_key,
        labels=LIST_LABELS,
        choices=choice_lists.entries(session, g.store.id, list_key),
        uses=uses_of_list(session, g.store.id, list_key, NEWEST),
        newest=NEWEST,
        form=form,
        problem=problem,
    )
