"""A customer added in place, with an order or event: who it is, and whether they are known already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import g
from sqlalchemy.orm import Session
from wtforms import Form, StringField
from wtforms.validators import Optional

from automations.features.merging.duplicates import possible_duplicates
from automations.models.tables.customer import Customer
from automations.models.tables.store import Store
from automations.pipeline.records.phone_keys import key_of
from automations.web.kit.short_enough import ShortEnough

#: What `who` says for a new customer although someone has the same email or phone.
NEW = "new"
LONGEST, LONGEST_EMAIL, LONGEST_PHONE = 200, 254, 50
NOT_BOTH = "Choose a customer, or add a new one: empty one of the two."
KNOWN = "Someone with this {} is already here. Choose who it is."


@dataclass(frozen=True)
class Namesake:
    """A customer with the same email or phone, as the form offers them. `shares` is "email" or "phone"."""

    id: int
    words: str
    shares: str


@dataclass(frozen=True)
class NewPerson:
    """Who is to be added, by columns. `who` is the id of the namesake it is instead, NEW, or ""."""

    values: dict[str, str]
    who: str


class KnownCustomer(Exception):
    """Someone has this email or phone already, and nobody has said who it is; nothing was saved."""

    def __init__(self, namesakes: Sequence[Namesake]) -> None:
        super().__init__()
        self.namesakes = namesakes


def _text(label: str, longest: int = LONGEST, **attributes: str) -> StringField:
    shown = {"autocomplete": "off", **attributes}
    return StringField(label, [Optional(), ShortEnough(longest)], render_kw=shown)


class NewCustomerForm(Form):
    """Who is added, and `who` of `namesakes` it is by their id, or NEW."""

    first_name = _text("First name")
    last_name = _text("Last name")
    email = _text("Email", LONGEST_EMAIL, type="email")
    phone = _text("Phone", LONGEST_PHONE, type="tel")
    who = StringField()
    namesakes: Sequence[Namesake] = ()

    @property
    def shown(self) -> tuple[Any, ...]:
        return self.first_name, self.last_name, self.email, self.phone

    @property
    def person(self) -> NewPerson | None:
        """Return who is to be added; None if nobody is."""
        texts = {field.short_name: (field.data or "").strip() for field in self.shown}
        return NewPerson(texts, self.who.data or "") if any(texts.values()) else None

    def ask_who(self, namesakes: Sequence[Namesake]) -> None:
        """Ask on the form which of these customers it is."""
        self.namesakes = namesakes
        self.form_errors = [KNOWN.format(namesakes[0].shares)]


def check(form: Any) -> None:
    """Refuse both a chosen and a new customer; move an unknown one's name to where they can be added."""
    new: NewCustomerForm = form.new_customer.form
    text = (form.customer.data or "").strip()
    if new.person and text:
        new.form_errors = [NOT_BOTH]
    elif form.customer.is_unknown and form.customer.errors:
        _fill_in(new, text)
        form.customer.data = ""


def customer_id_of(session: Session, store: Store, person: NewPerson) -> int | None:
    """Return the id of the customer who `person` was said to be; None for a new one. Raises KnownCustomer."""
    known = possible_duplicates(session, _as_customer(store, person))
    if any(str(customer.id) == person.who for customer, _ in known):
        return int(person.who)
    if known and person.who != NEW:
        raise KnownCustomer([Namesake(one.id, _words(one), shares) for one, shares in known])
    return None


def _fill_in(new: NewCustomerForm, text: str) -> None:
    if "@" in text:
        new.email.data = text
    elif key_of(text, g.store.region):
        new.phone.data = text
    else:
        new.first_name.data, _, new.last_name.data = text.partition(" ")


def _as_customer(store: Store, person: NewPerson) -> Customer:
    """Return a customer, of no session, with what is compared: the email and the phone, not the name."""
    email, phone = person.values["email"], key_of(person.values["phone"], store.region)
    return Customer(store_id=store.id, first_name="", last_name="", email=email, phone_key=phone)


def _words(customer: Customer) -> str:
    return " · ".join(filter(None, (customer.number, customer.name, customer.email, customer.phone)))
