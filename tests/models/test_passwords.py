"""Passwords: how they are kept, and which are refused."""

from __future__ import annotations

import pytest

from automations.models.passwords import Passwords, new_password, problem_of
from automations.web import config

COMMON = (
    "password12 Password123! 1234567890 qwertyuiop iloveyou123 P@ssw0rd2024 aaaaaaaaaaaa trustno1trustno1 "
    "rosa@bloom.example rosalind2026"
)
ABOUT = ("rosa@bloom.example", "Rosa Lind", "Bloom & Wild St")


def test_the_product_keeps_them_as_argon2id_with_the_pinned_cost() -> None:
    kept = Passwords(config.from_environment()["ARGON2"]).hash("petals and thorns")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize("password", COMMON.split())
def test_what_is_guessed_first_is_refused_in_words(password: str) -> None:
    assert "is on the lists that are tried first" in str(problem_of(password, ABOUT))


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
def test_what_is_hard_to_guess_is_taken(password: str) -> None:
    assert problem_of(password, ABOUT) is None


def test_a_password_we_make_is_one_we_would_take() -> None:
    assert [problem_of(new_password()) for _ in range(50)] == [None] * 50


def test_too_short_and_too_long_are_said_as_such() -> None:
    assert "at least 10" in str(problem_of("x7!kQp2#v")) and "at most 200" in str(problem_of("x7 " * 70))
