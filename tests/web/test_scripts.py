"""Scripts of a page share one scope: of two that declare the same name, the second never runs."""

from __future__ import annotations

import re
from collections import defaultdict

from tests.kit.source import ROOT

DECLARED = re.compile(r"^(?:const|let|class|(?:async )?function)\s+(?:\{([^}]*)\}|(\w+))", re.MULTILINE)


def test_no_two_scripts_declare_the_same_name() -> None:
    declared: dict[str, set[str]] = defaultdict(set)
    for file in (ROOT / "static" / "js").glob("*.js"):
        for several, one in DECLARED.findall(file.read_text()):
            for name in [one] if one else re.split(r"[\s,]+", several.strip()):
                declared[name].add(file.name)
    assert len(declared) > 5
    assert {name: files for name, files in declared.items() if len(files) > 1} == {}
