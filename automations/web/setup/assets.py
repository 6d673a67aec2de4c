"""Style sheets and scripts: two libraries, from the CDN or from node_modules, and the files in static/."""

from __future__ import annotations

import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, current_app, request, send_from_directory, url_for

from automations.web.setup.config import ROOT

STATIC = ROOT / "static"
CDN = "https://cdn.jsdelivr.net/npm/"
A_YEAR = 365 * 24 * 3600
#: Style sheets in load order: later ones win. The components do not depend on each other.
LAYERS = ("tokens", "base", "layout")
#: What we serve. A machine may have its own types, and a script sent as plain text is refused by browsers.
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}

bp = Blueprint("assets", __name__, url_prefix="/assets")


@dataclass(frozen=True)
class Library:
    """One file of a published package. The browser refuses it unless it matches the hash `integrity`."""

    kind: str
    package: str
    version: str
    path: str
    integrity: str

    @property
    def cdn_url(self) -> str:
        return f"{CDN}{self.package}@{self.version}/{self.path}"

    @property
    def name(self) -> str:
        return Path(self.path).name

    @property
    def local_folder(self) -> Path:
        return (ROOT / "node_modules" / self.package / self.path).parent


LIBRARIES = (
    Library(
        "css",
        "@tabler/core",
        "1.6.1",
        "dist/css/tabler.min.css",
        "sha384-tT2UAGE9hxG/p5d0iGIvZ/s8El3nWWG3tfG02i8iOY5Pbf8cZZRVmcrrVs+JG5Vw",
    ),
    Library(
        "js",
        "htmx.org",
        "4.0.1",
        "dist/htmx.min.js",
        "sha384-Qp9rdC8H7EqOoX+nR0P3RPG2Noji+qdwJlGpfzwQJsfOpp3sGwIdSP9xO3+UlEhn",
    ),
)


@dataclass(frozen=True)
class Link:
    url: str
    integrity: str


@bp.get("/<name>")
def show(name: str) -> Response:
    """Serve a file of LIBRARIES from node_modules; 404 unless ASSETS is "local"."""
    requested = next((file for file in LIBRARIES if file.name == name), None)
    if requested is None or current_app.config["ASSETS"] != "local":
        abort(404)
    return send_from_directory(requested.local_folder, requested.name, max_age=A_YEAR)


def library_links(kind: str) -> list[Link]:
    """Return a link to each library of `kind` ("css" or "js")."""
    return [Link(_address(file), file.integrity) for file in LIBRARIES if file.kind == kind]


def static_url(path: str) -> str:
    """Return the URL of a file in static/; it changes whenever the file does."""
    if current_app.debug:
        return _static_url.__wrapped__(request.script_root, path)
    return _static_url(request.script_root, path)


def style_urls() -> list[str]:
    """Return the URLs of our style sheets: the layers in order, then the components."""
    files = _style_sheets.__wrapped__() if current_app.debug else _style_sheets()
    return [static_url(file) for file in files]


def register(app: Flask) -> None:
    """Make the asset URLs available to templates, and the types of the files our own."""
    for ending, type in TYPES.items():
        mimetypes.add_type(type, ending)
    app.jinja_env.globals.update(library_links=library_links, own=static_url, style_urls=style_urls)


def _address(file: Library) -> str:
    if current_app.config["ASSETS"] == "local":
        return url_for("assets.show", name=file.name, v=file.version)
    return file.cdn_url


@lru_cache(maxsize=1024)
def _static_url(under: str, path: str) -> str:
    # A page has fifty of them. `under` is where a proxy has put the application: it is part of the URL.
    version = hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:12]
    return url_for("static", filename=path, v=version)


@cache
def _style_sheets() -> list[str]:
    components = sorted((STATIC / "css" / "components").glob("*.css"))
    return [
        *(f"css/{layer}.css" for layer in LAYERS),
        *(f"css/components/{file.name}" for file in components),
    ]
