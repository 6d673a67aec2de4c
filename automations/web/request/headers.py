"""Security headers of every response. See docs/decisions/own-security-headers.md."""

from __future__ import annotations

from functools import lru_cache

from flask import Flask, Response, current_app, g
from flask.globals import request_ctx

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


@lru_cache(maxsize=64)
def _fixed(assets: str, frame_styles: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return (("Content-Security-Policy", policy(assets, frame_styles)), *FIXED.items())


def register(app: Flask) -> None:
    """Set the headers on every response."""
    app.after_request(_set_headers)


def _set_headers(response: Response) -> Response:
    # `setdefault` would raise and catch an exception for each missing header, 100 µs a response.
    present = {header.lower() for header, _ in response.headers}
    for header, value in _fixed(current_app.config["ASSETS"], frame_styles()):
        if header.lower() not in present:
            response.headers.add(header, value)
    asked = request_ctx.request
    if asked.is_secure:
        response.headers["Strict-Transport-Security"] = f"max-age={TWO_YEARS}; includeSubDomains"
    if asked.endpoint not in FILES:
        response.headers.setdefault("Cache-Control", "no-store")
    elif "v" in asked.args and response.status_code == 200:
        response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    if g.get("user"):
        response.vary.add("Cookie")
    return response
