"""Style sheets and scripts are sent as what they are, whatever types the machine knows."""

from __future__ import annotations

import mimetypes

import pytest
from flask import Flask
from flask.testing import FlaskClient

from automations.web.setup import assets


@pytest.mark.parametrize(
    ("path", "type"),
    [
        ("/static/css/base.css", "text/css; charset=utf-8"),
        ("/static/js/{script}", "text/javascript; charset=utf-8"),
        ("/static/{image}", "image/svg+xml; charset=utf-8"),
    ],
)
def test_a_machine_with_types_of_its_own_changes_nothing(
    app: Flask, client: FlaskClient, path: str, type: str
) -> None:
    for ending in assets.TYPES:
        mimetypes.add_type("text/plain", ending)
    assets.register(app)
    script, image = (next(assets.STATIC.rglob(f"*{ending}")) for ending in (".js", ".svg"))
    parts = {"script": script.relative_to(assets.STATIC / "js"), "image": image.relative_to(assets.STATIC)}
    assert client.get(path.format(**parts)).content_type == type


@pytest.mark.parametrize("debug", [False, True])
def test_addresses_follow_the_file_and_where_a_proxy_put_the_application(app: Flask, debug: bool) -> None:
    app.debug = debug
    with app.test_request_context("/"):
        first, sheets = assets.static_url("css/base.css"), assets.style_urls()
    with app.test_request_context("/", environ_overrides={"SCRIPT_NAME": "/shop"}):
        assert assets.static_url("css/base.css") == f"/shop{first}"
        assert assets.style_urls() == [f"/shop{address}" for address in sheets]
    assert first in sheets and len(set(sheets)) == len(sheets)
    for address in sheets:
        assert app.test_client().get(address).status_code == 200
