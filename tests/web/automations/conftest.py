"""People whom automations reach."""

from __future__ import annotations

import pytest

from automations.models.tables.store import Store
from tests.kit import shop


@pytest.fixture
def ann(bloom: Store) -> int:
    """A customer whom an email and a text message reach."""
    return shop.place_customer("C-9", first_name="Ann", email="ann@example.org", phone="+44 20 7946 0958").id
