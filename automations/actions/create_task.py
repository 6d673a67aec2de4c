"""Put a task on the store's list."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
import wtforms
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice

from automations.actions.shared import due_date, internal_recipients, skip_reasons
from automations.actions.shared.action_kind import (
    INSIDE,
    ActionForm,
    Prepared,
    Settings,
    Situation,
    Skipped,
)
from automations.actions.shared.action_kind import text_of as text
from automations.actions.shared.inside_action import EffectContext, InsideAction, Preview, recipient_words
from automations.actions.shared.recipients import is_person
from automations.actions.shared.text_templates import problems_of, rendered
from automations.connectors.plain_text import one_line, plain
from automations.engine.fields.subject import Subject
from automations.engine.rules.rule import Problem
from automations.engine.wording.formats import Formats, count_words
from automations.models.tables.people import Membership
from automations.models.tables.task import Task

NOBODY = ""
PRIORITIES = {"low": "Low", "normal": "Normal", "high": "High"}
MOST_ITEMS, LONGEST_ITEM, LONGEST_TITLE = 50, 300, 200


class TaskForm(ActionForm):
    """The task, its assignee and its due date."""

    template_fields = ("title", "description", "checklist")

    title = wtforms.StringField("Title")
    description = wtforms.TextAreaField("Description", render_kw={"rows": 3})
    checklist = wtforms.TextAreaField("Checklist, one step per line", render_kw={"rows": 3})
    assignee = wtforms.SelectField(
        "For",
        choices=[
            SelectChoice(*one) for one in ((NOBODY, "Nobody in particular"), *internal_recipients.CHOICES)
        ],
        default="manager",
    )
    due_from = wtforms.SelectField(
        "Due, counted from", choices=[SelectChoice(*one) for one in due_date.choices()], default=due_date.NOW
    )
    due_amount = wtforms.StringField("Due in", default="1", render_kw={"inputmode": "numeric"})
    due_unit = wtforms.SelectField(
        "Unit", choices=[SelectChoice(one, one) for one in due_date.UNITS], default="days"
    )
    due_direction = wtforms.SelectField(
        "Before or after", choices=[SelectChoice(one, one) for one in due_date.DIRECTIONS], default="after"
    )
    priority = wtforms.SelectField(
        "Priority", choices=[SelectChoice(*one) for one in PRIORITIES.items()], default="normal"
    )


class CreateTask(InsideAction):
    """One task, with its record."""

    key = "create_task"
    label = "Create task"
    icon = "check-square"
    rank = 4
    Form = TaskForm

    def contacts_customer(self, settings: Settings) -> bool:
        return False

    def summary(self, settings: Settings) -> str:
        who = text(settings, "assignee")
        return "create a task" if who == NOBODY else f"create a task for {internal_recipients.phrase(who)}"

    def check(self, settings: Settings, subject: Subject) -> list[Problem]:
        found = problems_of(settings, "title", subject, "Write a title.")
        found += problems_of(settings, "description", subject)
        found += problems_of(settings, "checklist", subject)
        who = text(settings, "assignee")
        if who != NOBODY and not internal_recipients.is_known(who):
            found.append(Problem("settings.assignee", "Choose who the task is for."))
        if text(settings, "priority") not in PRIORITIES:
            found.append(Problem("settings.priority", "Choose low, normal or high."))
        return [*found, *due_date.problems(settings, subject.key)]

    def prepare(self, settings: Settings, situation: Situation) -> list[Prepared]:
        title = one_line(rendered(settings, "title", situation), LONGEST_TITLE)
        if not title:
            raise Skipped(skip_reasons.TITLE_IS_EMPTY)
        steps = plain(rendered(settings, "checklist", situation)).splitlines()
        checklist = [step for step in (one_line(line, LONGEST_ITEM) for line in steps) if step]
        who, priority = text(settings, "assignee"), text(settings, "priority")
        return [
            Prepared(
                kind=self.key,
                to="" if who == NOBODY else internal_recipients.phrase(who),
                to_name=internal_recipients.names(who, situation),
                subject=title,
                body=plain(rendered(settings, "description", situation)).strip(),
                channel=INSIDE,
                extra={
                    "checklist": checklist[:MOST_ITEMS],
                    "assignee": who if internal_recipients.is_known(who) else NOBODY,
                    "due": due_date.intent(settings, situation),
                    "priority": priority if priority in PRIORITIES else "normal",
                },
            )
        ]

    def apply(self, session: Session, context: EffectContext, prepared: Prepared) -> str:
        who = str(prepared.extra.get("assignee") or "")
        task = Task(
            store_id=context.store.id,
            run_id=context.run_id,
            part=context.part,
            subject=context.subject,
            record_id=context.record_id,
            title=prepared.subject,
            description=prepared.body,
            checklist=[{"text": step, "done": False} for step in prepared.extra.get("checklist", ())],
            assignee_id=_member(session, context.store.id, who),
            assignee_role=who if who and not is_person(who) else None,
            due_at=due_date.instant(prepared.extra.get("due"), context.now),
            priority=str(prepared.extra.get("priority") or "normal"),
            created_at=context.now,
        )
        session.add(task)
        session.flush()
        return f"Task “{prepared.subject}” is on the list"

    def preview(self, prepared: Prepared, formats: Formats) -> Preview:
        extra = prepared.extra
        whom = f"For {recipient_words(prepared)}" if prepared.to else "For nobody in particular"
        priority = PRIORITIES.get(str(extra.get("priority")), "Normal").lower()
        steps = [f"☐ {step}" for step in extra.get("checklist", ())]
        lines = (f"Priority: {priority}", _due_words(extra.get("due"), formats), *steps)
        return Preview(f"A task. {whom}", prepared.subject, prepared.body, lines)


def _due_words(due: object, formats: Formats) -> str:
    if not isinstance(due, Mapping):
        return "No due date"
    hours = int(due.get("hours") or 0)
    if due.get("from") != "now":
        return f"Due {str(due.get('from'))[:16].replace('T', ' ')} UTC"
    count, unit = (hours // 24, "days") if hours % 24 == 0 else (hours, "hours")
    return f"Due {count_words(count, unit, formats)} after it is created"


def _member(session: Session, store_id: int, who: str) -> int | None:
    """Return the person while they belong to the store; a task for someone who left is for anybody."""
    if not is_person(who):
        return None
    members = sa.select(Membership.user_id).where(Membership.store_id == store_id)
    return session.scalar(members.where(Membership.user_id == int(who[5:][:18])))
