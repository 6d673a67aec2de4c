"""The pages of lists, searches and figures read what they show by an index, however long the past is."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from automations.features.figures.counting import FigureCounting
from automations.features.history import id_by_date
from automations.features.search import finding
from automations.models.db.base import db
from automations.models.tables.customer import Customer
from automations.models.tables.store import Store
from automations.pipeline.records import tracked_orders
from automations.pipeline.records.purchase_totals import add_purchase_totals
from automations.web.kit import sorting
from tests.kit import shop
from tests.kit.set_up import sign_in
from tests.kit.statements import Statement, plan_of, recorded_statements
from tests.kit.words_caught_up import words_caught_up
from tests.test_plans import _nodes
from tests.world import NOW

GROWING = ("run", "evaluation", "occurrence", "order", "event", "customer", "open_figure", "day_figure")
#: The newest entries of all records are walked through, as many as are looked at for one page.
WALK = "ix_search_entry_record (subject=?)"
ADDRESSES = (
    "/automations",
    "/automations/1/overview",
    "/activity",
    "/activity?automation=1",
    "/activity?outcome=skipped",
    "/activity?outcome=sent&automation=1",
    "/activity?outcome=sent&subject=order",
    "/activity?outcome=fired&number=2",
    "/activity?outcome=wrong&from=2026-11-01&to=2026-11-30",
    "/customers/C-1",
    "/expectations",
    "/",
    "/orders?q=10",
    "/orders?q=Anna",
    "/orders?status=confirmed",
    "/orders?payment_status=unpaid&before=3",
    "/orders?fulfilment_method=relay",
    "/orders?order_type=gift",
    "/events?event_type=wedding",
    "/customers?q=an",
    "/customers?q=Anna+Pet",
    "/orders?sort=status",
    "/orders?sort=-status&value=confirmed&after=3",
    "/orders?sort=customer&value=1+petrova&after=3",
    "/orders?sort=-customer&after=3",
    "/events?sort=-status",
    "/orders?sort=payment",
    "/orders?sort=-payment&value=paid&after=3",
    "/events?sort=payment",
    "/events?sort=customer",
    "/search?q=Petrova",
    "/options/customers?customer=anna@",
)


@pytest.fixture
def visitor(app: Flask, client: FlaskClient) -> FlaskClient:
    """Rosa, in a shop with some orders whose evaluations are counted."""
    shop.publish_automation("Thanks", "created", now=NOW)
    for number in range(4):
        shop.place_order(f"{number}", status="confirmed", payment_status="unpaid", customer_id=1)
    with app.app_context():
        FigureCounting().once(NOW.replace(year=2030))
    sign_in(client, "rosa@bloom.example")
    return client


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_walks_through_no_growing_table(
    visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    # As if many matched.
    monkeypatch.setattr(sorting, "FEW", 1)
    with recorded_statements() as asked:
        assert visitor.get(address).status_code == 200
    about = [one for one in asked if one[0].lstrip().startswith(("SELECT", "WITH"))]
    assert len(about) >= 3
    if db.engine.dialect.name == "sqlite":
        walks = [(step, one[0]) for one in about for step in plan_of(one) if _scans(step)]
    else:
        db.session.execute(sa.text("SET LOCAL enable_seqscan = off"))
        walks = [(table, one[0]) for one in about for table in _walked(one)]
    assert walks == []


def test_what_a_customer_has_is_read_by_the_customer(visitor: FlaskClient) -> None:
    customer = db.session.get_one(Customer, 1)
    address = f"/customers/{customer.number}"
    with recorded_statements() as asked:
        assert visitor.get(address).status_code == 200
        totals = {"id": customer.id}
        add_purchase_totals(db.session(), db.session.get_one(Store, customer.store_id), [totals])
    assert totals["order_count"] == 4
    theirs = [one for one in asked if re.search(r'"?(order|event)"?\.customer_id (=|IN)', one[0])]
    assert len(theirs) >= 3
    if db.engine.dialect.name == "sqlite":
        steps = [step for one in theirs for step in plan_of(one) if re.match(r"SEARCH (order|event) ", step)]
        assert steps and all("customer_id=?" in step for step in steps)
    else:
        db.session.execute(sa.text("SET LOCAL enable_seqscan = off"))
        used = [str(node) for one in theirs for node in _nodes(one) if "Index Cond" in node]
        assert used and all("customer_id" in node for node in used)


def test_an_order_is_found_by_the_index_of_those_that_have_a_tracking_number(visitor: FlaskClient) -> None:
    with recorded_statements() as asked:
        assert tracked_orders.orders_with(db.session(), 1, "JD0002", 10) == []
    (one,) = [one for one in asked if "tracking_number" in one[0]]
    if db.engine.dialect.name == "sqlite":
        assert [step for step in plan_of(one) if "ix_order_tracking_number" in step]
    else:
        db.session.execute(sa.text("SET LOCAL enable_seqscan = off"))
        assert [node for node in _nodes(one) if node.get("Index Name") == "ix_order_tracking_number"]


def test_a_date_is_found_without_sorting_the_log(
    visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(id_by_date, "CLOSE", 0)
    with recorded_statements() as asked:
        assert visitor.get("/activity?outcome=fired&from=2026-11-01&to=2026-11-30").status_code == 200
        assert visitor.get("/activity?outcome=sent&from=2026-11-01&to=2026-11-30").status_code == 200
    dated = [one for one in asked if "evaluation.at" in one[0] and "LIMIT" in one[0]]
    # Of two lower bounds of one id SQLite reads from the place of the first.
    assert not [one for one in dated if "run.id > " in one[0] and "run.id >= " in one[0]]
    assert len(dated) >= 3
    if db.engine.dialect.name == "sqlite":
        assert [step for one in dated for step in plan_of(one) if "TEMP B-TREE" in step] == []
    else:
        # With a handful of rows sorting is cheaper; what counts is that Postgres can do without.
        for choice in ("enable_sort", "enable_seqscan", "enable_bitmapscan"):
            db.session.execute(sa.text(f"SET LOCAL {choice} = off"))
        assert [node for one in dated for node in _nodes(one) if node["Node Type"] == "Sort"] == []


@pytest.mark.parametrize("text", ["an", "N-1", "Anna Petrova", "anna@"])
@pytest.mark.parametrize("many", [False, True])
def test_common_words_are_read_from_their_newest_entries_on(
    visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch, text: str, many: bool
) -> None:
    words_caught_up()
    # As if each word were in very many records; with `many`, as if very many words contained the text.
    monkeypatch.setattr(finding, "MOST", 0)
    monkeypatch.setattr(finding, "NEWEST", 1)
    monkeypatch.setattr(finding, "ENOUGH", 1_000)
    monkeypatch.setattr(finding, "FEW_WORDS", 0 if many else 20)
    with recorded_statements() as asked:
        for path in ("search", "orders", "customers"):
            assert visitor.get(f"/{path}", query_string={"q": text}).status_code == 200
    of_words = [one for one in asked if re.search(r"FROM search_(word|ending|entry)", one[0])]
    assert len(of_words) >= 6
    if db.engine.dialect.name == "sqlite":
        steps = [step for one in of_words for step in plan_of(one)]
        assert [step for step in steps if step.startswith("SCAN search_")] == []
        # Whatever is sorted was limited before.
        assert [step for step in steps if "TEMP B-TREE FOR ORDER BY" in step] == []
        entries = [step for step in steps if step.startswith("SEARCH search_entry")]
        assert entries and all("word_id=?" in step or "record_id" in step or WALK in step for step in entries)
    else:
        for choice in ("enable_sort", "enable_seqscan", "enable_bitmapscan"):
            db.session.execute(sa.text(f"SET LOCAL {choice} = off"))
        nodes = [node for one in of_words for node in _nodes(one)]
        tables = [node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"]
        assert [table for table in tables if table.startswith("search_")] == []


@pytest.mark.parametrize("order", ["status", "-status", "payment", "-payment", "customer", "-customer"])
def test_a_sorted_list_is_read_in_its_order(
    visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch, order: str
) -> None:
    monkeypatch.setattr(sorting, "FEW", 1)
    with recorded_statements() as asked:
        assert visitor.get(f"/orders?sort={order}").status_code == 200
    table = "customer" if "customer" in order else "order"
    pieces = [one for one in asked if "LIMIT" in one[0] and "ORDER BY" in one[0] and table in one[0]]
    assert pieces
    if db.engine.dialect.name == "sqlite":
        assert [step for one in pieces for step in plan_of(one) if "TEMP B-TREE" in step] == []
    else:
        for choice in ("enable_sort", "enable_seqscan", "enable_bitmapscan"):
            db.session.execute(sa.text(f"SET LOCAL {choice} = off"))
        assert [node for one in pieces for node in _nodes(one) if node["Node Type"] == "Sort"] == []


def _scans(step: str) -> bool:
    words = step.split()
    return words[0] == "SCAN" and words[1] in GROWING


def _walked(statement: Statement) -> list[str]:
    """Return the tables that Postgres walks through although it was told to use an index wherever it can."""
    nodes = [node for node in _nodes(statement) if node["Node Type"] == "Seq Scan"]
    return [node["Relation Name"] for node in nodes if node["Relation Name"] in GROWING]
