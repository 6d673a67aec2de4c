"""Customers whom an action cannot reach: no email address or phone number in the newest records that fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from automations.actions.shared.action_kind import text_of
from automations.actions.shared.recipients import CUSTOMER
from automations.engine.fields.subjects import SUBJECTS
from automations.features.checks.check import Check, CheckPiece, place_of, sentence
from automations.features.trial.empty_lately import LATEST, LatestRecords
from automations.features.trial.trial_records import SAMPLES

Data = Mapping[str, Any]
#: By the field of the customer that is needed: what is missing without it.
_NEEDED = {"email": "no email address", "phone": "no phone number"}


def without_address(data: Data, latest: LatestRecords) -> Iterator[Check]:
    """Yield a warning for each way to the customer that was missing in some of the last records that fit."""
    needed: dict[str, int] = {}
    for place, action in enumerate(data.get("actions") or ()):
        if field := _field(str(action.get("kind")), action.get("settings") or {}):
            needed.setdefault(field, place)
    if not needed or data.get("subject") not in SAMPLES:
        return
    snapshots = latest.fitting(LATEST)
    noun = SUBJECTS[data["subject"]].plural.lower()
    for field, place in needed.items():
        count = sum(1 for snapshot in snapshots if not _of_customer(data["subject"], snapshot).get(field))
        if count:
            which = f"{count} of the last {len(snapshots)} {noun} that fit"
            said = f"The customer has {_NEEDED[field]} for {which}, so those are skipped."
            yield Check("address", "warn", sentence(CheckPiece(said, place_of(("actions", place)))))


def _field(kind: str, settings: Data) -> str:
    to_customer = text_of(settings, "to") == CUSTOMER
    if kind == "send_marketing":
        return "phone" if text_of(settings, "channel") == "sms" else "email"
    return {"send_email": "email", "send_sms": "phone"}.get(kind, "") if to_customer else ""


def _of_customer(subject: str, snapshot: Mapping[str, Any]) -> Mapping[str, Any]:
    customer = snapshot if subject == "customer" else snapshot.get("customer")
    return customer if isinstance(customer, Mapping) else {}
