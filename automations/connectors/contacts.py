"""Email addresses as a type of their own, so that no unchecked string reaches a connector."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from automations.connectors.plain_text import one_line

_SHOWN = 100
_LONGEST = 254
_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
#: An address as most are: nothing about it is to be changed or looked up in the tables of Unicode, for which
#: the library takes a hundred times as long.
_USUAL = re.compile(rf"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@({_LABEL}\.)+([a-z]{{2,63}})")
_LONGEST_LOCAL = 64
#: The last labels of domains that lead nowhere.
_SPECIAL = frozenset(name.rpartition(".")[2] for name in SPECIAL_USE_DOMAIN_NAMES)


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
    if _is_usual(address):
        return address
    try:
        # `test_environment` permits reserved domains such as shop.test.
        valid = validate_email(
            address, check_deliverability=False, test_environment=True, allow_smtputf8=False
        )
    except (EmailNotValidError, UnicodeError) as error:
        raise _invalid(address) from error
    return valid.ascii_email or valid.normalized


def _is_usual(address: str) -> bool:
    """Return whether it is a valid address that stays as it is; if not, the library has to decide."""
    found = _USUAL.fullmatch(address)
    # Two hyphens may be those of a domain in another alphabet.
    is_plain = found is not None and found[2] not in _SPECIAL and "--" not in address
    return is_plain and address.index("@") <= _LONGEST_LOCAL


def _invalid(address: str) -> InvalidContact:
    return InvalidContact(f"“{one_line(address, _SHOWN)}” is not a valid email address.")
