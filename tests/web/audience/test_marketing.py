"""The pages of segments and campaigns, and unsubscribing."""

from __future__ import annotations

from email import message_from_bytes

import pytest
from flask import Flask, g
from flask.testing import FlaskClient

from automations.connectors.contacts import EmailContact
from automations.connectors.email_message import OutgoingEmail
from automations.connectors.mime import to_bytes
from automations.features.audience import campaign_sending
from automations.models.db.base import db
from automations.models.tables.custom_field import CustomField
from automations.models.tables.customer import Customer
from automations.models.tables.segment import Campaign, Segment, SegmentMember
from automations.pipeline.evaluation import consent
from tests.kit import shop
from tests.world import NOW


def vip(client: FlaskClient) -> Segment:
    row = {"name": "Best", "conditions-0-field": "tags"}
    row |= {"conditions-0-operator": "contains", "conditions-0-value": "vip"}
    answer = client.post("/segments", data=row)
    assert answer.status_code == 303, answer.text
    return db.session.query(Segment).one()


def agreed(number: str = "C-9") -> Customer:
    shop.place_customer(number, email="mia@example.com", tags=["vip"], marketing_consent=True)
    return db.session.query(Customer).filter_by(number=number).one()


def test_a_segment_is_created_from_dropdowns_and_counted(as_rosa: FlaskClient) -> None:
    agreed()
    segment = vip(as_rosa)
    assert db.session.query(SegmentMember).filter_by(segment_id=segment.id).count() == 1
    page = as_rosa.get("/segments").text
    assert "Best" in page and "1 customer<" in page
    assert 'value="vip"' in as_rosa.get(f"/segments/{segment.id}").text


def test_a_condition_that_does_not_fit_is_reported_and_kept(as_rosa: FlaskClient) -> None:
    row = {"name": "Best", "conditions-0-field": "order_count"}
    row |= {"conditions-0-operator": "greater_than", "conditions-0-value": "many"}
    answer = as_rosa.post("/segments", data=row)
    assert answer.status_code == 422
    assert 'value="many"' in answer.text and "invalid-feedback" in answer.text


def test_a_campaign_shows_its_counts_before_and_after_sending(as_rosa: FlaskClient) -> None:
    agreed()
    shop.place_customer("C-10", tags=["vip"], email="no@example.com")
    segment = vip(as_rosa)
    form = {"segment_id": str(segment.id), "channel": "email", "once_in_days": "7"}
    form |= {"name": "Spring", "subject": "Peonies", "message": "They are in."}
    address = as_rosa.post("/campaigns", data=form).location
    page = as_rosa.get(address).text
    assert "1 has not agreed to marketing" in page and "1 will get it" in page
    assert as_rosa.post(f"{address}/sending").status_code == 303
    campaign_sending.send_all(lambda: NOW, lambda: True)
    assert "1 chosen" in as_rosa.get(address).text
    assert "Spring" in as_rosa.get("/campaigns").text
    assert "Spring" not in as_rosa.get("/automations").text


def test_what_carries_the_message_of_a_campaign_cannot_be_restored_as_an_automation(
    as_rosa: FlaskClient,
) -> None:
    form = {"segment_id": str(vip(as_rosa).id), "channel": "email", "once_in_days": "7"}
    form |= {"name": "Spring", "subject": "Peonies", "message": "They are in."}
    as_rosa.post("/campaigns", data=form)
    carrier = db.session.query(Campaign).one().version.automation
    assert carrier.archived_at and "Spring" not in as_rosa.get("/automations/archived").text
    assert as_rosa.post(f"/automations/{carrier.id}/restoration").status_code == 404
    db.session.expire_all()
    assert carrier.archived_at


def test_a_campaign_names_the_fields_that_are_empty_before_it_is_sent(
    app: Flask, as_rosa: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "PUBLIC_URL", "https://shop.example")
    agreed()
    segment = vip(as_rosa)
    form = {"segment_id": str(segment.id), "channel": "email", "once_in_days": "7", "name": "Spring"}
    form |= {"subject": "Peonies", "message": "Hello {{ customer.first_name }}!"}
    page = as_rosa.get(as_rosa.post("/campaigns", data=form).location)
    assert "First name was empty for 1 of the last 1 customers that fit." in page.text


def test_opening_the_unsubscribe_link_changes_nothing_and_one_post_without_cookies_unsubscribes(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = agreed()
    path = f"/unsubscribe/{consent.token_for(customer.store_id, customer.id)}"
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    client = app.test_client(use_cookies=False)
    assert "Stop the news" in client.get(path).text
    assert db.session.query(Customer).filter_by(id=customer.id).one().marketing_consent
    answer = client.post(path, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200 and "You get no news" in answer.text
    db.session.expire_all()
    assert not db.session.query(Customer).filter_by(id=customer.id).one().marketing_consent
    assert shop.occurrences()[-1].changed == ["marketing_consent"]


@pytest.mark.parametrize("token", ["x", "WzEsMV0.forged"])
def test_an_invalid_unsubscribe_link_leads_nowhere(app: Flask, token: str) -> None:
    assert app.test_client().get(f"/unsubscribe/{token}").status_code == 404
    assert app.test_client().post(f"/unsubscribe/{token}").status_code == 404


def test_marketing_emails_carry_the_headers_for_one_click_unsubscribe() -> None:
    mia = EmailContact.parse("mia@example.com")
    mail = OutgoingEmail(mia, mia, "Peonies", "In.", "k", "https://shop.example/unsubscribe/x")
    message = message_from_bytes(to_bytes(mail))
    assert message["List-Unsubscribe"] == "<https://shop.example/unsubscribe/x>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    about_an_order = message_from_bytes(to_bytes(OutgoingEmail(mia, mia, "Paid", "In.", "k")))
    assert about_an_order["List-Unsubscribe"] is None


def test_a_custom_field_is_in_the_form_and_on_the_page(as_rosa: FlaskClient) -> None:
    form = {"subject": "customer", "label": "Birthday", "type": "date", "choices": ""}
    assert as_rosa.post("/settings/fields", data=form).status_code == 303
    assert "Birthday" in as_rosa.get("/settings/fields").text
    assert "own_birthday" in as_rosa.get("/customers/new").text
    answer = as_rosa.post("/customers", data={"number": "C-9", "first_name": "Mia", "own_birthday": "soon"})
    assert answer.status_code == 422
    as_rosa.post("/customers", data={"number": "C-9", "first_name": "Mia", "own_birthday": "1990-05-01"})
    assert db.session.query(Customer).filter_by(number="C-9").one().custom == {"birthday": "1990-05-01"}
    assert "Birthday" in as_rosa.get("/customers/C-9").text
    row = db.session.query(CustomField).one()
    assert as_rosa.post(f"/settings/fields/{row.id}", data={"label": "Date of birth"}).status_code == 303
    assert as_rosa.post(f"/settings/fields/{row.id}/removal").status_code == 303
    # Requests in one test share `g`, so the store's words must be read again.
    g.pop("words")
    assert "own_birthday" not in as_rosa.get("/customers/new").text


def test_another_stores_segments_and_campaigns_are_not_found(
    as_rosa: FlaskClient, as_mallory: FlaskClient
) -> None:
    segment = vip(as_rosa)
    assert as_mallory.get(f"/segments/{segment.id}").status_code == 404
    assert as_mallory.post("/campaigns", data={"segment_id": str(segment.id)}).status_code == 404
    assert db.session.query(Campaign).count() == 0
