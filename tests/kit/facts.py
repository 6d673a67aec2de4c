"""The typed facts of a snapshot in one call, for tests that need no occurrence."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from automations.engine.fields.subject import Field
from automations.engine.operators.value_types import Value
from automations.engine.rules.occurrence_facts import EvaluationContext, OccurrenceFacts


def facts(
    subject: str,
    snapshot: Mapping[str, object],
    *,
    only: Collection[str] | None = None,
    custom: Mapping[str, Field] | None = None,
    from_value: str | None = None,
    to_value: str | None = None,
    **context: Any,
) -> dict[str, Value | None]:
    """Read the facts; `context` has the fields of EvaluationContext."""
    around = EvaluationContext(**context)
    return OccurrenceFacts(subject, "", snapshot, from_value, to_value, around).read(only, custom)
