"""A stricter HTTP parser than the server library's.

If two programs disagree about where a request ends, someone can hide a second request in its body.
"""

from __future__ import annotations

import re
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError

_ENCODING = re.compile(rb"(?i)\r\ntransfer-encoding:([^\r\n]*)")
#: More digits than any length has.
_OVERLONG_LENGTH = re.compile(rb"(?i)\r\ncontent-length:[^\r\n]{40}")


#: The only address that takes a large body, and the most bytes of it.
LARGE_FILES = "/imports"
LARGEST_UPLOAD = 81 * 1024 * 1024


class _MoreRoom:
    """The settings of the server for a request that may be larger than others."""

    max_request_body_size = LARGEST_UPLOAD

    def __init__(self, settings: Any) -> None:
        self._settings = settings

    def __getattr__(self, name: str) -> Any:
        return getattr(self._settings, name)


class StrictParser(HTTPRequestParser):
    """Refuses ambiguous requests that the library would accept."""

    def parse_header(self, header_plus: bytes) -> None:
        if b"\r\n " in header_plus or b"\r\n\t" in header_plus:
            raise ParsingError("A header continues on the next line.")
        encodings = [value.strip(b" \t").lower() for value in _ENCODING.findall(header_plus)]
        if encodings not in ([], [b"chunked"]):
            # The library is more lenient about the value than the standard.
            raise ParsingError("The encoding of the body is not chunked alone.")
        if _OVERLONG_LENGTH.search(header_plus):
            raise ParsingError("The length has too many digits.")
        super().parse_header(header_plus)
        if encodings and (not self.chunked or "CONTENT_LENGTH" in self.headers):
            raise ParsingError("There are chunks and a length, or chunks before HTTP 1.1.")
        if self.command == "POST" and self.path == LARGE_FILES and not encodings:
            self.adj: Any = _MoreRoom(self.adj)


class StrictChannel(HTTPChannel):
    """A connection whose requests StrictParser reads."""

    parser_class = StrictParser
