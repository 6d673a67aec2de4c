"""What a funnel says: how many come through each row of a draft, and what is left at the end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from automations.engine.fields.subjects import SUBJECTS
from automations.features.past.judgeable import Judgeable, Row
from automations.features.past.matches import Matches
from automations.features.past.written_down import WrittenSince

TRIGGER = "trigger"


@dataclass(slots=True)
class Step:
    """One row of a draft: of those that came through the rows above, how many came through this one.

    Inside a group every row is asked about all that came to the group.
    """

    #: "trigger", "conditions.1", or "conditions.2.conditions.0" inside a group.
    path: str
    came: int = 0
    passed: int = 0
    #: The newest occurrence that this row turned away.
    last_no: int | None = None
    #: Those with a value that this row cannot read.
    errors: int = 0


@dataclass(frozen=True, slots=True)
class Funnel:
    """What a draft would have done in a period."""

    steps: tuple[Step, ...]
    #: The occurrences its trigger is about, in words and in number.
    base_words: str
    base: int
    fired: int
    #: Distinct records among those that fired.
    records: int
    #: How many are left by the automation's own limits; None if it has none.
    capped: int | None
    per_day: list[tuple[dt.date, int]]
    #: Since when everything is still kept, if old entries of the period were deleted.
    known_from: dt.datetime | None
    #: The paths of what is not complete and was left out.
    unjudged: tuple[str, ...]
    matches: Matches = field(repr=False)
    #: Records of which something is not known in the period; only where it asks when each was due.
    unknown: int = 0
    #: The store's own fields that it asks about and that were not written down from the beginning on.
    unwritten: tuple[WrittenSince, ...] = ()


def paths(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the paths of rows and of those inside them."""
    for row in rows:
        yield row.path
        yield from paths(row.rows)


def base_words(draft: Judgeable, base: int) -> str:
    """Return what the trigger is about, as it is counted."""
    if draft.rule is None:
        return ""
    one, many = SUBJECTS[draft.rule.subject].triggers[draft.rule.trigger.key].counted
    return one if base == 1 else many
