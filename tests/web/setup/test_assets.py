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
