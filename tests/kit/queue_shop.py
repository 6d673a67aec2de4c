"""A shop with three automations and what people do in it, with a book of what should follow."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from automations.models.automation import Automation
from automations.models.base import db, write
from automations.models.customer import Customer
from automations.models.occurrence import Evaluation
from automations.models.people import User
from automations.models.run import FAILED, UNKNOWN, WAITING, Run
from automations.models.store import Store
from automations.pipeline import archive, erase, ownership, publish, resolve, upcoming_change
from automations.pipeline.resolve import AlreadyDecided
from tests.kit import shop
from tests.world import NOW

BLOOM = "Bloom & Wild St"
STATUSES = ("confirmed", "picked", "delivered")
ROSA, ADA = "rosa@bloom.example", "ada@bloom.example"
ABOUT = "{{ order.number }} {{ order.status }}"


def _call(about: str) -> dict[str, Any]:
    action = shop.request_to("https://api.example/jobs")
    return action | {"settings": action["settings"] | {"body_kind": "json", "body": f"about = {about}"}}


def _actions(name: str, edit: int) -> list[dict[str, Any]]:
    word = f"{name} {edit} {ABOUT}"
    if name == "Later":
        text = {
            "to": "number",
            "number": "+44 20 7946 0958",
            "message": f"{name} {edit} {{{{ order.number }}}}",
        }
        wait = {"when": "after", "amount": "10", "unit": "minutes", "recheck": False}
        return [{"kind": "send_sms", "settings": text, "timing": wait}]
    if name == "Team":
        return [shop.email_to("team", subject=word), _call(word)]
    task = {"title": word, "assignee": "manager", "due_from": "", "priority": "low"}
    return [shop.email_to(subject=word), _call(word), {"kind": "create_task", "settings": task}]


#: Automation -> what starts it.
STARTS = {"Thanks": "created", "Team": "status_changed", "Later": "status_changed"}


@dataclass
class Known:
    """An automation, as people left it."""

    name: str
    id: int
    version_id: int
    on: bool = True
    archived: bool = False
    edit: int = 1
    owner: str = ROSA


@dataclass(frozen=True)
class Wanted:
    """A run that has to be there, and what it says."""

    automation: str
    channel: str
    text: str
    number: str
    #: When it was due at first.
    due_at: dt.datetime

    @property
    def turn(self) -> tuple[str, str, str]:
        """What leaves in the order of its changes."""
        return self.automation, self.channel, self.number


@dataclass
class Shop:
    """What happened, and what has to follow from it."""

    app: Flask
    now: dt.datetime = NOW
    automations: dict[str, Known] = field(default_factory=dict)
    #: Order -> its customer and its status.
    orders: dict[str, tuple[str, str]] = field(default_factory=dict)
    wanted: dict[int, Wanted] = field(default_factory=dict)
    #: Runs a person decided about: what she answered, and how often she had one sent again.
    vouched: set[int] = field(default_factory=set)
    again: Counter[int] = field(default_factory=Counter)
    #: Runs that a person moved just now.
    moved: set[int] = field(default_factory=set)
    #: Runs a person did not want to wait for.
    hastened: set[int] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)

    def open(self) -> None:
        """Its automations and a second customer."""
        contact = {"first_name": "Cleo", "last_name": "Wren", "email": "cleo@wren.example"}
        shop.place_customer("C-9", **contact)
        for name, trigger in STARTS.items():
            id = shop.publish_automation(name, trigger, actions=_actions(name, 1), now=self.now)
            self.automations[name] = Known(name, id, _version_of(id))

    def place(self, number: str, customer: str) -> None:
        """An order comes in."""
        self._receive(number, "created", customer, "unconfirmed", customer_id=_customer(customer).id)

    def change(self, number: str, status: str) -> None:
        """It goes on to another status."""
        customer, before = self.orders[number]
        if status != before:
            self._receive(number, "status_changed", customer, status)

    def _receive(self, number: str, trigger: str, customer: str, status: str, **more: Any) -> None:
        """Every automation that listens has its runs then."""
        self.orders[number] = customer, status
        shop.place_order(number, status=status, now=self.now, **more)
        listening = [one for one in self.automations.values() if one.on and STARTS[one.name] == trigger]
        expected = {
            (one.version_id, position): self._wanted(one, number, status, action)
            for one in listening
            for position, action in enumerate(_actions(one.name, one.edit))
        }
        found = _new_runs(max(self.wanted, default=0))
        assert sorted((row.version_id, row.position) for row in found) == sorted(expected), found
        for row in found:
            self.wanted[row.id] = expected[row.version_id, row.position]

    def _wanted(self, one: Known, number: str, status: str, action: dict[str, Any]) -> Wanted:
        channel = {"send_email": "email", "send_sms": "sms", "http_request": "http"}.get(
            action["kind"], "inside"
        )
        about = f"{one.name} {one.edit} {number}"
        later = "timing" in action
        text = about if later else f"{about} {status}"
        return Wanted(one.name, channel, text, number, self.now + dt.timedelta(minutes=10 * later))

    def may_leave(self, run_id: int) -> bool:
        """Whether its automation is on."""
        return self.automations[self.wanted[run_id].automation].on

    def is_archived(self, run_id: int) -> bool:
        """Whether its automation was put away."""
        return self.automations[self.wanted[run_id].automation].archived

    def has_owner(self, run_id: int) -> bool:
        """Whether somebody answers for it."""
        return self.automations[self.wanted[run_id].automation].owner not in self.gone

    def is_hers(self, run_id: int) -> bool:
        """Whether it is about somebody who was erased."""
        return self.orders[self.wanted[run_id].number][0] in self.erased

    def change_of_mind(self, what: str, name: str, customer: str) -> None:
        """A person does something with an automation, with who answers for them all, or with a customer."""
        of_all = {"owner leaves": self.owner_leaves, "all well": self.all_well}
        of_all["erase"] = partial(self.erase, customer)
        of_one = {
            "switch": self.switch,
            "edit": self.edit,
            "archive": self.archive,
            "take over": self.take_over,
        }
        of_all[what]() if what in of_all else of_one[what](name)

    def all_well(self) -> None:
        """Every automation is in the list and on, and its owner is there."""
        if self.gone:
            self.owner_leaves()
        for known in self.automations.values():
            if known.archived:
                self.archive(known.name)
            if not known.on:
                self.switch(known.name)

    def switch(self, name: str) -> None:
        """Off where it is on, on where it is off."""
        known = self.automations[name]
        do = publish.deactivate if known.on else publish.activate
        self._write(lambda session: do(session, session.get_one(Automation, known.id), self.now))
        known.on = not known.on and not known.archived

    def edit(self, name: str) -> None:
        """Say something else from now on; whoever publishes switches it on."""
        known = self.automations[name]

        def work(session: Session) -> None:
            automation = session.get_one(Automation, known.id)
            automation.draft = automation.draft | {"actions": _actions(name, known.edit + 1)}
            publish.publish(session, automation, _user(session, ROSA), self.now)

        if not known.archived:
            self._write(work)
            known.version_id, known.edit, known.on = _version_of(known.id), known.edit + 1, True

    def archive(self, name: str) -> None:
        """Put it away, or back into the list."""
        known = self.automations[name]
        do: Callable[..., Any] = archive.restore if known.archived else archive.archive
        self._write(
            lambda session: do(session, session.get_one(Automation, known.id), _user(session, ADA), self.now)
        )
        known.archived, known.on = not known.archived, False

    def owner_leaves(self) -> None:
        """Rosa's account is closed, or opened again."""
        gone = None if ROSA in self.gone else self.now
        self._write(lambda session: setattr(_user(session, ROSA), "disabled_at", gone))
        self.gone ^= {ROSA}

    def take_over(self, name: str) -> None:
        """Ada answers for it from now on."""
        known = self.automations[name]

        def work(session: Session) -> None:
            automation = session.get_one(Automation, known.id)
            ownership.take_over(session, automation, _user(session, ADA), self.now)

        self._write(work)
        known.owner = ADA

    def decide(self, run: Any, how: str) -> None:
        """A person says what is to become of a run that waits for her, or that merely waits."""
        possible: dict[str, dict[str, Callable[..., None]]] = {
            UNKNOWN: {"arrived": resolve.arrived, "again": resolve.send_again},
            FAILED: {"again": resolve.retry, "arrived": resolve.retry},
            WAITING: {"arrived": upcoming_change.skip_run, "again": upcoming_change.send_now},
        }
        do = possible[run.state][how]
        with suppress(AlreadyDecided):
            self._write(
                lambda session: do(session, session.get_one(Run, run.id), _user(session, ADA), self.now)
            )
        self.moved.add(run.id)
        if run.state == UNKNOWN and how == "arrived":
            self.vouched.add(run.id)
        if run.state == WAITING and how == "again":
            self.hastened.add(run.id)
        if run.state == UNKNOWN and how == "again":
            self.again[run.id] += 1

    def erase(self, customer: str) -> None:
        """Nothing says any more who she was."""
        if customer in self.erased:
            return

        def work(session: Session) -> None:
            store = session.query(Store).filter_by(name=BLOOM).one()
            erase.erase(session, store, _customer(customer), self.now)

        self._write(work)
        erase.settle(db.session())
        self.erased.add(customer)

    def _write(self, work: Callable[[Session], Any]) -> None:
        with write() as session:
            work(session)


def _customer(number: str) -> Customer:
    return db.session.query(Customer).filter_by(number=number).one()


def _user(session: Session, email: str) -> User:
    return session.query(User).filter_by(email=email).one()


def _version_of(automation_id: int) -> int:
    return (
        db.session.scalar(sa.select(Automation.latest_version_id).where(Automation.id == automation_id)) or 0
    )


def _new_runs(after: int) -> list[Any]:
    columns = (Run.id, Run.position, Evaluation.version_id, Evaluation.outcome)
    joined = sa.select(*columns).join(Run.evaluation)
    return list(db.session.execute(joined.where(Run.id > after).order_by(Run.id)))
