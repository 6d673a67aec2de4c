"""The description of a text message gateway, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from automations.connectors.http_responses import as_text, value_at


@dataclass(frozen=True)
class PresetSetting:
    """One setting of a gateway; a page builds its form from these."""

    name: str
    label: str
    help: str = ""
    #: Kept encrypted and never shown again.
    secret: bool = False
    required: bool = True


@dataclass(frozen=True)
class Preset:
    """One gateway: how to send a request, and how to tell success, refusal and "later" from the answer."""

    key: str
    label: str
    settings: tuple[PresetSetting, ...]
    #: With {account} and other settings as steps of the path.
    url: str
    encoding: Literal["form", "json"]
    login: Literal["basic", "bearer", "none"]
    #: Name in the request -> what it holds: to, to_digits, sender, text, key, type, secret or a setting.
    fields: Mapping[str, str]
    #: Where in the answer success is read, and the values that mean it. "*" takes any but an empty one.
    success_path: str
    success: frozenset[str]
    id_path: str
    code_path: str
    words_path: str
    #: The list of the answer with one entry for each part of the message, where there is one.
    each: str = ""
    #: Error codes that are permanent, that are temporary, and that concern the account, not the message.
    permanent: frozenset[str] = frozenset()
    passing: frozenset[str] = frozenset()
    login_codes: frozenset[str] = field(default=frozenset())

    def took(self, item: object) -> bool:
        """Whether this part of the answer reports success."""
        status = as_text(value_at(item, self.success_path))
        return bool(status) if "*" in self.success else status in self.success
