"""What `benchmarks/scale.py` measures is there: orders of some stores, and the requests to some hosts."""

from __future__ import annotations

import datetime as dt
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app import create_app
from benchmarks import scale_shop
from benchmarks.line_sides import SECRET
from benchmarks.scale import Load
from tests.kit.doing import perform_due
from tests.kit.live import serving
from tests.kit.outside.outside import allowing

STORES, HOSTS, ORDERS = 2, 3, 12


def test_each_order_of_each_store_calls_its_host_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATA_FOLDER", str(tmp_path))
    app = create_app({"DATABASE_URL": f"sqlite:///{tmp_path / 'scale.db'}", "SECRET_KEY": SECRET})
    with closing(Load(0.01)) as load, allowing("127.0.0.0/8"):
        keys = scale_shop.prepare(app, STORES, HOSTS, load.sink, at_once=10)
        with serving(app) as address:
            targets = [[urlsplit(address).port, key] for key in keys]
            # This server answers one request on a connection.
            job = {"targets": targets, "hosts": HOSTS, "connections": ORDERS, "prefix": "t", "count": ORDERS}
            assert load.run(do="post", rate=0, **job)["orders_per_second"] > 0
        with app.app_context():
            assert perform_due(dt.datetime.now(dt.UTC)) == ORDERS
        told = load.run(do="await")
    assert (told["sent"], told["arrived"], told["twice"]) == (ORDERS, ORDERS, 0)
