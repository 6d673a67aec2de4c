"""The review before a draft goes live: what exactly happens if it is published."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from automations.actions import ACTIONS
from automations.actions.shared.action_kind import EMAIL, SMS, Action
from automations.engine.rules.rule import Problem
from automations.engine.wording.formats import joined
from automations.engine.wording.sentence_parts import Part
from automations.features.authoring import drafts, publish
from automations.features.authoring.contradiction import contradictions
from automations.features.authoring.shadow_mode import shadow_of
from automations.features.checks.all_checks import checks_of
from automations.features.checks.check import Check, CheckPiece
from automations.features.checks.unworkable import unworkable
from automations.features.examples import checking
from automations.features.examples.checking import Asked
from automations.features.rollout.clause_changes import ClauseChange, clause_changes
from automations.features.rollout.who_would import WhoWould, who_would
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation, Version
from automations.models.tables.shadow import Shadow
from automations.models.tables.store import Store

#: The kinds of checks that are about other automations.
OVERLAPPING = ("overlap", "duplicate", "order")
#: How an action reaches the customer, in words.
_BY = {EMAIL: "email", SMS: "text message"}


@dataclass(frozen=True)
class Obstacle:
    """Why it cannot be published yet; `shadow` says whether shadow mode is still possible."""

    sentence: str
    shadow: bool = False
    #: Who can mend it, and where.
    details: Sequence[CheckPiece] = ()


@dataclass(frozen=True)
class Contact:
    """Whether it contacts the customer: the answer, and what follows from it."""

    yes: bool
    answer: str
    more: str


@dataclass(frozen=True)
class Review:
    """Everything the review says. `changes` is None for a first publish."""

    automation: Automation
    revision: int
    number: int
    #: The version that is on, or was the last to be; None before the first publish.
    before: Version | None
    on: bool
    sentence: Sequence[Part]
    changes: Sequence[ClauseChange] | None
    renamed: str
    nothing: bool
    stops: Sequence[Obstacle]
    contact: Contact
    effect: str
    shadow: Shadow | None
    examples: Asked
    who: WhoWould | None
    checks: Sequence[Check]

    @property
    def can_publish(self) -> bool:
        return not self.stops and not self.nothing

    @property
    def can_shadow(self) -> bool:
        return not self.nothing and all(stop.shadow for stop in self.stops)

    @property
    def overlaps(self) -> list[Check]:
        return [check for check in self.checks if check.kind in OVERLAPPING]

    @property
    def others(self) -> list[Check]:
        """The other checks, without what stops it, which stands by itself."""
        beside = (*OVERLAPPING, "address")
        return [check for check in self.checks if check.kind not in beside and check.level != "stop"]

    @property
    def unreached(self) -> list[Check]:
        return [check for check in self.checks if check.kind == "address"]


def review(
    session: Session, store: Store, words: StoreWords, automation: Automation, now: dt.datetime
) -> Review:
    """Return the review of an automation's draft as it is saved."""
    before, data = automation.latest_version, automation.draft
    problems = drafts.problems(words, data)
    stops = _obstacles(session, store, words, automation, problems, now)
    complete = not problems
    changes = None
    if before is not None and complete:
        changes = clause_changes(words, before.definition, data)
    return Review(
        automation=automation,
        revision=automation.revision,
        number=publish.next_number(session, automation),
        before=before,
        on=automation.active_version_id is not None,
        sentence=drafts.in_words(words, data),
        changes=changes,
        renamed=before.name if before is not None and before.name != automation.name else "",
        nothing=not publish.has_unpublished_changes(automation),
        stops=stops,
        contact=contact(data),
        effect=effect_words(data),
        shadow=shadow_of(session, automation),
        examples=checking.ask(session, words, automation, data),
        who=who_would(session, store, data, automation.active_version, now) if complete else None,
        checks=checks_of(session, store, words, automation, data, now) if complete else (),
    )


def obstacles(
    session: Session, store: Store, words: StoreWords, automation: Automation, now: dt.datetime
) -> list[Obstacle]:
    """Return what keeps the draft from going live, but for examples that break: those need a reason."""
    problems = drafts.problems(words, automation.draft)
    return _obstacles(session, store, words, automation, problems, now)


def _obstacles(
    session: Session,
    store: Store,
    words: StoreWords,
    automation: Automation,
    problems: Sequence[Problem],
    now: dt.datetime,
) -> list[Obstacle]:
    found = [Obstacle("This automation is archived. Restore it first.")] if automation.archived_at else []
    data = automation.draft
    problems = problems or contradictions(words, store, data, now)
    found += [Obstacle(problem.sentence) for problem in problems]
    failing = [check for check in unworkable(session, store, data) if check.level == "stop"]
    return [*found, *(Obstacle(f"{check.text.rstrip('.')}.", True, check.details) for check in failing)]


def contact(data: Mapping[str, Any]) -> Contact:
    """Return whether rule data contacts the customer, by what, and which consent that needs."""
    kinds = list(_kinds(data))
    reaching = [(kind, settings) for kind, settings in kinds if kind.contacts_customer(settings)]
    if not reaching:
        others = " What other programs do with its requests cannot be known here."
        asks = others if any(kind.key == "http_request" for kind, _ in kinds) else ""
        return Contact(False, "No.", f"Nothing leaves the shop.{asks}".replace("the shop. ", "the shop. "))
    ways = list(dict.fromkeys(_way(kind, settings) for kind, settings in reaching))
    marketing = [kind.marketing for kind, _ in reaching]
    consent = "It is about their own business with the shop, so no consent is needed."
    if all(marketing):
        consent = "It is marketing: customers who have not agreed to it are skipped, and quiet hours apply."
    elif any(marketing):
        consent = (
            "The marketing in it is skipped for customers who have not agreed; the rest needs no consent."
        )
    several = f" Each time it fires, {len(reaching)} messages go out." if len(reaching) > 1 else ""
    return Contact(True, f"Yes, by {joined(ways)}.", f"{several} {consent}".strip())


def effect_words(data: Mapping[str, Any]) -> str:
    """Return what it does once it is on: "emails the customer and creates a task"; "" if nothing is known."""
    counted: dict[str, int] = {}
    for kind, _ in _kinds(data):
        counted[_DOES.get(kind.key, kind.label.lower())] = 1
    return joined(list(counted))


_DOES = {
    "send_email": "sends email",
    "send_sms": "sends text messages",
    "send_marketing": "sends marketing",
    "http_request": "sends requests",
    "create_task": "creates tasks",
    "notify": "notifies the team",
    "change_data": "changes data",
}


def _kinds(data: Mapping[str, Any]) -> list[tuple[Action, Mapping[str, Any]]]:
    found = [
        (ACTIONS.get(str(action.get("kind"))), action.get("settings") or {}) for action in data["actions"]
    ]
    return [(kind, settings) for kind, settings in found if kind is not None]


def _way(kind: Action, settings: Mapping[str, Any]) -> str:
    channel = settings.get("channel") or (SMS if kind.key == "send_sms" else EMAIL)
    return _BY.get(str(channel), kind.label.lower())
