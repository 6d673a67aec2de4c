"""A shop with three automations, what people do in it, and a record of the runs that should follow."""

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

from automations.features.authoring import archiving, publish
from automations.features.privacy import erasure
from automations.features.scheduling import upcoming_decisions
from automations.models.db.base import db, write
from automations.models.tables.automation import Automation
from automations.models.tables.customer import Customer
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.people import User
from automations.models.tables.run import FAILED, UNKNOWN, WAITING, Run
from automations.models.tables.store import Store
from automations.pipeline.delivery import ownership
from automations.pipeline.runs import run_decisions
from automations.pipeline.runs.run_decisions import AlreadyDecided
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


#: Automation -> its trigger.
STARTS = {"Thanks": "created", "Team": "status_changed", "Later": "status_changed"}


@dataclass
class AutomationState:
    """An automation in the state in which people left it."""

    name: str
    id: int
    version_id: int
    on: bool = True
    archived: bool = False
    edit: int = 1
    owner: str = ROSA


@dataclass(frozen=True)
class ExpectedRun:
    """A run that has to exist, and its text."""

    automation: str
    channel: str
    text: str
    number: str
    #: When it was first due.
    due_at: dt.datetime

    @property
    def turn(self) -> tuple[str, str, str]:
        """The runs that share it leave in the order of the changes."""
        return self.automation, self.channel, self.number


@dataclass
class Shop:
    """What happened in the shop, and what has to follow from it."""

    app: Flask
    now: dt.datetime = NOW
    automations: dict[str, AutomationState] = field(default_factory=dict)
    #: Order number -> its customer and status.
    orders: dict[str, tuple[str, str]] = field(default_factory=dict)
    wanted: dict[int, ExpectedRun] = field(default_factory=dict)
    #: Runs that a person decided about: marked as arrived, and how often each was sent again.
    vouched: set[int] = field(default_factory=set)
    again: Counter[int] = field(default_factory=Counter)
    #: Runs that a person changed in the last step.
    moved: set[int] = field(default_factory=set)
    #: Runs that a person sent before their time.
    hastened: set[int] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)

    def open(self) -> None:
        """Add the automations and a second customer."""
        contact: dict[str, Any] = {"first_name": "Cleo", "last_name": "Wren", "email": "cleo@wren.example"}
        shop.place_customer("C-9", **contact)
        for name, trigger in STARTS.items():
            id = shop.publish_automation(name, trigger, actions=_actions(name, 1), now=self.now)
            self.automations[name] = AutomationState(name, id, _version_of(id))

    def place(self, number: str, customer: str) -> None:
        """Place an order."""
        self._receive(number, "created", customer, "unconfirmed", customer_id=_customer(customer).id)

    def change(self, number: str, status: str) -> None:
        """Change the status of an order."""
        customer, before = self.orders[number]
        if status != before:
            self._receive(number, "status_changed", customer, status)

    def _receive(self, number: str, trigger: str, customer: str, status: str, **more: Any) -> None:
        """Receive a change and check that every listening automation has its runs."""
        self.orders[number] = customer, status
        shop.place_order(number, status=status, now=self.now, **more)
        listening = [
            state for state in self.automations.values() if state.on and STARTS[state.name] == trigger
        ]
        expected = {
            (state.version_id, position): self._wanted(state, number, status, action)
            for state in listening
            for position, action in enumerate(_actions(state.name, state.edit))
        }
        new_runs = _new_runs(max(self.wanted, default=0))
        assert sorted((row.version_id, row.position) for row in new_runs) == sorted(expected), new_runs
        for row in new_runs:
            self.wanted[row.id] = expected[row.version_id, row.position]

    def _wanted(
        self, state: AutomationState, number: str, status: str, action: dict[str, Any]
    ) -> ExpectedRun:
        channel = {"send_email": "email", "send_sms": "sms", "http_request": "http"}.get(
            action["kind"], "inside"
        )
        about = f"{state.name} {state.edit} {number}"
        later = "timing" in action
        text = about if later else f"{about} {status}"
        return ExpectedRun(state.name, channel, text, number, self.now + dt.timedelta(minutes=10 * later))

    def may_leave(self, run_id: int) -> bool:
        """Return whether the automation of the run is on."""
        return self.automations[self.wanted[run_id].automation].on

    def is_archived(self, run_id: int) -> bool:
        """Return whether the automation of the run is archived."""
        return self.automations[self.wanted[run_id].automation].archived

    def has_owner(self, run_id: int) -> bool:
        """Return whether the owner of the automation of the run can still sign in."""
        return self.automations[self.wanted[run_id].automation].owner not in self.gone

    def is_erased(self, run_id: int) -> bool:
        """Return whether the run is about an erased customer."""
        return self.orders[self.wanted[run_id].number][0] in self.erased

    def change_of_mind(self, what: str, name: str, customer: str) -> None:
        """Do something with an automation, with the owner of all of them, or with a customer."""
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
        """Unarchive every automation, switch it on and bring its owner back."""
        if self.gone:
            self.owner_leaves()
        for state in self.automations.values():
            if state.archived:
                self.archive(state.name)
            if not state.on:
                self.switch(state.name)

    def switch(self, name: str) -> None:
        """Switch an automation on or off."""
        state = self.automations[name]
        do = publish.deactivate if state.on else publish.activate
        self._write(lambda session: do(session, session.get_one(Automation, state.id), self.now))
        state.on = not state.on and not state.archived

    def edit(self, name: str) -> None:
        """Publish another text; publishing switches the automation on."""
        state = self.automations[name]

        def work(session: Session) -> None:
            automation = session.get_one(Automation, state.id)
            automation.draft = automation.draft | {"actions": _actions(name, state.edit + 1)}
            publish.publish(session, automation, _user(session, ROSA), self.now)

        if not state.archived:
            self._write(work)
            state.version_id, state.edit, state.on = _version_of(state.id), state.edit + 1, True

    def archive(self, name: str) -> None:
        """Archive an automation, or restore it."""
        state = self.automations[name]
        do: Callable[..., Any] = archiving.restore if state.archived else archiving.archive
        self._write(
            lambda session: do(session, session.get_one(Automation, state.id), _user(session, ADA), self.now)
        )
        state.archived, state.on = not state.archived, False

    def owner_leaves(self) -> None:
        """Disable or enable the account of Rosa."""
        gone = None if ROSA in self.gone else self.now
        self._write(lambda session: setattr(_user(session, ROSA), "disabled_at", gone))
        self.gone ^= {ROSA}

    def take_over(self, name: str) -> None:
        """Make Ada the owner."""
        state = self.automations[name]

        def work(session: Session) -> None:
            automation = session.get_one(Automation, state.id)
            ownership.take_over(session, automation, _user(session, ADA), self.now)

        self._write(work)
        state.owner = ADA

    def decide(self, run: Any, how: str) -> None:
        """Decide about a run that waits for a decision or for its time."""
        possible: dict[str, dict[str, Callable[..., object]]] = {
            UNKNOWN: {"arrived": run_decisions.arrived, "again": run_decisions.send_again},
            FAILED: {"again": run_decisions.retry, "arrived": run_decisions.retry},
            WAITING: {"arrived": upcoming_decisions.skip_run, "again": upcoming_decisions.send_now},
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
        """Erase the personal data of a customer."""
        if customer in self.erased:
            return

        def work(session: Session) -> None:
            store = session.query(Store).filter_by(name=BLOOM).one()
            erasure.erase(session, store, _customer(customer), self.now)

        self._write(work)
        erasure.settle(db.session())
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
