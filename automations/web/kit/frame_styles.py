"""The style sheets in the frames of a page, which the page's content security policy has to allow."""

from __future__ import annotations

from flask import request
from flask.globals import request_ctx

_KEY = "automations.frame_styles"


def allow_frame_styles(hashes: tuple[str, ...]) -> None:
    """Let the page of this request frame documents with style sheets of these hashes, beside others."""
    request.environ[_KEY] = tuple(dict.fromkeys((*frame_styles(), *hashes)))


def frame_styles() -> tuple[str, ...]:
    """Return the hashes of the style sheets that the page of this request frames."""
    hashes: tuple[str, ...] = request_ctx.request.environ.get(_KEY, ())
    return hashes
