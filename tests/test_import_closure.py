"""What a sale loads: little, and nothing that sends mail. And what the program leaves until it is needed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.test_floors import graph

DOOR = "automations.pipeline.evaluation.receive"
#: Files of the product; one more than today's number is a question, not a mistake.
MOST = 87


def test_a_sale_imports_few_files_and_no_connector() -> None:
    reached = _closure(DOOR)
    assert len(reached) <= MOST
    assert [module for module in sorted(reached) if module.startswith("automations.connectors")] == []


def test_what_takes_much_memory_is_loaded_at_its_first_use(tmp_path: Path) -> None:
    """From numpy, which counts the past, with 12 MB, to css_inline with 2."""
    late = {"numpy", "zxcvbn", "bidi", "arabic_reshaper", "alembic"}
    late |= {"reportlab", "PIL", "apprise", "authlib", "joserfc", "css_inline"}
    loaded = f"import sys, app; app.create_app(); print(sorted({late} & set(sys.modules)))"
    environment = {**os.environ, "DATA_FOLDER": str(tmp_path), "SECRET_KEY": "x" * 40}
    said = subprocess.run(
        [sys.executable, "-c", loaded], capture_output=True, text=True, check=True, env=environment
    )
    assert said.stdout.strip() == "[]"


def _closure(module: str) -> set[str]:
    """The modules that importing `module` loads, itself included, as the sources say."""
    imports = graph()
    reached, waiting = set(), [module]
    while waiting:
        imported = waiting.pop()
        if imported not in reached:
            reached.add(imported)
            waiting += imports[imported]
    return reached
