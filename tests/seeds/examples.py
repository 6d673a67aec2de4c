"""The example sentences of the seeds, as a manager makes each of them from dropdowns."""

from __future__ import annotations

from tests.kit.pages.by_hand import Action, Automation

THANKS = "Thank you for your order. We will contact you soon."
DEPOT = "The parcel has arrived at the Post office. Please don’t forget to pick up your order!"
RETURNED = "Hello! Your order from {{ store.name }} has been returned. Contact us if you want to re-order."
COURIER = "https://api.courier.example/deliveries"


def email(subject: str, message: str, **more: str) -> Action:
    return Action("Send email", {"Subject": subject, "Message": message, **more})


def sms(message: str) -> Action:
    return Action("Send text message", {"Message": message})


def notice(whom: str, title: str) -> Action:
    return Action("Notify the team", {"Tell": whom, "Title": title})


def change(what: str, to: str) -> Action:
    return Action("Change data", {"Change": what, "To": to})


def change_to_text(what: str, text: str) -> Action:
    """Return a change to what a text says, where the page offers a list at first."""
    return Action("Change data", {"Change": what}, texts={"To": text})


TOLD = email("About {{ order.number }}", "Hello {{ customer.name }}.")
TOLD_OF_EVENT = email("About {{ event.number }}", "Hello {{ customer.name }}.")

CONFIRM_PAID_DELIVERIES = Automation(
    "Confirm paid deliveries",
    "Payment status changed",
    [("Fulfilment method", "equals", "Delivery"), ("Payment status", "equals", "Paid")],
    [email("Your order {{ order.number }} is confirmed", "Hello {{ customer.first_name }}, thank you.")],
)
THANK_BY_SMS = Automation("Thank you by text message", "Created", actions=[sms(THANKS)])
AT_THE_DEPOT = Automation(
    "Parcel is at the depot",
    "Carrier update",
    [("Delivery type", "equals", "Royal Mail")],
    [sms(DEPOT + " {{ order.tracking_number }}. Best regards, {{ store.name }}")],
    when={"To": "At the depot"},
)
STORAGE_EXPIRED = Automation(
    "Storage period expired",
    "Date reached",
    [("Status", "not equals", "Fulfilled")],
    [email("Your order {{ order.number }} has been returned", RETURNED)],
    when={
        "How many": "1",
        "Unit": "days",
        "Before or after": "after",
        "Date it counts from": "Storage until",
        "Time of day": "09:00",
    },
)
BOOK_THE_COURIER = Automation(
    "Book the courier",
    "Field changed",
    actions=[
        Action(
            "HTTP request",
            {
                "URL": COURIER,
                "Headers, one per line": "Authorization: Bearer {{ secrets.courier }}",
                "Body": "reference = {{ order.number }}\nname = {{ customer.name }}",
            },
        )
    ],
    when={"Field that changes": "Delivery type", "To": "Courier delivery"},
)
PLAN_AGAIN = Automation(
    "Plan the delivery again",
    "Field changed",
    actions=[
        Action(
            "Create task",
            {
                "Title": "Plan order {{ order.number }} for {{ order.delivery_date }}",
                "Checklist, one step per line": "Call the driver\nTell {{ customer.name }}",
                "For": "The managers",
            },
        )
    ],
    when={"Field that changes": "Delivery date"},
)
TELL_MANAGERS = Automation(
    "Tell the managers about changes",
    "Field changed",
    actions=[notice("The managers", "Order {{ order.number }} has changed")],
)
TELL_HEAD_OF_STORE = Automation(
    "Tell the head of the store about changes",
    "Field changed",
    actions=[notice("The head of the store", "{{ event.name }} has changed")],
    model="Event",
)
CONFIRM_PAID_ORDERS = Automation(
    "Confirm paid orders",
    "Payment status changed",
    [("Status", "equals", "Unconfirmed")],
    [change("Status", "Confirmed")],
    when={"To": "Paid"},
)
TAG_IMPORTANT_CUSTOMERS = Automation(
    "Tag important customers",
    "Payment status changed",
    [("Total", "greater than", "250.00")],
    [change("Customer: add a tag", "important")],
    when={"To": "Paid"},
)
