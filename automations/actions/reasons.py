"""Why an action was skipped: every reason the log can give, in one place."""

from __future__ import annotations

CUSTOMER_HAS_NO_EMAIL = "The customer has no email address."
MESSAGE_IS_EMPTY = "The message is empty for this record, so there is nothing to send."
NO_RECIPIENT = "Nobody is chosen to receive it."


def no_customer(subject: str) -> str:
    return f"The {subject} has no customer."


def invalid_address(address: str) -> str:
    return f"“{address}” is not a valid email address."


def nobody_in_team(who: str) -> str:
    return f"There is nobody to email among {who}."


def message_failed(sentence: str) -> str:
    return f"The message could not be written: {sentence}"
