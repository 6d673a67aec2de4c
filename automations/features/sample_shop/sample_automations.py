"""The automations of the sample shop, and what its manager did with them."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from automations.features.authoring import drafts, publish
from automations.features.sample_shop.sample_history import DAY, MINUTE, Shop
from automations.features.sample_shop.sample_names import GRAND_HOTEL
from automations.features.starters.gallery import STARTERS
from automations.features.starters.starter_parts import BYE, HELLO, ORDER_LINK, REFUNDED, Compared
from automations.models.access import audit
from automations.models.tables.automation import Automation

CONFIRM = "Confirm paid deliveries"
THANKS = "Thank you for your order"


@dataclass(frozen=True, slots=True)
class Draft:
    """An automation of the sample shop; `account` names the account that its first condition needs."""

    name: str
    data: Mapping[str, Any]
    account: str = ""


def _rule(subject: str, trigger: str, *conditions: Compared, to: str | None = None) -> Any:
    rows = [{"field": field, "operator": operator, "value": value} for field, operator, value in conditions]
    return {"subject": subject, "trigger": {"key": trigger, "from": None, "to": to}, "conditions": rows}


def _email(rule: dict[str, Any], to: str, subject: str, message: str) -> dict[str, Any]:
    settings = {"to": to, "address": "", "subject": subject, "message": message}
    return rule | {"actions": [{"kind": "send_email", "settings": settings}]}


LIVE = (
    Draft(
        CONFIRM,
        _email(
            _rule(
                "order",
                "payment_status_changed",
                ("fulfilment_method", "equals", "delivery"),
                ("payment_status", "equals", "paid"),
            ),
            "customer",
            "Your order {{ order.number }} is confirmed",
            HELLO + "thank you for your payment of {{ order.amount_paid | money }}." + BYE,
        ),
    ),
    Draft(
        "Funeral orders to the head of the store",
        _email(
            _rule("order", "created", ("order_type", "equals", "funeral")),
            "admin",
            "Funeral order {{ order.number }}",
            "A funeral order has come in. Please look at it personally.\n\n" + ORDER_LINK,
        ),
    ),
    Draft(
        "Order is confirmed",
        _email(
            _rule("order", "status_changed", ("status", "equals", "confirmed")),
            "customer",
            "We are working on your order {{ order.number }}",
            HELLO + "your order is confirmed and our florists are working on it." + BYE,
        ),
    ),
    Draft(
        "Wedding quote sent",
        _email(
            _rule("event", "status_changed", ("event_type", "equals", "wedding"), to="quote_sent"),
            "customer",
            'Your quote for {{ event.name | default: "your event" }}',
            HELLO + "our quote of {{ event.total | money }} is on its way to you." + BYE,
        ),
    ),
    Draft(
        "Deposit received",
        _email(
            _rule("event", "payment_status_changed", ("payment_status", "equals", "partially_paid")),
            "customer",
            "We have received your deposit",
            HELLO + "thank you for {{ event.amount_paid | money }}. "
            "{{ event.balance_due | money }} remain to be paid." + BYE,
        ),
    ),
    Draft(
        "Orders of the Grand Hotel",
        _email(
            _rule("order", "created", ("account", "equals", None)),
            "manager",
            '{{ account.name | default: "A company" }} has ordered: {{ order.number }}',
            'A new order of {{ account.name | default: "a company" }}.\n\n' + ORDER_LINK,
        ),
        account=GRAND_HOTEL,
    ),
    Draft(
        "Large order cancelled",
        _email(
            _rule("order", "status_changed", ("total", "greater_than", "50.00"), to="cancelled"),
            "manager",
            "Order {{ order.number }} was cancelled",
            "Please ring the customer and ask why.\n\n" + ORDER_LINK,
        ),
    ),
    Draft(
        "Thank you after the event",
        _email(
            _rule("event", "status_changed", ("status", "equals", "completed")),
            "customer",
            'Thank you for letting us be part of {{ event.name | default: "your event" }}',
            HELLO + "it was a pleasure to make your flowers." + BYE,
        ),
    ),
    Draft(
        THANKS,
        _email(
            _rule("order", "created"),
            "customer",
            "Thank you for your order {{ order.number }}",
            HELLO + "thank you for your order. We will contact you soon." + BYE,
        ),
    ),
)


def _like(starter: str) -> Draft:
    """Return the draft of a starter, unchanged."""
    return Draft(STARTERS[starter].name, STARTERS[starter].data)


def _with(rule: dict[str, Any], kind: str, **settings: str) -> dict[str, Any]:
    return rule | {"actions": [{"kind": kind, "settings": settings}]}


#: Uses every kind of action that stays inside the shop or its mailbox.
WIDER = (
    _like("at_the_depot"),
    _like("before_event"),
    _like("change_customer"),
    Draft(
        "Check the ribbon of funeral orders",
        _with(
            _rule("order", "created", ("order_type", "equals", "funeral")),
            "create_task",
            title="Check the ribbon of order {{ order.number }}",
            description=ORDER_LINK,
            checklist='Read the name back to {{ customer.name | default: "the customer" }}\nPrint the ribbon',
            assignee="manager",
            due_from="now",
            due_amount="4",
            due_unit="hours",
            due_direction="after",
            priority="high",
        ),
    ),
    Draft(
        "Tell the team about refunds",
        _with(
            _rule("order", "payment_status_changed", ("payment_status", "is_one_of", REFUNDED)),
            "notify",
            to="team",
            title="Order {{ order.number }} is {{ order.payment_status | downcase }}",
            message=ORDER_LINK,
            also="",
        ),
    ),
)
#: Calls an outside API, so it stays off until the shop has an account there.
COURIER = _like("courier_request")
UNPUBLISHED = Draft(
    "Gift for a loyal customer",
    _email(
        _rule("order", "created", ("tags", "contains", "VIP"), ("total", "at_least", None)),
        "customer",
        "A little something with your order",
        "",
    ),
)
BETTER_MESSAGE = (
    HELLO + "thank you for your payment of {{ order.amount_paid | money }}. "
    "{% if order.delivery_date %}"
    'We deliver your order on {{ order.delivery_date | date: "%A %-d %B" }}.{% endif %}' + BYE
)


@dataclass(frozen=True, slots=True)
class AutomationMade:
    """The manager creates an automation and publishes it."""

    at: dt.datetime
    draft: Draft
    published: bool = True

    def take(self, shop: Shop) -> None:
        data = copy.deepcopy(dict(self.draft.data))
        if self.draft.account:
            data["conditions"][0]["value"] = str(shop.accounts[self.draft.account])
        made = drafts.create(shop.session, shop.store, self.draft.name, data, shop.manager, self.at)
        _note(shop, "created", made, self.at)
        if self.published:
            publish.publish(shop.session, made, shop.manager, self.at + MINUTE)
            _note(shop, "published", made, self.at + MINUTE)


@dataclass(frozen=True, slots=True)
class Reworded:
    """The manager improves the message and publishes the next version."""

    at: dt.datetime

    def take(self, shop: Shop) -> None:
        automation = _named(shop, CONFIRM)
        data = copy.deepcopy(automation.draft)
        data["actions"][0]["settings"]["message"] = BETTER_MESSAGE
        drafts.save(
            shop.session, automation, automation.name, data, automation.revision, shop.manager, self.at
        )
        publish.publish(shop.session, automation, shop.manager, self.at + MINUTE)
        _note(shop, "published", automation, self.at + MINUTE)


@dataclass(frozen=True, slots=True)
class SwitchedOff:
    """The manager switches an automation off."""

    at: dt.datetime

    def take(self, shop: Shop) -> None:
        automation = _named(shop, THANKS)
        publish.deactivate(shop.session, automation, self.at)
        _note(shop, "switched off", automation, self.at)


def stories(start: dt.datetime, days: int) -> Iterator[AutomationMade | Reworded | SwitchedOff]:
    """Return the manager's work: at first, in the second month, and yesterday."""
    for place, draft in enumerate((*LIVE, *WIDER)):
        yield AutomationMade(start + 9 * 60 * MINUTE + 4 * place * MINUTE, draft)
    yield SwitchedOff(start + days * DAY / 4)
    yield Reworded(start + days * DAY / 2)
    yield AutomationMade(start + (days - 2) * DAY, COURIER, published=False)
    yield AutomationMade(start + (days - 1) * DAY, UNPUBLISHED, published=False)


def _named(shop: Shop, name: str) -> Automation:
    by_name = sa.select(Automation).where(Automation.store_id == shop.store.id, Automation.name == name)
    return shop.session.execute(by_name).scalar_one()


def _note(shop: Shop, action: str, automation: Automation, at: dt.datetime) -> None:
    about = f"automation “{automation.name}”"
    audit.note(
        shop.session, action=action, about=about, store_id=shop.store.id, user_id=shop.manager.id, at=at
    )
