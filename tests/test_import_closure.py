"""What a sale loads: little, and nothing that sends mail."""

from __future__ import annotations

from tests.test_floors import graph

DOOR = "automations.pipeline.evaluation.receive"
#: Files of the product; one more than today's number is a question, not a mistake.
MOST = 70


def test_a_sale_imports_few_files_and_no_connector() -> None:
    reached = _closure(DOOR)
    assert len(reached) <= MOST
    assert [module for module in sorted(reached) if module.startswith("automations.connectors")] == []


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
