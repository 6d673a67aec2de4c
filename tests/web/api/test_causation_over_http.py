"""A loop through another program ends at once with the chain header, and at a limit without it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import requests
from flask import Flask

from automations.connectors.signed_requests import CHAIN_HEADER
from automations.models.db.base import db
from automations.models.tables.automation import Automation
from automations.models.tables.occurrence import Evaluation
from automations.pipeline.evaluation import loop_guard
from tests.kit.live import serving, wait_until, working
from tests.kit.outside.outside import allowing
from tests.kit.outside.sink import HttpSink, Seen
from tests.kit.set_up import api_key
from tests.kit.shop import place_order, publish_automation, request_to
from tests.world import NOW

EARLIER = NOW.replace(year=2020)

pytestmark = pytest.mark.slow


@dataclass
class Echo:
    """A program that answers each call by changing the order it is about, with the header it was given."""

    url: str
    key: str
    keeps_header: bool = True
    forges: bool = False
    calls: list[str] = field(default_factory=list)

    def __call__(self, seen: Seen) -> int:
        self.calls.append(seen.headers[CHAIN_HEADER.lower()])
        headers = {"Authorization": f"Bearer {self.key}"}
        if self.keeps_header:
            headers[CHAIN_HEADER] = self.calls[-1][:-1] + "x" if self.forges else self.calls[-1]
        change = {"note": f"call {len(self.calls)}"}
        requests.patch(f"{self.url}/api/orders/1", json=change, headers=headers, timeout=60)
        return 200


@pytest.fixture(autouse=True)
def local_calls() -> Iterator[None]:
    with allowing("127.0.0.1"):
        yield


def go_round(app: Flask, keeps_header: bool, forges: bool = False) -> tuple[Echo, Automation]:
    """An automation calls the program at every change of an order; returns once it is paused."""
    key = api_key("echo")
    with serving(app) as url:
        echo = Echo(url, key, keeps_header, forges)
        with HttpSink(answer=echo) as sink:
            id = publish_automation("Tell them", "field_changed", actions=[request_to(sink.url())])
            place_order("1", now=EARLIER)
            with working(app):
                place_order("1", note="begin", now=EARLIER)
                wait_until(lambda: db.session.get_one(Automation, id).paused_at is not None)
    db.session.expire_all()
    return echo, db.session.get_one(Automation, id)


def outcomes() -> list[str]:
    """What came of each occurrence; a call that was slow is made again, and held back again."""
    results = [result.outcome for result in db.session.query(Evaluation).order_by(Evaluation.id)]
    return [
        result for place, result in enumerate(results) if result == "fired" or results[place - 1] == "fired"
    ]


def runs_that_called(echo: Echo) -> int:
    return len({call.split(".")[1] for call in echo.calls})


def test_a_loop_with_the_chain_header_ends_at_once(app: Flask) -> None:
    echo, automation = go_round(app, keeps_header=True)
    assert runs_that_called(echo) == 1
    assert outcomes() == ["fired", "held"]
    assert "already ran for this record in the same chain" in (automation.paused_why or "")
    assert "The chain: “Tell them” → “Tell them”." in (automation.paused_why or "")


@pytest.mark.parametrize("forges", [False, True])
def test_a_loop_without_a_valid_chain_header_ends_at_the_limit_per_record(
    app: Flask, monkeypatch: pytest.MonkeyPatch, forges: bool
) -> None:
    monkeypatch.setattr(loop_guard, "STARTS_PER_RECORD", 4)
    # The first change lies in the past, outside the window.
    echo, automation = go_round(app, keeps_header=forges, forges=forges)
    assert runs_that_called(echo) == 1 + 4
    assert outcomes() == [*["fired"] * 5, "held"]
    assert "started 4 times for it in 30 minutes" in (automation.paused_why or "")
