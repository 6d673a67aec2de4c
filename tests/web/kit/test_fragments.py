"""Parts and whole pages, element ids, and which records a store may see."""

from __future__ import annotations

import pytest
from flask import Flask, g
from werkzeug.exceptions import NotFound

from automations.models.db.base import db
from automations.models.tables.customer import Customer
from automations.models.tables.store import Store
from automations.web.kit import scope
from automations.web.kit.fragments import dom_id, render_part_or_page

FRAGMENT, PAGE = "_notice.html", "errors/error.html"
WORDS = {"sentence": "A sentence.", "title": "A title"}


def test_htmx_gets_a_part_and_other_requests_the_whole_page(app: Flask) -> None:
    with app.test_request_context(headers={"HX-Request": "true"}):
        part = render_part_or_page(FRAGMENT, PAGE, **WORDS)
    with app.test_request_context():
        page = render_part_or_page(FRAGMENT, PAGE, status=422, **WORDS)
    assert "<html" not in part.get_data(as_text=True) and "<html" in page.get_data(as_text=True)
    assert (part.status_code, page.status_code) == (200, 422)
    assert part.headers["Vary"] == page.headers["Vary"] == "HX-Request"


def test_a_page_restored_from_the_history_is_whole(app: Flask) -> None:
    restored = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    with app.test_request_context(headers=restored):
        assert "<html" in render_part_or_page(FRAGMENT, PAGE, **WORDS).get_data(as_text=True)


def test_element_ids_have_one_format(bloom: Store) -> None:
    assert dom_id(bloom, "attempts") == f"store-{bloom.id}-attempts"
    assert dom_id(bloom) == f"store-{bloom.id}"
    assert dom_id("rule", "in_words") == "rule-in-words"


def test_a_record_of_another_store_is_not_found(app: Flask, bloom: Store) -> None:
    thorn = db.session.query(Store).filter_by(name="Thorn & Co").one()
    g.store = bloom
    customer = scope.customer_or_404("C-1")
    assert isinstance(customer, Customer)
    g.store = thorn
    with pytest.raises(NotFound):
        scope.customer_or_404("C-1")
    with pytest.raises(NotFound):
        scope.by_id_or_404(Customer, customer.id)


def test_ids_too_large_for_a_database_are_not_found(app: Flask, bloom: Store) -> None:
    g.store = bloom
    with pytest.raises(NotFound):
        scope.run_or_404(2**63)
    with pytest.raises(NotFound):
        scope.order_or_404("1\x00")
