"""A name that stands twice in an object is refused with its path, wherever the object stands."""

from __future__ import annotations

import json

import pytest

from automations.pipeline.intake import duplicate_keys


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        ('{"total": "1"}', []),
        ('{"note": "one \\": two", "total": "1"}', []),
        ('{"note" : "spaced", "total" : "1"}', []),
        ('{"total": "1", "total": "2"}', ["total"]),
        ('{"total" : "1", "total" : "2"}', ["total"]),
        ('{"total": "1", "total": "2", "total": "3"}', ["total", "total"]),
        ('{"customer": {"email": "a", "email": "b"}}', ["customer.email"]),
        ('{"lines": [{"name": "a"}, {"name": "b", "name": "c"}]}', ["lines.1.name"]),
        ('[{"number": "1"}, {"number": "2", "number": "3"}]', ["1.number"]),
        ('{"custom": {"X": [{"X": 1, "X": 2}]}}', ["custom.X.0.X"]),
        ('{"X": [{"a": 1, "a": 2}]}', ["X.0.a"]),
        ('{"b": 1, "a": 1, "b": 2, "a": 2}', ["a", "b"]),
    ],
)
def test_each_name_that_stands_twice_is_reported_by_its_path(body: str, paths: list[str]) -> None:
    found = duplicate_keys.problems(body.encode(), json.loads(body))
    assert [problem.path for problem in found] == paths
    assert {problem.sentence for problem in found} <= {"Is there twice. Send it once."}


def test_a_nest_that_cannot_be_read_a_second_time_is_a_problem_of_the_whole() -> None:
    depth = 100_000
    body = b'{"a" :' * depth + b"1" + b"}" * depth
    (problem,) = duplicate_keys.problems(body, {})
    assert (problem.path, problem.sentence) == ("", "Is nested too deeply.")
