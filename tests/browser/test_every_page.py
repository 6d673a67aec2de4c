"""Every page, by the URL map, wide and narrow, light and dark: axe finds nothing and nothing overflows.

Nothing breaks the policy. What another test of this folder looks at in all sizes is left to it. A page that
nobody looks at fails.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from automations.features.operations import summary_words
from automations.models.access import password_tokens
from automations.models.db.base import write
from automations.models.tables.customer import Customer
from automations.models.tables.people import Membership, SignIn, User
from automations.models.tables.store import Store
from automations.pipeline.evaluation import consent
from automations.pipeline.runs import store_hold
from tests.browser import test_life, test_records, test_settings
from tests.browser.conftest import ANY
from tests.kit.pages.one_of_each import one_of_each
from tests.kit.pages.permitted import NO_PAGES, page_addresses
from tests.kit.reporting import Reporting
from tests.web.pages import EMAILS, sign_in
from tests.world import NOW

pytestmark = [pytest.mark.of_pages, pytest.mark.slow]

Enter = Callable[[Page, str], None]
Looks = Callable[..., list[str]]
#: Endpoint -> why it shows no page.
NO_PAGE = dict.fromkeys(NO_PAGES, "a file") | {
    "rule_files.archive": "a file",
    "email_files.show": "a file",
    "mailbox.attachment": "a file",
    "personal_data.export": "a file",
    "search.hits": "entries of a list",
    "options.customers": "entries of a list",
    "options.accounts": "entries of a list",
    "api.openapi": "for a program",
    "health.show": "for a program",
    "metrics.show": "for a program",
    "well_known.security": "for a program",
    "single_sign_on.new": "leads to the provider",
    "single_sign_on.create": "comes back from the provider",
    "daily_summaries.moved": "leads to its new address",
}
ASKED = {"answers.show": "?automation=1", "search.show": "?q=N-1"}


def no_page(app: Flask) -> set[str]:
    """Return the endpoints that show no page."""
    tables = {rule.endpoint for rule in app.url_map.iter_rules() if rule.rule.endswith(".csv")}
    return tables | NO_PAGE.keys()


def endpoint_of(app: Flask, address: str) -> str:
    return app.url_map.bind("localhost").match(urlsplit(address).path)[0]


def looked_at_elsewhere(app: Flask) -> set[str]:
    addresses = [f"/settings/{name}" for name in test_settings.PAGES]
    addresses += [*test_records.PAGES, *test_records.MORE_PAGES]
    addresses += test_life.addresses({"automation": 1, "task": 1})
    return {endpoint_of(app, address) for address in addresses}


def for_anybody() -> Iterator[str]:
    """Addresses that carry a token, and those a signed-in person is led away from."""
    with write() as session:
        finn, now = session.query(User).filter_by(email=EMAILS["finn"]).one(), dt.datetime.now(dt.UTC)
        token = password_tokens.issue(
            password_tokens.request_link(session, password_tokens.RESET, finn.email, now), finn, now
        )
        customer = session.query(Customer).order_by(Customer.id).limit(1).one()
        whose = consent.token_for(customer.store_id, customer.id)
        summary = summary_words.token_for(session.query(Membership).filter_by(user_id=finn.id).one().id)
    yield from ("/sign-in", "/lost-password", f"/password-links/{token}")
    yield from (f"/unsubscribe/{whose}", f"/daily-summary/{summary}")


@pytest.fixture
def ids(app: Flask, bloom: Store, rosa: User) -> dict[str, Any]:
    """One of everything, on hold after a restore; made before forms need their tokens."""
    sign_in(app.test_client(), "rosa")
    ids = one_of_each(bloom, rosa)
    with write() as session:
        store_hold.begin(session, NOW)
    return ids


@pytest.mark.longest
def test_every_page_is_accessible_and_fits_the_screen(
    app: Flask,
    ids: dict[str, Any],
    browser: Browser,
    live: str,
    watched: Reporting,
    enter: Enter,
    all_looks: Looks,
) -> None:
    page, errors = (
        browser.new_page(viewport={"width": 1280, "height": 800}, color_scheme="light"),
        list[str](),
    )
    problems: dict[str, str | list[str]] = {}
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)

    def look(address: str) -> str:
        endpoint = endpoint_of(app, address)
        answer = page.goto(f"{live}{address}{ASKED.get(endpoint, '')}")
        if not answer or answer.status != 200 or urlsplit(page.url).path != address:
            problems[address] = f"leads to {page.url}"
        if found := all_looks(page, ANY):
            problems[address] = found
        return endpoint

    seen = looked_at_elsewhere(app) | {look(address) for address in for_anybody()}
    enter(page, "ada")
    _signed_in_a_while_ago()
    for address in page_addresses(app, ids):
        if endpoint_of(app, address) not in seen | no_page(app):
            seen.add(look(address))
    page.close()
    assert problems == {} and errors == [] and watched.reports == []
    assert pages(app) - seen == set(), "these no test looks at"


def pages(app: Flask) -> set[str]:
    """Return the endpoints that show a page."""
    opened = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    return {one for one in opened - no_page(app) if not one.startswith("api.")}


def _signed_in_a_while_ago() -> None:
    """Make the page of the person's sessions ask for the password."""
    with write() as session:
        for row in session.query(SignIn).all():
            row.created_at -= dt.timedelta(hours=1)
