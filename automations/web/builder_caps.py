"""How often at most: the controls of a draft's caps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from automations.engine.subject import Subject
from automations.web.builder_controls import Control, select


def cap_controls(
    data: Mapping[str, Any], subject: Subject | None, errors: Mapping[str, str]
) -> tuple[Control, ...]:
    """Once per record, once per customer in so many days, so many per hour; empty is no cap."""
    given = data.get("caps")
    caps = given if isinstance(given, Mapping) else {}
    noun = subject.label.lower() if subject else "record"
    once = {"no": "As often as it happens", "yes": f"Only once for each {noun}"}
    made = (
        select(
            "caps-once_per_record",
            f"How often for each {noun}",
            "yes" if caps.get("once_per_record") else "no",
            once.items(),
        ),
        _number(
            caps,
            "once_per_customer_days",
            "Once per customer in so many days",
            "once per customer in",
            "days",
        ),
        _number(caps, "per_hour", "At most so many times per hour", "at most", "times per hour"),
    )
    return tuple(replace(one, error=errors.get(one.name.replace("-", "."), "")) for one in made)


def _number(caps: Mapping[str, Any], part: str, label: str, word: str, suffix: str) -> Control:
    value = caps.get(part)
    shown = "" if value is None else str(value)
    return Control(
        f"caps-{part}", label, shown, type="decimal", word=word, suffix=suffix, placeholder="no limit"
    )
