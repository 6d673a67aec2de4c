"""What one request asks to be written, and which others may be written in the same transaction.

Requests that are received together are answered as if they had come one after the other: first those that
change a customer. So none joins that touches what another of them touches; it waits for the next turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from automations.models.access.api_authentication import Caller
from automations.models.db.numbering import PREFIXES
from automations.models.tables.store import Store
from automations.pipeline.intake import matching
from automations.pipeline.intake.idempotency import RequestKey, StoredAnswer
from automations.pipeline.intake.reading import Item
from automations.pipeline.records.change import Cause, Received, SourceMessage

Say = Callable[[Session, Store, list[Received]], StoredAnswer]
#: The most records that are received in one transaction, unless one request alone has more.
MOST_TOGETHER = 250


class NotThere(Exception):
    """The record to be changed is not in this store."""


class Outdated(Exception):
    """The key or the store is no longer as it was when the request was read: it has to be read anew."""


@dataclass(frozen=True, slots=True, eq=False)
class IntakeTask:
    """Items of one subject to write for one store; `say` makes the answer from their results."""

    store_id: int
    subject: str
    items: list[Item]
    say: Say
    cause: Cause
    key: RequestKey | None = None
    #: The number of a record that must exist.
    existing: str | None = None
    message: SourceMessage | None = None
    #: Who sent it, if only the transaction says whether the key is still valid.
    caller: Caller | None = None
    #: Finds the chain that the request continues, if it names one; then it is received alone.
    chain: Callable[[Session, Cause], Cause] | None = None

    @property
    def writes_customers(self) -> bool:
        """Return whether it says more about a customer of an order or event than who it is."""
        return any(item.customer and not matching.is_only_named(item.customer) for item in self.items)


@dataclass(slots=True)
class Company:
    """What the requests received in one transaction touch, and what those touch that have to wait."""

    subject: str
    #: Whether changes of orders and customers may move customers between segments.
    segments: bool
    size: int = 0
    _taken: _Touched = field(default_factory=lambda: _Touched())
    _waiting: _Touched = field(default_factory=lambda: _Touched())

    def admit(self, task: IntakeTask) -> bool:
        """Return whether a task may join; it then has."""
        touched = _Touched.by(task, self.segments and self.subject == "order")
        fits = self.size + len(task.items) <= MOST_TOGETHER or not self.size
        meets = any(touched.meets(others, self.subject) for others in (self._taken, self._waiting))
        if not fits or meets or touched.is_unclear or task.chain:
            self._waiting.add(touched)
            return False
        self._taken.add(touched)
        self.size += len(task.items)
        return True


@dataclass(slots=True)
class _Touched:
    """The records and keys that requests touch."""

    keys: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    #: Customers who are changed, by number and by email.
    customers: set[str] = field(default_factory=set)
    emails: set[str] = field(default_factory=set)
    #: Whether it changes or makes customers whose numbers it does not give.
    has_unnumbered: bool = False
    #: Whether it has records without a number.
    has_new_numbers: bool = False
    #: Whether it changes customers and also shows others in the snapshots of its records.
    is_mixed: bool = False
    #: Whether it may change a customer whom only the database can name.
    is_unclear: bool = False

    @classmethod
    def by(cls, task: IntakeTask, segments: bool) -> _Touched:
        """Return what a task touches. Where there are segments, an order changes its customer."""
        touched, shows = cls({task.key.key} if task.key else set()), False
        for item in task.items:
            person = item.values if task.subject == "customer" else item.customer
            if item.number:
                touched.numbers.add(item.number)
            else:
                touched.has_new_numbers = True
            if task.subject == "customer":
                touched._note_customer(item.number, item.values.get("email"))
            elif person and (segments or not matching.is_only_named(person)):
                touched._note_customer(person.get("number"), person.get("email"), has_own=bool(item.number))
            else:
                shows |= bool(item.number or person)
        touched.is_mixed = shows and touched.changes_customers
        return touched

    @property
    def changes_customers(self) -> bool:
        """Return whether they change or make customers."""
        return bool(self.customers) or self.has_unnumbered

    def _note_customer(self, number: str | None, email: str | None, has_own: bool = False) -> None:
        if number:
            self.customers.add(number)
            return
        self.has_unnumbered = True
        if email:
            self.emails.add(email.strip().casefold())
            # Databases differ in what else they take for the same address.
            self.is_unclear |= not email.isascii()
        else:
            # Of someone without number and email, the record may have said already who it is.
            self.is_unclear |= has_own

    def meets(self, others: _Touched, subject: str) -> bool:
        """Return whether both touch the same, or may do so."""
        return (
            not self.numbers.isdisjoint(others.numbers)
            or not self.keys.isdisjoint(others.keys)
            or not self.customers.isdisjoint(others.customers)
            or not self.emails.isdisjoint(others.emails)
            # One who is named by number may be the one whom another names by email, or who gets that number.
            or (bool(self.customers) and others.has_unnumbered)
            or (bool(others.customers) and self.has_unnumbered)
            # It can neither come before the others, whose customers it shows, nor after them.
            or (self.is_mixed and others.changes_customers)
            or (others.is_mixed and self.changes_customers)
            or (self.has_new_numbers and _looks_ours(others.numbers, subject))
            or (others.has_new_numbers and _looks_ours(self.numbers, subject))
        )

    def add(self, others: _Touched) -> None:
        self.keys |= others.keys
        self.numbers |= others.numbers
        self.customers |= others.customers
        self.emails |= others.emails
        self.has_new_numbers |= others.has_new_numbers
        self.has_unnumbered |= others.has_unnumbered
        self.is_mixed |= others.is_mixed


def _looks_ours(numbers: Iterable[str], subject: str) -> bool:
    """Return whether one of the numbers may be the next that we give out ourselves."""
    return any(number.startswith(PREFIXES[subject]) for number in numbers)
