"""Email addresses as a type of their own, so that no unchecked string reaches a connector."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from automations.connectors.plain_text import one_line

_SHOWN = 100
_LONGEST = 254


class InvalidContact(ValueError):
    """`str(error)` is a sentence for the user."""


@dataclass(frozen=True)
class EmailContact:
    """A valid email address, and the cleaned name that goes with it (may be empty)."""

    address: str
    name: str = ""

    @classmethod
    def parse(cls, address: str, name: str = "") -> EmailContact:
        """Return the contact a person typed, checked without the network. Raises InvalidContact."""
        return cls(_checked(address.strip(" ")), one_line(name, _SHOWN))

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


@lru_cache(maxsize=1024)
def _checked(address: str) -> str:
    if len(address) > _LONGEST:
        raise _invalid(address)
    try:
        # `test_environment` permits reserved domains such as shop.test.
        valid = validate_email(
            address, check_deliverability=False, test_environment=True, allow_smtputf8=False
        )
    except (EmailNotValidError, UnicodeError) as error:
        raise _invalid(address) from error
    return valid.ascii_email or valid.normalized


def _invalid(address: str) -> InvalidContact:
    return InvalidContact(f"“{one_line(address, _SHOWN)}” is not a valid email address.")
