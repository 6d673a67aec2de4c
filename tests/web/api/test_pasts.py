"""What a draft would have done, by the API: the figures of the builder, and only with the scope for it."""

from __future__ import annotations

from flask import Flask

from tests.kit import shop
from tests.web.api.conftest import Till, conforms, problems, till_of


def test_a_program_counts_what_a_draft_would_have_done(reader: Till, compared: int) -> None:
    answer = reader.get(f"/api/automations/{compared}/past?period=all").json
    conforms(answer, "PastAnswer")
    past = answer["past"]
    backtest = reader.post(f"/api/automations/{compared}/backtests", {"period": "all"}).json["backtest"]
    assert past["fired"] == backtest["gained"] + backtest["same"] > 0
    assert past["of"] == past["steps"][0]["came"] == backtest["total"]
    assert [step["path"] for step in past["steps"]] == ["trigger", "conditions.0", "conditions.1"]
    assert past["steps"][-1]["passed"] == past["fired"] == sum(day["fired"] for day in past["days"])


def test_rows_that_cannot_be_judged_are_named(reader: Till, compared: int) -> None:
    odd = shop.draft_automation(
        "Odd", "payment_status_changed", shop.condition("total", "greater_than", "lots")
    )
    past = reader.get(f"/api/automations/{odd}/past").json["past"]
    assert past["unjudged"] == ["conditions.0"]
    assert past["of"] > 0


def test_what_is_wrong_is_named(app: Flask, reader: Till, compared: int) -> None:
    here = f"/api/automations/{compared}/past"
    assert "period" in problems(reader.get(f"{here}?period=7"))
    assert "days" in problems(reader.get(f"{here}?days=7"))
    assert reader.get("/api/automations/99/past").status_code == 404
    assert reader.get(f"/api/automations/{10**30}/past").status_code == 404
    assert reader.get(f"/api/automations/{10**30}/examples").status_code == 404
    assert till_of(app, scope="write deliveries:write").get(here).status_code == 403
