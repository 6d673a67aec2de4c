"""Put a task on the store's list."""

from __future__ import annotations

import wtforms
from wtforms.fields.choices import SelectChoice

from automations.actions.shared import due_date, internal_recipients, skip_reasons
from automations.actions.shared.action_kind import (
    INSIDE,
    ActionForm,
    InsideAction,
    Prepared,
    Settings,
    Situation,
    Skipped,
)
from automations.actions.shared.action_kind import text_of as text
from automations.actions.shared.text_templates import problems_of, rendered
from automations.connectors.plain_text import one_line, plain
from automations.engine.fields.subject import Subject
from automations.engine.rules.rule import Problem

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
        choices=[SelectChoice(*one) for one in ((NOBODY, "Whoever takes it"), *internal_recipients.CHOICES)],
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
