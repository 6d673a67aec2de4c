"""Our cookies: their names and attributes."""

from __future__ import annotations

from typing import Any

from flask import Flask, Request, Response, current_app
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin

SIGN_IN = "sign_in"
THEME = "theme"
SINGLE_KEYS = "single_keys"


class Sessions(SecureCookieSessionInterface):
    """Flask's sessions, without the work of unsealing and sealing one where none is used."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the session of the client, an empty one if it sends no cookie."""
        if "HTTP_COOKIE" not in request.environ or self.get_cookie_name(app) not in request.cookies:
            return SecureCookieSession()
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Send what the client has to keep, if the request had anything to do with it."""
        if session or session.accessed or session.modified:
            super().save_session(app, session, response)


def name(cookie: str) -> str:
    """Return the cookie's full name; in production its prefix binds it to https and to this host."""
    return f"__Host-{cookie}" if current_app.config["PRODUCTION"] else cookie


def put(response: Response, cookie: str, value: str, seconds: int) -> None:
    """Set a cookie that no script can read and no other site can make the browser send with a POST."""
    response.set_cookie(name(cookie), value, max_age=seconds, **_options())


def drop(response: Response, cookie: str) -> None:
    response.delete_cookie(name(cookie), **_options())


def session_config(production: bool) -> dict[str, Any]:
    """Return the same attributes for Flask's own cookie, which carries the form token and flash messages."""
    return {
        "SESSION_COOKIE_NAME": "__Host-session" if production else "session",
        "SESSION_COOKIE_SECURE": production,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PATH": "/",
    }


def _options() -> dict[str, Any]:
    return {"secure": current_app.config["PRODUCTION"], "httponly": True, "samesite": "Lax", "path": "/"}
