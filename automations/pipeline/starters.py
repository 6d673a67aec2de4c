"""The starter gallery: what shops ask for most, ready to be opened in the builder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Starter:
    """One example. `title` is the request in the shop's words, `name` what the automation is called."""

    key: str
    title: str
    name: str
    data: Mapping[str, Any]


def _rule(
    subject: str, trigger: str, *conditions: tuple[str, str, str | None], to: str = ""
) -> dict[str, Any]:
    return {
        "subject": subject,
        "trigger": {"key": trigger, "from": None, "to": to or None},
        "conditions": [
            {"field": field, "operator": operator, "value": value} for field, operator, value in conditions
        ],
    }


def _email(to: str, subject: str, message: str) -> list[dict[str, Any]]:
    settings = {"to": to, "address": "", "subject": subject, "message": message}
    return [{"kind": "send_email", "settings": settings}]


_HELLO = "Hello {{ customer.first_name | default: customer.name }},\n\n"
_BYE = "\n\nKind regards\n{{ store.name }}"
_ORDER_LINK = "Order {{ order.number }}, {{ order.total | money }}, {{ customer.name }}."
_EVENT_LINK = "{{ event.name }} ({{ event.number }}), {{ customer.name }}."

_ENTRIES = (
    Starter(
        "confirm_paid_deliveries",
        "Send a confirmation email when a delivery order is paid",
        "Confirm paid deliveries",
        _rule(
            "order",
            "payment_status_changed",
            ("fulfilment_method", "equals", "delivery"),
            ("payment_status", "equals", "paid"),
        )
        | {
            "actions": _email(
                "customer",
                "Your order {{ order.number }} is confirmed",
                _HELLO + "thank you for your payment of {{ order.amount_paid | money }}. "
                'We deliver your order on {{ order.delivery_date | date: "%A %-d %B" }}.' + _BYE,
            )
        },
    ),
    Starter(
        "thank_for_order",
        "Thank the customer for every new order",
        "Thank you for your order",
        _rule("order", "created")
        | {
            "actions": _email(
                "customer",
                "Thank you for your order {{ order.number }}",
                _HELLO + "thank you for your order. We will contact you soon." + _BYE,
            )
        },
    ),
    Starter(
        "funeral_orders",
        "Only fire for funeral orders",
        "Tell the managers about funeral orders",
        _rule("order", "created", ("order_type", "equals", "funeral"))
        | {
            "actions": _email(
                "manager",
                "Funeral order {{ order.number }}",
                "A funeral order has come in. Please look at it personally.\n\n" + _ORDER_LINK,
            )
        },
    ),
    Starter(
        "order_confirmed",
        "Tell the customer once the order status becomes Confirmed",
        "Order is confirmed",
        _rule("order", "status_changed", ("status", "equals", "confirmed"))
        | {
            "actions": _email(
                "customer",
                "We are working on your order {{ order.number }}",
                _HELLO + "your order is confirmed and our florists are working on it." + _BYE,
            )
        },
    ),
    Starter(
        "fully_paid",
        "Only fire when the order is fully paid",
        "Receipt when fully paid",
        _rule("order", "payment_status_changed", ("payment_status", "equals", "paid"))
        | {
            "actions": _email(
                "customer",
                "Receipt for order {{ order.number }}",
                _HELLO
                + "we have received {{ order.amount_paid | money }}. Your order is paid in full."
                + _BYE,
            )
        },
    ),
    Starter(
        "ready_to_collect",
        "Write to the customer when a collection order is ready",
        "Ready to collect",
        _rule(
            "order",
            "status_changed",
            ("fulfilment_method", "equals", "collection"),
            to="ready_for_fulfilment",
        )
        | {
            "actions": _email(
                "customer",
                "Your order {{ order.number }} is ready",
                _HELLO + "your flowers are ready. Please don’t forget to pick them up!" + _BYE,
            )
        },
    ),
    Starter(
        "trade_account",
        "Only fire for orders from a specific trade account",
        "Orders of a trade account",
        _rule("order", "created", ("account", "equals", None))
        | {
            "actions": _email(
                "manager",
                "{{ account.name }} has ordered: {{ order.number }}",
                "A new order of {{ account.name }}.\n\n" + _ORDER_LINK,
            )
        },
    ),
    Starter(
        "order_refunded",
        "Tell the head of the store about every refund",
        "Refunds",
        _rule("order", "payment_status_changed", to="refunded")
        | {
            "actions": _email(
                "admin", "Order {{ order.number }} was refunded", "A payment was refunded.\n\n" + _ORDER_LINK
            )
        },
    ),
    Starter(
        "wedding_events",
        "Only fire for wedding events",
        "Welcome a wedding",
        _rule("event", "created", ("event_type", "equals", "wedding"))
        | {
            "actions": _email(
                "customer",
                "Your wedding flowers",
                _HELLO + "congratulations! We look forward to making your wedding flowers." + _BYE,
            )
        },
    ),
    Starter(
        "deposit_received",
        "Only fire when a deposit has been received for an event",
        "Deposit received",
        _rule("event", "payment_status_changed", ("payment_status", "equals", "partially_paid"))
        | {
            "actions": _email(
                "customer",
                "We have received your deposit",
                _HELLO + "thank you for your deposit of {{ event.amount_paid | money }}. "
                "{{ event.balance_due | money }} remain to be paid." + _BYE,
            )
        },
    ),
    Starter(
        "quote_accepted",
        "Tell the managers when a quote for an event is accepted",
        "Quote accepted",
        _rule("event", "status_changed", ("status", "equals", "quote_accepted"))
        | {"actions": _email("manager", "Quote accepted: {{ event.name }}", "Good news.\n\n" + _EVENT_LINK)},
    ),
    Starter(
        "corporate_client",
        "Only fire for events of a specific corporate client",
        "Events of a corporate client",
        _rule("event", "created", ("account", "equals", None))
        | {
            "actions": _email(
                "manager",
                "New event of {{ account.name }}",
                "A new event of {{ account.name }}.\n\n" + _EVENT_LINK,
            )
        },
    ),
)
#: Every starter by its key, in the order of the gallery.
STARTERS: Mapping[str, Starter] = {entry.key: entry for entry in _ENTRIES}
