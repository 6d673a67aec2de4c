"""A skipped test fails the suite in CI."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kit.source import ROOT

SKIPS_IN_A_TEST = "import pytest\n\ndef test_shy():\n    pytest.skip('not today')\n"
SKIPS_WHOLE = "import pytest\n\npytest.skip('not today', allow_module_level=True)\n"


@pytest.mark.slow
@pytest.mark.parametrize("text", [SKIPS_IN_A_TEST, SKIPS_WHOLE])
def test_a_skipped_test_fails_in_ci_with_its_reason(tmp_path: Path, text: str) -> None:
    done = _pytest(tmp_path, text, ci="true")
    assert done.returncode != 0
    assert "not today" in done.stdout


def test_a_skipped_test_is_only_skipped_outside_ci(tmp_path: Path) -> None:
    assert _pytest(tmp_path, SKIPS_IN_A_TEST, ci="").returncode == 0


def _pytest(folder: Path, text: str, ci: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_shy.py").write_text(text)
    environment = {**os.environ, "CI": ci, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "pytest", "-p", "tests.kit.no_skips", "-c", os.devnull, str(folder)]
    return subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
