"""What the decoders of SNA share: EBCDIC names, sense data, control vectors.

Reference: SNA Formats (GA27-3136), control vectors; RFC 2353, appendix A.  A vector in an XID or a BIND has its key
first (KL); one in an HPR header, and a subfield inside a vector, has its length first, which counts both bytes (LT).
"""

from functools import cache

from zjobs.wire import names
from zjobs.wire.message import Message, Reader, hexed

NETWORK_NAMES = {
    0xF1: "PU Name", 0xF3: "LU Name", 0xF4: "CP name", 0xF5: "SSCP Name", 0xF6: "NNCP Name", 0xF7: "Link Station Name",
    0xF8: "CP of PLU", 0xF9: "CP of SLU", 0xFA: "Generic Name",
}  # fmt: skip
PRODUCT_CLASSES = {
    0x01: "IBM Hardware", 0x03: "IBM or non-IBM Hardware", 0x04: "IBM Software", 0x09: "non-IBM Hardware",
    0x0C: "non-IBM Software", 0x0E: "IBM or non-IBM Software",
}  # fmt: skip
_PRODUCT_FIELDS = {
    0x00: "Hardware Product", 0x01: "Emulated Product", 0x02: "Component Id", 0x04: "Software Level",
    0x06: "Common Name", 0x07: "Customization Id", 0x08: "Program Number", 0x09: "Customized", 0x0B: "Microcode Level",
    0x0E: "Hardware Name", 0x0F: "Vendor Id",
}  # fmt: skip
_TG_FIELDS = {0x80: "TG Identifier SF", 0x81: "TG Numbers SF", 0x91: "DLC Signalling Type SF", 0xA5: "IP Address SF"}
_TG_FLAGS = ((0x80, "partner is a connection network"), (0x40, "peripheral TG"), (0x20, "partner is type 2"),
             (0x04, "intersubnetwork link"))  # fmt: skip
_TG_KINDS = {0x00: "boundary or APPN", 0x08: "interchange", 0x10: "VR-based"}
_PRIORITIES = {0: "low", 1: "medium", 2: "high", 3: "network"}


def ebcdic(raw: bytes) -> str:
    """A name in EBCDIC without the blanks behind it."""
    return raw.decode("cp037").rstrip(" \0")


@cache
def _sense_names() -> dict[int, str]:
    return names.load("sna-sense")


@cache
def _vector_names(hpr: bool) -> dict[int, str]:
    found = names.load("sna-vectors")
    return {**found, **names.load("sna-hpr-vectors")} if hpr else found


def sense(raw: bytes) -> str:
    """``08060000 resource unknown``: four bytes of sense data with the most exact text that is known."""
    code = int.from_bytes(raw, "big")
    table = _sense_names()
    text = table.get(code, "") if code > 0xFFFF else ""
    if not text and code >> 16 > 0xFF:
        text = table.get(code >> 16, "")
    return f"{code:08X} {text or table.get(code >> 24, '')}".rstrip()


def vectors(data: Reader, say: Message, named: bool = False) -> dict[int, list[bytes]]:
    """Control vectors, key first, to the end of the bytes; gives what is in those of each key.

    Wireshark has names for those of an XID (``named``); a BIND is only data to it.
    """
    found: dict[int, list[bytes]] = {}
    while len(data):
        key = data.u8()
        size = data.u8()
        if named:
            say.field("sna.control.key", key)
            say.field("sna.control.len", size)
            if key == 0x0E and size and size <= len(data):
                say.field("sna.control.0e.type", data.data[data.at])
                say.field("sna.control.0e.value", data.data[data.at + 1 : data.at + size].decode("cp037"))
        body = data.part(size, "sna.control.len")
        found.setdefault(key, []).append(body.data[body.at : body.end])
        vector(key, body, say)
    return found


def vector(key: int, body: Reader, say: Message) -> None:
    """One control vector in words, or in hex."""
    say.title(f"Control Vector 0x{key:02X} {_vector_names(False).get(key, '')}".rstrip())
    reader = _READERS.get(key)
    if reader is not None and len(body):
        reader(body, say)
    elif len(body):
        say.line("Data", hexed(body.rest()), level=2)


def hpr_vectors(data: Reader, say: Message, claimed: str, level: int, padded: bool = False) -> None:
    """Vectors of HPR headers, length first; ``padded`` ones fill up to four bytes."""
    while len(data) >= 2:
        size = data.data[data.at]
        if size == 0:
            return
        if size < 2:
            raise data.bad(claimed, 2, size)
        body = data.part(size, claimed)
        body.take(1)
        key = body.u8()
        label = _vector_names(True).get(key, f"Vector {key:02X}")
        raw = body.rest()
        if key == 0x0E and raw:
            say.line(label, f"{NETWORK_NAMES.get(raw[0], f'{raw[0]:02X}')} {ebcdic(raw[1:])}", level=level)
        elif key in (0x00, 0x03):
            say.line(label, ebcdic(raw), level=level)
        else:
            say.line(label, hexed(raw), level=level)
        if padded and size % 4:
            data.take(min(-size % 4, len(data)))


def subfields(data: Reader, claimed: str) -> list[tuple[int, Reader]]:
    """Subfields, length first, to the end of the bytes or a length of zero: (key, what is in it)."""
    found = []
    while len(data) >= 2:
        size = data.data[data.at]
        if size == 0:
            break
        if size < 2:
            raise data.bad(claimed, 2, size)
        body = data.part(size, claimed)
        body.take(1)
        found.append((body.u8(), body))
    return found


def _network_name(data: Reader, say: Message) -> None:
    kind = data.u8()
    name = data.rest()
    say.line("Network Type", NETWORK_NAMES.get(kind, f"{kind:02X}"), level=2)
    say.line("Name", ebcdic(name), level=2)


def _product(data: Reader, say: Message) -> None:
    data.take(1)
    for key, product in subfields(data, "sna.control.10"):
        if key != 0x11 or not len(product):
            say.line(f"Subvector {key:02X}", hexed(product.rest()), level=2)
            continue
        kind = product.u8() & 15
        say.line("Product Class", PRODUCT_CLASSES.get(kind, f"{kind:02X}"), level=2)
        for inner, field in subfields(product, "sna.control.10"):
            raw = field.rest()
            label = _PRODUCT_FIELDS.get(inner, f"Subfield {inner:02X}")
            if inner in (0x00, 0x01) and raw:
                say.line(label, f"{raw[0]:02X} {ebcdic(raw[1:])}", level=3)
            elif inner == 0x04 and len(raw) == 6:
                say.line(label, ".".join(ebcdic(raw[k : k + 2]) for k in (0, 2, 4)), level=3)
            else:
                say.line(label, ebcdic(raw), level=3)


def _negotiation_error(data: Reader, say: Message) -> None:
    say.line("Byte Offset", data.u16(), ("Bit Offset", data.u8()), level=2)
    code = data.take(4)
    say.line("Sense Data", sense(code), level=2)
    say.also(f"XID negotiation error {code.hex().upper()}")


def _tg_descriptor(data: Reader, say: Message) -> None:
    for key, field in subfields(data, "sna.control.46"):
        say.text(f"    {_TG_FIELDS.get(key, f'Subfield {key:02X}')}")
        if key != 0x80:
            say.line("Data", hexed(field.rest()), level=3)
            continue
        say.line("TG Number", field.u8(), level=3)
        name = field.take(min(field.u8(), len(field))) if len(field) else b""
        say.line("TG Partner Node CP Name", ebcdic(name), level=3)
        if len(field):
            flags = field.u8()
            kind = _TG_KINDS.get(flags & 0x18, "reserved")
            say.line("TG Flags", f"{flags:02X} " + ", ".join([kind, *(w for b, w in _TG_FLAGS if flags & b)]), level=3)


def _cos(data: Reader, say: Message) -> None:
    flags = data.u8()
    network = ", network priority" if flags & 4 else ""
    say.line("Priority", _PRIORITIES[flags & 3] + network, level=2)
    if len(data):
        say.line("COS Name", ebcdic(data.take(min(data.u8(), len(data)))), level=2)


def _fqpcid(data: Reader, say: Message) -> None:
    say.line("PCID", data.take(8).hex().upper(), level=2)
    if len(data):
        say.line("CP Name", ebcdic(data.take(min(data.u8(), len(data)))), level=2)


def _extended_sense(data: Reader, say: Message) -> None:
    say.line("Sense Data", sense(data.take(4)), level=2)
    if len(data):
        say.line("Data", hexed(data.rest()), level=2)


_READERS = {
    0x0E: _network_name, 0x10: _product, 0x22: _negotiation_error, 0x46: _tg_descriptor, 0x2C: _cos,
    0x60: _fqpcid, 0x35: _extended_sense,
}  # fmt: skip
