"""How passwords are stored, and which are refused."""

from __future__ import annotations

import pytest

from automations.models.access.password_hashing import Passwords, new_password, refusal_reason
from automations.web.setup import config

COMMON = (
    "password12 Password123! 1234567890 qwertyuiop iloveyou123 P@ssw0rd2024 aaaaaaaaaaaa trustno1trustno1 "
    "rosa@bloom.example rosalind2026"
)
ABOUT = ("rosa@bloom.example", "Rosa Lind", "Bloom & Wild St")


def test_passwords_are_stored_as_argon2id_with_the_pinned_cost() -> None:
    kept = Passwords(config.from_environment()["ARGON2"]).hash("petals and thorns")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize("password", COMMON.split())
def test_passwords_that_are_guessed_first_are_refused_with_the_reason(password: str) -> None:
    assert "is on the lists that are tried first" in str(refusal_reason(password, ABOUT))


@pytest.mark.parametrize(
    "password",
    [
        "petals and thorns",
        "new petals",
        "x7!kQp2#vLm9",
        "ünïcödé wörds älsö",
        "w" * 3 + "ater lily pond " * 12,
    ],
)
def test_passwords_that_are_hard_to_guess_are_accepted(password: str) -> None:
    assert refusal_reason(password, ABOUT) is None


def test_generated_passwords_are_accepted() -> None:
    assert [refusal_reason(new_password()) for _ in range(50)] == [None] * 50


def test_the_reason_names_a_password_as_too_short_or_too_long() -> None:
    assert "at least 10" in str(refusal_reason("x7!kQp2#v")) and "at most 200" in str(
        refusal_reason("x7 " * 70)
    )
