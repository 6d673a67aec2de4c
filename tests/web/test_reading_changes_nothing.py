"""Opening pages changes nothing: GET requests by people or programs leave all rows as they are."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask
from flask.testing import FlaskClient

from automations.features.operations import summary_words
from automations.models.access import password_tokens
from automations.models.db.base import write
from automations.models.tables.customer import Customer
from automations.models.tables.people import Membership, User
from automations.models.tables.store import Store
from automations.pipeline.evaluation import consent
from automations.web.kit.export_permissions import EXPORTS
from automations.web.kit.permissions import PERMISSIONS
from tests.kit.pages.one_of_each import one_of_each
from tests.kit.pages.permitted import WORDS, filled
from tests.kit.rows import SEEN, all_rows
from tests.kit.statements import changed_tables
from tests.web.api.conftest import till_of
from tests.web.pages import EMAILS, sign_in

AUDIT = frozenset({"audit", "audit_head"})
#: Endpoint -> the tables it adds rows to, as it is meant to.
ADDS = dict.fromkeys(
    (
        "personal_data.export",
        *EXPORTS,
        "activity.export",
        "backtests.export",
        "record_exports.export",
        "import_files.export",
        "record_exports.export_accounts",
        "task_exports.export",
        "message_exports.export",
        "audit_exports.export",
    ),
    AUDIT,
)
#: Endpoint -> why it is excluded.
CLOSED = {
    "metrics.show": "without METRICS_TOKEN it is nobody's",
    "well_known.security": "without SECURITY_CONTACT there is none",
    "single_sign_on.new": "without OIDC_ISSUER there is none",
    "single_sign_on.create": "without OIDC_ISSUER there is none; the way back from a provider signs in",
    "static": "files, not rows",
    "assets.show": "files, not rows",
}
#: Endpoint -> query arguments.
ASKED = {"search.show": {"q": "N-1"}, "search.hits": {"q": "N-1"}, "answers.show": {"automation": "1"}}
HTMX = {"HX-Request": "true"}


def by_link(finn: str, anna: str) -> dict[str, list[str]]:
    """Return addresses that carry a token, by endpoint."""
    with write() as session:
        user = session.query(User).filter_by(email=finn).one()
        customer = session.query(Customer).filter_by(number=anna).one()
        now = dt.datetime.now(dt.UTC)
        token = password_tokens.issue(
            password_tokens.request_link(session, password_tokens.RESET, finn, now), user, now
        )
        whose = consent.token_for(customer.store_id, customer.id)
        membership = session.query(Membership).filter_by(user_id=user.id).one()
        summary = summary_words.token_for(membership.id)
    return {
        "password_links.show": [f"/password-links/{token}"],
        "unsubscribe.show": [f"/unsubscribe/{whose}"],
        "daily_summaries.show": [f"/daily-summary/{summary}"],
        "daily_summaries.moved": [f"/daily-letter/{summary}"],
    }


@pytest.mark.slow
def test_no_page_changes_a_row_when_opened(app: Flask, bloom: Store, rosa: User, client: FlaskClient) -> None:
    sign_in(app.test_client(), "rosa")
    ids, till = one_of_each(bloom, rosa), till_of(app, scope="write deliveries:write examples:write")
    ada = sign_in(client, "ada")
    with_token, opened = by_link(EMAILS["finn"], "C-1"), 0
    before = all_rows(AUDIT)
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint in CLOSED:
            continue
        addresses = with_token.get(rule.endpoint) or list(filled(app, rule, ids))
        assert addresses, f"{rule.endpoint} needs a value for each part in {WORDS.keys()} or one_of_each"
        of_api = PERMISSIONS[rule.endpoint].startswith("api:")
        statuses = set()
        with changed_tables() as changed:
            for address in addresses:
                for headers in ({}, HTMX) if address == addresses[0] else ({},):
                    with (till.client if of_api else ada).get(
                        address,
                        headers=headers | (till.headers if of_api else {}),
                        query_string=ASKED.get(rule.endpoint),
                    ) as answer:
                        statuses.add(answer.status_code)
                        assert answer.data is not None
                opened += 1
        # This names the tables per address; the rows themselves are compared at the end.
        assert changed - SEEN.keys() == ADDS.get(rule.endpoint, set()), addresses
        assert statuses & {200, 303}, (rule.endpoint, statuses)
    assert opened > 80
    assert all_rows(AUDIT) == before


@pytest.mark.parametrize("endpoint", [*ADDS, *CLOSED])
def test_every_excluded_endpoint_exists(app: Flask, endpoint: str) -> None:
    assert endpoint in app.view_functions


def test_the_check_fails_for_a_page_that_writes(
    app: Flask, bloom: Store, rosa: User, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def writes() -> str:
        with write() as session:
            session.get_one(Store, bloom.id).name += "!"
        return ""

    monkeypatch.setitem(app.view_functions, "accounts.new", writes)
    with pytest.raises(AssertionError, match="/accounts/new"):
        test_no_page_changes_a_row_when_opened(app, bloom, rosa, client)
