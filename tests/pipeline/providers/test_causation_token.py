"""Changes sent back by other systems continue their chain, and only this installation can issue tokens."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from automations.connectors.secret_encryption import SecretBox
from automations.models.db.base import db
from automations.models.tables.store import Store
from automations.pipeline.providers import causation_token
from automations.pipeline.records.change import Cause
from tests.kit import shop
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")

BOX = SecretBox(["the key of this installation"])
TILL = Cause("api", "Courier")


@pytest.fixture
def run_id() -> int:
    shop.publish_automation("Confirm", "created")
    shop.place_order()
    return shop.runs()[0].id


def cause_of(header: str | None, store_id: int, box: SecretBox = BOX, now: dt.datetime = NOW) -> Cause:
    return causation_token.continue_chain(db.session(), TILL, header, box, store_id, now)


def test_a_change_with_the_token_of_a_request_continues_its_chain(bloom: Store, run_id: int) -> None:
    header = causation_token.issue(BOX, bloom.id, f"run-{run_id}-0", NOW)
    root = shop.occurrences()[0].id
    assert cause_of(header, bloom.id) == Cause("api", "Courier", run_id, root, 1)


def test_a_longer_chain_keeps_its_root(bloom: Store, run_id: int) -> None:
    header = causation_token.issue(BOX, bloom.id, f"run-{run_id}-0", NOW)
    first = cause_of(header, bloom.id)
    shop.place_order("2", cause=first)
    second_header = causation_token.issue(BOX, bloom.id, f"run-{shop.runs()[-1].id}-0", NOW)
    assert cause_of(second_header, bloom.id) == Cause("api", "Courier", shop.runs()[-1].id, first.root_id, 2)


def test_a_token_signed_with_a_replaced_key_is_still_valid(bloom: Store, run_id: int) -> None:
    header = causation_token.issue(BOX, bloom.id, f"run-{run_id}-0", NOW)
    newer = SecretBox(["a newer key", "the key of this installation"])
    assert cause_of(header, bloom.id, newer).run_id == run_id


def test_an_invalid_token_or_one_of_another_store_continues_no_chain(bloom: Store, run_id: int) -> None:
    key = f"run-{run_id}-0"
    tokens = [
        None,
        "",
        "x",
        causation_token.issue(SecretBox(["another key"]), bloom.id, key, NOW),
        causation_token.issue(BOX, bloom.id + 1, key, NOW),
        causation_token.issue(BOX, bloom.id, "run-999999-0", NOW),
        causation_token.issue(BOX, bloom.id, "run-9223372036854775807-0", NOW),
        causation_token.issue(BOX, bloom.id, "test-1", NOW),
        causation_token.issue(BOX, bloom.id, key, NOW) + "0",
        causation_token.issue(BOX, bloom.id, key, NOW) * 50,
    ]
    assert [cause_of(token, bloom.id) for token in tokens] == [TILL] * len(tokens)
    theirs = causation_token.issue(BOX, bloom.id + 1, key, NOW)
    assert cause_of(theirs, bloom.id + 1) == TILL


def test_a_token_expires_after_a_day(bloom: Store, run_id: int) -> None:
    header = causation_token.issue(BOX, bloom.id, f"run-{run_id}-0", NOW)
    assert cause_of(header, bloom.id, now=NOW + causation_token.LASTS).run_id == run_id
    assert cause_of(header, bloom.id, now=NOW + causation_token.LASTS + dt.timedelta(seconds=1)) == TILL


@given(place=st.integers(0, 200), other=st.characters())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_token_with_one_altered_character_is_invalid(
    bloom: Store, run_id: int, place: int, other: str
) -> None:
    header = causation_token.issue(BOX, bloom.id, f"run-{run_id}-0", NOW)
    place %= len(header)
    altered = header[:place] + other + header[place + 1 :]
    assert (cause_of(altered, bloom.id) == TILL) == (altered != header)
