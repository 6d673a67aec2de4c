"""Judge a random sample of mutants: small changes of the code, each of which some test should notice.

Run it with the Python of an environment that has requirements-test.lock and mutmut; see CONTRIBUTING.md.
It works on a copy of the last commit, so the tree may change meanwhile. What is left is listed at the end:
each mutant needs a test, or the proof that it changes nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
#: What is changed, and the tests that judge it. Tests that read the source would fail on any copy.
CHANGED = (
    "automations/engine/*",
    "automations/pipeline/*",
    "automations/messages/*",
    "automations/actions/send_marketing.py",
    "automations/web/audience/unsubscribe.py",
    "automations/web/kit/permissions.py",
)
TESTS = (
    *("tests/engine", "tests/messages", "tests/pipeline", "tests/actions", "tests/features"),
    *("tests/web/api", "tests/web/audience", "tests/web/automations", "tests/web/kit", "tests/web/settings"),
)
COPIED = ("app.py", "migrations", "templates", "static", "docs", "requirements.lock", ".ci")
FAST_TIER = ("-m", "not slow", "--database", "sqlite", "-p", "no:cacheprovider")
#: A small module: asking for its mutants makes those of all others, and finds out which tests reach which.
SMALL = "automations.messages.similar*"
#: Seconds that one mutant may take when it is judged in a process of its own.
LONGEST = 1800


def main() -> None:
    """Make the copy and the mutants, judge the sample, and print what is left."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("folder", type=Path, help="where the copy is made, or goes on from where it was")
    asked.add_argument("--seed", type=int, default=34)
    asked.add_argument("--count", type=int, default=400)
    asked.add_argument("--workers", type=int, default=1)
    options = asked.parse_args()
    copy = options.folder
    if not (copy / "mutants").exists():
        _copy(copy)
        _mutmut(copy, [SMALL], options.workers)
    names = random.Random(options.seed).sample(sorted(_results(copy)), options.count)
    undecided = [name for name in names if _results(copy)[name] is None]
    if undecided:
        _mutmut(copy, undecided, options.workers)
    left = [name for name in names if _results(copy)[name] in (0, 33)]
    survived = [name for name in left if not _is_noticed_afresh(copy, name)]
    print(f"{len(names) - len(survived)} of {len(names)} are noticed. Left, to be shown with `mutmut show`:")
    print("\n".join(survived))


def _copy(copy: Path) -> None:
    """Write the last commit to `copy`, with the settings of mutmut."""
    copy.mkdir(parents=True, exist_ok=True)
    commit = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, check=True, capture_output=True).stdout
    subprocess.run(["tar", "x", "-C", str(copy)], input=commit, check=True)
    settings = {
        "source_paths": ["automations"],
        "only_mutate": CHANGED,
        "also_copy": COPIED,
        "pytest_add_cli_args": FAST_TIER,
        "pytest_add_cli_args_test_selection": TESTS,
        "process_isolation": "forkserver",
    }
    # Lists and texts are written alike in JSON and TOML.
    lines = [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
    with (copy / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("\n".join(["", "[tool.mutmut]", *lines, ""]))


def _mutmut(copy: Path, names: Sequence[str], workers: int) -> None:
    """Let mutmut judge mutants by the tests that reach them, the quickest first, until one fails."""
    program = Path(sys.executable).with_name("mutmut")
    subprocess.run([program, "run", "--max-children", str(workers), *names], cwd=copy, check=True)


def _results(copy: Path) -> dict[str, int | None]:
    """Return mutant -> the exit code of its tests; None until it is judged."""
    return dict(_each_result(copy / "mutants"))


def _each_result(folder: Path) -> Iterator[tuple[str, int | None]]:
    for path in folder.rglob("*.meta"):
        yield from json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"].items()


def _is_noticed_afresh(copy: Path, name: str) -> bool:
    """Judge a mutant in its own process: in a fork, what is computed while modules load is not changed."""
    environment = {**os.environ, "MUTANT_UNDER_TEST": name, "PY_IGNORE_IMPORTMISMATCH": "1"}
    command = [sys.executable, "-m", "pytest", "-x", "-q", *FAST_TIER, *TESTS]
    try:
        done = subprocess.run(
            command, cwd=copy / "mutants", env=environment, timeout=LONGEST, capture_output=True, check=False
        )
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0


if __name__ == "__main__":
    main()
