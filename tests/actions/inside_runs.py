"""Inside actions as settings, and a store in which they are performed."""

from __future__ import annotations

from typing import Any

from automations.models.db.base import db
from automations.models.tables.customer import Customer
from automations.models.tables.run import Run
from tests.kit import shop
from tests.kit.doing import perform_all


def action(kind: str, **settings: str) -> dict[str, Any]:
    return {"kind": kind, "settings": settings}


def change(field: str, value: str) -> dict[str, Any]:
    return action("change_data", field=field, value=value)


def on_created(*actions: dict[str, Any], **order: Any) -> list[Run]:
    """One automation, one order, everything performed: return the runs."""
    shop.publish_automation("Prepare", "created", actions=list(actions))
    shop.place_order(**order)
    perform_all()
    db.session.rollback()
    return shop.runs()


def anna() -> int:
    return db.session.query(Customer).filter_by(number="C-1").one().id


TASK = action(
    "create_task",
    title="Wrap {{ order.number }}",
    description="For {{ customer.first_name }}",
    checklist="Paper\n\nRibbon",
    assignee="manager",
    due_from="delivery_date",
    due_amount="1",
    due_unit="days",
    due_direction="before",
    priority="high",
)


def plain_task() -> dict[str, Any]:
    return action("create_task", **TASK["settings"] | {"due_from": ""})
