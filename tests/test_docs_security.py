"""The security pages name every table and every module that uses cryptography."""

from __future__ import annotations

import ast
import re

from flask import Flask

from automations.models.db.base import db
from tests.kit import source
from tests.kit.source import ROOT, Source

PAGES = ROOT / "docs" / "security"
LEVELS = {"secret", "personal", "internal", "technical"}
#: What a module takes up when it hashes, signs, encrypts or draws by chance.
TAKEN_UP = {"hashlib", "hmac", "secrets", "cryptography", "argon2", "itsdangerous", "joserfc", "authlib"}
TAKEN_UP |= {"standardwebhooks", "ssl", "zlib", "random"}
#: Neither keeps nor proves anything: connections, the order of waiting, the sample shop.
NO_SECRETS = re.compile(
    r"automations/(connectors/smtp\w*|models/access/sign_in_throttle|web/cli/doctor_providers"
    r"|features/sample_shop/\w+|worker/recovery)\.py"
)


def test_every_table_has_a_sensitivity_level(app: Flask) -> None:
    assert app.view_functions, "with every module imported, every table is known"
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| .+ \|$", (PAGES / "data.md").read_text(), re.MULTILINE)
    assert sorted(table for table, _ in rows) == sorted(db.metadata.tables)
    assert {level for _, level in rows} == LEVELS


def test_every_module_that_uses_cryptography_is_listed() -> None:
    named = set(re.findall(r"`(automations/[\w/]+\.py)`", (PAGES / "cryptography.md").read_text()))
    takes = {file.name for file in source.product() if _imports(file) & TAKEN_UP}
    found = {file for file in takes if not NO_SECRETS.fullmatch(file)}
    assert found - named == set(), "say in docs/security/cryptography.md what it is for"
    assert named - found == set(), "docs/security/cryptography.md names these for nothing"


def _imports(one: Source) -> set[str]:
    names = {
        alias.name for node in ast.walk(one.tree) if isinstance(node, ast.Import) for alias in node.names
    }
    names |= {node.module or "" for node in ast.walk(one.tree) if isinstance(node, ast.ImportFrom)}
    return {name.partition(".")[0] for name in names}
