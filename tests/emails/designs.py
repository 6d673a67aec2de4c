"""Emails with everything that an email may have."""

from __future__ import annotations

from automations.emails.email_layout import Button, EmailLayout, OrderTable
from automations.emails.email_look import EmailLook

LOOK = EmailLook(
    "Bloom & Wild St", "#2f6b57", "1 Wild St, Saltmouth", "01632 960 141", "hello@bloom.example", 7, 150, 36
)
TABLE = OrderTable(
    heads=("Your order", "Price"),
    lines=[("1 × Hand-tied bouquet “Saltmarsh”", "£48.00"), ("2 × Vase <small>", "£28.50")],
    sums=[("Delivery", "£10.00")],
    total=("Total, paid", "£86.50"),
)
LAYOUT = EmailLayout(
    LOOK, "en-GB", Button("See your order", "https://shop.example/o/1?a=1&b=2"), TABLE, "You ordered from us."
)
WORDS = "Hello Anna,\n\nit costs £86.50.\nSee https://shop.example/faq.\n\nYour florists"
#: Texts that try to leave the place they are written to.
HOSTILE = (
    "<script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'; background: url(https://evil.example/x)",
    "</title></head><body onload=alert(1)>",
    "{{ 7 * 7 }} {% raw %} ${7*7}",
    "&lt;b&gt; &amp; <b>bold</b>",
    "<!-- --><style>*{display:none}</style>",
    "javascript:alert(1)",
    "\u202eevil\u2066",
    "x" * 3000,
)
