"""The URL and headers of a request: where template fields and secrets are allowed."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

from automations.connectors import egress
from automations.connectors.plain_text import one_line
from automations.connectors.signed_requests import CHAIN_HEADER, Piece

Render = Callable[[str], str]

_FIELD = re.compile(r"(\{\{.*?\}\})", re.DOTALL)
_SECRET = re.compile(r"\{\{-?\s*secrets\.([A-Za-z]\w{0,59})\s*-?\}\}")
_MENTIONS = re.compile(r"\{[{%][^}]*\bsecrets\b")
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_ORIGIN = re.compile(r"https?://[^/?#{}\s]+(?=[/?#]|$)", re.IGNORECASE)
#: Headers set by the program: a second one would contradict it.
_OURS = frozenset(
    {
        "host",
        "content-length",
        "transfer-encoding",
        "connection",
        "idempotency-key",
        "content-type",
        "upgrade",
    }
    | {
        "te",
        "trailer",
        "expect",
        "proxy-authorization",
        "webhook-id",
        "webhook-timestamp",
        "webhook-signature",
        CHAIN_HEADER.lower(),
    }
)
MOST_HEADERS = 30


def url_problem(template: str) -> str | None:
    """Return what is wrong with a URL, with or without fields, as a sentence, or None."""
    text = template.strip()
    if not text:
        return "Enter the URL that is called."
    if "{%" in text:
        return "A URL takes fields in double braces, and no {% … %}."
    if _MENTIONS.search(text):
        return "A secret in a URL ends up in logs. Put it in a header."
    if "{" in text and not _ORIGIN.match(text):
        return "Enter the beginning of the URL in full, up to the first slash after the host."
    return egress.problem_of(_FIELD.sub("x", text))


def rendered_url(template: str, render: Render) -> str:
    """Return the rendered URL; field values are percent-encoded, so that they stay in their place."""
    pieces = _FIELD.split(template.strip())
    return "".join(quote(render(piece), safe="") if piece.startswith("{{") else piece for piece in pieces)


def headers_of(text: str) -> list[tuple[str, str]]:
    """Return (name, template) for each line "Name: value"; any other line has an empty name."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    pairs = [line.partition(":") for line in lines]
    return [(name.strip(), value.strip()) if colon else ("", name) for name, colon, value in pairs]


def header_problem(name: str, value: str) -> str | None:
    """Return what is wrong with one header, as a sentence, or None; its fields are checked elsewhere."""
    if not name:
        return f"“{one_line(value, 60)}” is not a header. Write one per line, like “Authorization: Bearer …”."
    if not _NAME.fullmatch(name):
        return f"“{one_line(name, 60)}” cannot be the name of a header."
    if name.lower() in _OURS:
        return f"“{name}” is set by the program. Take it out."
    if _MENTIONS.search(_SECRET.sub("", value)):
        return "A secret is written {{ secrets.name }}, alone and without filters."
    return None


def secrets_in(value: str) -> list[str]:
    """Return the names of the secrets a header mentions."""
    return _SECRET.findall(value)


def header_pieces(template: str, render: Render) -> list[Piece]:
    """Return the header's texts rendered and its secrets by name: no field value can name a secret."""
    pieces: list[Piece] = []
    for place, piece in enumerate(_SECRET.split(template)):
        if place % 2:
            pieces.append(("secret", piece))
        elif piece:
            # Spaces at the ends separate a text from a secret.
            pieces.append(("text", one_line(f".{render(piece)}.", 4000)[1:-1]))
    return pieces


def header_texts(template: str) -> list[str]:
    """Return the texts of a header between its secrets, each a template of its own."""
    return [piece for place, piece in enumerate(_SECRET.split(template)) if place % 2 == 0 and piece]


def mentions_secret(text: str) -> bool:
    """Whether a template mentions a secret."""
    return bool(_MENTIONS.search(text))
