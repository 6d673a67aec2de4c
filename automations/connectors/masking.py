"""Remove our secrets from an answer, which may echo them, before it is stored or shown."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import quote, quote_plus

INSTEAD = "••••••"
#: Minimum length of a masked secret: anything shorter occurs in answers by chance.
SHORTEST = 4
#: From this many bytes on, a secret is also looked for inside longer base64, such as user and password.
_LONG = 6


class Mask:
    """Masks the secrets that `read` returns; `read` is called for the first text."""

    def __init__(self, read: Callable[[], Iterable[str]] = tuple) -> None:
        self._read = read
        self._forms: list[str] | None = None

    def __call__(self, text: str, *, cut: bool = False) -> str:
        """Return `text` with the secrets masked; if it was `cut`, also a secret's beginning at its end."""
        if self._forms is None:
            forms = {form for secret in self._read() for form in _forms(secret)}
            # Longest first: a short form may be part of a longer one.
            self._forms = sorted(forms, key=lambda form: (-len(form), form))
        for form in self._forms:
            text = text.replace(form, INSTEAD)
        return self._without_beginning(text, self._forms) if cut else text

    def _without_beginning(self, text: str, forms: Iterable[str]) -> str:
        left = max((_begun(text, form) for form in forms), default=0)
        return text[: len(text) - left] + INSTEAD if left else text


def _begun(text: str, form: str) -> int:
    """Return how many characters at the end of `text` are the beginning of `form`."""
    return next((n for n in range(len(form) - 1, 0, -1) if text.endswith(form[:n])), 0)


def _forms(secret: str) -> Iterator[str]:
    """Yield the forms in which a secret may come back: plain, in JSON, HTML, a URL or base64."""
    # Headers hold a secret on one line; some servers write a signing key without its prefix.
    for value in {secret, " ".join(secret.split()), secret.removeprefix("whsec_")}:
        if len(value) >= SHORTEST:
            yield from (value, html.escape(value), quote_plus(value))
            for escaped in (json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]):
                yield from (escaped, escaped.replace("/", "\\/"))
            yield from (quote(value, safe=""), quote(value), _lower(quote(value, safe="")))
            yield from _base64(value.encode())


def _lower(quoted: str) -> str:
    first, *rest = quoted.split("%")
    return "%".join([first, *(part[:2].lower() + part[2:] for part in rest)])


def _base64(value: bytes) -> Iterator[str]:
    whole = base64.b64encode(value).decode()
    yield from (whole, _url_safe(whole), _url_safe(whole).rstrip("="))
    for before in range(3) if len(value) >= _LONG else ():
        # Three bytes are four characters; those that share bits with a neighbour are left out.
        inside = base64.b64encode(bytes(before) + value).decode().rstrip("=")
        end = len(inside) - (1 if (before + len(value)) % 3 else 0)
        core = inside[(0, 2, 3)[before] : end]
        yield from (core, _url_safe(core))


def _url_safe(text: str) -> str:
    return text.replace("+", "-").replace("/", "_")


#: For what was sent no secret.
NOTHING = Mask()
