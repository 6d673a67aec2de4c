"""What the audit keeps of an edited record.

Amounts, days, choices and ticks are kept as they were and as they are, in words. Of everything else only the
name of the field is kept: it may be a person's, and what the audit holds cannot be erased. The record's log
has it, and that can be.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from automations.engine.fields.problem import lower
from automations.engine.fields.stored import CURRENCY
from automations.engine.fields.subject import Field
from automations.engine.fields.subjects import SUBJECTS
from automations.models.settings.choices import StoreWords
from automations.pipeline.records.snapshots import same
from automations.web.kit import template_filters
from automations.web.records.kind_pages import Record, RecordPages

Words = dict[str, str | None]


def audited(
    kind: RecordPages, record: Record, words: StoreWords, before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[Words, Words]:
    """Return the changed fields by label, with the values before and after; None where it is only named."""
    entries, currency = SUBJECTS[kind.subject].stored, getattr(record, "currency", "")
    was: Words = {}
    now: Words = {}
    for name in sorted(name for name, value in after.items() if not same(before[name], value)):
        entry = entries.get(name.removesuffix("_id"))
        label = lower(entry.label) if entry else name.replace("_", " ")
        was[label] = _shown(entry, before[name], words, before.get("currency", currency))
        now[label] = _shown(entry, after[name], words, after.get("currency", currency))
    return was, now


def _shown(entry: Field | None, value: Any, words: StoreWords, currency: str) -> str | None:
    if entry is None or value is None:
        return None
    if entry.type == CURRENCY:
        return str(value)
    if entry.type == "choice":
        return words.choice(str(entry.choices), value)
    if entry.type == "money":
        return template_filters.money(value, currency)
    if entry.type == "bool":
        return "yes" if value else "no"
    return template_filters.day(value) if entry.type == "date" else None
