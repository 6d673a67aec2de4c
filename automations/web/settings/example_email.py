"""The email that shows how all emails of a store look."""

from __future__ import annotations

from automations.emails.email_layout import Button, EmailLayout, OrderTable
from automations.emails.email_look import EmailLook
from automations.emails.email_words import email_words

EXAMPLE_WORDS = (
    "Hello Ottoline,\n\nthank you for your payment of £86.50. We deliver your order on Saturday 28 November."
)
_LINES = (("1 × Hand-tied bouquet", "£48.00"), ("1 × Stoneware vase, small", "£28.50"))


def example_layout(look: EmailLook, language: str = "en-GB") -> EmailLayout:
    """Return the layout of an order's email with everything that an email may have."""
    words = email_words(language)
    table = OrderTable(
        heads=(words["order"], words["price"]),
        lines=_LINES,
        sums=[(words["shipping"], "£10.00")],
        total=(words["paid"], "£86.50"),
    )
    button = Button("See your order", "https://shop.example/orders/1051")
    return EmailLayout(look, language, button, table, words["why_order"])
