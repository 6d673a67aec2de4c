"""What an audit row holds as one row of a table for each value: its name, what it was, and what it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from automations.models.tables.people import Audit
from automations.web.log.audit_words import SECRETS, is_nothing, name_of, value_of

#: Names that mean something else in this place than elsewhere: about -> name -> words.
_NAMES: Mapping[str, Mapping[str, str]] = {
    "the working hours": {"quiet": "quiet hours of marketing"},
    "how long the log is kept": {
        "nothing": "days for a change that set nothing off",
        "unsent": "days for a change whose actions came to nothing",
        "sent": "days for a change that sent or did something",
    },
    "requests at the same time": {
        "at_once": "most at once",
        "hosts": "hosts with their own limit",
    },
    "the look of emails": {"on": "emails have the store’s look"},
}


class AuditedValue(NamedTuple):
    """One value of a change."""

    label: str
    before: str
    after: str


def audited_values(row: Audit) -> Sequence[AuditedValue]:
    """Return the values of a change, in the order of their names; () if the row names none."""
    if not isinstance(row.before, Mapping) or not isinstance(row.after, Mapping):
        return ()
    names = _NAMES.get(row.about, {})
    values = [
        AuditedValue(_label(names, name), value_of(row.before.get(name)), value_of(row.after.get(name)))
        for name in {**row.before, **row.after}
        if name != "by" and not _is_hidden(row.before.get(name), row.after.get(name))
    ]
    return [value for value in values if value.before != value.after]


def _label(names: Mapping[str, str], name: str) -> str:
    words = names.get(name) or name_of(name)
    return words[:1].upper() + words[1:]


def _is_hidden(before: object, after: object) -> bool:
    # None on both sides is a change that the audit only names.
    return after in SECRETS or (is_nothing(before) and is_nothing(after))
