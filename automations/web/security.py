"""What protects every page: replaced by the full set as the pages arrive."""

from __future__ import annotations

from flask import Flask


def protect(app: Flask) -> None:
    """Install the protections."""
