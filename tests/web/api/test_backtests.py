"""Backtests by the API: begun, looked at, read row by row, and only with the scope for it."""

from __future__ import annotations

from flask import Flask

from automations.models.db.base import db
from automations.models.tables.backtest import Backtest
from tests.kit import shop
from tests.web.api.conftest import Till, conforms, problems, till_of


def test_a_program_begins_one_and_reads_its_rows(reader: Till, compared: int) -> None:
    made = reader.post(f"/api/automations/{compared}/backtests", {"period": "90"})
    assert made.status_code == 201
    conforms(made.json, "BacktestAnswer")
    found = made.json["backtest"]
    assert [found[name] for name in ("state", "total", "read", "gained", "lost", "same", "version")] == [
        *("done", 6, 6, 2, 0, 2, 1)
    ]
    here = f"/api/automations/{compared}/backtests/{found['id']}"
    assert reader.get(here).json == made.json
    page = reader.get(f"{here}/rows?fate=gained&limit=1").json
    conforms(page, "BacktestRowPage")
    (row,) = page["items"]
    assert row["record"] == {"subject": "order", "number": "1049"}
    assert row["sentence"].endswith("total £52.80 is over £40.00, was not over £60.00.")
    assert row["would_have_done"] == "Email to bram@mail.example"
    second = reader.get(page["next"]).json
    assert [row["record"]["number"] for row in second["items"]] == ["1045"] and second["next"] is None


def test_a_repeated_request_begins_none_again(reader: Till, compared: int) -> None:
    here, key = f"/api/automations/{compared}/backtests", {"Idempotency-Key": "night-1"}
    first, again = reader.post(here, {}, key), reader.post(here, {}, key)
    assert (first.status_code, again.status_code, again.json) == (201, 201, first.json)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert db.session.query(Backtest).count() == 1
    assert reader.post(here, {"period": "30"}, key).status_code == 409
    assert reader.post(here, {}, {"Idempotency-Key": "two words"}).status_code == 400
    assert db.session.query(Backtest).count() == 1


def test_what_is_wrong_is_named(reader: Till, compared: int) -> None:
    here = f"/api/automations/{compared}/backtests"
    assert "period" in problems(reader.post(here, {"period": "7"}))
    assert "days" in problems(reader.post(here, {"days": 7}))
    assert reader.raw(here, b"[1]").status_code == 400
    assert (
        reader.get(f"{here}/99").status_code
        == reader.post("/api/automations/99/backtests", {}).status_code
        == 404
    )
    id = reader.post(here, {}).json["backtest"]["id"]
    assert reader.get(f"{here}/{id}/rows?fate=odd").status_code == 422
    odd = shop.draft_automation("Odd", "created", shop.condition("total", "greater_than", "lots"))
    refused = problems(reader.post(f"/api/automations/{odd}/backtests", {}))
    assert list(refused) == ["draft.conditions.0.value"]


def test_another_store_finds_nothing(app: Flask, reader: Till, compared: int) -> None:
    id = reader.post(f"/api/automations/{compared}/backtests", {}).json["backtest"]["id"]
    thorn = till_of(app, "Thorn & Co", "automations:read")
    for address in (f"{id}", f"{id}/rows"):
        assert thorn.get(f"/api/automations/{compared}/backtests/{address}").status_code == 404
    assert thorn.post(f"/api/automations/{compared}/backtests", {}).status_code == 404


def test_no_other_scope_may_ask(till: Till, compared: int) -> None:
    answer = till.post(f"/api/automations/{compared}/backtests", {})
    assert answer.status_code == 403 and "ask about automations" in answer.json["detail"]
