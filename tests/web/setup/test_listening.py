"""Where the web server listens."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from automations.web.setup import config
from tests.kit.fire.programs import ROOT
from tests.kit.served import served


def test_a_port_that_is_taken_is_named_with_another(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with served(app) as taken:
        monkeypatch.setitem(app.config, "PORT", taken)
        answer = app.test_cli_runner().invoke(args=["web"])
    assert answer.exit_code == 1
    assert f"Port {taken} cannot be used" in answer.output and f"such as {taken + 1}." in answer.output


@pytest.mark.parametrize("name", ["PORT", "PROXIES"])
@pytest.mark.parametrize("text", ["", "http", "-1", "80.0", "²", "99999", "1" * 5_000])
def test_a_setting_that_is_no_whole_number_is_named(
    name: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, text)
    with pytest.raises(config.BadConfiguration, match=f"Set {name} to a whole number, at most "):
        config.from_environment()


def test_a_host_that_is_not_here_is_named(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOST", "nowhere.invalid")
    answer = app.test_cli_runner().invoke(args=["web"])
    assert answer.exit_code == 1
    assert "HOST is “nowhere.invalid”, which is no address of this machine." in answer.output


@pytest.mark.parametrize("program", [["app.py"], ["-m", "flask", "--app", "app", "web"]])
def test_every_program_says_a_wrong_setting_in_a_sentence(program: list[str], tmp_path: Path) -> None:
    environment = {**os.environ, "DATA_FOLDER": str(tmp_path), "PORT": "eighty"}
    done = subprocess.run(
        [sys.executable, *program], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "Set PORT to a whole number, at most 65535." in done.stderr and "Traceback" not in done.stderr
