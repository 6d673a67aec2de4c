"""Starters with text messages, requests, tasks, notifications, data changes, and time triggers."""

from __future__ import annotations

from automations.features.starters.starter_parts import (
    AGREED,
    BYE,
    EVENT_LINK,
    EVENT_NAME,
    HELLO,
    ORDER_LINK,
    PAID,
    Starter,
    change,
    changed,
    either,
    email,
    marketing,
    notice,
    request,
    rule,
    sms,
    task,
    timed,
)

ENTRIES = (
    Starter(
        "sms_for_order",
        "Text a thank-you for every new order",
        "Thank you by text message",
        rule("order", "created") | {"actions": [sms("Thank you for your order. We will contact you soon.")]},
    ),
    Starter(
        "at_the_depot",
        "Text the customer when their Royal Mail parcel is at the depot",
        "Parcel is at the depot",
        rule("order", "carrier_changed", ("delivery_type", "equals", "royal_mail"), to="at_the_depot")
        | {
            "actions": [
                sms(
                    "The parcel has arrived at the Post office. Please don't forget to pick up your order! "
                    "Best regards, {{ store.name }}"
                )
            ]
        },
    ),
    Starter(
        "storage_expired",
        "Email the customer when their parcel was stored too long",
        "Storage period expired",
        timed(
            "order",
            "date_reached",
            ("status", "is_none_of", ["fulfilled", "cancelled"]),
            field="storage_until",
            direction="after",
            amount="1",
            unit="days",
            time="09:00",
            late="send",
            late_within="1",
            late_unit="days",
        )
        | {
            "actions": email(
                "customer",
                "Your order {{ order.number }} has been returned",
                "Hello! Your order from {{ store.name }} has been returned. "
                "Contact us if you want to re-order.",
            )
        },
    ),
    Starter(
        "courier_request",
        "Book the courier when the delivery type becomes Courier delivery",
        "Book the courier",
        changed("delivery_type", "courier_delivery")
        | {
            "actions": [
                request(
                    "https://api.courier.example/deliveries",
                    "Authorization: Bearer {{ secrets.courier }}",
                    "reference = {{ order.number }}\nname = {{ customer.name }}\n"
                    "phone = {{ customer.phone }}\n"
                    "date = {{ order.delivery_date }}",
                )
            ]
        },
    ),
    Starter(
        "marketing_email",
        "Email news to customers who have spent much, once a month",
        "News for good customers",
        timed(
            "customer",
            "scheduled",
            ("marketing_consent", "equals", "yes"),
            ("total_spent", "greater_than", "100.00"),
            every="month",
            day="1",
            time="10:00",
        )
        | {
            "actions": [
                marketing(
                    "email",
                    HELLO + "these flowers are in season now. Come in and have a look." + BYE,
                    "What is in bloom at {{ store.name }}",
                )
            ]
        },
    ),
    Starter(
        "marketing_sms",
        "Text an offer to regular customers, at most once a month",
        "Weekend offer for regulars",
        timed(
            "customer",
            "scheduled",
            ("marketing_consent", "equals", "yes"),
            ("tags", "contains", "regular"),
            every="week",
            weekday="friday",
            time="10:00",
        )
        | {
            "actions": [marketing("sms", "A free rose with every bouquet this weekend. {{ store.name }}")],
            "caps": {"once_per_customer_days": 30},
        },
    ),
    Starter(
        "delivery_or_collection",
        "Create a task for every delivery or collection order",
        "Prepare deliveries and collections",
        either(
            rule(
                "order",
                "created",
                ("fulfilment_method", "equals", "delivery"),
                ("fulfilment_method", "equals", "collection"),
            )
        )
        | {"actions": [task("Prepare order {{ order.number }}")]},
    ),
    Starter(
        "notify_changes",
        "Notify the managers of every change of an order",
        "Tell the managers about changes",
        changed()
        | {
            "actions": [
                notice("manager", "Order {{ order.number }} has changed", ORDER_LINK),
            ]
        },
    ),
    Starter(
        "head_of_store_changes",
        "Notify the head of the store of every change of an event",
        "Tell the head of the store about changes",
        changed(subject="event") | {"actions": [notice("admin", EVENT_NAME + " has changed", EVENT_LINK)]},
    ),
    Starter(
        "task_for_changes",
        "Create a task when a delivery date changes",
        "Plan the delivery again",
        changed("delivery_date")
        | {
            "actions": [
                task(
                    "Plan order {{ order.number }}"
                    '{% if order.delivery_date %} for {{ order.delivery_date | date: "%-d %B" }}{% endif %}',
                    "4",
                    "hours",
                    'Call the driver\nTell {{ customer.name | default: "the customer" }}',
                )
            ]
        },
    ),
    Starter(
        "change_order",
        "Confirm an order as soon as it is paid",
        "Confirm paid orders",
        rule(
            "order",
            "payment_status_changed",
            ("payment_status", "is_one_of", PAID),
            ("status", "equals", "unconfirmed"),
        )
        | {"actions": [change("status", "Confirmed")]},
    ),
    Starter(
        "change_customer",
        "Tag a customer as important after a large order",
        "Tag important customers",
        rule(
            "order",
            "payment_status_changed",
            ("payment_status", "is_one_of", PAID),
            ("total", "greater_than", "250.00"),
        )
        | {"actions": [change("customer.tags.add", "important")]},
    ),
    Starter(
        "before_event",
        "Email the customer three days before their event",
        "Three days before the event",
        timed(
            "event",
            "date_reached",
            ("status", "is_one_of", AGREED),
            field="event_date",
            direction="before",
            amount="3",
            unit="days",
            time="09:00",
            late="send",
            late_within="2",
            late_unit="days",
        )
        | {
            "actions": email(
                "customer",
                "Your event is near",
                HELLO + 'we look forward to {{ event.name | default: "your event" }}'
                '{% if event.event_date %} on {{ event.event_date | date: "%-d %B" }}{% endif %}.' + BYE,
            )
        },
    ),
    Starter(
        "still_unpaid",
        "Create a task when an event is unpaid for 20 days",
        "Chase unpaid events",
        timed(
            "event",
            "stays_in_status",
            ("status", "is_none_of", ["cancelled", "archived"]),
            status_field="payment_status",
            status="unpaid",
            amount="20",
            unit="days",
        )
        | {
            "actions": [
                task(
                    'Ask {{ customer.name | default: "the customer" }} for the deposit of '
                    "{{ event.name | default: event.number }}"
                )
            ]
        },
    ),
)
