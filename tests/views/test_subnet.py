"""`wire subnet`: the AND in binary, the network's ends, and who is asked for a MAC address."""

from __future__ import annotations

from ipaddress import ip_address, ip_interface

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.subnet import Subnet, parse_address, parse_subnet
from wire.views.subnet import subnet

from .screens import WIDTHS, assert_fits, text_of

TEXTBOOK = """\
172.16.10.1/24     private

address   172.16.10.1     10101100.00010000.00001010│00000001
netmask   255.255.255.0   11111111.11111111.11111111│00000000
AND       172.16.10.0     10101100.00010000.00001010│00000000  the network

network   172.16.10.0/24: 24 bits for the network, 8 bits for the host
hosts     172.16.10.1 to 172.16.10.254: 254 hosts
broadcast 172.16.10.255: every bit of the host is 1
class     B: /16 before there were prefixes; classes are history   RFC 4632 2

Is 172.16.10.2 in the network of 172.16.10.1?

address   172.16.10.2     10101100.00010000.00001010│00000010
netmask   255.255.255.0   11111111.11111111.11111111│00000000
AND       172.16.10.0     10101100.00010000.00001010│00000000  the same network

Both are in 172.16.10.0/24, so 172.16.10.1 sends to 172.16.10.2 itself. ARP
asks: Who has 172.16.10.2? Tell 172.16.10.1. The frame goes to the MAC address
in the reply.                                                         RFC 826"""

PAIRS = [("172.16.10.1/24", "172.16.10.2"), ("10.0.0.1/255.255.240.0", "10.0.16.1/8"), ("10.0.0.1/31", "10.0.0.0"),
         ("10.0.0.1/32", "10.0.0.2"), ("10.0.0.1/0", "8.8.8.8"), ("192.168.1.0/24", "192.168.1.255"),
         ("240.0.0.1/4", "224.0.0.1"), ("255.255.255.255/32", "255.255.255.255"),
         ("2001:db8:1234:5678:9abc:def0:1234:5678/61", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
         ("fe80::1/127", "ff02::1"), ("::/0", "::1"), ("2001:db8::/128", "2001:db8::1")]  # fmt: skip


def said(address: str, other: str | None = None, columns: int = 80) -> str:
    return " ".join(text_of(subnet(address, other, columns)).split())


def test_the_textbook() -> None:
    assert text_of(subnet("172.16.10.1/24", "172.16.10.2")) == TEXTBOOK
    assert text_of(subnet("172.16.10.1/255.255.255.0", "172.16.10.2")) == TEXTBOOK


def test_another_network_goes_to_the_gateway() -> None:
    text = said("172.16.10.1/20", "172.16.32.2")
    assert "10101100.00010000.0010│0000.00000010" in text and "another network" in text
    assert "172.16.32.2 is not in 172.16.0.0/20, so 172.16.10.1 sends to its gateway" in text
    assert "ARP asks for the gateway's MAC address, not for 172.16.32.2's" in text and "RFC 1122 3.3.1.1" in text


def test_two_hosts_can_disagree() -> None:
    """With netmasks of their own one sees the other on its link, and is not seen there."""
    text = said("172.16.10.1/20", "172.16.32.2/16")
    assert "Is 172.16.32.2 in the network of 172.16.10.1?" in text and "sends to its gateway" in text
    assert "Is 172.16.10.1 in the network of 172.16.32.2?" in text and "172.16.32.2 sends to 172.16.10.1 itself" in text
    assert "Is 172.16.10.1" not in said("172.16.10.1/24", "172.16.10.2/24")


@pytest.mark.parametrize(("text", "network", "first", "last", "hosts", "broadcast"), [
    ("172.16.10.1/24", "172.16.10.0/24", "172.16.10.1", "172.16.10.254", 254, "172.16.10.255"),
    ("10.1.2.3/30", "10.1.2.0/30", "10.1.2.1", "10.1.2.2", 2, "10.1.2.3"),
    ("10.1.2.3/31", "10.1.2.2/31", "10.1.2.2", "10.1.2.3", 2, None),
    ("10.1.2.3/32", "10.1.2.3/32", "10.1.2.3", "10.1.2.3", 1, None),
    ("10.1.2.3/0", "0.0.0.0/0", "0.0.0.1", "255.255.255.254", 2**32 - 2, "255.255.255.255"),
    ("2001:db8::5/64", "2001:db8::/64", "2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", 2**64 - 1, None),
    ("2001:db8::5/127", "2001:db8::4/127", "2001:db8::4", "2001:db8::5", 2, None),
    ("2001:db8::5/128", "2001:db8::5/128", "2001:db8::5", "2001:db8::5", 1, None),
])  # fmt: skip
def test_the_ends(text: str, network: str, first: str, last: str, hosts: int, broadcast: str | None) -> None:
    found = parse_subnet(text)
    assert (str(found.network), str(found.first), str(found.last), found.hosts) == (network, first, last, hosts)
    assert (None if found.broadcast is None else str(found.broadcast)) == broadcast


def test_special_prefixes_are_explained() -> None:
    assert "10.0.0.0 and 10.0.0.1: a link between two, without a broadcast address RFC 3021" in said("10.0.0.1/31")
    assert (
        "hosts 10.0.0.1 alone" in said("10.0.0.1/32")
        and "default route" in said("10.0.0.1/0")
        and "RFC 6164" in said("::1/127")
    )
    assert "192.168.1.0 names the network itself: no host may have it" in said("192.168.1.0/24")
    assert "192.168.1.255 names all hosts of it: no host may have it" in said("192.168.1.255/24")


@pytest.mark.parametrize(("address", "name"), [
    ("0.0.0.0", "A"), ("127.255.255.255", "A"), ("128.0.0.0", "B"), ("191.255.255.255", "B"), ("192.0.0.0", "C"),
    ("223.255.255.255", "C"), ("224.0.0.0", "D"), ("239.255.255.255", "D"), ("240.0.0.0", "E"),
    ("255.255.255.255", "E"), ("2001:db8::1", ""),
])  # fmt: skip
def test_classes(address: str, name: str) -> None:
    assert parse_subnet(f"{address}/8").old_class == name
    assert ("class " in said(f"{address}/8")) == bool(name)


@pytest.mark.parametrize(("host", "hop", "words"), [
    ("10.1.1.1", "itself", "nothing leaves the host"), ("127.0.0.1", "itself", "loopback"),
    ("10.255.255.255", "broadcast", "ff:ff:ff:ff:ff:ff"), ("255.255.255.255", "broadcast", "ARP asks for nobody"),
    ("10.0.0.0", "nobody", "names the network itself"), ("224.128.0.251", "multicast", "01:00:5e:00:00:fb"),
    ("10.9.9.9", "direct", "Who has 10.9.9.9? Tell 10.1.1.1."), ("11.0.0.1", "gateway", "sends to its gateway"),
])  # fmt: skip
def test_who_gets_the_frame(host: str, hop: str, words: str) -> None:
    assert parse_subnet("10.1.1.1/8").hop_to(ip_address(host)) == hop and words in said("10.1.1.1/8", host)


@pytest.mark.parametrize(("host", "hop", "words"), [
    ("2001:db8::aa:bbcc", "direct", "ff02::1:ffaa:bbcc"), ("fe80::9", "direct", "fe80::9 is on the link"),
    ("ff02::fb", "multicast", "33:33:00:00:00:fb"), ("2001:db9::1", "gateway", "Neighbor discovery asks for"),
])  # fmt: skip
def test_who_gets_the_frame_over_ipv6(host: str, hop: str, words: str) -> None:
    text = said("2001:db8::1/64", host)
    assert parse_subnet("2001:db8::1/64").hop_to(ip_address(host)) == hop and words in text and "ARP asks" not in text


@pytest.mark.parametrize(("text", "words"), [
    ("10.0.0.1", "10.0.0.1 does not say how many bits name the network: write 10.0.0.1/24 or 10.0.0.1/255.255.255.0"),
    ("2001:db8::1", "write 2001:db8::1/64"), ("10.0.0.1/", "how many bits"), ("10.0.0/24", "here are 3"),
    ("10.0.0.256/8", "256 does not fit into a byte"), ("10.0.x.1/8", "'x' is no number"), ("01.2.3.4/8", "write 1"),
    ("10.0.0.1/33", "from 0 to 32"), ("10.0.0.1/-1", "from 0 to 32"), ("10.0.0.1/٣", "from 0 to 32"),
    ("2001:db8::/129", "from 0 to 128"), ("2001:db8::g/64", "eight groups"), ("fe80::1%eth0/64", "leave the interface"),
    ("10.0.0.1/255.0.255.0", "all ones stand before all zeros"), ("10.0.0.1/0.0.0.255", "is no netmask"),
    ("10.0.0.1/255.255.255", "four numbers"), ("", "is no address"),
])  # fmt: skip
def test_errors_say_what_is_wrong(text: str, words: str) -> None:
    with pytest.raises(ValueError) as caught:
        subnet(text)
    assert words in str(caught.value)


def test_two_families_share_no_network() -> None:
    with pytest.raises(ValueError, match=r"2001:db8::1 is IPv6, 10\.0\.0\.1 is IPv4"):
        subnet("10.0.0.1/8", "2001:db8::1")


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize(("address", "other"), PAIRS)
def test_fits(address: str, other: str, columns: int) -> None:
    assert_fits(subnet(address, other, columns), columns)


@given(st.integers(0, 2**32 - 1), st.integers(0, 32))
def test_any_network(number: int, prefix: int) -> None:
    """The AND drawn is the AND; the netmask's own notation means the same; every host lies between the ends."""
    mine = Subnet(ip_interface((number, prefix)))
    rows = text_of(subnet(str(mine.interface))).splitlines()[2:5]
    address, netmask, both = (int(row[25:].split("  ")[0].replace("│", "").replace(".", "").strip(), 2) for row in rows)
    assert (address, address & netmask, int(mine.network.network_address)) == (number, both, both)
    assert parse_subnet(f"{mine.address}/{mine.netmask}") == mine
    assert mine.first in mine and mine.last in mine and mine.hosts == int(mine.last) - int(mine.first) + 1
    assert parse_address(str(mine.address)) == mine.address
