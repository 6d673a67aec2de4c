"""The sentences that say why an action was skipped."""

from __future__ import annotations

from collections.abc import Sequence

from automations.engine.wording.wording import joined

CUSTOMER_HAS_NO_EMAIL = "The customer has no email address."
MESSAGE_IS_EMPTY = "The message is empty for this record, so there is nothing to send."
NO_RECIPIENT = "Nobody is chosen to receive it."

ADDRESS_IS_EMPTY = "The address is empty for this record."


def too_many_addresses(count: int, most: int) -> str:
    return f"There are {count} addresses, and an email goes to at most {most}."


def no_customer(subject: str) -> str:
    return f"The {subject} has no customer."


def invalid_address(address: str) -> str:
    return f"“{address}” is not a valid email address."


def nobody_in_team(who: str) -> str:
    return f"There is nobody to email among {who}."


def message_failed(sentence: str) -> str:
    return f"The message could not be written: {sentence}"


CUSTOMER_HAS_NO_PHONE = "The customer has no phone number."
TITLE_IS_EMPTY = "The title is empty for this record, so there is nothing to write down."


def nobody_to_tell(who: str) -> str:
    return f"There is nobody to tell among {who}."


def no_date(label: str) -> str:
    return f"The {label.lower()} is empty for this record, so there is no due date."


def url_refused(sentence: str) -> str:
    return f"The request cannot be made: {sentence}"


def value_empty(label: str) -> str:
    return f"The new value of “{label}” is empty for this record, so it is left as it is."


def fields_empty(labels: Sequence[str]) -> str:
    """ "The delivery date is empty for this record, and the action is set to be skipped then." """
    names = joined([f"the {label}" for label in labels])
    empty = f"{names[:1].upper()}{names[1:]} {'is' if len(labels) == 1 else 'are'} empty for this record"
    return f"{empty}, and the action is set to be skipped then."


def button_leads_nowhere(label: str, url: str) -> str:
    """ "The button “Pay now” leads to “n/a”, which is not a web address." """
    leads = f"leads to “{url[:80]}”, which is not a web address" if url else "leads nowhere for this record"
    return f"The button “{label[:60]}” {leads}."


def no_copy(label: str, sentence: str) -> str:
    """ "Hidden copy to: “n/a” is not a valid email address." """
    return f"{label}: {sentence}"


def no_reply_address(sentence: str) -> str:
    return f"Replies go to the sender instead: {sentence}"
