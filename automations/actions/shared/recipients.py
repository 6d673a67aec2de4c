"""Who an action may email: one table for the form, the summary, the check and the sending."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from automations.actions.shared import skip_reasons
from automations.actions.shared.action_kind import Settings, Situation, Skipped, text_of
from automations.connectors.contacts import EmailContact, InvalidContact

CUSTOMER = "customer"
ADDRESS = "address"


@dataclass(frozen=True)
class Role:
    """A group of the store's people: its label in the form, its phrase, and the roles it includes."""

    label: str
    phrase: str
    roles: tuple[str, ...]


ROLES: Mapping[str, Role] = {
    "manager": Role("The managers", "the managers", ("manager",)),
    "admin": Role("The head of the store", "the head of the store", ("admin",)),
    "viewer": Role("Team members who can only view", "the viewers", ("viewer",)),
    "team": Role("Everyone in the team", "everyone in the team", ("admin", "manager", "viewer")),
}

CHOICES: Sequence[tuple[str, str]] = (
    (CUSTOMER, "The customer"),
    *((key, role.label) for key, role in ROLES.items()),
    (ADDRESS, "An address…"),
)


def is_person(to: str) -> bool:
    """Whether `to` names one team member, as in "user:7"."""
    return to.startswith("user:") and to[5:].isdecimal()


def is_known(to: str) -> bool:
    """Whether `to` is one of the choices or a team member."""
    return is_person(to) or any(to == key for key, _ in CHOICES)


def phrase(settings: Settings) -> str:
    """ "the customer", "the managers", "anna@shop.example", "…" while nobody is chosen."""
    to = text_of(settings, "to")
    if to == ADDRESS:
        return text_of(settings, "address").strip() or "…"
    if to in ROLES:
        return ROLES[to].phrase
    return {CUSTOMER: "the customer"}.get(to, "a team member" if is_person(to) else "…")


def email_contacts(settings: Settings, situation: Situation) -> list[EmailContact]:
    """The contacts, each address once, at least one. Raises Skipped."""
    to = text_of(settings, "to")
    if to == CUSTOMER:
        return [_customer(situation)]
    if to == ADDRESS:
        return [_contact(text_of(settings, "address"), "")]
    if to in ROLES or is_person(to):
        return _team(to, phrase(settings), situation)
    raise Skipped(skip_reasons.NO_RECIPIENT)


def _customer(situation: Situation) -> EmailContact:
    customer = situation.context.get("customer")
    if not isinstance(customer, Mapping) or not any(customer.values()):
        raise Skipped(skip_reasons.no_customer(situation.subject))
    address = text_of(customer, "email").strip()
    if not address:
        raise Skipped(skip_reasons.CUSTOMER_HAS_NO_EMAIL)
    return _contact(address, text_of(customer, "name"))


def _contact(address: str, name: str) -> EmailContact:
    try:
        return EmailContact.parse(address, name)
    except InvalidContact as error:
        raise Skipped(str(error)) from error


def _team(to: str, who: str, situation: Situation) -> list[EmailContact]:
    keys = ROLES[to].roles if to in ROLES else (to,)
    people: dict[str, EmailContact] = {}
    for contact in (contact for key in keys for contact in situation.team.get(key, ())):
        people.setdefault(contact.address.lower(), contact)
    if not people:
        raise Skipped(skip_reasons.nobody_in_team(who))
    return list(people.values())
