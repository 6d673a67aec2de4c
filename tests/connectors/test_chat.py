from __future__ import annotations

import pytest
from pytest_httpserver import HTTPServer

from automations.connectors.chat import AppriseChat, InvalidChat, OutgoingNotice, service_of
from automations.connectors.connector_set import Connectors
from automations.connectors.receipts import Refused, TryAgain

NOTICE = OutgoingNotice("Order 1042", "It is late.", "run-9-1")


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#shop", "Slack"),
        ("discord://123456789012345678/abcdefghijklmnopqrstuvwxyz", "Discord"),
        ("tgram://123456789:abcdefg_hijklmnop/12315544/", "Telegram"),
    ],
)
def test_a_known_service_is_recognised(url: str, name: str) -> None:
    assert service_of(url) == name


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mailto://a:b@example.com",
        "json://10.0.0.1/",
        "jsons://a.example/",
        "slack://",
        "slack",
        "syslog://",
    ],
)
def test_any_other_address_is_refused(url: str) -> None:
    with pytest.raises(InvalidChat):
        service_of(url)
    with pytest.raises(Refused):
        AppriseChat(url).send(NOTICE)


@pytest.mark.usefixtures("local_calls")
def test_a_notice_reaches_a_listed_server(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/room").respond_with_data("ok")
    assert (
        AppriseChat(f"json://127.0.0.1:{httpserver.port}/room").send(NOTICE).detail == "The chat accepted it"
    )
    ((seen, _),) = httpserver.log
    assert (seen.json["title"], seen.json["message"]) == ("Order 1042", "It is late.")


@pytest.mark.usefixtures("local_calls")
@pytest.mark.parametrize(
    ("status", "error"), [(404, Refused), (403, Refused), (429, TryAgain), (500, TryAgain)]
)
def test_permanent_and_temporary_refusals_are_told_apart(
    status: int, error: type[Exception], httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/room").respond_with_data("no", status=status)
    with pytest.raises(error) as caught:
        AppriseChat(f"json://127.0.0.1:{httpserver.port}/room").send(NOTICE)
    assert "/room" not in str(caught.value)


def test_without_a_chat_it_is_refused_with_advice() -> None:
    with pytest.raises(Refused, match="No chat is set up"):
        Connectors().chat.send(NOTICE)


def test_the_chat_url_is_not_in_the_representation() -> None:
    assert "secret" not in repr(AppriseChat("slack://secret"))
