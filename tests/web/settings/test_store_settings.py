"""Settings: the store, its API keys, and the audit of the changes."""

from __future__ import annotations

import re
from decimal import Decimal

import phonenumbers
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from automations.models.access import api_authentication, audit
from automations.models.db.base import db, write
from automations.models.settings.webhook_endpoints import InboundHook
from automations.models.tables.people import ApiKey
from automations.models.tables.store import Store
from automations.web.settings.store_settings import REGIONS
from tests.kit.shop import place_order
from tests.web.pages import text_of
from tests.world import NOW

GIVEN = {
    "name": "Bloom & Wild Street",
    "sender_email": "orders@bloom.example",
    "currency": "EUR",
    "timezone": "Europe/Dublin",
    "region": "IE",
    "language": "en-IE",
}


def test_the_store_is_saved_and_the_audit_says_what_changed(as_ada: FlaskClient, bloom: Store) -> None:
    assert as_ada.post("/settings/store", data=GIVEN).status_code == 303
    db.session.expire_all()
    assert {name: getattr(bloom, name) for name in GIVEN} == GIVEN
    words = text_of(as_ada.get("/settings/audit"))
    assert "Ada Quill changed the " in words and " of the store from " in words
    assert "currency from GBP to EUR" in words


def test_what_was_typed_stays_when_something_is_wrong(as_ada: FlaskClient, bloom: Store) -> None:
    answer = as_ada.post("/settings/store", data=GIVEN | {"sender_email": "orders", "timezone": "Mars/Base"})
    assert answer.status_code == 422
    assert 'value="Bloom &amp; Wild Street"' in answer.text
    assert "“orders” is not a valid email address." in text_of(answer)
    assert bloom.currency == "GBP"


def test_a_store_in_tokyo_writes_as_one_does_there(as_ada: FlaskClient) -> None:
    place_order("1", total=Decimal(5400), currency="JPY")
    sent = GIVEN | {"currency": "JPY", "timezone": "Asia/Tokyo", "region": "JP", "language": "ja-JP"}
    assert as_ada.post("/settings/store", data=sent).status_code == 303
    assert "￥5,400" in text_of(as_ada.get("/orders"))
    assert "Finnish (Finland) (fi-FI); a few words of emails in English" in text_of(
        as_ada.get("/settings/store")
    )


def test_two_stores_cannot_share_a_name(as_ada: FlaskClient) -> None:
    answer = as_ada.post("/settings/store", data=GIVEN | {"name": "Thorn & Co"})
    assert answer.status_code == 422
    assert "Another store here has this name." in text_of(answer)


def test_a_key_is_shown_once_and_stored_as_a_hash(as_ada: FlaskClient) -> None:
    page = as_ada.post("/settings/keys", data={"name": "Till", "scope": "read"})
    shown = re.search(r'class="secret">([^<]+)<', page.text)
    assert shown
    caller = api_authentication.find(db.session(), shown[1])
    assert caller is not None and caller.scope == "read"
    assert shown[1] not in db.session.query(ApiKey).one().secret_hash
    assert shown[1] not in as_ada.get("/settings/keys").text


def test_a_revoked_key_is_refused(as_ada: FlaskClient) -> None:
    page = as_ada.post(
        "/settings/keys", data={"name": "Till", "scope": ["orders:write", "read"], "until": "30"}
    )
    shown = re.search(r'class="secret">([^<]+)<', page.text)
    assert shown
    key_id = db.session.query(ApiKey).one().id
    as_ada.post(f"/settings/keys/{key_id}/revocation")
    assert api_authentication.find(db.session(), shown[1]) is None
    assert "Revoked" in text_of(as_ada.get("/settings/keys"))


def test_what_is_kept_says_when_it_expires(as_ada: FlaskClient) -> None:
    for name, until in (("Till", ""), ("Courier", "30")):
        as_ada.post("/settings/keys", data={"name": name, "scope": "read", "until": until})
    till, courier = (shown_row(as_ada.get("/settings/keys"), name) for name in ("Till", "Courier"))
    assert "expires never" in till and "never used" in till
    assert "expires never" not in courier and "· expires " in courier
    with write() as session:
        session.query(ApiKey).filter_by(name="Courier").one().expires_at = NOW
    assert "Expired" in shown_row(as_ada.get("/settings/keys"), "Courier")
    as_ada.post("/settings/webhooks", data={"name": "Web shop"})
    hook = shown_row(as_ada.get("/settings/webhooks"), "Web shop")
    assert "expires never" in hook and "previous" not in hook
    id = db.session.query(InboundHook).one().id
    assert as_ada.post(f"/settings/webhooks/{id}/secret").status_code < 400
    assert "the previous secret expires " in shown_row(as_ada.get("/settings/webhooks"), "Web shop")


def shown_row(page: TestResponse, name: str) -> str:
    """Return the words of one row of a list."""
    return next(row for row in page.text.split("<li ") if f"<b>{name}</b>" in row)


def test_a_key_needs_a_name(as_ada: FlaskClient) -> None:
    assert as_ada.post("/settings/keys", data={"name": " ", "scope": "read"}).status_code == 422


def test_the_audit_is_paged_by_key(as_ada: FlaskClient, bloom: Store) -> None:
    with write() as session:
        for number in range(60):
            audit.note(session, action="changed", about=f"thing {number:02}", store_id=bloom.id)
    first = as_ada.get("/settings/audit")
    assert "thing 59" in first.text and "thing 05" not in first.text
    older = re.search(r'href="([^"]+before=\d+)"', first.text)
    assert older
    assert "thing 05" in as_ada.get(older[1]).text


def test_the_audit_of_another_store_is_not_shown(as_ada: FlaskClient, bloom: Store) -> None:
    with write() as session:
        thorn = session.query(Store).filter_by(name="Thorn & Co").one()
        audit.note(session, action="changed", about="a secret garden", store_id=thorn.id)
    assert "secret garden" not in as_ada.get("/settings/audit").text


def test_every_region_has_the_country_code_of_its_numbers() -> None:
    assert dict(REGIONS) == {
        region: f"{region} (+{phonenumbers.country_code_for_region(region)})"
        for region in phonenumbers.SUPPORTED_REGIONS
    }
