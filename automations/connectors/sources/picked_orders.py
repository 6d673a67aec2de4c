"""An order or event out of a payload of any shape, by the paths that a person picked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from automations.connectors.sources import json_paths, other_bodies, picked_lines, picked_parcels
from automations.connectors.sources.json_paths import Path
from automations.connectors.sources.mapping_targets import (
    LINE,
    LIST,
    LONG,
    PARCEL,
    PARCEL_NUMBER,
    TAGS,
    WORD,
    MappingTarget,
    targets_for,
)
from automations.connectors.sources.payload import NotUnderstood, identity
from automations.connectors.sources.picked_values import PickedValue, Settings, pick
from automations.connectors.sources.shop_messages import (
    Message,
    NotTaken,
    Several,
    ShopCustomer,
    ShopOrder,
    Word,
)
from automations.engine.fields.order_delivery import DELIVERY_ADDRESS, LONGEST
from automations.engine.fields.subject import CUSTOM

#: The most records in one message.
MOST_AT_ONCE = 250
#: Fields that are no columns of the record.
_BESIDE = frozenset({"number", "id", "at", "about", "currency"})


@dataclass(frozen=True, slots=True)
class Picks:
    """Everything that the paths of a mapping give in one payload, by the keys of our fields."""

    subject: str
    paths: Mapping[str, Path]
    values: Mapping[str, PickedValue]
    targets: Mapping[str, MappingTarget]

    def value(self, key: str) -> Any:
        """Return the value of a field; None if there is none, or none that can be read."""
        return self.values[key].value if key in self.values else None


def subject_of(settings: Settings) -> str:
    """Return the kind of record that a connection's payloads are about."""
    return "event" if (settings.get("mapping") or {}).get("subject") == "event" else "order"


def picks_of(data: object, settings: Settings) -> Picks:
    """Return what a mapping gives in a payload."""
    subject = subject_of(settings)
    targets = {target.key: target for target in targets_for(subject)}
    kept = (settings.get("mapping") or {}).get("paths") or {}
    paths: dict[str, Path] = {key: tuple(path) for key, path in kept.items()}
    values: dict[str, PickedValue] = {}
    currency = identity(json_paths.value_at(data, paths["currency"])).upper() if "currency" in paths else ""
    if currency:
        # The smallest unit is that of the currency they are in.
        settings = {**settings, "currency": currency}
    for key, path in paths.items():
        if key.startswith(CUSTOM):
            own = MappingTarget(key, "Own field", LONG, "")
            values[key] = pick(own, data, path, settings)
        elif key in targets and not key.startswith((LINE, PARCEL)) and targets[key].kind != LIST:
            values[key] = pick(targets[key], data, path, settings)
    if "lines" in paths and subject == "order":
        values["lines"] = picked_lines.lines_of(data, paths, settings)
    if PARCEL_NUMBER in paths and subject == "order":
        values[PARCEL_NUMBER] = picked_parcels.parcels_of(data, paths)
    return Picks(subject, paths, values, targets)


def all_of(data: Any, settings: Settings, received_at: dt.datetime | None) -> Message:
    """Return what a payload says, which may be several records. Raises NotUnderstood."""
    kept = (settings.get("mapping") or {}).get("paths") or {}
    parts = other_bodies.apart(data, {key: tuple(path) for key, path in kept.items()})
    if len(parts) == 1:
        return message_of(data, settings, received_at)
    if len(parts) > MOST_AT_ONCE:
        raise NotUnderstood(
            f"It has {len(parts)} records. At most {MOST_AT_ONCE} are taken from one message."
        )
    found: list[Message | NotUnderstood] = []
    for part in parts:
        try:
            found.append(message_of(part, settings, received_at))
        except NotUnderstood as error:
            found.append(error)
    return Several(found)


def message_of(data: object, settings: Settings, received_at: dt.datetime | None) -> Message:
    """Return what a payload says. Raises NotUnderstood with everything that is wrong."""
    picks = picks_of(data, settings)
    about, only = picks.value("about"), (settings.get("mapping") or {}).get("only") or ()
    if only and about not in only:
        return NotTaken(f"“{about or 'nothing'}” is what it is about, and only {', '.join(only)} is taken.")
    problems = [value.problem for value in picks.values.values() if value.problem]
    if picks.value("number") is None and not (picks.values.get("number") or PickedValue()).problem:
        problems.insert(0, _without_number(picks))
    if problems:
        raise NotUnderstood(" ".join(problems[:5]))
    return _record(data, picks, settings, received_at)


def _without_number(picks: Picks) -> str:
    if "number" not in picks.paths:
        return f"The number of the {picks.subject} is not mapped yet."
    return f"Number: there is nothing at {json_paths.in_words(picks.paths['number'])}."


def _record(data: object, picks: Picks, settings: Settings, received_at: dt.datetime | None) -> ShopOrder:
    number, at = str(picks.value("number")), picks.value("at") or received_at
    columns = {
        key: value.value
        for key, value in picks.values.items()
        if value.value is not None and _is_column(key, picks.targets.get(key))
    }
    address = _address(picks)
    if address:
        columns[DELIVERY_ADDRESS] = address
    own, *before = _ids(data, picks, settings)
    return ShopOrder(
        own,
        number,
        at,
        str(picks.value("currency") or "").upper(),
        columns,
        _words(picks),
        picks.value("lines") or (),
        customer=_customer(picks, at),
        parcels=picks.value(PARCEL_NUMBER),
        subject=picks.subject,
        picked=[
            (key, str(picks.value(key)))
            for key in picks.values
            if key.startswith(CUSTOM) and picks.value(key)
        ],
        ids_before=before,
        has_lines=picks.value("lines") is not None,
    )


def _is_column(key: str, target: MappingTarget | None) -> bool:
    return target is not None and key not in _BESIDE and "." not in key and target.kind not in (WORD, LIST)


def _address(picks: Picks) -> dict[str, str]:
    """Return the parts of the address that are there."""
    parts = ((part, picks.value(f"{DELIVERY_ADDRESS}.{part}")) for part in LONGEST)
    return {part: str(value)[: LONGEST[part]] for part, value in parts if value is not None}


def _ids(data: object, picks: Picks, settings: Settings) -> list[str]:
    """Return the id, and those by paths picked before; each with its path, so that none collide."""
    earlier = [tuple(path) for path in (settings.get("mapping") or {}).get("ids_before") or ()]
    ids = []
    for path in dict.fromkeys([picks.paths.get("id", ()), *earlier]):
        value = identity(json_paths.value_at(data, path)) if path else ""
        if value:
            ids.append(f"{json_paths.written(path)} {value}")
    by_number = f"number {picks.value('number')}"
    return [*ids, by_number] if "id" in picks.paths else [by_number, *ids]


def _words(picks: Picks) -> list[Word]:
    words = [
        Word(target.words, str(picks.value(key)), by_beginning=target.words == "shipping")
        for key, target in picks.targets.items()
        if target.kind == WORD and picks.value(key) is not None
    ]
    is_order = picks.subject == "order"
    tags = picks.value("tags") if is_order and picks.targets["tags"].kind == TAGS else None
    return words + [Word("tag", tag, is_optional=True) for tag in tags or ()]


def _customer(picks: Picks, at: dt.datetime | None) -> ShopCustomer | None:
    parts = {
        key: str(picks.value(f"customer.{key}"))
        for key in ("first_name", "last_name", "email", "phone")
        if picks.value(f"customer.{key}") is not None
    }
    whole = picks.value("customer.name")
    if whole is not None and not parts.keys() & {"first_name", "last_name"}:
        first, _, last = str(whole).rpartition(" ")
        parts |= {"first_name": first or last} | ({"last_name": last} if first else {})
    return ShopCustomer(str(picks.value("customer.id") or ""), parts, at) if parts else None
