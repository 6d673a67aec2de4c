"""Where people and other programs reach this program."""

from __future__ import annotations

from flask import current_app, request


def site_address() -> str:
    """Return the address of this program without a slash at its end, for showing it to someone signed in.

    That is PUBLIC_URL, or if it is not set, the address that the browser has just used: the program may run
    on any port. Links in messages never follow a request.
    """
    config = current_app.config
    return str(config["PUBLIC_URL"] if config["PUBLIC_URL_IS_SET"] else request.url_root).rstrip("/")
