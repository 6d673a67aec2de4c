"""The form of a record, with the values a browser sends when nothing is typed."""

from __future__ import annotations

from tests.kit.pages.forms import post_forms


def form_values(page: str) -> dict[str, str]:
    """Return what the form of a record on this page would send, untouched."""
    return next(form.values for form in post_forms(page) if form.values.keys() & {"revision", "once"})
