"""What a customer reads: chosen in the form, or said by programs as a tag or a name."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from automations.models.db.base import db
from automations.models.tables.customer import Customer
from tests.kit import shop
from tests.web.api.conftest import problems, till_of
from tests.web.pages import text_of


def language() -> str:
    db.session.expire_all()
    return db.session.query(Customer.language).filter_by(number="C-1").scalar()


def test_a_language_is_chosen_in_the_form_and_shown_by_name(as_rosa: FlaskClient) -> None:
    revision = db.session.query(Customer.revision).filter_by(number="C-1").scalar()
    as_rosa.post("/customers/C-1", data={"revision": str(revision), "language": "de-AT"})
    assert language() == "de-AT"
    assert "Language German (Austria)" in text_of(as_rosa.get("/customers/C-1"))
    refused = as_rosa.post("/customers/C-1", data={"revision": str(revision + 1), "language": "tlh"})
    assert refused.status_code == 422 and language() == "de-AT"


def test_a_language_that_the_form_does_not_offer_stays_when_it_is_saved(as_rosa: FlaskClient) -> None:
    anna = shop.place_customer("C-1", language="rm-CH")
    page = as_rosa.get("/customers/C-1/edit").text
    assert '<option selected value="rm-CH">Romansh (Switzerland)</option>' in page
    as_rosa.post(
        "/customers/C-1", data={"revision": str(anna.revision), "language": "rm-CH", "first_name": "Ann"}
    )
    assert language() == "rm-CH"


def test_who_saved_in_between_is_told_with_the_name_of_the_language(as_rosa: FlaskClient) -> None:
    shop.place_customer("C-1", language="fr-CA")
    answer = as_rosa.post("/customers/C-1", data={"revision": "1", "language": "de"})
    assert answer.status_code == 409 and "It is now “French (Canada)”." in text_of(answer)


@pytest.mark.parametrize(("said", "tag"), [("German", "de"), ("fr_ca", "fr-CA"), ("", ""), (None, "")])
def test_programs_say_it_as_a_tag_or_a_name(app: Flask, said: str | None, tag: str) -> None:
    till = till_of(app)
    assert till.post("/api/customers", {"number": "C-1", "language": said}).status_code == 200
    assert language() == tag
    order = till.post("/api/orders", {"number": "1", "customer": {"number": "C-1", "language": "nl"}})
    assert order.json["record"]["customer"]["language"] == "nl"


def test_what_is_no_language_is_refused_with_a_sentence(app: Flask) -> None:
    answer = till_of(app).post("/api/customers", {"number": "C-1", "language": "Klingon"})
    assert problems(answer) == {"language": "Needs a language such as de or de-AT, not “Klingon”."}
