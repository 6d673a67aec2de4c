"""An answer may hold the secret its server was sent: it is taken out before anybody keeps or shows it."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import quote, quote_plus

INSTEAD = "••••••"
#: Anything shorter stands in half of all answers by chance.
SHORTEST = 4
#: Of as many bytes on, it is looked for inside of longer base64, such as a name and a password together.
_LONG = 6


class Mask:
    """Takes the secrets that `read` returns out of texts. They are read when the first text comes."""

    def __init__(self, read: Callable[[], Iterable[str]] = tuple) -> None:
        self._read = read
        self._forms: list[str] | None = None

    def __call__(self, text: str, *, cut: bool = False) -> str:
        """`text` without the secrets, and where it was cut, without the beginning of one at its end."""
        if self._forms is None:
            found = {form for secret in self._read() for form in _forms(secret)}
            # The longest first: a short one may be a part of a longer one.
            self._forms = sorted(found, key=lambda form: (-len(form), form))
        for form in self._forms:
            text = text.replace(form, INSTEAD)
        return self._without_beginning(text, self._forms) if cut else text

    def _without_beginning(self, text: str, forms: Iterable[str]) -> str:
        left = max((_begun(text, form) for form in forms), default=0)
        return text[: len(text) - left] + INSTEAD if left else text


def _begun(text: str, form: str) -> int:
    """How many characters at the end of `text` are the beginning of `form`."""
    return next((n for n in range(len(form) - 1, 0, -1) if text.endswith(form[:n])), 0)


def _forms(secret: str) -> Iterator[str]:
    """A secret as it may come back: plain, in JSON, HTML, a URL or base64."""
    # A header carries it on one line; some write the key that signs without its prefix.
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
