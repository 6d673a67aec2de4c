"""Who an action may email: one table for the form, the summary, the check and the sending."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from automations.actions.shared import skip_reasons
from automations.actions.shared.action_kind import Settings, Situation, Skipped, text_of
from automations.actions.shared.text_templates import problems_of, rendered
from automations.connectors.contacts import EmailContact, InvalidContact
from automations.engine.fields.subject import Subject
from automations.engine.rules.rule import Problem
from automations.engine.wording.wording import joined

CUSTOMER = "customer"
ADDRESS = "address"
#: Each address gets an email of its own.
MOST = 20
_SEPARATORS = re.compile(r"[,;\n]")
_TAG = re.compile(r"\{[{%].*?[%}]\}", re.DOTALL)
_WHOSE = re.compile(r"\{\{\s*(order|event|customer|account)\.", re.ASCII)
#: A comma inside a field's tag separates nothing.
_HIDDEN = str.maketrans(",;\n", "\ue000\ue001\ue002")
_SHOWN = str.maketrans("\ue000\ue001\ue002", ",;\n")


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
    (ADDRESS, "Addresses…"),
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
        return joined([_phrase_of(part) for part in address_parts(text_of(settings, "address"))]) or "…"
    if to in ROLES:
        return ROLES[to].phrase
    return {CUSTOMER: "the customer"}.get(to, "a team member" if is_person(to) else "…")


def address_parts(text: str) -> list[str]:
    """Return the addresses in a text, as typed: several stand behind commas, semicolons or in lines."""
    marked = _TAG.sub(lambda tag: tag[0].translate(_HIDDEN), text)
    return [part.strip().translate(_SHOWN) for part in _SEPARATORS.split(marked) if part.strip()]


def has_field(part: str) -> bool:
    """Return whether an address, or a part of it, comes out of a field."""
    return bool(_TAG.search(part))


def address_problems(settings: Settings, name: str, subject: Subject, most: int = MOST) -> list[Problem]:
    """Return what is wrong with the addresses in the setting `name`, as far as it can be told before."""
    text, path = text_of(settings, name), f"settings.{name}"
    problems = problems_of(settings, name, subject)
    parts = address_parts(text)
    if len(parts) > most:
        limit = "one address" if most == 1 else f"at most {most} addresses"
        problems.append(Problem(path, f"There are {len(parts)} addresses. Enter {limit}."))
    for part in parts:
        try:
            if not has_field(part):
                EmailContact.parse(part)
        except InvalidContact as error:
            problems.append(Problem(path, str(error)))
    return problems


@dataclass(frozen=True)
class Reached:
    """Contacts, each address once, and a sentence for each address that is none."""

    contacts: Sequence[EmailContact]
    missed: Sequence[str] = ()


def email_contacts(settings: Settings, situation: Situation) -> Reached:
    """Return whom the email goes to, at least one. Raises Skipped."""
    to = text_of(settings, "to")
    if to == CUSTOMER:
        return Reached([_customer(situation)])
    if to == ADDRESS:
        return _some(_typed(rendered(settings, "address", situation)))
    if to in ROLES or is_person(to):
        return Reached(_team(to, phrase(settings), situation))
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


def copies(settings: Settings, name: str, situation: Situation) -> Reached:
    """Return whom the setting `name` gives a copy; nobody if it is empty. Raises Skipped."""
    return _typed(rendered(settings, name, situation))


def _some(reached: Reached) -> Reached:
    if not reached.contacts:
        raise Skipped(" ".join(reached.missed) or skip_reasons.ADDRESS_IS_EMPTY)
    return reached


def _typed(text: str) -> Reached:
    people: dict[str, EmailContact] = {}
    missed: dict[str, None] = {}
    for part in address_parts(text):
        try:
            contact = EmailContact.parse(part)
            people.setdefault(contact.address.lower(), contact)
        except InvalidContact as error:
            missed[str(error)] = None
    if len(people) + len(missed) > MOST:
        raise Skipped(skip_reasons.too_many_addresses(len(people) + len(missed), MOST))
    return Reached(list(people.values()), list(missed))


def _phrase_of(part: str) -> str:
    if not has_field(part):
        return part
    whose = _WHOSE.search(part)
    return f"an address of the {whose[1] if whose else 'record'}"


def _team(to: str, who: str, situation: Situation) -> list[EmailContact]:
    keys = ROLES[to].roles if to in ROLES else (to,)
    people: dict[str, EmailContact] = {}
    for contact in (contact for key in keys for contact in situation.team.get(key, ())):
        people.setdefault(contact.address.lower(), contact)
    if not people:
        raise Skipped(skip_reasons.nobody_in_team(who))
    return list(people.values())
