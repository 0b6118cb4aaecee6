"""Shared Memory Communications over RDMA: messages of the link layer control (LLC) between two peers.

Reference: RFC 7609, appendix A.3; SMC-Rv2 has the same places, numbers of its own and a longer length field.
"""

from zjobs.wire import message
from zjobs.wire._smc import Part, parts
from zjobs.wire.layout import Field, Layout
from zjobs.wire.link import Link
from zjobs.wire.message import Message, Reader
from zjobs.wire.values import hex2

NAME = "smcllc"
TITLE = "SMC LLC"
FOUND = {"link": (Link.SMC,)}
LISTS = frozenset({"smc.delete.rkey.deleted"})

LAYOUT = Layout(
    "SMC LLC",
    (
        Field("type", "u8", 0, "LLC Message", hex2, json="smc.llc_msg"),
        Field("length", "u8", 1, "Length"),
        Field("flags", "u8", 3, "Flags", hex2),
    ),
    4,
    "RFC 7609, appendix A.3",
)

_VERSION_2 = 0x20
_CONFIRM_LINK, _ADD_LINK, _ADD_LINK_CONT, _DELETE_LINK, _REQUEST_LINK, _CONFIRM_RKEY, _TEST_LINK = range(1, 8)
_CONFIRM_RKEY_CONT, _DELETE_RKEY = 8, 9
NAMES = {
    _CONFIRM_LINK: "Confirm Link", _ADD_LINK: "Add Link", _ADD_LINK_CONT: "Add Link Continuation",
    _DELETE_LINK: "Delete Link", _REQUEST_LINK: "Request Add Link", _CONFIRM_RKEY: "Confirm Rkey",
    _TEST_LINK: "Test Link", _CONFIRM_RKEY_CONT: "Confirm Rkey Continuation", _DELETE_RKEY: "Delete Rkey",
}  # fmt: skip
#: Connection data control, the message that moves cursors, has a length of its own (RFC 7609, appendix A.4).
_CDC = 0xFE
_DELETE_REASONS = {
    0x00010000: "lost path", 0x00020000: "operator initiated", 0x00030000: "program initiated",
    0x00040000: "protocol violation", 0x00050000: "asymmetric link no longer needed", 0x00100000: "unknown link",
}  # fmt: skip


def _flags(name: str, *bits: tuple[str, str, int]) -> tuple[Part, ...]:
    out = [Part(3, 1, "Flags", f"smc.{name}.flags")] if name != "request.add.link" else []
    return (*out, *(Part(3, 1, label, f"smc.{name}.{field}", "flag", (shift, 1)) for field, label, shift in bits))


_RESPONSE = ("response", "Response", 7)
_PARTS: dict[int, tuple[Part, ...]] = {
    _CONFIRM_LINK: (
        *_flags("confirm.link", _RESPONSE),
        Part(4, 6, "MAC", "smc.confirm.link.sender.mac", "mac"), Part(10, 16, "GID", "smc.sender.gid", "gid"),
        Part(26, 3, "QP Number", "smc.confirm.link.sender.qp.number"),
        Part(29, 1, "Link Number", "smc.confirm.link.number"),
        Part(30, 4, "Link User Id", "smc.confirm.link.sender.link.userid"),
        Part(34, 1, "Max Links", "smc.confirm.link.max.links"),
    ),
    _ADD_LINK: (
        *_flags("add.link", _RESPONSE, ("response.rejected", "Rejected", 6)),
        Part(4, 6, "MAC", "smc.add.link.sender.mac", "mac"), Part(12, 16, "GID", "smc.add.link.sender.gid", "gid"),
        Part(28, 3, "QP Number", "smc.add.link.sender.qp.number"),
        Part(31, 1, "Link Number", "smc.add.link.link.number"),
        Part(32, 1, "QP MTU", "smc.add.link.qp.mtu.value", "number", (0, 4)),
        Part(33, 3, "Initial PSN", "smc.add.link.initial.psn"),
    ),
    _ADD_LINK_CONT: (
        *_flags("add.link.cont", _RESPONSE), Part(4, 1, "Link Number", "smc.add.link.cont.link.number"),
        Part(5, 1, "Rkeys", "smc.add.link.cont.rkey.number", "number"),
        Part(8, 4, "Rkey", "smc.add.link.cont.rmb.RTok1.Rkey1"),
        Part(12, 4, "New Rkey", "smc.add.link.cont.rmb.RTok1.Rkey2"),
        Part(16, 8, "Address", "smc.add.link.cont.rmb.RTok1.virt"),
    ),
    _DELETE_LINK: (
        *_flags("delete.link", _RESPONSE, ("all", "All Links", 6), ("orderly", "Orderly", 5)),
        Part(4, 1, "Link Number", "smc.delete.link.number"), Part(5, 4, "Reason Code", "smc.delete.link.reason.code"),
    ),
    _REQUEST_LINK: _flags("request.add.link", _RESPONSE, ("response.rejected", "Rejected", 6)),
    _CONFIRM_RKEY: (
        *_flags("confirm.rkey", _RESPONSE, ("negative.response", "Negative", 5), ("retry.rkey.set", "Retry", 4)),
        Part(4, 1, "Other QPs", "smc.confirm.rkey.number.qp", "number"),
        Part(5, 4, "New Rkey", "smc.confirm.rkey.new.rkey"),
        Part(9, 8, "Address", "smc.confirm.rkey.new.virt"),
    ),
    _TEST_LINK: _flags("test.link", _RESPONSE),
    _DELETE_RKEY: (
        *_flags("delete.rkey", _RESPONSE, ("negative.response", "Negative", 5)),
        Part(4, 1, "Rkeys", "smc.delete.rkey.count", "number"), Part(5, 1, "Error Mask", "smc.delete.rkey.error.mask"),
    ),
}  # fmt: skip
_CURSORS = (
    Part(2, 2, "Sequence", "smc.rmbe.ctrl.seqno"), Part(4, 4, "Alert Token", "smc.rmbe.ctrl.alert.token"),
    Part(10, 2, "Producer Wrap", "smc.rmbe.ctrl.prod.wrap.seq"),
    Part(12, 4, "Producer Cursor", "smc.rmbe.ctrl.peer.prod.curs"), Part(18, 2, "Consumer Wrap", ""),
    Part(20, 4, "Consumer Cursor", ""),
    Part(24, 1, "Write Blocked", "smc.rmbe.ctrl.write.blocked", "flag", (7, 1)),
    Part(24, 1, "Urgent Pending", "smc.rmbe.ctrl.urgent.pending", "flag", (6, 1)),
    Part(24, 1, "Urgent Present", "smc.rmbe.ctrl.urgent.present", "flag", (5, 1)),
    Part(24, 1, "Update Requested", "smc.rmbe.ctrl.cons.update.requested", "flag", (4, 1)),
    Part(24, 1, "Failover", "smc.rmbe.ctrl.failover.validation", "flag", (3, 1)),
    Part(25, 1, "Sending Done", "smc.rmbe.ctrl.peer.sending.done", "flag", (7, 1)),
    Part(25, 1, "Closed", "smc.rmbe.ctrl.peer.closed.conn", "flag", (6, 1)),
    Part(25, 1, "Abnormal Close", "smc.rmbe.ctrl.peer.abnormal.close", "flag", (5, 1)),
)  # fmt: skip


def decode(data: Reader, say: Message, state: int) -> None:
    """One message; a length that is not the one of the message is a problem, what is behind it is told."""
    if not len(data):
        return
    start = data.at
    kind = data.data[start]
    if kind == _CDC:
        say.field("smc.llc_msg", kind)
        say.line("LLC Message", "FE Connection Data Control", ("Length", data.data[start + 1] if len(data) > 1 else 0))
        say.also("SMC : LLC Connection Data Control")
        parts(data, say, start, _CURSORS)
        return
    head = say.header(LAYOUT, data)
    second = kind & _VERSION_2
    length = int.from_bytes(data.data[start + 1 : start + 3], "big") if second else head["length"]
    name = NAMES.get(kind & ~_VERSION_2, "Unknown")
    answer = " response" if head["flags"] & 0x80 else ""
    say.line(
        "LLC Message", f"{kind:02X} {name}{answer}", ("Length", length), ("Version", 2 if second else 1)
    )  # fmt: skip
    say.also(f"SMC : LLC {name}{answer}")
    if not LAYOUT.size <= length <= data.end - start and not say.cut:
        say.fault("smc.llc_msg.length", start + 1, length, data.end - start)
    stop = start + max(min(length, data.end - start), LAYOUT.size)
    body = Reader(data.data, start + LAYOUT.size, stop, "smc.llc_msg.length")
    parts(body, say, start, _PARTS.get(kind & ~_VERSION_2, ()))
    _rest(kind & ~_VERSION_2, body, say, start)


def _rest(kind: int, body: Reader, say: Message, start: int) -> None:
    """What is repeated, and the reason of a delete in words."""
    if kind == _DELETE_LINK:
        code = int.from_bytes(body.data[start + 5 : start + 9], "big")
        reason = _DELETE_REASONS.get(code, f"{code:08X}")
        say.line("Reason", reason, level=2)
        say.also(reason)
    elif kind == _DELETE_RKEY:
        body.at = start + 8
        for _ in range(min(body.data[start + 4], 8)):
            say.field("smc.delete.rkey.deleted", key := body.u32())
            say.line("Deleted Rkey", f"{key:08X}", level=2)
    elif kind == _CONFIRM_RKEY:
        body.at = start + 17
        for _ in range(body.data[start + 4]):
            link, key, address = body.u8(), body.u32(), body.u64()
            for name, value in (("link.number", link), ("new.rkey", key), ("new.virt", address)):
                say.field(f"smc.confirm.rkey.{name}", value)
            say.line("Link Number", f"{link:02X}", ("Rkey", f"{key:08X}"), ("Address", f"{address:016X}"), level=2)


lines = message.lines
values = message.values
