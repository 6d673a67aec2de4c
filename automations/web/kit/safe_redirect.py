"""Redirect targets inside this site, and the page that a request came from."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request, url_for


def local_or_home(address: str | None) -> str:
    """Return `address` if it is a path of this site, else the address of the start page."""
    return address if address and is_local(address) else url_for("home.show")


def is_local(address: str) -> bool:
    """Return whether `address` is a path with no host and nothing a browser reads as one ("//host")."""
    if not address.startswith("/") or address[:2] in ("//", "/\\"):
        return False
    if any(character < " " or character == "\\" or character == "\x7f" for character in address):
        return False
    parts = urlsplit(address)
    return not parts.scheme and not parts.netloc


def current_page() -> str:
    """Return the path and query of the current page; for a POST, of the page it was sent from."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    came_from = urlsplit(request.headers.get("Referer", ""))
    if came_from.netloc != request.host or not is_local(came_from.path):
        return "/"
    return f"{came_from.path}?{came_from.query}".rstrip("?")
