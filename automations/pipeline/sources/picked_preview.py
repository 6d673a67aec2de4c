"""What would be taken from a payload by what was picked so far, field by field; nothing is stored."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from automations.connectors.sources import other_bodies
from automations.connectors.sources.json_paths import MISSING, in_words, value_at
from automations.connectors.sources.json_tree import text_of
from automations.connectors.sources.mapping_targets import (
    LINE,
    MOMENT,
    PARCEL_CARRIER,
    PARCEL_NUMBER,
    PARCEL_STATUS,
    WORD,
)
from automations.connectors.sources.payload import NotUnderstood
from automations.connectors.sources.picked_orders import Picks, message_of, picks_of
from automations.connectors.sources.shop_messages import NotTaken, ShopOrder, ShopParcel, Word
from automations.engine.operators.value_types import counted
from automations.models.settings.choices import StoreWords
from automations.models.tables.shop_connection import ShopConnection, ShopDelivery
from automations.models.tables.store import Store
from automations.pipeline.intake.vocabulary_cache import reader_of
from automations.pipeline.sources.delivery_intake import settings_of
from automations.pipeline.sources.linking import LONGEST_NUMBER
from automations.pipeline.sources.order_form import WrittenOrder, as_item, place, written
from automations.pipeline.sources.shop_orders import why_not
from automations.pipeline.sources.translation import Translation, targets_of

_LINES_SHOWN = 5


@dataclass(slots=True)
class PickedPreview:
    """The plain value, or the problem, of each field that was picked; `problem` is why nothing is taken."""

    values: dict[str, Any] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    #: Field -> what its word means here; "" for nothing yet.
    meanings: dict[str, str] = field(default_factory=dict)
    problem: str = ""
    #: “3 entries of “orders””, if each of them is a record.
    several: str = ""


def preview(
    session: Session,
    store: Store,
    connection: ShopConnection,
    words: StoreWords,
    delivery: ShopDelivery,
    data: Any,
) -> PickedPreview:
    """Return what a delivery would say by the mapping as it is now."""
    settings = settings_of(connection, store)
    picks = picks_of(data, settings)
    shown = PickedPreview(problems={key: one.problem for key, one in picks.values.items() if one.problem})
    translation = Translation(session, connection, words)
    try:
        message = message_of(data, settings, delivery.received_at)
        if isinstance(message, ShopOrder):
            shown.problem = why_not(message, store, connection)
            if not shown.problem:
                _check(session, store, message, translation, words, settings)
        elif isinstance(message, NotTaken):
            shown.problem = message.why
    except NotUnderstood as error:
        shown.problem = str(error)
    for key, one in picks.values.items():
        if one.value is not None and key != PARCEL_NUMBER:
            _show(shown, key, picks, translation, words, settings)
    _show_parts(shown, picks, data)
    _show_parcels(shown, picks, translation, words)
    entries, paths = other_bodies.apart(data, dict(picks.paths)), picks.paths
    if len(entries) > 1:
        where = paths["number"][: next(n for n, step in enumerate(paths["number"]) if isinstance(step, int))]
        shown.several = f"{counted(len(entries))} entries of “{in_words(where)}”"
    return shown


def _show_parts(shown: PickedPreview, picks: Picks, data: Any) -> None:
    """Show what the fields of lines take, of the first few lines."""
    items = value_at(data, picks.paths["lines"]) if picks.value("lines") else []
    for key, path in picks.paths.items():
        if key.startswith(LINE) and items:
            found = [value_at(item, path) for item in items[:_LINES_SHOWN]]
            shown.values[key] = [text_of(part) for part in found if part is not MISSING]


def _show_parcels(shown: PickedPreview, picks: Picks, translation: Translation, words: StoreWords) -> None:
    """Show the numbers of the parcels, and what is said of each."""
    parcels: list[ShopParcel] = picks.value(PARCEL_NUMBER) or []
    shown.values[PARCEL_NUMBER] = [parcel.tracking_number for parcel in parcels]
    shown.values[PARCEL_CARRIER] = list(filter(None, (parcel.carrier for parcel in parcels)))
    said = {parcel.word.said: parcel.word for parcel in parcels if parcel.word}
    if said:
        labels = dict(targets_of("delivery_status", words))
        meant = [labels.get(translation.meaning(word) or "", "") for word in said.values()]
        shown.values[PARCEL_STATUS] = list(said)
        shown.meanings[PARCEL_STATUS] = ", ".join(dict.fromkeys(meant)) if all(meant) else ""


def _check(
    session: Session,
    store: Store,
    order: ShopOrder,
    translation: Translation,
    words: StoreWords,
    settings: dict[str, Any],
) -> None:
    """Read it as it would be read when it is taken. Raises NotUnderstood."""
    targets = [translation.meaning(word) for word in order.words]
    choices = dict(target.split("=", 1) for target in reversed(targets) if target and "=" in target)
    form = written(order, choices, [], words, settings)
    form.data["number"] = order.number[:LONGEST_NUMBER]
    as_item(form, reader_of(session, store, order.subject))


def _show(
    shown: PickedPreview,
    key: str,
    picks: Picks,
    translation: Translation,
    words: StoreWords,
    settings: dict[str, Any],
) -> None:
    target, value = picks.targets.get(key), picks.value(key)
    if target is None:
        form = WrittenOrder({})
        place(form, key, str(value), words, settings, picks.subject)
        for taken in (form.data.get("custom") or {}).values():
            shown.values[key] = taken
        if form.left:
            shown.problems[key] = " ".join(form.left)
    elif target.kind == WORD:
        word = Word(target.words, str(value), by_beginning=target.words == "shipping")
        meant = translation.meaning(word)
        labels = dict(targets_of(target.words, words))
        shown.values[key], shown.meanings[key] = value, labels.get(meant or "", "")
    elif target.kind == MOMENT:
        shown.values[key] = value
    else:
        lines = value if key == "lines" else None
        currency = str(picks.value("currency") or "").upper()
        values = {} if key == "lines" else {key: value}
        order = ShopOrder("", "", None, currency, values, (), lines or (), subject=picks.subject, picked=())
        shown.values[key] = written(order, {}, [], words, settings).data.get(key, value)
