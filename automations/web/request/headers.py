"""Security headers of every response. See docs/decisions/own-security-headers.md."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Response
from flask.globals import app_ctx, request_ctx

from automations.web.kit.frame_styles import frame_styles
from automations.web.setup.assets import A_YEAR, LIBRARIES

TWO_YEARS = 2 * 365 * 24 * 3600
#: Endpoints that serve files. The content behind a URL with a version never changes.
FILES = ("static", "assets.show")
FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


def policy(assets: str, frame_styles: tuple[str, ...] = ()) -> str:
    """Return the content security policy for `assets`, "cdn" or "local".

    `frame_styles` has the hashes of the style sheets in the emails that a page frames. Such a page allows
    styles on elements too: emails have nothing else.

    The CDN serves every published package, so allowing its host would allow anybody's script:
    the policy names the exact files instead.
    """
    sources = dict.fromkeys(("css", "js"), "'self'")
    if assets != "local":
        for file in LIBRARIES:
            sources[file.kind] += f" {file.cdn_url}"
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {sources['js']}",
            *_styles(sources["css"], frame_styles),
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "object-src 'none'",
        ]
    )


def _styles(sources: str, hashes: tuple[str, ...]) -> list[str]:
    if not hashes:
        return [f"style-src {sources}"]
    return [f"style-src-elem {sources} {' '.join(hashes)}", "style-src-attr 'unsafe-inline'"]


_policy = lru_cache(maxsize=64)(policy)


def register(app: Flask) -> None:
    """Set the headers on every response."""
    app.after_request(_set_headers)
    # Flask's way to add middleware; the type checker would not let a method be replaced.
    replaceable: Any = app
    replaceable.wsgi_app = _adding_fixed(app.wsgi_app)


def _adding_fixed(application: WSGIApplication) -> WSGIApplication:
    """Return the application with the headers that are the same on every response."""
    fixed = list(FIXED.items())

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        # Here they are a list: the library's headers check and copy each name and value.
        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            return start_response(status, headers + fixed, *error)

        return application(environ, start)

    return answer


def _set_headers(response: Response) -> Response:
    # The library's `setdefault` raises and catches an exception for each missing header.
    headers, present = response.headers, {header.lower() for header, _ in response.headers}
    asked = request_ctx.request
    if "content-security-policy" not in present:
        headers.add("Content-Security-Policy", _policy(app_ctx.app.config["ASSETS"], frame_styles()))
    if asked.is_secure:
        headers["Strict-Transport-Security"] = f"max-age={TWO_YEARS}; includeSubDomains"
    if asked.endpoint in FILES:
        if "v" in asked.args and response.status_code == 200:
            headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    elif "cache-control" not in present:
        headers.add("Cache-Control", "no-store")
    if app_ctx.g.get("user"):
        response.vary.add("Cookie")
    return response
