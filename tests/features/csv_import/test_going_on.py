"""An import is done in chunks: it goes on where it was after the worker died, and ends once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from automations.features.csv_import import import_work, imports
from automations.models.db.base import db, write
from automations.models.settings.choices import StoreWords
from automations.models.tables.csv_import import CsvImport, CsvRecord
from automations.models.tables.order import Order
from automations.models.tables.store import Store
from tests.features.csv_import.uploads import check, loaded, start, take, text_of, upload, work
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")

ROWS = [{"Number": f"{1000 + place}", "Note": f"Note {place}"} for place in range(25)]
CONTENT = text_of(["Number", "Note"], ROWS)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("automations.features.csv_import.file_checking.CHUNK", 4)
    monkeypatch.setattr("automations.features.csv_import.taking.CHUNK", 4)


def rounds(count: int) -> Iterator[bool]:
    """Yield what a worker that dies after some chunks is told."""
    yield from [True] * count
    while True:
        yield False


def die_after(chunks: int, worker: str = "local", now: dt.datetime = NOW) -> None:
    """Work for a few chunks, then stop in the middle, as a worker that dies."""
    told = rounds(chunks + 1)
    import_work.work_all(lambda: now, worker, lambda _: next(told))


def test_checking_goes_on_where_it_was() -> None:
    import_id = upload(CONTENT)
    with write() as session:
        one = session.get_one(CsvImport, import_id)
        words = StoreWords(session, session.get_one(Store, one.store_id))
        assert imports.check(session, import_id, one.columns, {}, words) == ""
    die_after(2)
    assert (loaded(import_id).state, loaded(import_id).read) == ("checking", 8)
    work()
    assert (loaded(import_id).state, loaded(import_id).figures) == ("checked", {"create": 25})
    assert db.session.query(CsvRecord).count() == 25


def test_importing_goes_on_where_it_was_and_makes_no_doubles() -> None:
    import_id = upload(CONTENT)
    check(import_id)
    with write() as session:
        imports.move(session, import_id, imports.START, NOW)
    die_after(3)
    assert loaded(import_id).figures["taken"] == {"create": 12}
    assert db.session.query(Order).count() == 12
    work()
    assert loaded(import_id).figures["taken"] == {"create": 25}
    assert sorted(order.number for order in db.session.query(Order)) == [row["Number"] for row in ROWS]
    assert {order.revision for order in db.session.query(Order)} == {1}


def test_another_worker_goes_on_only_when_the_first_is_silent() -> None:
    import_id = upload(CONTENT)
    check(import_id)
    with write() as session:
        imports.move(session, import_id, imports.START, NOW)
    die_after(1, "first")
    die_after(9, "second", NOW + dt.timedelta(minutes=1))
    assert loaded(import_id).figures["taken"] == {"create": 4}
    die_after(9, "second", NOW + dt.timedelta(minutes=3))
    assert loaded(import_id).figures["taken"] == {"create": 25}
    assert loaded(import_id).state == "done"


def test_ten_thousand_errors_are_ten_thousand_rows_of_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("automations.features.csv_import.file_checking.CHUNK", 5_000)
    rows = [{"Number": str(place), "Total": "much"} for place in range(10_000)]
    import_id = upload(text_of(["Number", "Total"], [*rows, {"Number": "good", "Total": "1.00"}]))
    check(import_id)
    assert loaded(import_id).figures == {"refused": 10_000, "create": 1}
    start(import_id)
    assert [order.number for order in db.session.query(Order)] == ["good"]
    assert db.session.query(CsvRecord).filter_by(verdict="refused").count() == 10_000


def test_what_is_no_longer_fine_when_its_turn_comes_is_refused() -> None:
    import_id = upload("Number,Status\n1,Picked\n2,Confirmed\n")
    check(import_id)
    with write() as session:
        for record in session.query(CsvRecord).filter_by(label="1"):
            record.data = {**record.data, "made": {"number": "1", "status": "no such status"}}
    start(import_id)
    (refused,) = db.session.query(CsvRecord)
    assert refused.verdict == "refused" and "no such status" in refused.problems[0][2]
    assert loaded(import_id).figures["taken"] == {"create": 1, "refused": 1}


def test_a_second_row_about_the_same_customer_is_refused() -> None:
    done = take("Email,First name\na@example.com,Ann\nA@Example.com,Anna\n", "customer")
    assert done.figures == {"create": 1, "refused": 1, "taken": {"create": 1}}
    (refused,) = db.session.query(CsvRecord)
    assert refused.problems[0][2] == "Row 2 is about the same customer: only that one counts."
