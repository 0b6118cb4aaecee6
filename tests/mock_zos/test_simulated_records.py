"""The record builder against literal bytes: header by header, and every way CTEs lie in records."""

import struct

import pytest
from trace_entries import entries, entry

from mock_zos import records


def traced(data: bytes, length: int | None = None, counter: int = 1) -> records.Traced:
    return records.Traced(
        time=1708518896789009,
        data=data,
        length=length or len(data),
        link="TAP0",
        interface=2,
        kind="IPAQENET",
        outbound=True,
        source="10.1.1.2",
        destination="10.1.0.2",
        source_port=0,
        destination_port=0,
        protocol=1,
        vlan=0,
        counter=counter,
    )


# An ICMP echo request of 36 bytes from TAP0, 2024-02-21 12:34:56.789009 UTC, put in the buffer 3 us later.
ECHO = bytes.fromhex("4500002400014000400125D30A0101020A010002080018FA123400013031323334353637")
CTE = bytes.fromhex(
    "00920010" "00000004" "DEAF3D6AC0614000"
    "005C0001" "27000024" "E3C1D7F0404040404040404040404040" "DEAF3D6AC0611000"
    "00000000000000000000FFFF0A010102" "00000000000000000000FFFF0A010002"
    "00000000" "00000001" "00010000" "007F62C0" "001E0024" "00000002" "00000000"
) + ECHO + bytes.fromhex("0092")  # fmt: skip


def test_an_entry_is_the_literal_one():
    assert records.entries(traced(ECHO)) == [CTE]


def test_an_odd_packet_is_padded_and_its_length_told():
    (cte,) = records.entries(traced(ECHO[:35], length=36))
    found = entry(cte)
    assert (found.traced, found.original, len(found.data)) == (35, 36, 36)


def test_a_large_packet_comes_in_segments_of_one_set():
    packet = bytes(range(256)) * 200
    found = [entry(cte) for cte in records.entries(traced(packet))]
    assert [one.sequence for one in found] == [0, 1, 2, 3]
    assert {one.traced for one in found} == {len(packet)}
    assert len({one.tod for one in found}) == 1
    assert b"".join(one.data for one in found) == packet


@pytest.mark.parametrize("container", records.CONTAINERS)
def test_every_container_holds_every_entry_once(container):
    ctes = [records.entries(traced(bytes([n % 251]) * (20 + n * 7 % 1400), counter=n))[0] for n in range(1, 400)]
    prefix = records.prefix(container, "SYSTCPDA", "TCPIP", "SYSA", 7)
    room = records.BODY - len(prefix)
    bodies, rest = records.cut(container, b"".join(ctes), room, flush=False)
    more, rest = records.cut(container, rest, room, flush=True)
    bodies += more
    assert rest == b""
    assert max(len(body) for body in bodies) <= room
    if container == "straddle":
        assert any(struct.unpack_from(">H", body)[0] not in {len(cte) for cte in ctes} for body in bodies[1:])
        assert b"".join(bodies) == b"".join(ctes)
    else:
        found = [one.counter for one in entries(bodies, 0)]
        assert found == list(range(1, 400))
    if container == "single":
        assert bodies == ctes


def test_the_prefix_names_component_stack_and_system():
    prefix = records.prefix("packed-prefix", "SYSTCPDA", "TCPIP", "SYSA", 7)
    assert prefix[:24].decode("cp037") == "SYSTCPDATCPIP   SYSA    "
    assert len(prefix) == 40
    assert records.prefix("packed", "SYSTCPDA", "TCPIP", "SYSA", 7) == b""
