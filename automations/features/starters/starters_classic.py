"""Starters with an email, on records created and statuses changed."""

from __future__ import annotations

from automations.features.starters.starter_parts import (
    BYE,
    EVENT_LINK,
    HELLO,
    ORDER_LINK,
    PAID,
    REFUNDED,
    Starter,
    email,
    rule,
)

ENTRIES = (
    Starter(
        "confirm_paid_deliveries",
        "Email a confirmation when a delivery order is paid",
        "Confirm paid deliveries",
        rule(
            "order",
            "payment_status_changed",
            ("fulfilment_method", "equals", "delivery"),
            ("payment_status", "equals", "paid"),
        )
        | {
            "actions": email(
                "customer",
                "Your order {{ order.number }} is confirmed",
                HELLO + "thank you for your payment"
                "{% if order.amount_paid > 0 %} of {{ order.amount_paid | money }}{% endif %}. "
                "{% if order.delivery_date %}We deliver your order on "
                '{{ order.delivery_date | date: "%A %-d %B" }}.'
                "{% else %}We will tell you when we deliver your order.{% endif %}" + BYE,
            )
        },
    ),
    Starter(
        "thank_for_order",
        "Email a thank-you for every new order",
        "Thank you for your order",
        rule("order", "created")
        | {
            "actions": email(
                "customer",
                "Thank you for your order {{ order.number }}",
                HELLO + "thank you for your order. We will contact you soon." + BYE,
            )
        },
    ),
    Starter(
        "funeral_orders",
        "Email the managers when a funeral order is created",
        "Tell the managers about funeral orders",
        rule("order", "created", ("order_type", "equals", "funeral"))
        | {
            "actions": email(
                "manager",
                "Funeral order {{ order.number }}",
                "A funeral order has come in. Please look at it personally.\n\n" + ORDER_LINK,
            )
        },
    ),
    Starter(
        "delivery_orders",
        "Email the managers when a delivery order is created",
        "Tell the managers about deliveries",
        rule("order", "created", ("fulfilment_method", "equals", "delivery"))
        | {
            "actions": email(
                "manager",
                "Delivery order {{ order.number }}",
                "A delivery has been ordered. Please plan it.\n\n" + ORDER_LINK,
            )
        },
    ),
    Starter(
        "order_confirmed",
        "Email the customer when their order becomes Confirmed",
        "Order is confirmed",
        rule("order", "status_changed", ("status", "equals", "confirmed"))
        | {
            "actions": email(
                "customer",
                "We are working on your order {{ order.number }}",
                HELLO + "your order is confirmed and our florists are working on it." + BYE,
            )
        },
    ),
    Starter(
        "fully_paid",
        "Email a receipt when an order is paid in full",
        "Receipt when fully paid",
        rule("order", "payment_status_changed", ("payment_status", "is_one_of", PAID))
        | {
            "actions": email(
                "customer",
                "Receipt for order {{ order.number }}",
                HELLO + "we have received "
                "{% if order.amount_paid > 0 %}{{ order.amount_paid | money }}"
                "{% else %}your payment{% endif %}. Your order is paid in full." + BYE,
            )
        },
    ),
    Starter(
        "ready_to_collect",
        "Email the customer when their collection order is ready",
        "Ready to collect",
        rule(
            "order",
            "status_changed",
            ("fulfilment_method", "equals", "collection"),
            to="ready_for_fulfilment",
        )
        | {
            "actions": email(
                "customer",
                "Your order {{ order.number }} is ready",
                HELLO + "your flowers are ready. Please don’t forget to pick them up!" + BYE,
            )
        },
    ),
    Starter(
        "trade_account",
        "Email the managers when a trade account orders",
        "Orders of a trade account",
        rule("order", "created", ("account", "equals", None))
        | {
            "actions": email(
                "manager",
                '{{ account.name | default: "A company" }} has ordered: {{ order.number }}',
                'A new order of {{ account.name | default: "a company" }}.\n\n' + ORDER_LINK,
            )
        },
    ),
    Starter(
        "order_refunded",
        "Email the head of the store when an order is refunded",
        "Refunds",
        rule("order", "payment_status_changed", ("payment_status", "is_one_of", REFUNDED))
        | {
            "actions": email(
                "admin",
                "Refund for order {{ order.number }}",
                "The payment status is now {{ order.payment_status }}.\n\n" + ORDER_LINK,
            )
        },
    ),
    Starter(
        "wedding_events",
        "Email a welcome when a wedding is created",
        "Welcome a wedding",
        rule("event", "created", ("event_type", "equals", "wedding"))
        | {
            "actions": email(
                "customer",
                "Your wedding flowers",
                HELLO + "congratulations! We look forward to making your wedding flowers." + BYE,
            )
        },
    ),
    Starter(
        "deposit_received",
        "Email the customer when a deposit for their event is received",
        "Deposit received",
        rule("event", "payment_status_changed", ("payment_status", "equals", "partially_paid"))
        | {
            "actions": email(
                "customer",
                "We have received your deposit",
                HELLO + "thank you for your deposit"
                "{% if event.amount_paid > 0 %} of {{ event.amount_paid | money }}{% endif %}."
                "{% if event.balance_due > 0 %} {{ event.balance_due | money }} remain to be paid.{% endif %}"
                + BYE,
            )
        },
    ),
    Starter(
        "quote_accepted",
        "Email the managers when the quote of an event is accepted",
        "Quote accepted",
        rule("event", "status_changed", ("status", "equals", "quote_accepted"))
        | {
            "actions": email(
                "manager",
                "Quote accepted: {{ event.name | default: event.number }}",
                "Good news.\n\n" + EVENT_LINK,
            )
        },
    ),
    Starter(
        "corporate_client",
        "Email the managers when a corporate client books an event",
        "Events of a corporate client",
        rule("event", "created", ("account", "equals", None))
        | {
            "actions": email(
                "manager",
                'New event of {{ account.name | default: "a company" }}',
                'A new event of {{ account.name | default: "a company" }}.\n\n' + EVENT_LINK,
            )
        },
    ),
)
