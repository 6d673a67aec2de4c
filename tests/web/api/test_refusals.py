from __future__ import annotations

from itertools import cycle
from typing import Any

import pytest
from flask.testing import FlaskClient

from automations.pipeline.intake import record_schema
from tests.kit.hostile.any_json import ODD
from tests.kit.statements import changed_tables
from tests.web.api.conftest import Till, count, problems

UNREADABLE = {
    "nothing": b"",
    "not JSON": b"number=1",
    "NaN": b'{"total": NaN}',
    "an endless number": b'{"total": 1e999}',
    "a longer number than anybody reads": b'{"guests": ' + b"9" * 5000 + b"}",
    "bytes that are no UTF-8": b'{"note": "\xff"}',
    "half a character": b'{"note": "\\ud800"}',
    "a deep nest": b"[" * 2_000,
    "something after it": b"{} {}",
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_body_that_cannot_be_read_is_400(till: Till, body: bytes) -> None:
    answer = till.raw("/api/orders", body)
    assert answer.status_code == 400 and answer.mimetype == "application/problem+json"


@pytest.mark.parametrize("depth", [100, 900, 990])
def test_a_nest_that_can_just_be_read_is_refused(till: Till, depth: int) -> None:
    nest = b'{"a":' * depth + b'"\\u0000"' + b"}" * depth
    assert till.raw("/api/orders", nest).status_code in (400, 422)


def test_a_body_of_another_kind_is_415_and_a_huge_one_413(till: Till) -> None:
    assert till.raw("/api/orders", b"{}", "text/plain").status_code == 415
    assert till.raw("/api/orders", b"{}", "application/json; charset=utf-8").status_code == 201
    huge = till.raw("/api/orders", b'{"note": "' + b"x" * 10_000_000 + b'"}')
    assert huge.status_code == 413 and huge.mimetype == "application/problem+json"


def test_a_long_number_is_refused_where_it_stands(till: Till) -> None:
    body = b'{"guests": %(long)s, "total": %(long)s, "name": %(long)s}' % {b"long": b"9" * 4300}
    assert problems(till.raw("/api/events", body)).keys() == {"guests", "total", "name"}


@pytest.mark.parametrize(
    ("path", "body", "places"),
    [
        ("orders", b'{"number": "1", "number": "2"}', {"number"}),
        ("orders", b'{"number" : "1", "number":"2"}', {"number"}),
        ("orders", b'{"note": "\\":", "tags": ["a"], "tags": ["b"]}', {"tags"}),
        (
            "orders",
            b'{"lines": [{"name": "R", "name": ": x"}], "customer": {"email": "", "email": ""}}',
            {"lines.0.name", "customer.email"},
        ),
        ("customers", b'{"number": "1", "num\\u0062er": "2"}', {"number"}),
        ("orders/batch", b'[{"number": "1"}, {"number": "2", "number": "3"}]', {"1.number"}),
    ],
)
def test_a_name_twice_in_one_object_is_refused_where_it_stands(
    till: Till, path: str, body: bytes, places: set[str]
) -> None:
    answer = till.raw(f"/api/{path}", body)
    assert problems(answer).keys() == places
    assert set(problems(answer).values()) == {"Is there twice. Send it once."}
    assert count("order") == 0


@pytest.mark.parametrize("note", ['": x', '"a":', '\\": "b" :', '{"a" : 1}', ":", '"'])
def test_a_text_that_only_looks_like_names_is_taken(till: Till, note: str) -> None:
    assert till.post("/api/orders", {"number": "1", "note": note}).json["record"]["note"] == note


@pytest.mark.parametrize("given", [{}, {"number": None}, {"email": ""}, {"tags": ["vip"], "phone": "1"}])
def test_a_customer_without_a_name_or_contact_is_refused(till: Till, given: dict[str, Any]) -> None:
    before = count("customer")
    assert problems(till.post("/api/customers", given)).keys() == {""}
    assert problems(till.post("/api/customers/batch", [{"number": "C-8"}, given])).keys() == {"1"}
    assert count("customer") == before
    till.post("/api/customers", {"first_name": "Zoe"})
    assert count("customer") == before + 1
    assert till.patch("/api/customers/C-1", {"tags": ["vip"]}).status_code == 200


SENTENCES = {
    "payment_status": (
        "Payed",
        "“Payed” is not a payment status. Use one of Unpaid, Partially Paid, Paid, Over",
    ),
    "status": (None, "Cannot be null. Leave it out to keep it as it is."),
    "total": (86.5, 'Needs an amount in quotes, such as "86.50", not the number 86.5.'),
    "amount_paid": ("1.234", "Needs at most 2 decimals in GBP, not “1.234”."),
    "delivery_date": ("2026-02-30", "Needs a date such as 2026-11-24, not “2026-02-30”."),
    "placed_at": ("0001-01-01T00:00", "Needs a year from 1900 to 2199."),
    "number": ("a/../b", "Needs something beside dots before and after each “/”."),
    "tags": ("vip", 'Needs a list of at most 50 tags, such as ["vip"].'),
    "note": ("x" * 10_001, "Needs at most 10,000 characters, this has 10,001."),
    "totl": ("1", "There is no field “totl”. Did you mean “total”?"),
    "customer": ({}, "Needs a number, an email or a name, so that the customer can be found."),
    "account": (" ", "Needs between 1 and 200 characters, this has 0."),
    "lines": ({}, "Needs a list of at most 500 lines."),
}


def test_every_problem_is_named_at_once(till: Till) -> None:
    found = problems(till.post("/api/orders", {name: value for name, (value, _) in SENTENCES.items()}))
    assert found.keys() == SENTENCES.keys()
    for name, (_, sentence) in SENTENCES.items():
        assert found[name].startswith(sentence)
    assert count("order") == 0


@pytest.mark.parametrize(
    "amount", ["NaN", "inf", "1e5", "", " 1", "1.", ".5", "+1", "1,000", "٣", "1" * 13, "--1"]
)
def test_an_amount_that_is_not_plain_is_refused(till: Till, amount: str) -> None:
    assert problems(till.post("/api/orders", {"total": amount})).keys() == {"total"}


@pytest.mark.parametrize("value", [True, False, 3, 2.5, [], {}, [[]], "x", "\x00", -1, 2**70, None, ["\x00"]])
def test_a_wrong_value_in_any_field_never_causes_a_server_error(till: Till, value: Any) -> None:
    for path, names in FIELDS.items():
        for name in names:
            answer = till.post(path, {name: value})
            assert answer.status_code in (200, 201, 400, 422), (path, name, answer.text)


FIELDS = {f"/api/{subject}s": tuple(fields) for subject, fields in record_schema.FIELDS.items()}


def test_problems_inside_lists_and_objects_have_their_place(till: Till) -> None:
    lines: list[Any] = [{"name": "Roses"}, {"name": "Card", "unit_price": 2, "colour": "red"}, "rose"]
    sent = {"lines": lines, "tags": ["vip", 3], "customer": {"emial": "x", "phone": 1}}
    assert problems(till.post("/api/orders", sent)).keys() == {
        "lines.0.unit_price",
        "lines.1.unit_price",
        "lines.1.colour",
        "lines.2",
        "tags.1",
        "customer.emial",
        "customer.phone",
    }


def test_lines_that_cannot_be_added_up_are_refused(till: Till) -> None:
    line = {"name": "Gold", "unit_price": "999999999999.99", "quantity": 100_000}
    assert problems(till.post("/api/orders", {"lines": [line]})).keys() == {"lines"}


def test_a_nul_character_is_refused_in_every_position(till: Till) -> None:
    found = problems(till.post("/api/orders", {"note": "a\0b", "lines": [{"name": "\0"}], "\0": 1}))
    assert found.keys() == {"", "note", "lines.0.name"}
    assert till.post("/api/orders", {"note": "\\u0000"}).status_code == 201


def test_a_batch_is_taken_whole_or_not_at_all(till: Till) -> None:
    good = [{"number": str(number), "total": "1.00"} for number in range(3)]
    answer = till.post("/api/orders/batch", [*good, {"number": "3", "total": 1, "status": "Payed"}])
    assert answer.status_code == 422 and problems(answer).keys() == {"3.total", "3.status"}
    assert (count("order"), count("occurrence")) == (0, 0)
    answer = till.post("/api/orders/batch", good)
    assert [result["number"] for result in answer.json["results"]] == ["0", "1", "2"]
    assert till.post("/api/orders/batch", []).json == {"results": []}


def test_a_batch_has_at_most_a_thousand(till: Till) -> None:
    too_many = problems(till.post("/api/orders/batch", [{}] * 1001))
    assert too_many == {"": "Send a list of at most 1,000 orders, this one has 1,001."}
    assert "" in problems(till.post("/api/orders/batch", {}))
    assert "" in problems(till.post("/api/orders", []))
    assert len(till.post("/api/orders/batch", [{}] * 1000).json["results"]) == 1000


def test_api_errors_are_problems_and_mention_no_pages(client: FlaskClient) -> None:
    for method, path, status, title in (
        ("GET", "/api/nothing", 404, "Not found"),
        ("DELETE", "/api/orders", 405, "Method not allowed"),
        ("GET", "/api/orders", 401, "No valid key"),
    ):
        answer = client.open(path, method=method)
        assert (answer.status_code, answer.get_json()["title"]) == (status, title)
        assert "page" not in answer.get_json()["detail"]


@pytest.mark.slow
@pytest.mark.parametrize("subject", record_schema.FIELDS)
def test_an_unusual_value_in_any_field_is_accepted_or_refused_with_a_reason(till: Till, subject: str) -> None:
    """Nests, endless and long numbers, half characters, NUL, names twice, and what is almost JSON."""
    till.post(f"/api/{subject}s", {"number": "N-1"})
    ways = cycle([("POST", "", b"%s"), ("PATCH", "/N-1", b"%s"), ("POST", "/batch", b"[%s]")])
    refused = 0
    for name in record_schema.FIELDS[subject]:
        for odd in ODD:
            method, path, around = next(ways)
            body = around % f'{{"{name}": {odd}}}'.encode("utf-8", "surrogatepass")
            with changed_tables() as tables:
                answer = till.send(
                    method, f"/api/{subject}s{path}", data=body, content_type="application/json"
                )
            assert answer.status_code in (200, 201, 400, 422), (name, odd[:40], answer.text)
            if answer.status_code >= 400:
                refused += 1
                assert answer.mimetype == "application/problem+json" and answer.json["detail"]
                assert tables <= {"api_key"}, (name, odd[:40], tables)
    assert refused > len(record_schema.FIELDS[subject]) * len(ODD) / 2


@pytest.mark.parametrize("number", [".", "..", "one\ntwo", "tab\tbed", "\u200b"])
def test_a_number_that_cannot_be_an_address_or_a_line_says_what_it_needs(till: Till, number: str) -> None:
    answer = till.post("/api/orders", {"number": number})
    assert problems(answer) == {"number": "Needs plain characters on one line."}
