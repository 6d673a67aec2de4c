"""Every subject by its key, found by folder; a module without a subject of its name stops the start."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from importlib import import_module
from pkgutil import iter_modules

from automations.engine.facts import Reading
from automations.engine.subject import CHANGE_FIELDS, CHANGE_FROM, CHANGE_TO, Field, Subject, TriggerKind
from automations.engine.values import Value, read

__all__ = [
    "CHANGE_FIELDS",
    "CHANGE_FROM",
    "CHANGE_TO",
    "SUBJECTS",
    "Field",
    "Subject",
    "TriggerKind",
    "discover",
    "facts",
]


def discover(package: str, folder: list[str]) -> dict[str, Subject]:
    """The subjects of the modules in `folder`; raises ImportError for a module without a fitting SUBJECT."""
    found: dict[str, Subject] = {}
    for module in sorted(iter_modules(folder), key=lambda entry: entry.name):
        subject = getattr(import_module(f"{package}.{module.name}"), "SUBJECT", None)
        if not isinstance(subject, Subject) or subject.key != module.name:
            raise ImportError(f"{package}.{module.name} needs a SUBJECT whose key is {module.name!r}")
        found[subject.key] = subject
    return dict(sorted(found.items(), key=lambda entry: entry[1].place))


SUBJECTS: dict[str, Subject] = discover(__name__, list(__path__))


def facts(
    subject_key: str,
    snapshot: Mapping[str, object],
    *,
    from_value: str | None = None,
    to_value: str | None = None,
    only: Collection[str] | None = None,
    now: datetime | None = None,
    working: bool | None = None,
    previous: Mapping[str, object] | None = None,
    changed: Collection[str] | None = None,
    custom: Mapping[str, Field] | None = None,
) -> dict[str, Value | None]:
    """The typed facts of a plain JSON snapshot by field key, beside those of the change itself.

    `only` names the facts worth reading, as RuleIndex.fields and Rule.fields do. `now` is the moment of
    judging as an aware datetime in the store's zone, `working` whether it is open then; `previous` holds the
    plain values before the change by the key of each field that changed, `changed` those keys (of `previous`
    where it is left out); `custom` the store's own fields by key. Raises UnreadableFact (its `field` names
    the fact) where a stored value does not fit, or where one of `only` needs `now`; a missing one is None.
    """
    subject = SUBJECTS[subject_key]
    fields = {**subject.fields, **custom} if custom else subject.fields
    found = Reading(fields, subject.line_fields, snapshot, now, working, previous).facts(only)
    found[CHANGE_FROM] = read("choice", from_value)
    found[CHANGE_TO] = read("choice", to_value)
    touched = frozenset(previous or () if changed is None else changed)
    if touched:
        found[CHANGE_FIELDS] = touched
    return found
