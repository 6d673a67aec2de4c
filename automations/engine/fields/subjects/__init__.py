"""Every subject by key, discovered in this folder; importing fails if a module has no matching subject.

May import `engine.fields`.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from automations.engine.fields.subject import (
    CHANGE_FIELDS,
    CHANGE_FROM,
    CHANGE_TO,
    Field,
    Subject,
    TriggerKind,
)

__all__ = [
    "CHANGE_FIELDS",
    "CHANGE_FROM",
    "CHANGE_TO",
    "SUBJECTS",
    "Field",
    "Subject",
    "TriggerKind",
    "discover",
]


def discover(package: str, folder: list[str]) -> dict[str, Subject]:
    """Return the subjects of the modules in `folder`. Raises ImportError for a module without its SUBJECT."""
    subjects: dict[str, Subject] = {}
    for module in sorted(iter_modules(folder), key=lambda entry: entry.name):
        subject = getattr(import_module(f"{package}.{module.name}"), "SUBJECT", None)
        if not isinstance(subject, Subject) or subject.key != module.name:
            raise ImportError(f"{package}.{module.name} needs a SUBJECT whose key is {module.name!r}")
        subjects[subject.key] = subject
    return dict(sorted(subjects.items(), key=lambda entry: entry[1].place))


SUBJECTS: dict[str, Subject] = discover(__name__, list(__path__))
