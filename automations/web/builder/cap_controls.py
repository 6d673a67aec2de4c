"""The controls for a draft's caps, which limit how often it fires."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from automations.engine.fields.subject import Subject
from automations.web.builder.controls import Control, select


def cap_controls(
    data: Mapping[str, Any], subject: Subject | None, errors: Mapping[str, str]
) -> tuple[Control, ...]:
    """Return the three cap controls: per record, per customer in days, per hour. Empty means no cap."""
    stored = data.get("caps")
    caps = stored if isinstance(stored, Mapping) else {}
    noun = subject.label.lower() if subject else "record"
    once = {"no": "Every time it happens", "yes": f"Once for each {noun}"}
    controls = (
        select(
            "caps-once_per_record",
            f"How often for each {noun}",
            "yes" if caps.get("once_per_record") else "no",
            once.items(),
        ),
        _number(
            caps,
            "once_per_customer_days",
            "Days before it fires again for the same customer",
            "once per customer in",
            "days",
        ),
        _number(caps, "per_hour", "Most times per hour", "at most", "times per hour"),
    )
    return tuple(
        replace(control, error=errors.get(control.name.replace("-", "."), "")) for control in controls
    )


def _number(caps: Mapping[str, Any], part: str, label: str, word: str, suffix: str) -> Control:
    value = caps.get(part)
    shown = "" if value is None else str(value)
    return Control(
        f"caps-{part}", label, shown, type="decimal", word=word, suffix=suffix, placeholder="no limit"
    )
