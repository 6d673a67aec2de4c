"""Every subject by key, discovered in this folder; importing fails if a module has no matching subject."""

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
    """Return the subjects of the modules in `folder`. Raises ImportError for a module without its SUBJECT."""
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
    """Return the typed facts of a JSON snapshot by field key, and those of the change itself.

    `only` holds the keys of the facts to read, such as RuleIndex.fields or Rule.fields. `now` is the moment
    of evaluation as an aware datetime in the store's zone, `working` whether the store is open then.
    `previous` holds the plain values before the change by the key of each changed field, `changed` those
    keys (default: the keys of `previous`), `custom` the store's custom fields by key. A missing value is
    None. Raises UnreadableFact (its `field` is the fact) if a stored value does not fit, or if one of `only`
    needs `now`.
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
