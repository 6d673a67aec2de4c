"""Which value of a source's payloads is which of our fields: picked by clicking it in one that came in."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, abort, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from automations.connectors.sources import json_paths
from automations.connectors.sources.all_sources import SOURCES
from automations.connectors.sources.mapping_targets import PARCEL, SUBJECT_LABELS, MappingTarget
from automations.connectors.sources.picked_orders import subject_of
from automations.models.db.base import db, write
from automations.models.settings.choices import StoreWords
from automations.models.tables.shop_connection import ShopConnection
from automations.pipeline.sources import picked_preview, picking, retaking
from automations.web.kit.open_twice import combined
from automations.web.kit.scope import by_id_or_404
from automations.web.kit.undo_links import flash_undo
from automations.web.shops import shown_mapping
from automations.web.shops.shown_options import mapping_values

NO_PATH = "That value cannot be picked. Pick one from the message."
MOST_KINDS, LONGEST_KIND = 20, 60

bp = Blueprint("shop_mapping", __name__, url_prefix="/settings/shops")


@bp.get("/<int:mapped_id>/mapping")
def index(mapped_id: int) -> str:
    return _page(_connection_or_404(mapped_id), request.args.get("field", ""))


@bp.post("/<int:mapped_id>/mapping")
def update(mapped_id: int) -> Response:
    connection = _connection_or_404(mapped_id)
    targets = picking.all_targets(connection, StoreWords(db.session(), g.store))
    target = targets.get(request.form.get("field", "")) or abort(404)
    path = json_paths.read(request.form.get("path", ""))
    try:
        if path is None:
            raise picking.PickRefused(NO_PATH)
        with write() as session:
            step = picking.pick(session, mapped_id, target, path, g.user, _now())
    except picking.PickRefused as refused:
        return make_response(_page(connection, target.key, str(refused)), 422)
    connection = _connection_or_404(mapped_id)
    place = json_paths.in_words(path)
    if target.key.startswith(PARCEL):
        place = shown_mapping.place_of(target.key, picking.mapping_of(connection)["paths"])
    flash_undo(f"{target.label} is now read from {place}.", step.id if step else None)
    return _to_page(mapped_id, _next(targets, connection, target))


@bp.post("/<int:mapped_id>/mapping/removals")
def destroy(mapped_id: int) -> Response:
    connection = _connection_or_404(mapped_id)
    targets = picking.all_targets(connection, StoreWords(db.session(), g.store))
    target = targets.get(request.form.get("field", "")) or abort(404)
    with write() as session:
        step = picking.drop(session, mapped_id, target, g.user, _now())
        step_id = step.id if step else None
    flash_undo(f"{target.label} is no longer read.", step_id)
    return _to_page(mapped_id, target.key)


@bp.post("/<int:mapped_id>/mapping/kind")
def kind(mapped_id: int) -> Response:
    connection = _connection_or_404(mapped_id)
    form = combined(request.form, _sends(connection)).values
    only = [word.strip()[:LONGEST_KIND] for word in form.get("only", "").split(",") if word.strip()]
    with write() as session:
        step = picking.set_kind(
            session, mapped_id, form.get("subject", ""), "minor" in form, only[:MOST_KINDS], g.user, _now()
        )
    flash_undo("Saved. It applies to whatever comes in from now on.", step.id if step else None)
    return redirect(url_for(".index", mapped_id=mapped_id), 303)


def _page(connection: ShopConnection, key: str, problem: str = "") -> str:
    session, words = db.session(), StoreWords(db.session(), g.store)
    targets = picking.all_targets(connection, words)
    target = targets.get(key) or targets[_next(targets, connection)]
    kept = shown_mapping.deliveries(session, connection)
    wanted = request.args.get("delivery", "")
    delivery = next((one for one in kept if str(one.id) == wanted), kept[0] if kept else None)
    data = shown_mapping.data_of(delivery)
    shown = None
    if delivery is not None and data is not None:
        shown = picked_preview.preview(session, g.store, connection, words, delivery, data)
    return render_template(
        "shops/mapping.html",
        connection=connection,
        mapping=picking.mapping_of(connection),
        sends=_sends(connection),
        subjects=SUBJECT_LABELS,
        subject=subject_of(connection.options),
        groups=shown_mapping.groups(connection, targets, shown),
        target=target,
        deliveries=kept,
        delivery=delivery,
        tree=shown_mapping.tree(data, connection, targets, target) if data is not None else None,
        preview=shown,
        problem=problem,
        affected=len(retaking.affected(session, connection, _now())),
    )


def _sends(connection: ShopConnection) -> dict[str, str]:
    return mapping_values(picking.mapping_of(connection), subject_of(connection.options))


def _next(
    targets: dict[str, MappingTarget], connection: ShopConnection, after: MappingTarget | None = None
) -> str:
    """Return the first field below `after` that takes no value yet; of all, if there is none."""
    picked = picking.mapping_of(connection).get("paths") or {}
    keys = list(targets)
    place = keys.index(after.key) + 1 if after else 0
    return next((key for key in [*keys[place:], *keys[:place]] if key not in picked), keys[0])


def _to_page(mapped_id: int, field: str) -> Response:
    address = url_for(".index", mapped_id=mapped_id, field=field, _anchor=f"field-{field}")
    return redirect(address, 303)


def _connection_or_404(mapped_id: int) -> ShopConnection:
    connection = by_id_or_404(ShopConnection, mapped_id)
    return connection if SOURCES[connection.kind].is_mapped else abort(404)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
