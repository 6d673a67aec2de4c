"""Applying files to a store: exactly the plan that a person has read, whole or not at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from automations.features.authoring import audited_rules, drafts, publish
from automations.features.rules_as_code.plan import NEW, SAME, Plan, PlanStep, plan_of
from automations.features.rules_as_code.rule_file import RuleFile
from automations.models.access import audit
from automations.models.tables.automation import Automation
from automations.models.tables.people import User
from automations.models.tables.store import Store, locked


class NotApplied(Exception):
    """The plan does not hold any more, or something is in the way; nothing was changed."""

    def __init__(self, sentence: str, plan: Plan) -> None:
        super().__init__(sentence)
        #: The plan as it is now.
        self.plan = plan


def apply(
    session: Session,
    store: Store,
    files: Sequence[RuleFile],
    fingerprint: str,
    user: User,
    now: dt.datetime,
    reason: str = "",
) -> Plan:
    """Do what the plan with this fingerprint says; call it inside `write()`. Raises NotApplied.

    `reason` says why it goes on although pinned examples break; the audit keeps it.
    """
    locked(session, store.id)
    plan = plan_of(session, store, files)
    if plan.fingerprint != fingerprint:
        raise NotApplied(
            "Something changed since this plan was made. Nothing was applied; read it anew.", plan
        )
    if not plan.ready:
        raise NotApplied("Nothing was applied: first fix what the plan names.", plan)
    if plan.breaks and not reason.strip():
        raise NotApplied("Nothing was applied: pinned examples would break. Give a reason to go on.", plan)
    for step in plan.steps:
        if step.kind != SAME:
            _apply(session, store, step, user, now, reason.strip())
    return plan


def _apply(session: Session, store: Store, step: PlanStep, user: User, now: dt.datetime, reason: str) -> None:
    if step.kind == NEW:
        automation = drafts.create(session, store, step.name, step.data, user, now)
    else:
        automation = session.get_one(Automation, step.automation_id)
        if step.changes_rule:
            drafts.save(session, automation, step.name, step.data, step.revision, user, now)
    automation.group_name = step.group
    session.flush()
    before: Any = None
    after: Any = None
    if step.live and publish.has_unpublished_changes(automation):
        version = publish.publish(session, automation, user, now, reason)
        before, after = audited_rules.difference(session, store, version)
    elif step.live:
        publish.activate(session, automation, now)
    else:
        publish.deactivate(session, automation, now)
    about = f"automation “{automation.name}”"
    action = f"applied the file {step.file} to"
    whose = {"store_id": store.id, "user_id": user.id}
    audit.note(session, action=action, about=about, before=before, after=after, at=now, **whose)
