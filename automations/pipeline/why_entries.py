"""What a log says, as plain values: a page of occurrences, each with its verdicts and runs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

#: The outcomes of a verdict.
FIRED, HELD, CAPPED, ERROR, NOT_APPLICABLE = "fired", "held", "capped", "error", "not_applicable"


@dataclass(frozen=True, slots=True)
class Badge:
    """A state in the manager's words; the icon says it without the colour."""

    word: str
    tone: str
    icon: str


@dataclass(frozen=True, slots=True)
class Chip:
    """One condition: "Total £86.50 is over £40.00"."""

    text: str
    holds: bool
    #: The word between it and the chip before: "or" within a group of alternatives.
    joined: str = ""
    #: It does not hold and is not to blame: another of its alternatives did.
    spared: bool = False


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt of a run: "started", "sent", "refused", "try_again" or "uncertain", with its detail."""

    number: int
    to: str
    result: str
    detail: str
    at: dt.datetime
    #: What an API said back, "201 {…}", or "".
    answer: str = ""
    #: What it is known by outside, whatever the try; the provider's own name for it, or "".
    key: str = ""
    provider_id: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it was sent or kept."""

    id: int
    to: str
    subject: str
    connector: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class RunLine:
    """One action of a fired evaluation. `next_try` and `at` are instants the page shows in local time."""

    id: int
    #: Which action of the version, from 0.
    position: int
    label: str
    icon: str
    state: str
    #: The state, or "failing" while it waits for another try, "delayed" while it waits for its first.
    standing: str
    badge: Badge
    #: Why it is as it is, as a sentence or "".
    reason: str
    to: tuple[str, ...]
    next_try: dt.datetime | None
    at: dt.datetime | None
    tries: tuple[Try, ...]
    letters: tuple[Letter, ...]
    #: What came of it, where nothing was sent that could be read: "Told Rosa Lind".
    done: str = ""

    @property
    def can_retry(self) -> bool:
        return self.state == "failed"

    @property
    def can_try_now(self) -> bool:
        return self.standing == "failing"

    @property
    def needs_decision(self) -> bool:
        return self.state == "unknown"

    @property
    def in_doubt(self) -> tuple[Try, ...]:
        """The latest try of each message that may have arrived."""
        latest = {one.key: one for one in self.tries}
        return tuple(one for one in latest.values() if one.result in ("started", "uncertain"))


@dataclass(frozen=True, slots=True)
class Verdict:
    """One version judged against one occurrence."""

    automation_id: int
    name: str
    version: int
    outcome: str
    badge: Badge
    chips: tuple[Chip, ...] = ()
    runs: tuple[RunLine, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One occurrence in words. `more` listening automations did not apply and are not in `verdicts`."""

    id: int
    subject: str
    record_id: int
    #: What the record was called then: "Order 10482".
    record: str
    number: str
    trigger: str
    #: "Unpaid → Paid", or the statuses it was created with.
    change: str
    #: The other fields that changed, in words.
    also: tuple[str, ...]
    cause: str
    cause_kind: str
    at: dt.datetime
    verdicts: tuple[Verdict, ...] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class LogPage:
    """Entries newest first; `next` is the key of the page after it, None at the end."""

    entries: tuple[Entry, ...]
    next: int | None
