"""A chain of filters that would fail for some record is refused on saving."""

from __future__ import annotations

import pytest

from automations.messages.template_check import check

REFUSED = [
    ("customer.name | date: '%d'", "The filter “date” takes a date, not a text."),
    ("order.total | date: '%d'", "The filter “date” takes a date, not a number."),
    ("order.delivery_date | default: 'soon' | date: '%d'", "“default” after that"),
    ("order.delivery_date | upcase | date: '%d'", "takes a date, not a text"),
    ("order.delivery_date | date: order.note", "write the format"),
    ("order.number | plus: 1", "The filter “plus” takes a number, not a text."),
    ("order.total | money | times: 2", "The filter “times” takes a number, not a text."),
    ("order.note | money", "The filter “money” takes a number, not a text."),
    ("order.tags | round", "The filter “round” takes a number, not a list."),
    ("order.total | plus: order.note", "After “plus:”, write a number, not a text."),
    ("order.note | truncate: 'short'", "After “truncate:”, write a number, not a text."),
    ("order.note | first", "The filter “first” takes a list, not a text."),
    ("order.placed_at | truncate: 10, ''", 'Write it with date: "%Y-%m-%d".'),
    ("order.tags | first | date: '%d'", "takes a date, not a text"),
]
ACCEPTED = [
    "order.delivery_date | date: '%d' | default: 'soon'",
    "order.total | plus: '5' | round: 1 | money",
    "'2026-11-24' | date: '%d'",
    "order.total | default: 0 | plus: 1",
    "order.tags | last | upcase",
    "order.lines | size | plus: 1",
    "order.lines[0].unit_price | times: order.lines[0].quantity | money",
]


@pytest.mark.parametrize(("chain", "sentence"), REFUSED)
def test_a_filter_that_cannot_take_its_value_is_refused(chain: str, sentence: str) -> None:
    (problem,) = check(f"{{{{ {chain} }}}}", "order")
    assert sentence in problem.sentence


@pytest.mark.parametrize("chain", ACCEPTED)
def test_a_chain_that_fits_is_accepted(chain: str) -> None:
    assert check(f"{{{{ {chain} }}}}", "order") == []


@pytest.mark.parametrize("count", ["limit: -1", "limit: 0", "limit: order.note", "offset: order.item_count"])
def test_a_loop_counts_with_whole_numbers(count: str) -> None:
    (problem,) = check(f"{{% for line in order.lines {count} %}}x{{% endfor %}}", "order")
    assert "write a whole number of" in problem.sentence
