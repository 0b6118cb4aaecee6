"""Link state advertisements of OSPF, versions 2 and 3: their headers, and what they advertise.

Reference: RFC 2328, appendix A.4; NSSA RFC 3101; opaque states RFC 5250; RFC 5340, appendix A.4; IPv4 in version 3
RFC 5838, section 2.
"""

from ipaddress import IPv4Address, IPv6Address

from zjobs.chars import ipv4
from zjobs.wire.layout import Field, Layout
from zjobs.wire.message import Message, Reader
from zjobs.wire.values import hex4
from zjobs.wire.walk import Fault

VERSION_2 = 2

LAYOUT = Layout(
    "OSPF link state advertisement",
    (
        Field("age", "u16", 0, "Age", bits=(0, 15), json="ospf.lsa.age"),
        Field("options", "u8", 2, "Options"),
        Field("type", "u8", 3, "Type", json="ospf.lsa"),
        Field("id", "u32", 4, "Link State Id", ipv4),
        Field("router", "u32", 8, "Advertising Router", ipv4),
        Field("seq", "u32", 12, "Sequence", json="ospf.lsa.seqnum"),
        Field("checksum", "u16", 16, "CheckSum", hex4, json="ospf.lsa.chksum"),
        Field("length", "u16", 18, "Length", json="ospf.lsa.length"),
    ),
    20,
    "RFC 2328, appendix A.4.1",
)
LAYOUT_3 = Layout(
    "OSPF version 3 link state advertisement",
    (
        LAYOUT.by_name["age"],
        Field("type", "u16", 2, "Type", json="ospf.v3.lsa"),
        *(LAYOUT.by_name[name] for name in ("id", "router", "seq", "checksum", "length")),
    ),
    20,
    "RFC 5340, appendix A.4.2",
)

STATES = {
    1: "Router", 2: "Network", 3: "Summary (network)", 4: "Summary (ASBR)", 5: "AS External", 6: "Group membership",
    7: "NSSA", 9: "Opaque (link)", 10: "Opaque (area)", 11: "Opaque (AS)",
}  # fmt: skip
_OPAQUE = (9, 10, 11)
#: By function code: types of version 3 say in their first bits how far they go and what to do with unknown ones.
STATES_3 = {
    1: "Router", 2: "Network", 3: "Inter-area prefix", 4: "Inter-area router", 5: "AS External", 7: "NSSA", 8: "Link",
    9: "Intra-area prefix",
}  # fmt: skip
_FUNCTION = 0x1FFF
LINKS = {1: "Point-to-point", 2: "Transit network", 3: "Stub network", 4: "Virtual link"}
_ROUTER_FLAGS = (("v", 4), ("e", 2), ("b", 1))
_EXTERNAL_FLAGS = (("e", 4), ("f", 2), ("t", 1))


def address(data: Reader, field: str, say: Message) -> str:
    """An IPv4 address, or the number of a router that looks like one."""
    text = str(IPv4Address(data.take(4)))
    say.field(field, text)
    return text


def type_name(kind: int, version: int) -> str:
    """What a type of advertisement is called."""
    return STATES.get(kind, str(kind)) if version == VERSION_2 else STATES_3.get(kind & _FUNCTION, f"{kind:04X}")


def header(data: Reader, say: Message, version: int) -> tuple[int, int]:
    """The header of an advertisement; the length that it claims, and its type."""
    head = say.header(LAYOUT if version == VERSION_2 else LAYOUT_3, data)
    kind, name, router = head["type"], str(IPv4Address(head["id"])), str(IPv4Address(head["router"]))
    if version == VERSION_2:
        say.field("ospf.v2.options", head["options"])
        if kind not in _OPAQUE:
            # The id of an opaque state is a type and a number.
            say.field("ospf.lsa.id", name)
    say.field("ospf.advrouter", router)
    say.line("State", type_name(kind, version), ("Id", name), ("Router", router))
    say.line("Age", head["age"], ("Sequence", f"{head['seq']:08X}"), ("Length", head["length"]), level=2)
    if head["length"] < LAYOUT.size:
        raise data.bad("ospf.lsa.length", LAYOUT.size, head["length"])
    return head["length"], kind


def advertisement(data: Reader, say: Message, version: int, old: bool) -> None:
    """Header and body; with ``old`` addresses version 3 carries IPv4."""
    size, kind = header(data, say, version)
    tell = _BODIES.get(kind) if version == VERSION_2 else _BODIES_3.get(kind & _FUNCTION)
    short = size - LAYOUT.size - len(data)
    body = data.upto(size - LAYOUT.size, "ospf.lsa.length")
    if tell is not None:
        tell(body, say, old)
        if len(body):
            say.fault("ospf.lsa.length", body.at, size - len(body) - max(short, 0), size, Fault.LENGTH)
    if short > 0:
        # What is missing is claimed by the advertisement.
        data.take(short, "ospf.lsa.length")


def _flags(name: str, flags: int, bits: tuple[tuple[str, int], ...], say: Message) -> str:
    """Flags, each a field; in hex with the letters of those that are on."""
    say.field(name, flags)
    for letter, bit in bits:
        say.field(f"{name}.{letter}", bool(flags & bit))
    return " ".join((f"{flags:02X}", *(letter.upper() for letter, bit in bits if flags & bit)))


def _router(data: Reader, say: Message, old: bool) -> None:
    flags = _flags("ospf.v2.router.lsa.flags", data.u8(), _ROUTER_FLAGS, say)
    data.u8()
    links = data.u16()
    say.field("ospf.lsa.number_of_links", links)
    say.line("Flags", flags, ("Links", links), level=2)
    for _ in range(links):
        link = address(data, "ospf.lsa.router.linkid", say)
        more = address(data, "ospf.lsa.router.linkdata", say)
        kind, metrics, metric = data.u8(), data.u8(), data.u16()
        for field, value in (("linktype", kind), ("nummetrics", metrics), ("metric0", metric)):
            say.field(f"ospf.lsa.router.{field}", value)
        say.line("Link", LINKS.get(kind, kind), ("Id", link), ("Data", more), level=2)
        say.line("Metric", metric, level=3)
        for _ in range(metrics):
            service, metric = data.u8(), data.u24() & 0xFFFF
            say.field("ospf.ls.metric", metric)
            say.line("Metric", metric, ("TOS", service), level=3)


def _network(data: Reader, say: Message, old: bool) -> None:
    say.line("Network Mask", address(data, "ospf.lsa.network.netmask", say), level=2)
    while len(data):
        say.line("Attached Router", address(data, "ospf.lsa.network.attchrtr", say), level=2)


def _summary(data: Reader, say: Message, old: bool) -> None:
    # There is at least one metric, here and in the next.
    say.line("Network Mask", address(data, "ospf.lsa.asbr.netmask", say), level=2)
    while True:
        service, metric = data.u8(), data.u24()
        say.field("ospf.lsa.tos", service)
        say.field("ospf.metric", metric)
        say.line("Metric", metric, ("TOS", service), level=2)
        if not len(data):
            break


def _external(data: Reader, say: Message, old: bool) -> None:
    say.line("Network Mask", address(data, "ospf.lsa.asext.netmask", say), level=2)
    while True:
        first, metric = data.u8(), data.u24()
        say.field("ospf.lsa.asext.type", bool(first & 0x80))
        say.field("ospf.lsa.tos", first & 0x7F)
        say.field("ospf.metric", metric)
        onward = address(data, "ospf.lsa.asext.fwdaddr", say)
        tag = data.u32()
        say.field("ospf.lsa.asext.extrttag", tag)
        say.line("Metric", metric, ("Type", 2 if first & 0x80 else 1), ("TOS", first & 0x7F), level=2)
        say.line("Forward To", onward, ("Route Tag", tag), level=2)
        if not len(data):
            break


def _options(data: Reader, say: Message) -> str:
    options = data.u24()
    say.field("ospf.v3.options", options)
    return f"{options:06X}"


def _metric(data: Reader, say: Message, wide: bool = False) -> int:
    metric = data.u24() if wide else data.u16()
    say.field("ospf.metric", metric)
    return metric


def _router_3(data: Reader, say: Message, old: bool) -> None:
    flags = _flags("ospf.v3.router.lsa.flags", data.u8(), _ROUTER_FLAGS, say)
    say.line("Flags", flags, ("Options", _options(data, say)), level=2)
    while len(data):
        kind = data.u8()
        say.field("ospf.v3.lsa.type", kind)
        data.u8()
        metric, own, other = _metric(data, say), data.u32(), data.u32()
        say.field("ospf.v3.lsa.interface_id", own)
        say.field("ospf.v3.lsa.neighbor_interface_id", other)
        router = address(data, "ospf.v3.lsa.neighbor_router_id", say)
        say.line("Link", LINKS.get(kind, kind), ("Interface", own), ("Metric", metric), level=2)
        say.line("Neighbor", router, ("Interface", other), level=3)


def _network_3(data: Reader, say: Message, old: bool) -> None:
    data.u8()
    say.line("Options", _options(data, say), level=2)
    while len(data):
        say.line("Attached Router", address(data, "ospf.v3.lsa.attached_router", say), level=2)


def _inter_area_prefix(data: Reader, say: Message, old: bool) -> None:
    data.u8()
    metric = _metric(data, say, True)
    size, options = _prefix_head(data, say)
    data.u16()
    _prefix(data, say, old, size, options, ("Metric", metric))


def _inter_area_router(data: Reader, say: Message, old: bool) -> None:
    data.u8()
    options = _options(data, say)
    data.u8()
    metric = _metric(data, say, True)
    router = address(data, "ospf.v3.lsa.destination_router_id", say)
    say.line("Destination", router, ("Options", options), ("Metric", metric), level=2)


def _external_3(data: Reader, say: Message, old: bool) -> None:
    flags = data.u8()
    shown = _flags("ospf.v3.as.external.flags", flags, _EXTERNAL_FLAGS, say)
    metric = _metric(data, say, True)
    size, options = _prefix_head(data, say)
    referenced = data.u16()
    say.field("ospf.v3.lsa.referenced_ls_type", referenced)
    say.line("Flags", shown, ("Type", 2 if flags & 4 else 1), level=2)
    _prefix(data, say, old, size, options, ("Metric", metric))
    if flags & 2:
        say.line("Forward To", _interface(data, say, "ospf.v3.lsa.forwarding_address", old), level=2)
    if flags & 1:
        tag = data.u32()
        say.field("ospf.v3.lsa.external_route_tag", tag)
        say.line("Route Tag", tag, level=2)
    if referenced:
        name = address(data, "ospf.v3.lsa.referenced_link_state_id", say)
        say.line("Referenced", type_name(referenced, 3), ("Id", name), level=2)


def _link(data: Reader, say: Message, old: bool) -> None:
    priority = data.u8()
    say.field("ospf.v3.lsa.router_priority", priority)
    say.line("Priority", priority, ("Options", _options(data, say)), level=2)
    say.line("Interface", _interface(data, say, "ospf.v3.lsa.link_local_interface_address", old), level=2)
    count = data.u32()
    say.field("ospf.v3.lsa.num_prefixes", count)
    for _ in range(count):
        size, options = _prefix_head(data, say)
        data.u16()
        _prefix(data, say, old, size, options)


def _intra_area_prefix(data: Reader, say: Message, old: bool) -> None:
    count, referenced = data.u16(), data.u16()
    say.field("ospf.v3.lsa.num_prefixes", count)
    say.field("ospf.v3.lsa.referenced_ls_type", referenced)
    name = address(data, "ospf.v3.lsa.referenced_link_state_id", say)
    router = address(data, "ospf.v3.lsa.referenced_advertising_router", say)
    say.line("Referenced", type_name(referenced, 3), ("Id", name), ("Router", router), level=2)
    for _ in range(count):
        size, options = _prefix_head(data, say)
        metric = _metric(data, say)
        _prefix(data, say, old, size, options, ("Metric", metric))


def _interface(data: Reader, say: Message, field: str, old: bool) -> str:
    """An address of sixteen bytes; one of IPv4 is the first four."""
    raw = data.take(16)
    text = str(IPv4Address(raw[:4]) if old else IPv6Address(raw))
    say.field(f"{field}.{'ipv4' if old else 'ipv6'}", text)
    return text.upper()


def _prefix_head(data: Reader, say: Message) -> tuple[int, int]:
    """Length and options of a prefix; two bytes of the advertisement stand before the prefix itself."""
    size, options = data.u8(), data.u8()
    say.field("ospf.prefix_length", size)
    say.field("ospf.v3.prefix.options", options)
    return size, options


def _prefix(data: Reader, say: Message, old: bool, size: int, options: int, *more: tuple[str, object]) -> None:
    """As many words as the prefix has; RFC 5340, appendix A.4.1."""
    longest = 4 if old else 16
    if size > longest * 8:
        raise data.bad("ospf.prefix_length", longest * 8, size)
    raw = data.take((size + 31) // 32 * 4, "ospf.prefix_length").ljust(longest, b"\0")
    text = str(IPv4Address(raw) if old else IPv6Address(raw))
    say.field(f"ospf.v3.address_prefix.{'ipv4' if old else 'ipv6'}", text)
    say.line("Prefix", f"{text.upper()}/{size}", ("Options", f"{options:02X}"), *more, level=2)


_BODIES = {1: _router, 2: _network, 3: _summary, 4: _summary, 5: _external, 7: _external}
#: By function code, whatever the bits in front of it.
_BODIES_3 = {
    1: _router_3, 2: _network_3, 3: _inter_area_prefix, 4: _inter_area_router, 5: _external_3, 7: _external_3,
    8: _link, 9: _intra_area_prefix,
}  # fmt: skip
