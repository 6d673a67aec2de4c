"""What shops and payment services call the state of a payment, as one of the eight payment statuses."""

from __future__ import annotations

import re
from collections.abc import Mapping

#: Payment status by key -> the words that mean it, folded: lower case, with a space between words.
#: Money that is reserved, or on its way, is not there yet: unpaid. A payment that failed may be tried again.
WORDS: Mapping[str, tuple[str, ...]] = {
    "unpaid": (
        "unpaid",
        "pending",
        "authorized",
        "authorised",
        "approved",
        "open",
        "due",
        "overdue",
        "outstanding",
        "awaiting payment",
        "awaiting authorization",
        "payment pending",
        "pending payment",
        "capture pending",
        "held for review",
        "on hold",
        "in progress",
        "processing",
        "requires action",
        "requires capture",
        "requires payment method",
        "incomplete",
        "failed",
        "declined",
    ),
    "partially_paid": ("partially paid", "partial", "part paid", "partly paid", "deposit paid"),
    "paid": (
        "paid",
        "captured",
        "completed",
        "complete",
        "succeeded",
        "settled",
        "paid in full",
        "no payment required",
    ),
    "over_paid": ("over paid", "overpaid"),
    "refunded": ("refunded", "fully refunded"),
    "partially_refunded": ("partially refunded", "partial refund", "part refunded", "partly refunded"),
    "void": ("void", "voided", "void pending", "canceled", "cancelled"),
    "expired": ("expired", "lapsed", "abandoned"),
}
_STATUSES = {word: status for status, words in WORDS.items() for word in words}


def payment_status(word: str) -> str | None:
    """Return the key of the payment status that a word of a source means; None for an unknown one.

    Case, and whether words are joined by spaces, hyphens or underscores, makes no difference.
    """
    return _STATUSES.get(re.sub(r"[\s_-]+", " ", word).strip().casefold())
