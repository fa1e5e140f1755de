"""One client, one address, however many headers it invents (promise P17)."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from portal.addresses import client_address


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, None, "203.0.113.9"),
        (0, "198.51.100.1", "203.0.113.9"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "6.6.6.6, 7.7.7.7, 198.51.100.1", "198.51.100.1"),
        (2, "6.6.6.6, 198.51.100.1, 10.0.0.1", "198.51.100.1"),
        (2, "198.51.100.1", "203.0.113.9"),
        (1, "nonsense", "0.0.0.0"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        (1, "::ffff:198.51.100.1", "198.51.100.1"),
        (1, "", "0.0.0.0"),
    ],
)
def test_the_client_is_the_nth_entry_from_the_right(
    settings: object, proxies: int, forwarded: str | None, address: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    headers = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    assert client_address(RequestFactory(REMOTE_ADDR="203.0.113.9").get("/", **headers)) == address


def test_a_thousand_invented_entries_are_one_client(settings: object) -> None:
    settings.TRUSTED_PROXIES = 1
    addresses = {
        client_address(RequestFactory().get("/", HTTP_X_FORWARDED_FOR=f"10.{n % 250}.1.1, 198.51.100.1"))
        for n in range(1000)
    }
    assert addresses == {"198.51.100.1"}
