"""Walking all pages of a sorted list shows every record once, including those that have no value."""

from __future__ import annotations

import datetime as dt
import random
import re
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from automations.models.db.base import db, write
from automations.models.tables.customer import Account, Customer
from automations.models.tables.event import Event
from automations.models.tables.order import Order
from automations.models.tables.task import Task
from automations.web.inbox import task_search
from automations.web.kit import sorting
from automations.web.kit.sorting import Headings
from automations.web.records.list_sorts import ACCOUNTS, SORTS
from tests.kit.shop import place_customer, place_event, place_order
from tests.web.pages import sign_in
from tests.world import NOW

LISTS: dict[str, tuple[Any, Headings, str]] = {
    "orders": (Order, SORTS["orders"], "/orders/"),
    "events": (Event, SORTS["events"], "/events/"),
    "customers": (Customer, SORTS["customers"], "/customers/"),
    "accounts": (Account, ACCOUNTS, "/accounts/"),
    "tasks": (Task, task_search.SORTS, "/tasks/"),
}
TEXTS = ("", "", "abel", "Abel", "Zorn", "Bär")
DAYS = (None, None, dt.date(2026, 12, 1), dt.date(2026, 12, 2))
ROWS = 13


def _add(name: str, place: int, text: str, day: dt.date | None, number: int) -> None:
    """Add a row of a list; where its model allows that, it lacks what is "", None or 0."""
    at = NOW - dt.timedelta(hours=number)
    if name in ("orders", "events"):
        customer = place_customer(f"C-{place}", last_name=text).id if number else None
        known: dict[str, Any] = {"customer_id": customer, "status": "confirmed", "total": Decimal(number)}
        if name == "orders":
            place_order(f"P-{place}", placed_at=at, delivery_date=day, **known)
        else:
            place_event(f"P-{place}", event_date=day, event_type=text or None, **known)
        return
    rows: dict[str, Any] = {
        "accounts": Account(name=f"{text}{place}"),
        "tasks": Task(title=text or "-", due_at=at if day else None),
        "customers": Customer(number=f"P-{place}", last_name=text, email=text, updated_at=at),
    }
    with write() as session:
        rows[name].store_id, rows[name].created_at = 1, at
        session.add(rows[name])


def _walked(client: FlaskClient, address: str, link: str) -> list[str]:
    """Return what the links of the list lead to, over all its pages, of which there are ROWS at most."""
    found: list[str] = []
    for _ in range(ROWS):
        page = client.get(address).text
        rows = page.partition("record-cards")[0]
        found += dict.fromkeys(re.findall(rf'href="{link}([0-9]+|[A-Z]+-[0-9]+)"', rows))
        older = re.search(r'href="([^"]+)" rel="next"', page)
        if not older:
            return found
        address = unescape(older[1])
    raise AssertionError("the walk has no end")


@pytest.mark.parametrize("few", [0, 2_000])
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", LISTS)
def test_all_pages_of_every_sort_show_every_record_once(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, name: str, seed: int, few: int
) -> None:
    monkeypatch.setattr(sorting, "LENGTH", 2)
    monkeypatch.setattr(sorting, "FEW", few)
    chance = random.Random(seed)
    for place in range(ROWS - 3):
        _add(name, place, chance.choice(TEXTS), chance.choice(DAYS), chance.randrange(3))
    model, headings, link = LISTS[name]
    rows = db.session.scalars(sa.select(model).where(model.store_id == 1)).all()
    everything = sorted(str(getattr(row, "number", row.id)) for row in rows)
    ada = sign_in(client, "ada")
    for key in headings:
        for address in (f"{link[:-1]}?sort={key}", f"{link[:-1]}?sort=-{key}"):
            assert sorted(_walked(ada, address, link)) == everything, address


def test_what_has_no_email_or_name_comes_last_either_way(client: FlaskClient) -> None:
    for place, text in enumerate(("", "zorn", "", "abel")):
        _add("customers", place, text, None, 0)
    ada = sign_in(client, "ada")
    for key in ("name", "email"):
        for sign in ("", "-"):
            shown = _walked(ada, f"/customers?sort={sign}{key}", "/customers/")
            assert set(shown[-2:]) == {"P-0", "P-2"}
