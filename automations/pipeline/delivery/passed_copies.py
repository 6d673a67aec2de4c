"""Copies of an email that did not leave go with the next one of the same action. Part of: perform."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from automations.actions.shared.outgoing_email import BCC, CC
from automations.pipeline.runs.claimed_run import Part


def pass_copies_on(part: Part, following: Part) -> bool:
    """Give the copies of a message that did not leave to the one after it; return whether there were any.

    A copy goes with the first message that someone gets.
    """
    extra, target = _extra(part), str(following.prepared["to"]).lower()
    copied = {
        name: [one for one in extra[name] if str(one).lower() != target]
        for name in (CC, BCC)
        if extra.get(name)
    }
    if not copied:
        return False
    part.prepared = {**part.prepared, "extra": without(extra, (CC, BCC))}
    following.prepared = {**following.prepared, "extra": {**_extra(following), **copied}}
    return True


def _extra(part: Part) -> Mapping[str, Any]:
    extra: Mapping[str, Any] = part.prepared.get("extra") or {}
    return extra


def without(extra: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return what a message has beside its words, but for these."""
    return {name: value for name, value in extra.items() if name not in names}
