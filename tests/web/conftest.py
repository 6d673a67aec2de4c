"""Test clients signed in as the people of tests/world.py, and shops that send."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.kit import shop_apis
from tests.kit.shop_apis import PlayedApi
from tests.kit.shops import Shop
from tests.web.pages import signed_in


@pytest.fixture
def as_ada(app: Flask) -> FlaskClient:
    return signed_in(app.test_client(), "ada")


@pytest.fixture
def as_rosa(app: Flask) -> FlaskClient:
    return signed_in(app.test_client(), "rosa")


@pytest.fixture
def as_finn(app: Flask) -> FlaskClient:
    return signed_in(app.test_client(), "finn")


@pytest.fixture
def as_mallory(app: Flask) -> FlaskClient:
    return signed_in(app.test_client(), "mallory")


@pytest.fixture
def shopify(app: Flask) -> Shop:
    return Shop(app, "shopify")


@pytest.fixture
def woo(app: Flask) -> Shop:
    return Shop(app, "woocommerce")


@pytest.fixture
def api() -> Iterator[PlayedApi]:
    """What answers when the product asks a shop for an order."""
    with shop_apis.played() as api:
        yield api
