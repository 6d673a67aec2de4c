"""Writes an order of a shop as our own API would send it, so that it is read and checked by the same road."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from automations.connectors.sources.delivery_dates import day_of
from automations.connectors.sources.delivery_times import times_of
from automations.connectors.sources.payload import NotUnderstood
from automations.connectors.sources.shop_messages import ShopLine, ShopOrder
from automations.engine.fields.subject import CUSTOM
from automations.engine.fields.written_amounts import WrittenAmount, rounded_half_up
from automations.engine.operators.value_types import InvalidValue
from automations.models.settings.choices import StoreWords
from automations.pipeline.intake.custom_values import custom_value
from automations.pipeline.intake.field_types import InvalidInput
from automations.pipeline.intake.reading import Item, ReadItem
from automations.pipeline.intake.record_schema import FIELDS
from automations.pipeline.sources.translation import SLOT, WORDS_OF

_TIMES = (SLOT, "delivery_from", "delivery_until")
#: The most that an order's lines can be.
MOST_LINES = 500
#: More decimals than any source writes.
LONGEST_WRITTEN = 12


@dataclass(slots=True)
class WrittenOrder:
    """The order as JSON data, and sentences about what could not be taken from it."""

    data: dict[str, Any]
    left: list[str] = field(default_factory=list)
    #: What was rounded: by the path of the amount, {"written", "difference"}.
    roundings: dict[str, Mapping[str, str]] = field(default_factory=dict)


def written(
    order: ShopOrder,
    choices: Mapping[str, str],
    places: list[tuple[str, str]],
    words: StoreWords,
    options: Mapping[str, Any],
) -> WrittenOrder:
    """Return the order as JSON; `choices` are entries by field, `places` values of attributes by field."""
    form = WrittenOrder({"number": order.number})
    currency = order.currency or words.currency
    known, is_order = FIELDS[order.subject], order.subject == "order"
    for name, value in order.values.items():
        if name in known and value is not None:
            form.data[name] = _plain(value, currency)
            _note_rounding(form, name, value, currency)
    if order.currency and is_order:
        form.data["currency"] = order.currency
    if order.has_lines:
        form.data["lines"] = [_line(line, currency) for line in order.lines[:MOST_LINES]]
        for index, line in enumerate(order.lines[:MOST_LINES]):
            _note_rounding(form, f"lines.{index}.unit_price", line.unit_price, currency)
    if not is_order:
        # Events keep no roundings.
        form.roundings.clear()
    if len(order.lines) > MOST_LINES:
        form.left.append(f"Only the first {MOST_LINES} of {len(order.lines)} items were taken.")
    form.data |= {name: key for name, key in choices.items() if not name.startswith(CUSTOM)}
    own = [(name, key) for name, key in choices.items() if name.startswith(CUSTOM)]
    for target, value in [*own, *(order.picked or ()), *places]:
        place(form, target, value, words, options, order.subject)
    _check_times(form)
    if "delivery_date" not in form.data and order.picked is None:
        _date_from_tags(form, words)
    return form


def as_item(form: WrittenOrder, read: ReadItem) -> Item:
    """Return the record as our own API reads it. Raises NotUnderstood with what is wrong."""
    try:
        return read(form.data)
    except InvalidInput as error:
        sentences = [f"{path}: {sentence}" if path else sentence for path, sentence in error.problems[:5]]
        raise NotUnderstood(" ".join(sentences)) from None


def _line(line: ShopLine, currency: str) -> dict[str, Any]:
    quantity = round(line.quantity, 3)
    return {
        "sku": line.sku,
        "name": line.name[:200],
        "category": line.category,
        "quantity": int(quantity) if quantity == int(quantity) else f"{quantity.normalize():f}",
        "unit_price": _plain(line.unit_price, currency),
    }


def place(
    form: WrittenOrder,
    target: str,
    value: str,
    words: StoreWords,
    options: Mapping[str, Any],
    subject: str,
) -> None:
    """Write the value of an attribute into the field chosen for it; what does not fit is said."""
    if target.startswith(CUSTOM):
        entry = words.custom(subject).get(target)
        if entry is None:
            return
        raw = value if entry.type != "date" else _day(value, words, options)
        try:
            own = custom_value(entry, raw or value, form.data.get("currency") or words.currency)
        except InvalidValue as error:
            form.left.append(f"{entry.label}: {error}.")
            return
        form.data.setdefault("custom", {})[target.removeprefix(CUSTOM)] = own
        return
    if target == "delivery_date" or target == "storage_until":
        day = _day(value, words, options)
        if day is None:
            form.left.append(f"“{value[:60]}” cannot be read as a date.")
        else:
            form.data[target] = day
        return
    if target in _TIMES:
        _place_times(form, target, value, words)
        return
    if target in FIELDS["order"] and target not in WORDS_OF:
        form.data[target] = value[:2000]


def _place_times(form: WrittenOrder, target: str, value: str, words: StoreWords) -> None:
    found = times_of(value, words.zone)
    if found is None:
        form.left.append(f"“{value[:60]}” cannot be read as a time of day.")
        return
    begin, end = (time or None for time in found)
    if target == SLOT:
        form.data |= {"delivery_from": begin, "delivery_until": end}
    else:
        form.data[target] = begin or end if target == "delivery_from" else end or begin


def _check_times(form: WrittenOrder) -> None:
    """Leave out times that end before they begin: an order is more than its slot."""
    begin, end = (form.data.get(name) for name in ("delivery_from", "delivery_until"))
    if begin and end and end < begin:
        del form.data["delivery_from"], form.data["delivery_until"]
        form.left.append(f"The delivery time from {begin} until {end} ends before it begins.")


def _day(value: str, words: StoreWords, options: Mapping[str, Any]) -> str | None:
    day = day_of(value, words.zone, bool(options.get("month_first")))
    return day.isoformat() if day else None


def _date_from_tags(form: WrittenOrder, words: StoreWords) -> None:
    """Take the delivery date from a tag that is one, as some apps write it."""
    for tag in form.data.get("tags") or ():
        if tag[:4].isdecimal():
            day = day_of(tag, words.zone, month_first=False)
            if day is not None:
                form.data["delivery_date"] = day.isoformat()
                return


def _note_rounding(form: WrittenOrder, path: str, value: object, currency: str) -> None:
    """Keep what was rounded off an amount that the source wrote; one that we divided was never written."""
    if isinstance(value, Decimal) and -int(value.as_tuple().exponent) <= LONGEST_WRITTEN:
        rounding = WrittenAmount(rounded_half_up(value, currency), f"{value:f}").rounding
        if rounding:
            form.roundings[path] = rounding


def _plain(value: object, currency: str) -> Any:
    if isinstance(value, Decimal):
        return f"{rounded_half_up(value, currency):f}"
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return value
