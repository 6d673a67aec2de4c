"""What the numbers in audit entries are called now: the title of a task, the automation and record of a run.

The audit keeps only numbers, since a title or a name may be a person's and no entry can be erased; so the
names are looked up when the page is shown, and an erased one is erased here too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from automations.models.tables.people import Audit
from automations.web.kit.scope import LARGEST_ID
from automations.web.log.audit_look_ups import LOOK_UPS
from automations.web.records.record_links import links_to

_NUMBERED = re.compile(r"\b(task|run|import) ([0-9]{1,18})\b")
#: Orders and events are told by the numbers people know; only these entries name one by its id.
_RECORD = re.compile(r"(?:^| for )(order|event|customer) ([0-9]{1,18})(?=$|: )")
_OF_RECORD = ("skipped", "took back skipping", "sent ahead", "decided against the shop about")
_BY_ID = (*_OF_RECORD, "decided for the shop about")


@dataclass(frozen=True, slots=True)
class NamedNumber:
    """What an entry names by its number: as it stands there, what it is called, where it is shown."""

    number: str
    name: str
    url: str


Key = tuple[str, int]


def names_in(rows: Sequence[Audit]) -> Mapping[int, NamedNumber]:
    """Return what is named by number in each entry, by the entry's id; what is gone has no name."""
    found = {row.id: named for row in rows if (named := _number_in(row))}
    names: dict[Key, tuple[str, str]] = {}
    for kind, look_up in LOOK_UPS.items():
        ids = {id for _, (of, id) in found.values() if of == kind}
        if ids:
            names |= {(kind, id): (name, url) for id, name, url in look_up(ids)}
    records = links_to((kind, id) for _, (kind, id) in found.values() if kind not in LOOK_UPS)
    names |= {(str(kind), id): link for (kind, id), link in records.items() if id is not None}
    return {row_id: NamedNumber(text, *names[key]) for row_id, (text, key) in found.items() if key in names}


def _number_in(row: Audit) -> tuple[str, Key] | None:
    match = _NUMBERED.search(row.about) if "“" not in row.about else None
    if match is None and row.action in _BY_ID:
        match = _RECORD.search(row.about)
    if match is None:
        return None
    id = int(match[2])
    return (f"{match[1]} {match[2]}", (match[1], id)) if id <= LARGEST_ID else None
