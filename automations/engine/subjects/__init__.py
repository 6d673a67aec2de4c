"""Every subject by its key, found by folder; a module without a subject of its name stops the start."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from importlib import import_module
from pkgutil import iter_modules

from automations.engine.subject import CHANGE_FROM, CHANGE_TO, Field, Subject, TriggerKind
from automations.engine.values import Value, read

__all__ = ["CHANGE_FROM", "CHANGE_TO", "SUBJECTS", "Field", "Subject", "TriggerKind", "discover", "facts"]


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
) -> dict[str, Value | None]:
    """The typed facts of a plain JSON snapshot by field key, beside "change.from" and "change.to".

    `only` names the fields worth reading, as RuleIndex.fields does. Raises UnreadableFact (its `field`
    names the field) where a stored value does not fit; a missing one is None.
    """
    found = SUBJECTS[subject_key].facts(snapshot, only)
    found[CHANGE_FROM] = read("choice", from_value)
    found[CHANGE_TO] = read("choice", to_value)
    return found
