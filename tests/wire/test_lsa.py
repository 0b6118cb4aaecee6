"""Link state advertisements in LS Updates, each built after RFC 2328, appendix A.4, or RFC 5340, appendix A.4."""

from __future__ import annotations

import struct

import pytest
from telling import Told, cut_everywhere, told

pytestmark = pytest.mark.s390x

ROUTER = bytes((2, 2, 2, 2))


def update(version: int, kind: int, *bodies: str, instance: int = 0, longer: int = 0) -> bytes:
    """An LS Update with an advertisement for each body; ``longer`` is added to what the last says of its length."""
    raw = [bytes.fromhex(body) for body in bodies]
    sizes = [20 + len(r) for r in raw]
    sizes[-1] += longer
    heads = [struct.pack(">HH4s4sIHH", 5, kind, ROUTER, ROUTER, 0x80000001, 0x1234, size) for size in sizes]
    body = struct.pack(">I", len(raw)) + b"".join(h + r for h, r in zip(heads, raw, strict=True))
    rest = bytes(10) if version == 2 else bytes([instance, 0])
    return struct.pack(">BBH4s4sH", version, 4, 14 + len(rest) + len(body), ROUTER, bytes(4), 0) + rest + body


def body_lines(found: Told, state: int = 0) -> list[str]:
    """The lines of one advertisement, behind those of its header."""
    starts = [n for n, line in enumerate(found.lines) if line.startswith("  State")] + [len(found.lines)]
    return found.lines[starts[state] + 2 : starts[state + 1]]


#: Version, types and bodies, and the lines that each body makes.
BODIES: dict[str, tuple[int, int, str, list[str]]] = {
    # Options 02, flags V and B, two links, the second with a metric for a type of service.
    "router": (
        2, 0x0201, "0500 0002 c0000200 ffffff00 03 00 0001 0a000001 0a000002 01 01 0002 01 00 0007",
        [
            "   Flags           : 05 V B           Links: 2",
            "   Link            : Stub network     Id: 192.0.2.0            Data: 255.255.255.0",
            "    Metric         : 1",
            "   Link            : Point-to-point   Id: 10.0.0.1             Data: 10.0.0.2",
            "    Metric         : 2",
            "    Metric         : 7                TOS: 1",
        ],
    ),
    "network": (
        2, 0x0202, "ffffff00 01010101 02020202",
        [
            "   Network Mask    : 255.255.255.0",
            "   Attached Router : 1.1.1.1",
            "   Attached Router : 2.2.2.2",
        ],
    ),
    "summary": (
        2, 0x0203, "ffff0000 00010001",
        ["   Network Mask    : 255.255.0.0", "   Metric          : 65537            TOS: 0"],
    ),
    "summary of a router": (
        2, 0x0204, "00000000 00000014",
        ["   Network Mask    : 0.0.0.0", "   Metric          : 20               TOS: 0"],
    ),
    "external": (
        2, 0x0205, "ffffff00 80000014 0a000001 00000007",
        [
            "   Network Mask    : 255.255.255.0",
            "   Metric          : 20               Type: 2                  TOS: 0",
            "   Forward To      : 10.0.0.1         Route Tag: 7",
        ],
    ),
    "router of version 3": (
        3, 0x2001, "02000033 02 00 000a 00000005 00000006 03030303",
        [
            "   Flags           : 02 E             Options: 000033",
            "   Link            : Transit network  Interface: 5             Metric: 10",
            "    Neighbor       : 3.3.3.3          Interface: 6",
        ],
    ),
    "network of version 3": (
        3, 0x2002, "00000033 01010101", ["   Options         : 000033", "   Attached Router : 1.1.1.1"],
    ),
    "inter-area prefix": (
        3, 0x2003, "0000000a 30 00 0000 20010db8 00010000",
        ["   Prefix          : 2001:DB8:1::/48  Options: 00              Metric: 10"],
    ),
    "inter-area router": (
        3, 0x2004, "00000033 0000000b 03030303",
        ["   Destination     : 3.3.3.3          Options: 000033          Metric: 11"],
    ),
    "external of version 3": (
        3, 0x4005, "0700000c 20 08 2001 20010db8" + "20010db8" + "00" * 11 + "07" + "00000063 00000005",
        [
            "   Flags           : 07 E F T         Type: 2",
            "   Prefix          : 2001:DB8::/32    Options: 08              Metric: 12",
            "   Forward To      : 2001:DB8::7",
            "   Route Tag       : 99",
            "   Referenced      : Router           Id: 0.0.0.5",
        ],
    ),
    "link": (
        3, 0x0008, "01000033 fe80" + "00" * 13 + "01 00000001 40 02 0000 20010db8 00000007",
        [
            "   Priority        : 1                Options: 000033",
            "   Interface       : FE80::1",
            "   Prefix          : 2001:DB8:0:7::/64 Options: 02",
        ],
    ),
    "intra-area prefix": (
        3, 0x2009, "0001 2002 00000004 01010101 00 00 000a",
        [
            "   Referenced      : Network          Id: 0.0.0.4              Router: 1.1.1.1",
            "   Prefix          : ::/0             Options: 00              Metric: 10",
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", list(BODIES))
def test_bodies(name: str) -> None:
    version, kind, body, lines = BODIES[name]
    # Twice, so that the second one starts where the first one ends.
    whole = update(version, kind, body, body)
    found = told("ospf", whole)
    assert body_lines(found, 0) == body_lines(found, 1) == lines
    assert not found.problems
    cut_everywhere("ospf", whole)


@pytest.mark.parametrize("name", list(BODIES))
def test_a_body_that_is_not_as_long_as_its_advertisement_says(name: str) -> None:
    version, kind, body, lines = BODIES[name]
    short = update(version, kind, body, longer=4)
    assert [claimed for claimed, _ in told("ospf", short).problems] == ["ospf.lsa.length"]
    # What is there is told all the same; the rest may have been cut.
    assert body_lines(told("ospf", short, original=len(short) + 4))[: len(lines)] == lines
    # Without its last word; a list of routers is then a shorter list.
    less = told("ospf", update(version, kind, body[:-8]))
    assert bool(less.problems) == ("network" not in name)


@pytest.mark.parametrize(
    ("version", "kind", "body", "claimed"),
    [
        # More than the two links that it announces; four bytes behind a destination.
        (2, 0x0201, BODIES["router"][2] + "00000000", "ospf.lsa.length"),
        (3, 0x2004, BODIES["inter-area router"][2] + "00000000", "ospf.lsa.length"),
        # A network of three bytes, a summary and an external route without a metric.
        (2, 0x0202, "ffffff00 010101", "ospf.lsa.length"),
        (2, 0x0203, "ffffff00", "ospf.lsa.length"),
        (2, 0x0205, "ffffff00", "ospf.lsa.length"),
        # Nothing at all.
        (2, 0x0201, "", "ospf.lsa.length"),
        # Prefixes of 129 bits, and of 64 of which 32 are there.
        (3, 0x2003, "0000000a 81 00 0000" + "00" * 20, "ospf.prefix_length"),
        (3, 0x2003, "0000000a 40 00 0000 20010db8", "ospf.prefix_length"),
    ],
)
def test_lengths_that_do_not_fit(version: int, kind: int, body: str, claimed: str) -> None:
    assert [claim for claim, _ in told("ospf", update(version, kind, body)).problems] == [claimed]


def test_what_is_not_known_is_stepped_over() -> None:
    for version, kind in ((2, 0x020A), (2, 0x0206), (3, 0x200C)):
        found = told("ospf", update(version, kind, "01020304", "05060708"))
        assert not body_lines(found, 0) and not found.problems
        assert found.fields["ospf.ls.number_of_lsas"] == [2]


def test_the_first_bits_of_a_type_do_not_change_what_it_is() -> None:
    found = told("ospf", update(3, 0xA003, BODIES["inter-area prefix"][2]))
    assert found.lines[-3].startswith("  State            : Inter-area prefix Id")
    assert found.fields["ospf.v3.address_prefix.ipv6"] == ["2001:db8:1::"]


def test_instances_of_version_3_with_addresses_of_ipv4() -> None:
    # RFC 5838, section 2.1: 64 to 95 unicast, 96 to 127 multicast.
    link = "01000133 0a000001" + "00" * 12 + "00000001 18 00 0000 0a010200"
    for instance in (64, 127):
        found = told("ospf", update(3, 0x0008, link, instance=instance))
        assert body_lines(found)[1:] == [
            "   Interface       : 10.0.0.1",
            "   Prefix          : 10.1.2.0/24      Options: 00",
        ]
        assert not found.problems
    assert "ospf.v3.address_prefix.ipv6" in told("ospf", update(3, 0x0008, link, instance=128)).fields
    wide = "0000000a 28 00 0000 0a010200 00000000"
    assert told("ospf", update(3, 0x2003, wide, instance=64)).problems[0][0] == "ospf.prefix_length"
