"""Merges what a shop says with what is here: only what the shop itself has changed since is applied. Pure.

A shop sends the whole order at every edit. Three values decide about each field: what it said last, what it
says now, and what is here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from automations.pipeline.sources.plain_values import plain_value

#: Of these the value here stays where both sides changed it: people know better where an order is.
STATUSES = frozenset({"status", "payment_status", "delivery_status"})
OURS, THEIRS = "ours", "theirs"
Parcel = Mapping[str, Any]
_NEVER_SAID = object()


@dataclass(slots=True)
class Merged:
    """The columns to change, and the fields that both sides changed: {"theirs", "ours", "kept"} for each."""

    values: dict[str, Any] = field(default_factory=dict)
    conflicts: dict[str, dict[str, Any]] = field(default_factory=dict)


def merge(said: Mapping[str, Any], theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> Merged:
    """Return what of `theirs` to apply; `said` is plain, the other two are values of columns."""
    merged = Merged()
    for name, value in theirs.items():
        if name == "custom":
            own = merge(said.get("custom") or {}, value, ours.get("custom") or {})
            if own.values:
                merged.values["custom"] = own.values
            merged.conflicts |= {f"custom.{key}": conflict for key, conflict in own.conflicts.items()}
        elif name == "tags":
            tags = merge_tags(said.get("tags"), value, ours.get("tags") or [])
            if tags != ours.get("tags"):
                merged.values["tags"] = tags
        elif name == "parcels":
            parcels = merge_parcels(said.get("parcels") or [], value or [], ours.get("parcels") or [])
            if parcels != plain_value(ours.get("parcels") or []):
                merged.values["parcels"] = parcels
        else:
            _merge_one(merged, name, said.get(name, _NEVER_SAID), value, ours.get(name))
    return merged


def merge_tags(said: list[str] | None, theirs: list[str], ours: list[str]) -> list[str]:
    """Return our tags with those the shop added, without those it took away; all others stay."""
    gone = set(said or ()) - set(theirs)
    added = [tag for tag in theirs if tag not in (said or ()) and tag not in ours]
    return [tag for tag in ours if tag not in gone] + added


def merge_parcels(
    said: Sequence[Parcel], theirs: Sequence[Parcel], ours: Sequence[Parcel]
) -> list[dict[str, Any]]:
    """Return our parcels with those the shop added, without those it took away; of each, what it changed.

    What a carrier has said of a parcel since stays, until the shop itself says something else of it.
    """
    before, here = _by_number(said), _by_number(plain_value(ours))
    now = _by_number(plain_value(theirs))
    for number, parcel in now.items():
        kept, old = here.get(number, {}), before.get(number)
        fresh = {name: part for name, part in parcel.items() if old is None or part != old.get(name)}
        now[number] = {**parcel, **kept, **{name: part for name, part in fresh.items() if part}}
    added_here = [
        parcel
        for parcel in plain_value(ours)
        if parcel.get("tracking_number") not in before.keys() | now.keys()
    ]
    return [*now.values(), *added_here]


def _by_number(parcels: Sequence[Parcel]) -> dict[Any, dict[str, Any]]:
    return {parcel.get("tracking_number"): dict(parcel) for parcel in parcels}


def _merge_one(merged: Merged, name: str, before: Any, value: Any, current: Any) -> None:
    new, here = plain_value(value), plain_value(current)
    if new in (before, here):
        return
    if before is not _NEVER_SAID and here != before:
        kept = OURS if name in STATUSES else THEIRS
        merged.conflicts[name] = {"theirs": new, "ours": here, "kept": kept}
        if kept == OURS:
            return
    merged.values[name] = value
