"""Our cookies: their names and how they are kept."""

from __future__ import annotations

from typing import Any

from flask import Flask, Request, Response, current_app
from flask.sessions import SecureCookieSessionInterface, SessionMixin

SIGN_IN = "sign_in"
THEME = "theme"


class Sessions(SecureCookieSessionInterface):
    """Flask's own, but nothing is unsealed for whoever brings no cookie, as programs do."""

    def open_session(self, app: Flask, request: Request) -> SessionMixin | None:
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)


def name(cookie: str) -> str:
    """The cookie's full name. In production the prefix makes browsers insist on https and this host."""
    return f"__Host-{cookie}" if current_app.config["PRODUCTION"] else cookie


def put(response: Response, cookie: str, value: str, seconds: int) -> None:
    """Set a cookie no script can read and no other site can send along with a POST."""
    response.set_cookie(name(cookie), value, max_age=seconds, **_options())


def drop(response: Response, cookie: str) -> None:
    response.delete_cookie(name(cookie), **_options())


def session_config(production: bool) -> dict[str, Any]:
    """The same for the cookie that Flask keeps, which carries the form token and the next notice."""
    return {
        "SESSION_COOKIE_NAME": "__Host-session" if production else "session",
        "SESSION_COOKIE_SECURE": production,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PATH": "/",
    }


def _options() -> dict[str, Any]:
    return {"secure": current_app.config["PRODUCTION"], "httponly": True, "samesite": "Lax", "path": "/"}
