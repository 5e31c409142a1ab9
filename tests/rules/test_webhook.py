"""Which addresses may be told, and when a message is tried again."""

from datetime import timedelta

import pytest

from creditbank_plugin.errors import Refused
from creditbank_plugin.rules.webhook import FAULTS, SILENT, may_be_told, target_of, wait_after

INSIDE = (
    *("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "127.0.0.1", "127.8.8.8", "::1", "fc00::1", "fd12::1"),
)
NEVER = (
    *("0.0.0.0", "169.254.169.254", "169.254.1.1", "100.64.0.1", "100.127.255.254", "224.0.0.1", "239.1.1.1"),  # noqa: S104
    *("255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1", "203.0.113.5", "::", "fe80::1", "fe80::1%eth0"),
    *(
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "2002:7f00:1::",
    ),
    *("2001:0:7f00:1::", "2001:db8::1", "fec0::1", "4000::1"),
    *("fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254", "168.63.129.16"),
)


@pytest.mark.parametrize("address", ["8.8.8.8", "202.28.1.1", "2606:4700::1111", "2403:6200::1"])
def test_public_addresses_may_be_told(address: str) -> None:
    assert may_be_told(address, private=False)


@pytest.mark.parametrize("address", INSIDE)
def test_what_is_inside_a_network_only_where_the_installation_says_so(address: str) -> None:
    assert not may_be_told(address, private=False)
    assert may_be_told(address, private=True)


@pytest.mark.parametrize("address", NEVER)
def test_some_addresses_are_never_told(address: str) -> None:
    assert not may_be_told(address, private=False)
    assert not may_be_told(address, private=True)


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://hooks.example/",
            "ftp://hooks.example/",
            "hooks.example",
            "",
            "https://",
            "https:///x",
            "//hooks.example",
        ),
        *("https://user@hooks.example/", "https://u:p@hooks.example/", "https://@hooks.example/"),
        *(
            "https://hooks.example:8443/",
            "https://hooks.example:0/",
            "https://hooks.example:99999/",
            "https://h.example:x/",
        ),
        *(
            "https://hooks.example/#x",
            "https://hooks.example/a b",
            "https://hooks.example/\n",
            "https://hôoks.example/",
        ),
        *("https://hooks.example\\@127.0.0.1/", "https://127.0.0.1/", "https://[::1]/", "https://[::ffff:127.0.0.1]/"),
        *("https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/", "https://127.1/", "https://0x7f.1/"),
        *("https://127.0.0.1./", "https://10.0.0.1/", "https://169.254.169.254/latest", "https://[fe80::1%25eth0]/"),
        *(
            "https://-x.example/",
            "https://a..example/",
            "https://%31%32%37.0.0.1/",
            "https://" + "a" * 2000 + ".example/",
        ),
        *("https://0/", "https://localhost.0x7f/", "https://[::1/", "https://1.2.3.4.5/"),
    ],
)
def test_an_address_that_is_not_plain_is_refused(url: str) -> None:
    with pytest.raises(Refused) as refusal:
        target_of(url, ports={443}, private=False)
    assert (refusal.value.code, refusal.value.field, refusal.value.status) == ("url_refused", "url", 422)


@pytest.mark.parametrize(
    "url", ["http://hooks.example/", "http://10.0.0.1/", "https://2130706433/", "http://169.254.169.254/"]
)
def test_also_where_private_addresses_are_allowed(url: str) -> None:
    with pytest.raises(Refused):
        target_of(url, ports={443}, private=True)


def test_plain_addresses_are_understood() -> None:
    plain = target_of("https://hooks.example/path?a=1", ports={443}, private=False)
    assert (plain.host, plain.port, plain.secure, plain.literal) == ("hooks.example", 443, True, False)
    assert target_of("https://8.8.8.8:8443/", ports={443, 8443}, private=False).literal
    assert target_of("https://xn--42c2d9a.example/", ports={443}, private=False).host == "xn--42c2d9a.example"
    assert target_of("http://127.0.0.1:8000/", ports={443}, private=True).port == 8000
    assert not target_of("http://localhost:8000/", ports={443}, private=True).secure


def test_each_wait_is_longer_and_none_is_the_same_for_all() -> None:
    middle = [wait_after(attempts, 0.5) for attempts in range(1, 12)]
    assert middle[:3] == [timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=8)]
    assert middle == sorted(middle)
    assert wait_after(99, 0.5) == timedelta(hours=12)
    assert (wait_after(1, 0), wait_after(1, 1)) == (timedelta(seconds=15), timedelta(seconds=45))


def test_every_fault_has_its_words() -> None:
    assert set(FAULTS) >= SILENT
    assert all(th != en for th, en in FAULTS.values())
