"""Tokens of the Generic Security Service: the mechanism that two programs agree on, and the Kerberos messages in them.

Reference: RFC 2743, section 3.1 (framing); RFC 4178, section 4.2, and MS-SPNG, section 2.2.1 (SPNEGO); RFC 1964,
section 1, and RFC 4121, section 4 (tokens of Kerberos).  Other protocols carry them.  Of tickets, checksums and sealed
data nothing is shown but the size.
"""

from zjobs.wire import ber, kerberos
from zjobs.wire.message import Message, Reader, Stop, ascii_text
from zjobs.wire.walk import Fault

_SPNEGO = "1.3.6.1.5.5.2"
_KERBEROS = frozenset({"1.2.840.113554.1.2.2", "1.2.840.48018.1.2.2", "1.2.840.113554.1.2.2.3"})
MECHANISMS = {
    _SPNEGO: "SPNEGO", "1.2.840.113554.1.2.2": "Kerberos", "1.2.840.48018.1.2.2": "MS Kerberos",
    "1.2.840.113554.1.2.2.3": "Kerberos user to user", "1.3.6.1.5.2.5": "IAKERB",
    "1.3.6.1.4.1.311.2.2.10": "NTLMSSP", "1.3.6.1.4.1.311.2.2.30": "NEGOEX",
}  # fmt: skip
#: Identifiers of tokens of Kerberos, their two bytes as Wireshark has them: the first one is the low one.
_OLD_MIC, _OLD_WRAP, _MIC, _WRAP = 0x0101, 0x0102, 0x0404, 0x0405
TOKENS = {
    0x0001: "AP-REQ", 0x0002: "AP-REP", 0x0003: "KRB-ERROR", _OLD_MIC: "MIC", _OLD_WRAP: "Wrap", 0x0201: "Delete",
    _MIC: "MIC", _WRAP: "Wrap",
}  # fmt: skip
_MESSAGES = (0x0001, 0x0002, 0x0003)
RESULTS = {0: "accept-completed", 1: "accept-incomplete", 2: "reject", 3: "request-mic"}

#: Identifier octets: a token with its mechanism, the two halves of SPNEGO, and messages of Kerberos on their own.
TOKEN, _INIT, _ANSWER, _BARE = 0x60, 0xA0, 0xA1, (0x6E, 0x6F)
_HINT_NAME = 0xA0
_NTLM = b"NTLMSSP\0"
#: First bytes of a wrap token of RFC 4121, and what its flags say.
WRAP = b"\5\4"
_ACCEPTOR, _SEALED, _SUBKEY = 1, 2, 4
#: SEAL_ALG of RFC 1964 where nothing is sealed, and bytes of its checksum; SGN_ALG of DES3 has a longer one.
_NOT_SEALED, _CHECKSUM, _DES3, _DES3_CHECKSUM = 0xFFFF, 8, 4, 20
_CONFOUNDER = _BLOCK = 8


def read(data: Reader, say: Message) -> None:
    """The token at the reader, as it is exchanged until both sides know each other."""
    if _is_ntlm(data, say):
        return
    first = data.data[data.at : data.at + 1]
    if first == bytes([TOKEN]):
        body, mechanism = _framed(data, "gss-api.OID", say)
        if mechanism == _SPNEGO:
            _negotiation(body, say)
        elif mechanism in _KERBEROS:
            _kerberos(body, say)
    elif first in (bytes([_INIT]), bytes([_ANSWER])):
        _negotiation(data, say)
    elif data.data.startswith((WRAP, b"\4\4"), data.at, data.end):
        _kerberos(data, say)


def unwrap(data: Reader, say: Message) -> Reader | None:
    """What a wrap token protects; None where it is sealed, or the token is not of Kerberos."""
    if data.data.startswith(WRAP, data.at, data.end):
        return _kerberos(data, say)
    if data.data.startswith(bytes([TOKEN]), data.at, data.end):
        body, mechanism = _framed(data, "gss-api.OID", say)
        return _kerberos(body, say) if mechanism in _KERBEROS else None
    return None


def _is_ntlm(data: Reader, say: Message) -> bool:
    found = data.data.startswith(_NTLM, data.at, data.end)
    if found:
        say.line("Token", "NTLMSSP", ("Length", len(data)))
    return found


def _framed(data: Reader, name: str, say: Message) -> tuple[Reader, str]:
    """Contents and mechanism of a token that names it."""
    body = ber.expect(data, TOKEN, "gss-api.token")
    mechanism = ber.identifier(ber.expect(body, ber.OID, name))
    say.field(name, mechanism)
    say.line("Mechanism", MECHANISMS.get(mechanism, mechanism), ("Length", len(body)))
    return body, mechanism


def _negotiation(data: Reader, say: Message) -> None:
    """What one side of SPNEGO offers or answers."""
    tag, body = ber.element(data, "spnego.negTokenInit")
    every = ber.expect(body, ber.SEQUENCE, "spnego.negTokenInit")
    while len(every):
        place, inner = ber.element(every, "spnego.negTokenInit")
        place &= 0x1F
        if place == 2:
            _inside(ber.expect(inner, ber.OCTETS, "spnego.mechToken"), say)
        elif tag == _INIT and place == 0:
            _offers(inner, say)
        elif tag == _INIT and place == 3 and inner.data.startswith(bytes([ber.SEQUENCE]), inner.at, inner.end):
            _hints(inner, say)
        elif tag == _ANSWER and place == 0:
            result = ber.integer(inner, "spnego.negResult", ber.ENUMERATED)
            say.field("spnego.negResult", result)
            say.line("Answer", RESULTS.get(result, result))
        elif tag == _ANSWER and place == 1:
            mechanism = ber.identifier(ber.expect(inner, ber.OID, "spnego.supportedMech"))
            say.field("spnego.supportedMech", mechanism)
            say.line("Mechanism", MECHANISMS.get(mechanism, mechanism))
        elif tag == _ANSWER and place == 3:
            _inside(ber.expect(inner, ber.OCTETS, "spnego.mechListMIC"), say)


def _offers(inner: Reader, say: Message) -> None:
    every = ber.expect(inner, ber.SEQUENCE, "spnego.mechTypes")
    names = []
    while len(every):
        mechanism = ber.identifier(ber.expect(every, ber.OID, "spnego.MechType"))
        say.field("spnego.MechType", mechanism)
        names.append(MECHANISMS.get(mechanism, mechanism))
    say.field("spnego.mechTypes", len(names))
    say.line("Offers", ", ".join(names))


def _hints(inner: Reader, say: Message) -> None:
    every = ber.expect(inner, ber.SEQUENCE, "spnego.negHints")
    while len(every):
        place, hint = ber.element(every, "spnego.negHints")
        if place == _HINT_NAME:
            say.field("spnego.hintName", ascii_text(ber.element(hint, "spnego.hintName")[1].rest()))


def _inside(data: Reader, say: Message) -> None:
    """A token of the mechanism that SPNEGO is about: of Kerberos with its name, without it, or a message on its own."""
    if not len(data) or _is_ntlm(data, say):
        return
    first = data.data[data.at]
    if first == TOKEN:
        body, mechanism = _framed(data, "spnego.krb5_oid", say)
        if mechanism in _KERBEROS:
            _kerberos(body, say)
    elif first in _BARE:
        kerberos.read(data, say)
    elif data.data.startswith((WRAP, b"\4\4"), data.at, data.end):
        _kerberos(data, say)


def _kerberos(data: Reader, say: Message) -> Reader | None:
    """A token of Kerberos: a message, or what protects data; the data, where it can be read."""
    kind = _little(data)
    say.field("spnego.krb5.tok_id", kind)
    if kind == _OLD_WRAP:
        return _old_wrap(data, say)
    if kind in (_MIC, _WRAP):
        return _wrap(data, kind, say)
    say.line("Token", TOKENS.get(kind, f"{kind:04X}"), ("Length", len(data)))
    if kind in _MESSAGES:
        kerberos.read(data, say)
    elif kind == _OLD_MIC:
        say.field("spnego.krb5.sgn_alg", _little(data))
    return None


def _little(data: Reader) -> int:
    return int.from_bytes(data.take(2), "little")


def _old_wrap(data: Reader, say: Message) -> Reader | None:
    """RFC 1964, section 1.2.2: numbers, checksum and a confounder before the data, padding behind it."""
    signed, sealed = _little(data), _little(data)
    say.field("spnego.krb5.sgn_alg", signed)
    say.field("spnego.krb5.seal_alg", sealed)
    data.take(2 + 8 + (_DES3_CHECKSUM if signed == _DES3 else _CHECKSUM) + _CONFOUNDER, "spnego.krb5.sgn_cksum")
    say.line("Token", "Wrap", ("Sealed", "no" if sealed == _NOT_SEALED else "yes"), ("Length", len(data)))
    if sealed != _NOT_SEALED:
        return None
    padding = data.data[data.end - 1] if len(data) else 0
    whole = data.part(len(data))
    if 0 < padding <= min(_BLOCK, len(whole)):
        whole.end -= padding
    return whole


def _wrap(data: Reader, kind: int, say: Message) -> Reader | None:
    """RFC 4121, sections 4.2.6.1 and 4.2.6.2: flags and a number; of a wrap token the data behind them."""
    flags = data.u8()
    data.take(1)
    extra, rotated = data.u16(), data.u16()
    number = data.u64()
    say.field("spnego.krb5.cfx_flags", flags)
    say.field("spnego.krb5.send_by_acceptor", bool(flags & _ACCEPTOR))
    say.field("spnego.krb5.sealed", bool(flags & _SEALED))
    say.field("spnego.krb5.acceptor_subkey", bool(flags & _SUBKEY))
    if kind == _WRAP:
        say.field("spnego.krb5.cfx_ec", extra)
        say.field("spnego.krb5.cfx_rrc", rotated)
    say.field("spnego.krb5.cfx_seq", number)
    sealed = bool(flags & _SEALED)
    say.line("Token", TOKENS[kind], ("Sealed", "yes" if sealed else "no"), ("Length", len(data)))
    start = data.at
    raw = data.rest()
    if kind == _MIC or sealed:
        return None
    if extra > len(raw):
        raise Stop(Fault.SHORT, "spnego.krb5.cfx_ec", start, extra, len(raw))
    # Section 4.2.5: the checksum stands behind the data, and then both are rotated to the right.
    turned = rotated % len(raw) if raw else 0
    plain = raw[turned:] + raw[:turned]
    return Reader(data.data[:start] + plain, start, start + len(plain) - extra)
