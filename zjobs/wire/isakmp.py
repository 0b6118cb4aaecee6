"""Internet Key Exchange, versions 1 (ISAKMP) and 2: the header and the chain of payloads.

Reference: RFC 2408, section 3; RFC 2407 and 2409 (IPsec, attributes); RFC 7296, section 3; RFC 3948 (port 4500).
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import Bytes, among, windows
from zjobs.wire import message
from zjobs.wire.layout import Field, Layout
from zjobs.wire.message import DEEPEST, Message, Reader, Stop, ascii_text
from zjobs.wire.values import hex2, hex8
from zjobs.wire.walk import Fault

NAME = "isakmp"
TITLE = "IKE"
FOUND = {"udp.app": (500,), "udpencap.marker": (0,)}
LISTS = frozenset({"isakmp.nextpayload", "isakmp.typepayload", "isakmp.payloadlength"})

LAYOUT = Layout(
    "IKE",
    (
        Field("initiator", "u64", 0, "Initiator SPI"),
        Field("responder", "u64", 8, "Responder SPI"),
        Field("next", "u8", 16, "Next Payload", json="isakmp.nextpayload"),
        Field("version", "u8", 17, "Version", hex2, json="isakmp.version"),
        Field("major", "u8", 17, "Major", bits=(4, 4), json="isakmp.mjver"),
        Field("minor", "u8", 17, "Minor", bits=(0, 4), json="isakmp.mnver"),
        Field("exchange", "u8", 18, "Exchange", json="isakmp.exchangetype"),
        Field("flags", "u8", 19, "Flags", hex2, json="isakmp.flags"),
        Field("id", "u32", 20, "Message Id", hex8, json="isakmp.messageid"),
        Field("length", "u32", 24, "Length", json="isakmp.length"),
    ),
    28,
    "RFC 7296, section 3.1",
)
PAYLOAD = Layout(
    "IKE payload",
    (
        Field("next", "u8", 0, "Next Payload", json="isakmp.nextpayload"),
        Field("critical", "u8", 1, "Critical", bits=(7, 1)),
        Field("length", "u16", 2, "Length", json="isakmp.payloadlength"),
    ),
    4,
    "RFC 7296, section 3.2",
)
PROPOSAL = Layout(
    "IKE proposal",
    (
        Field("number", "u8", 0, "Number", json="isakmp.prop.number"),
        Field("protocol", "u8", 1, "Protocol", json="isakmp.prop.protoid"),
        Field("spi", "u8", 2, "SPI Size", json="isakmp.spisize"),
        Field("transforms", "u8", 3, "Transforms", json="isakmp.prop.transforms"),
    ),
    4,
    "RFC 7296, section 3.3.1",
)

EXCHANGES = {
    0: "None", 1: "Base", 2: "Main Mode", 3: "Authentication Only", 4: "Aggressive", 5: "Informational",
    6: "Transaction", 32: "Quick Mode", 33: "New Group Mode", 34: "IKE_SA_INIT", 35: "IKE_AUTH",
    36: "CREATE_CHILD_SA", 37: "INFORMATIONAL", 38: "IKE_SESSION_RESUME", 43: "IKE_INTERMEDIATE",
}  # fmt: skip
_SA, _PROPOSAL, _TRANSFORM, _KE1, _NONCE1, _NOTIFY1, _DELETE1, _VENDOR1 = 1, 2, 3, 4, 10, 11, 12, 13
_SA2, _KE2, _NONCE2, _NOTIFY2, _DELETE2, _VENDOR2, _SEALED, _SEALED_PART = 33, 34, 40, 41, 42, 43, 46, 53
PAYLOADS = {
    0: "NONE", _SA: "Security Association", _PROPOSAL: "Proposal", _TRANSFORM: "Transform", _KE1: "Key Exchange",
    5: "Identification", 6: "Certificate", 7: "Certificate Request", 8: "Hash", 9: "Signature", _NONCE1: "Nonce",
    _NOTIFY1: "Notification", _DELETE1: "Delete", _VENDOR1: "Vendor ID", 14: "Attributes", 20: "NAT-D", 21: "NAT-OA",
    _SA2: "Security Association", _KE2: "Key Exchange", 35: "Identification - Initiator",
    36: "Identification - Responder", 37: "Certificate", 38: "Certificate Request", 39: "Authentication",
    _NONCE2: "Nonce", _NOTIFY2: "Notify", _DELETE2: "Delete", _VENDOR2: "Vendor ID",
    44: "Traffic Selector - Initiator", 45: "Traffic Selector - Responder", _SEALED: "Encrypted and Authenticated",
    47: "Configuration", 48: "EAP", _SEALED_PART: "Encrypted Fragment",
}  # fmt: skip
PROTOCOLS = {0: "Reserved", 1: "IKE", 2: "AH", 3: "ESP", 4: "IPCOMP"}
TRANSFORMS = {1: "ENCR", 2: "PRF", 3: "INTEG", 4: "DH", 5: "ESN"}
_TRANSFORM_IDS = {
    1: {3: "3DES", 5: "IDEA", 11: "NULL", 12: "AES-CBC", 13: "AES-CTR", 18: "AES-GCM-8", 19: "AES-GCM-12",
        20: "AES-GCM-16", 28: "CHACHA20-POLY1305"},
    2: {1: "HMAC-MD5", 2: "HMAC-SHA1", 4: "AES128-XCBC", 5: "HMAC-SHA2-256", 6: "HMAC-SHA2-384", 7: "HMAC-SHA2-512"},
    3: {0: "NONE", 1: "HMAC-MD5-96", 2: "HMAC-SHA1-96", 5: "AES-XCBC-96", 12: "HMAC-SHA2-256-128",
        13: "HMAC-SHA2-384-192", 14: "HMAC-SHA2-512-256"},
    4: {1: "MODP-768", 2: "MODP-1024", 5: "MODP-1536", 14: "MODP-2048", 15: "MODP-3072", 16: "MODP-4096",
        19: "ECP-256", 20: "ECP-384", 21: "ECP-521", 24: "MODP-2048-256", 31: "X25519"},
    5: {0: "No ESN", 1: "ESN"},
}  # fmt: skip
_TRANSFORM_FIELDS = {1: "encr", 2: "prf", 3: "integ", 4: "dh", 5: "esn"}
#: Attributes of a transform of version 1 for IKE (RFC 2409, appendix A).
_ATTRIBUTES = {
    1: "Encryption", 2: "Hash", 3: "Authentication", 4: "Group", 11: "Life Type", 12: "Life Duration", 14: "Key Length",
}  # fmt: skip
_ATTRIBUTE_VALUES = {
    1: {1: "DES-CBC", 5: "3DES-CBC", 7: "AES-CBC"},
    2: {1: "MD5", 2: "SHA", 4: "SHA2-256", 5: "SHA2-384", 6: "SHA2-512"},
    3: {1: "Pre-shared key", 2: "DSS signatures", 3: "RSA signatures", 9: "ECDSA-256", 10: "ECDSA-384"},
    4: _TRANSFORM_IDS[4],
    11: {1: "Seconds", 2: "Kilobytes"},
}
NOTIFIES = {
    1: "UNSUPPORTED_CRITICAL_PAYLOAD", 4: "INVALID_IKE_SPI", 5: "INVALID_MAJOR_VERSION", 7: "INVALID_SYNTAX",
    9: "INVALID_MESSAGE_ID", 11: "INVALID_SPI", 14: "NO_PROPOSAL_CHOSEN", 17: "INVALID_KE_PAYLOAD",
    18: "INVALID_ID_INFORMATION", 24: "AUTHENTICATION_FAILED", 34: "SINGLE_PAIR_REQUIRED", 35: "NO_ADDITIONAL_SAS",
    36: "INTERNAL_ADDRESS_FAILURE", 37: "FAILED_CP_REQUIRED", 38: "TS_UNACCEPTABLE", 39: "INVALID_SELECTORS",
    43: "TEMPORARY_FAILURE", 44: "CHILD_SA_NOT_FOUND", 16384: "INITIAL_CONTACT", 16385: "SET_WINDOW_SIZE",
    16388: "NAT_DETECTION_SOURCE_IP", 16389: "NAT_DETECTION_DESTINATION_IP", 16390: "COOKIE",
    16391: "USE_TRANSPORT_MODE", 16393: "REKEY_SA", 16404: "MULTIPLE_AUTH_SUPPORTED", 16418: "REDIRECT_SUPPORTED",
    16430: "IKEV2_FRAGMENTATION_SUPPORTED", 16431: "SIGNATURE_HASH_ALGORITHMS",
}  # fmt: skip
_NOTIFIES1 = {
    14: "NO-PROPOSAL-CHOSEN", 18: "INVALID-ID-INFORMATION", 24: "AUTHENTICATION-FAILED", 16384: "CONNECTED",
    24576: "RESPONDER-LIFETIME", 24577: "REPLAY-STATUS", 24578: "INITIAL-CONTACT", 36136: "R-U-THERE",
    36137: "R-U-THERE-ACK",
}  # fmt: skip
_FLAGS1 = (("flag_e", 1), ("flag_c", 2), ("flag_a", 4))
_FLAGS2 = (("flag_i", 8), ("flag_v", 16), ("flag_r", 32))
_ENCRYPTED, _RESPONSE = 1, 32
_MOST_PAYLOADS = 256
#: Payloads of one value, which is not told in part.
_BLOBS = (_KE1, _KE2, _NONCE1, _NONCE2, _VENDOR1, _VENDOR2)


def begins(buf: Bytes, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
    """A version that exists and a length that holds the header; exchanges are still being added."""
    first = windows(buf, start, LAYOUT.size)
    version = among(first[:, 17] >> 4, (1, 2)) & (first[:, 17] & 15 <= 1)
    length = first[:, 24:28].astype(np.int64) @ (1 << 8 * np.arange(3, -1, -1))
    known = (length >= LAYOUT.size) & (first[:, 24] == 0)
    return np.asarray((end - start >= 20) & version & ((end - start < LAYOUT.size) | known))


def decode(data: Reader, say: Message, state: int) -> None:
    """The header, then payloads by name as far as they are not encrypted."""
    start = data.at
    head = say.header(LAYOUT, data)
    for field in ("initiator", "responder"):
        say.field(f"isakmp.{field[0]}spi", head[field].to_bytes(8, "big"))
    newer = head["major"] > 1
    for field, bit in _FLAGS2 if newer else _FLAGS1:
        say.field(f"isakmp.{field}", bool(head["flags"] & bit))
    exchange = EXCHANGES.get(head["exchange"], str(head["exchange"]))
    way = (" response" if head["flags"] & _RESPONSE else " request") if newer else ""
    say.summary = f"IKEv{head['major']} : {exchange}{way}"
    say.line("Initiator SPI", f"{head['initiator']:016X}", ("Responder SPI", f"{head['responder']:016X}"))
    say.line("Version", f"{head['major']}.{head['minor']}", ("Exchange", exchange), ("Flags", f"{head['flags']:02X}"))
    say.line("Message Id", f"{head['id']:08X}", ("Length", head["length"]))
    size = head["length"] - LAYOUT.size
    if size < 0:
        raise data.bad("isakmp.length", LAYOUT.size, head["length"])
    if start + head["length"] > data.end and not say.cut:
        say.fault("isakmp.length", start + 24, head["length"], data.end - start)
    body = data.upto(size, "isakmp.length")
    if not newer and head["flags"] & _ENCRYPTED:
        say.line("Encrypted", f"{len(body)} bytes")
        say.summary += " : encrypted"
        return
    _chain(head["next"], body, say, newer, 0)


def _chain(kind: int, data: Reader, say: Message, newer: bool, depth: int) -> None:
    """Payloads, each naming the next; what an encrypted one holds cannot be seen."""
    if depth > DEEPEST:
        raise data.bad("isakmp.nextpayload", DEEPEST, depth)
    for _ in range(_MOST_PAYLOADS):
        if not kind:
            return
        if len(data):
            say.field("isakmp.typepayload", kind)
        head = say.header(PAYLOAD, data)
        if newer and kind not in (_PROPOSAL, _TRANSFORM):
            say.field("isakmp.criticalpayload", bool(head["critical"]))
        if head["length"] < PAYLOAD.size:
            # As Wireshark does, go on behind its header.
            say.fault("isakmp.payloadlength", data.at - PAYLOAD.size, PAYLOAD.size, head["length"])
        size = max(head["length"] - PAYLOAD.size, 0)
        body = data.upto(size, "isakmp.payloadlength")
        short = size - len(body)
        name = PAYLOADS.get(kind, f"Payload {kind}")
        say.line("Payload", name, ("Length", head["length"]), level=1 + depth)
        show = _PAYLOADS.get(kind)
        if show is not None and not (short and kind in _BLOBS):
            _shown(show, body, say, newer, depth + 1)
        if short:
            # Says what is missing, in the terms of the payload that claimed it.
            body.at = body.end
            body.take(short, "isakmp.payloadlength")
        if kind in (_SEALED, _SEALED_PART):
            say.summary += " : encrypted"
            return
        kind = head["next"]


def _shown(show: "Show", body: Reader, say: Message, newer: bool, depth: int) -> None:
    """What a payload says; one that says too little does not end those behind it."""
    try:
        show(body, say, newer, depth)
    except Stop as stop:
        problem = stop.problem
        if say.cut and problem.kind is Fault.SHORT:
            raise
        say.fault(problem.claimed, problem.at, problem.needed, problem.available, problem.kind)


def _association(body: Reader, say: Message, newer: bool, depth: int) -> None:
    if not newer:
        doi = body.u32()
        say.field("isakmp.sa.doi", doi)
        situation = body.take(4)
        if doi == 1:
            say.field("isakmp.sa.situation", situation)
    if not len(body):
        say.fault("isakmp.prop.number", body.at)
        return
    _chain(_PROPOSAL, body, say, newer, depth)


def _proposal(body: Reader, say: Message, newer: bool, depth: int) -> None:
    head = say.header(PROPOSAL, body)
    spi = body.take(head["spi"], "isakmp.spisize")
    if spi:
        say.field("isakmp.spi", spi)
    protocol = PROTOCOLS.get(head["protocol"], head["protocol"])
    say.line("Number", head["number"], ("Protocol", protocol), ("SPI", spi.hex().upper()), level=1 + depth)
    if head["transforms"]:
        _chain(_TRANSFORM, body, say, newer, depth)


def _transform(body: Reader, say: Message, newer: bool, depth: int) -> None:
    if newer:
        kind = body.u8()
        body.u8()
        number = body.u16()
        say.field("isakmp.tf.type", kind)
        say.field(f"isakmp.tf.id.{_TRANSFORM_FIELDS[kind]}" if kind in _TRANSFORM_FIELDS else "isakmp.tf.id", number)
        text = f"{_TRANSFORM_IDS.get(kind, {}).get(number, number)}"
        words = [f"{TRANSFORMS.get(kind, kind)} {text}"]
    else:
        number, kind = body.u8(), body.u8()
        body.u16()
        say.field("isakmp.trans.number", number)
        say.field("isakmp.trans.id", kind)
        words = [f"{number}"]
    while len(body):
        attribute, value = body.u16(), body.u16()
        kind = attribute & 0x7FFF
        if not attribute & 0x8000:
            value = int.from_bytes(body.take(value, "isakmp.payloadlength"), "big")
        text = _ATTRIBUTE_VALUES.get(kind, {}).get(value, str(value)) if not newer else str(value)
        words.append(f"{_ATTRIBUTES.get(kind, f'Attribute {kind}')} {text}")
    say.line("Transform", ", ".join(words), level=1 + depth)


def _key(body: Reader, say: Message, newer: bool, depth: int) -> None:
    if newer:
        group = body.u16()
        body.u16()
        say.field("isakmp.key_exchange.dh_group", group)
        say.line("Group", _TRANSFORM_IDS[4].get(group, str(group)), level=1 + depth)
    if len(body):
        say.field("isakmp.key_exchange.data", body.rest())


def _nonce(body: Reader, say: Message, newer: bool, depth: int) -> None:
    if len(body):
        say.field("isakmp.nonce", body.rest())


def _vendor(body: Reader, say: Message, newer: bool, depth: int) -> None:
    raw = body.rest()
    if raw:
        say.field("isakmp.vid_bytes", raw)
        text = ascii_text(raw)
        say.line("Vendor", text if text.isascii() and text.isprintable() else raw.hex().upper(), level=1 + depth)


def _notify(body: Reader, say: Message, newer: bool, depth: int) -> None:
    if not newer:
        say.field("isakmp.notify.doi", body.u32())
    protocol, size, kind = body.u8(), body.u8(), body.u16()
    say.field("isakmp.notify.protoid", protocol)
    say.field("isakmp.spisize", size)
    say.field("isakmp.notify.msgtype", kind)
    spi = body.take(size, "isakmp.spisize")
    if spi:
        say.field("isakmp.spi", spi)
    text = str((NOTIFIES if newer else _NOTIFIES1).get(kind, kind))
    say.line("Notify", text, ("Protocol", PROTOCOLS.get(protocol, protocol)), level=1 + depth)
    say.summary += f" : {text}"


def _delete(body: Reader, say: Message, newer: bool, depth: int) -> None:
    if not newer:
        say.field("isakmp.delete.doi", body.u32())
    protocol, size, count = body.u8(), body.u8(), body.u16()
    say.field("isakmp.delete.protoid", protocol)
    say.field("isakmp.spisize", size)
    say.field("isakmp.spinum", count)
    spis = []
    for _ in range(count if size else 0):
        spis.append(body.take(size, "isakmp.spinum"))
        say.field("isakmp.delete.spi", spis[-1])
    say.line("Protocol", PROTOCOLS.get(protocol, protocol), ("SPI", " ".join(s.hex().upper() for s in spis)),
             level=1 + depth)  # fmt: skip


def _identity(body: Reader, say: Message, newer: bool, depth: int) -> None:
    kind = body.u8()
    say.field("isakmp.id.type", kind)
    protocol, port = body.u8(), body.u16()
    if not newer:
        say.field("isakmp.id.protoid", protocol)
        say.field("isakmp.id.port", port)
    say.line("Id Type", kind, ("Data", f"{len(body)} bytes"), level=1 + depth)


Show = Callable[[Reader, Message, bool, int], None]
_PAYLOADS: dict[int, Show] = {
    _SA: _association, _SA2: _association, _PROPOSAL: _proposal, _TRANSFORM: _transform, _KE1: _key, _KE2: _key,
    _NONCE1: _nonce, _NONCE2: _nonce, _NOTIFY1: _notify, _NOTIFY2: _notify, _DELETE1: _delete, _DELETE2: _delete,
    _VENDOR1: _vendor, _VENDOR2: _vendor, 5: _identity, 35: _identity, 36: _identity,
}  # fmt: skip

lines = message.lines
values = message.values
