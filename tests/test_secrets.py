"""No file in the repository contains a password or key; known false positives are listed here."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.core.scan import scan_file
from detect_secrets.settings import transient_settings

from tests.kit.source import ROOT

#: Looked for by what they are, not by what stands beside them: the names of our settings, numbers of
#: commits and addresses of tests would be hundreds of findings, and hide the one that counts.
LEFT_OUT = {"KeywordDetector", "HexHighEntropyString", "IPPublicDetector"}
#: (file or folder, how it begins) -> why it is none.
NONE = {
    (
        "automations/models/access/password_hashing.py",
        "abcdefghjk",
    ): "the letters a first password is made of",
    ("automations/web/setup/assets.py", "sha384-"): "what browsers check a public file by",
    ("package-lock.json", "sha512-"): "what npm checks a public file by",
    ("docs/operations.md", "password"): "a form to fill in",
    ("docs/operations.md", "PASSWORD"): "a form to fill in",
    ("tests/connectors/forms.py", "b"): "an address that has to be refused",
    ("tests/connectors/test_egress.py", "pw"): "an address that has to be refused",
    ("tests/seeds/test_bad_input.py", "pass"): "an address that has to be refused",
    ("tests/", "//123456789"): "the form of a chat's address, made up",
    ("tests/pipeline/delivery/test_perform.py", "whsec_"): "signs what a test sends to itself",
    ("tests/web/cli/test_doctor.py", "Zk3vQ8"): "a strong key has to look like one",
    ("tests/kit/payloads/expected.json", "dO+oYW"): "signs an example with a secret of the tests",
    ("tests/kit/payloads/expected.json", "oKMFck"): "signs an example with a secret of the tests",
    ("tests/kit/payloads/expected.json", "zmP86J"): "signs an example with a secret of the tests",
    ("tests/kit/payloads/expected.json", "E0rY6A"): "signs an example with a secret of the tests",
    ("tests/kit/payloads/expected.json", "y1B6lT"): "signs an example with a secret of the tests",
    ("tests/kit/payloads/expected.json", "Ghkm81"): "signs an example with a secret of the tests",
    ("tests/kit/payloads/expected.json", "oDOYhU"): "signs an example with a secret of the tests",
    ("tests/kit/payloads/expected.json", "InfL4V"): "signs an example with a secret of the tests",
    ("tests/kit/payloads/expected.json", "dRoYqA"): "signs an example with a secret of the tests",
    ("tests/", "sa_live_9f8K"): "a canary that may not be found in the log",
}
#: Pictures; and the lock files of Python, which are hashes of files and nothing else.
NOT_READ = (".png", "requirements.lock", "requirements-test.lock")


def findings(*paths: Path) -> Iterator[tuple[Path, str, str]]:
    """(file, kind, what was found)."""
    kinds = get_mapping_from_secret_type_to_class().values()
    plugins = [{"name": kind.__name__} for kind in kinds if kind.__name__ not in LEFT_OUT]
    with transient_settings({"plugins_used": plugins, "filters_used": []}):
        for path in paths:
            for found in scan_file(str(path)):
                yield path, found.type, found.secret_value or ""


def files() -> list[Path]:
    """Every text file of the repository, also those that are not Python."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    names = [name for name in listed.decode().split("\0") if name and not name.endswith(NOT_READ)]
    return [ROOT / name for name in names if (ROOT / name).exists()]


@pytest.mark.slow
def test_the_repository_contains_no_secrets() -> None:
    seen, left = set(), []
    for path, kind, text in findings(*files()):
        name = path.relative_to(ROOT).as_posix()
        known = next((one for one in NONE if name.startswith(one[0]) and text.startswith(one[1])), None)
        seen.add(known)
        left += [] if known else [f"{name}: {kind}: {text[:12]}…"]
    assert left == [], "take it out, or name it in NONE with the reason why it is no secret"
    assert NONE.keys() - seen == set(), "these are not needed any more"


#: Put together here, so that the one who looks through this file finds none either.
PLANTED = {
    "a key of a cloud": "AKIA" + "QYLPMN5HFIQR7XYA",
    "a token of a code host": "ghp_" + "wWPw5k4aXcaT4fNP" + "0UcnZwJUVFk6LO0pINUx",
    "a token of a chat": "xoxb-" + "34532454-e039d02840a0b9379c",
    "a live key of a till": "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc",
    "a private key": "-----BEGIN RSA " + f"PRIVATE KEY-----\n{'MIIBOgIBAAJBAKj34GkxFhD9' * 3}\n-----END",
    "a password in an address": "postgresql://shop:" + "h7Gq-blossom@db.shop.example/shop",
    "a token of a session": "eyJhbGciOiJIUzI1NiJ9."
    + "eyJzdWIiOiJ3aWxtYSJ9.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    "one of our own keys": "sa_live_" + base64.b64encode(bytes(range(90, 122))).decode(),
}


@pytest.mark.parametrize("secret", PLANTED.values(), ids=PLANTED)
def test_a_planted_secret_is_found(tmp_path: Path, secret: str) -> None:
    path = tmp_path / "settings.py"
    path.write_text(f'# What the shop needs.\nVALUE = """{secret}"""\n')
    assert list(findings(path))


def test_ordinary_words_are_not_reported_as_secrets(tmp_path: Path) -> None:
    path = tmp_path / "settings.py"
    path.write_text(
        'TITLE = "Call the customer"\nADDRESS = "https://shop.example/orders/1042"\nKEY = "sa_"\n'
    )
    assert not list(findings(path))
