"""How a request may be written: stricter than the library of the server.

A request whose end two programs see in different places lets somebody hide a second one behind it.
"""

from __future__ import annotations

import re

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError

_ENCODING = re.compile(rb"(?i)\r\ntransfer-encoding:([^\r\n]*)")
#: Of a length; Python itself raises on a number of thousands of digits.
_MOST_DIGITS = re.compile(rb"(?i)\r\ncontent-length:[^\r\n]{40}")


class StrictParser(HTTPRequestParser):
    """Refuses what the library would still make sense of."""

    def parse_header(self, header_plus: bytes) -> None:
        if b"\r\n " in header_plus or b"\r\n\t" in header_plus:
            raise ParsingError("A header goes on in the next line.")
        encodings = [one.strip(b" \t").lower() for one in _ENCODING.findall(header_plus)]
        if encodings not in ([], [b"chunked"]):
            # The library reads "chunked, chunked" as one, and an encoding that is empty as none.
            raise ParsingError("The encoding of the body is not chunked alone.")
        if _MOST_DIGITS.search(header_plus):
            raise ParsingError("The length is longer than any number.")
        super().parse_header(header_plus)
        if encodings and (not self.chunked or "CONTENT_LENGTH" in self.headers):
            raise ParsingError("There are chunks and a length, or chunks before HTTP 1.1.")


class StrictChannel(HTTPChannel):
    """One connection."""

    parser_class = StrictParser
