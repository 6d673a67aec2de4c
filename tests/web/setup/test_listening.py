"""Where the web server listens."""

from __future__ import annotations

import pytest
from flask import Flask

from automations.web.setup import config
from tests.kit.served import served


def test_a_port_that_is_taken_is_named_with_another(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with served(app) as taken:
        monkeypatch.setitem(app.config, "PORT", taken)
        answer = app.test_cli_runner().invoke(args=["web"])
    assert answer.exit_code == 1
    assert f"Port {taken} cannot be used" in answer.output and f"such as {taken + 1}." in answer.output


@pytest.mark.parametrize("name", ["PORT", "PROXIES"])
@pytest.mark.parametrize("text", ["", "http", "-1", "80.0", "²"])
def test_a_setting_that_is_no_whole_number_is_named(
    name: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, text)
    with pytest.raises(config.BadConfiguration, match=f"Set {name} to a whole number."):
        config.from_environment()
