"""How a request may be written: stricter than the library of the server.

A request whose end two programs see in different places lets somebody hide a second one behind it.
"""

from __future__ import annotations

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError


class StrictParser(HTTPRequestParser):
    """Refuses what the library would still make sense of."""

    def parse_header(self, header_plus: bytes) -> None:
        if b"\r\n " in header_plus or b"\r\n\t" in header_plus:
            raise ParsingError("A header goes on in the next line.")
        super().parse_header(header_plus)
        if self.chunked and "CONTENT_LENGTH" in self.headers:
            raise ParsingError("There are chunks and a length.")


class StrictChannel(HTTPChannel):
    """One connection."""

    parser_class = StrictParser
