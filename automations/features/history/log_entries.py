"""The log as plain values: pages of entries, each an occurrence with its verdicts and runs."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from automations.features.figures.outcomes import DONE, OF_RUN, SENT, STAYED, WORDS, Badge
from automations.models.tables.run import FAILED, SUCCEEDED, UNKNOWN

#: The outcomes of a verdict.
FIRED, HELD, CAPPED, ERROR, NOT_APPLICABLE = "fired", "held", "capped", "error", "not_applicable"


@dataclass(frozen=True, slots=True)
class Chip:
    """One condition: "Total £86.50 is over £40.00"."""

    text: str
    holds: bool
    #: The word between this chip and the one before: "or" within a group of alternatives.
    joined: str = ""
    #: The condition does not hold, but is not to blame: another alternative of its group does.
    spared: bool = False


@dataclass(frozen=True, slots=True)
class AttemptLine:
    """One attempt of a run, with its detail: "started", "sent", "partly", "refused", "try_again"…"""

    number: int
    to: str
    result: str
    detail: str
    at: dt.datetime
    #: The answer of an API, "201 {…}", or "".
    answer: str = ""
    #: The idempotency key, equal for every try; then the provider's own id, or "".
    key: str = ""
    provider_id: str = ""
    #: What was sent, as rendered: by which channel, and the beginning of it.
    channel: str = ""
    subject: str = ""
    body: str = ""
    #: The copies that the mail server refused.
    refused_copies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A message as it was sent, or as the mailbox kept it."""

    id: int
    to: str
    #: What it says in a few words: the subject of an email, the beginning of a text message.
    words: str
    connector: str
    at: dt.datetime
    #: In which language it is written and why, where there was a choice.
    language: str = ""
    #: What it brought along.
    attached: str = ""


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run. The page shows the instants `next_try` and `at` in local time."""

    id: int
    #: The position of the action in the version, from 0.
    position: int
    label: str
    icon: str
    state: str
    #: The state, or "failing" while it waits for another try, "delayed" while it waits for its first.
    standing: str
    badge: Badge
    #: The reason for the state, as a sentence or "".
    reason: str
    to: tuple[str, ...]
    next_try: dt.datetime | None
    at: dt.datetime | None
    tries: tuple[AttemptLine, ...]
    letters: tuple[SentMessage, ...]
    #: The effect, where there is no message to read: "Told Rosa Lind".
    done: str = ""
    #: Whose address did not get what others did, as far as it is one; None where it is not sent in part.
    missing: tuple[str, ...] | None = None

    @property
    def named(self) -> tuple[str, ...]:
        """Whom its line names: all who were to get it, or those who did not if others did."""
        return self.to if self.missing is None else self.missing

    @property
    def reached(self) -> tuple[str, ...]:
        """Who got it where others did not."""
        return () if self.missing is None else tuple(one for one in self.to if one not in self.missing)

    @property
    def try_count(self) -> int:
        """How often it was tried: the most tries of one of its messages."""
        return max(Counter(attempt.key for attempt in self.tries).values(), default=0)

    @property
    def toward(self) -> str:
        """The word before whom a message was to reach, with what parts it from the words before.

        What stays here is for them, but went to nobody; what failed went nowhere either.
        """
        if self.standing in (FAILED, UNKNOWN):
            return ", for"
        return " for" if self.kept_here else " to"

    @property
    def kept_here(self) -> bool:
        """Whether its messages stayed here, because no server or gateway was set up."""
        return self.outcome == STAYED

    @property
    def outcome(self) -> str:
        """What became of it: a key of figures.outcomes."""
        named = {WORDS[one].word: one for one in (SENT, STAYED)}
        return named.get(self.badge.word, DONE) if self.state == SUCCEEDED else OF_RUN[self.standing]

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
    def in_doubt(self) -> tuple[AttemptLine, ...]:
        """The latest attempt of each part that may have arrived."""
        latest = {attempt.key: attempt for attempt in self.tries}
        return tuple(attempt for attempt in latest.values() if attempt.result in ("started", "uncertain"))


@dataclass(frozen=True, slots=True)
class VerdictLine:
    """One version evaluated against one occurrence."""

    automation_id: int
    name: str
    version: int
    outcome: str
    badge: Badge
    #: What became of it if it fired: a key of figures.outcomes.
    became: str = ""
    chips: tuple[Chip, ...] = ()
    runs: tuple[RunLine, ...] = ()
    error: str = ""
    #: Whether the same error is not written again at later times of its schedule.
    is_told_once: bool = False
    #: In shadow mode: what it would have done, action by action, and the evaluation that holds the whole.
    would: tuple[str, ...] = ()
    evaluation_id: int = 0
    shadow: bool = False


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One occurrence in words. `more` counts the automations that did not apply and are not in `verdicts`."""

    id: int
    subject: str
    record_id: int
    #: The record's name at that time: "Order 10482".
    record: str
    number: str
    trigger: str
    #: "Unpaid → Paid", or the initial statuses of a new record.
    change: str
    #: The other fields that changed, by label.
    also: tuple[str, ...]
    cause: str
    cause_kind: str
    at: dt.datetime
    verdicts: tuple[VerdictLine, ...] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class LogPage:
    """Entries, newest first; `next` is the key of the following page, None at the end."""

    entries: tuple[LogEntry, ...]
    next: int | None
