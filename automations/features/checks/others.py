"""The live automations beside a draft, and whom an automation reaches by which channel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions.shared.action_kind import text_of
from automations.actions.shared.internal_recipients import phrase as team_phrase
from automations.actions.shared.recipients import ADDRESS, CUSTOMER, phrase
from automations.connectors.host_allowlist import host_of
from automations.features.checks.check import CheckPiece, LinkTarget
from automations.models.tables.automation import Automation, Version
from automations.models.tables.store import Store

Data = Mapping[str, Any]
#: The most live automations that a draft is compared with.
LOOKED_AT = 500


@dataclass(frozen=True, slots=True)
class Other:
    """A live automation of the store with its published definition, as it stands in the list."""

    automation_id: int
    name: str
    position: int
    data: Data

    @property
    def link(self) -> CheckPiece:
        return CheckPiece(self.name, LinkTarget("automation", str(self.automation_id)))


@dataclass(frozen=True, slots=True)
class Reach:
    """One way to one receiver, and how it reads: "email the customer", of which one can get "two emails"."""

    channel: str
    receiver: str
    verb: str
    several: str


def live_others(session: Session, store: Store, automation: Automation | None) -> list[Other]:
    """Return the other live automations of the store in the order in which they go."""
    columns = sa.select(Automation.id, Version.name, Automation.position, Version.definition)
    live = columns.join(Version, Automation.active_version_id == Version.id)
    own = automation.id if automation is not None else 0
    rows = live.where(Automation.store_id == store.id, Automation.id != own)
    return [
        Other(*row)
        for row in session.execute(rows.order_by(Automation.position, Automation.id).limit(LOOKED_AT))
    ]


def reached(data: Data) -> list[Reach]:
    """Return whom the actions of an automation reach, each once; changes of records reach nobody."""
    return list(dict.fromkeys(_reached(data)))


def _reached(data: Data) -> Iterator[Reach]:
    for action in data.get("actions") or ():
        settings = action.get("settings") if isinstance(action, Mapping) else None
        if isinstance(settings, Mapping):
            yield from _reach(str(action.get("kind")), settings)


def _reach(kind: str, settings: Data) -> Iterator[Reach]:
    to = text_of(settings, "to")
    if kind == "send_email" and to:
        receiver = text_of(settings, "address").strip().lower() if to == ADDRESS else to
        yield Reach("email", receiver, f"email {phrase(settings)}", "emails")
    elif kind == "send_sms" and to:
        receiver = to if to == CUSTOMER else text_of(settings, "number").strip()
        yield Reach(
            "sms", receiver, f"text {'the customer' if to == CUSTOMER else receiver}", "text messages"
        )
    elif kind == "send_marketing":
        by_sms = text_of(settings, "channel") == "sms"
        if by_sms:
            yield Reach("sms", CUSTOMER, "text the customer", "text messages")
        else:
            yield Reach("email", CUSTOMER, "email the customer", "emails")
    elif kind == "create_task":
        who = text_of(settings, "assignee")
        whose = f" for {team_phrase(who)}" if who else ""
        yield Reach("task", who, f"create a task{whose}", f"tasks{whose}")
    elif kind == "notify" and to:
        yield Reach("notice", to, f"notify {team_phrase(to)}", "notifications")
    elif kind == "http_request" and (url := text_of(settings, "url").strip()):
        called = f"{text_of(settings, 'method')} {url}"
        host = host_of(url.partition("{")[0])
        yield Reach("request", called, f"send a request to {host}", f"requests to {host}")


def shared(data: Data, other: Data) -> list[Reach]:
    """Return the ways to a receiver that both automations use."""
    theirs = {(reach.channel, reach.receiver) for reach in reached(other)}
    return [reach for reach in reached(data) if (reach.channel, reach.receiver) in theirs]
