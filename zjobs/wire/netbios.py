"""Names of NetBIOS as its name and datagram services carry them.

Reference: RFC 1001, section 14.1; RFC 1002, section 4.1.
"""

import re

from zjobs.wire.dns import Names
from zjobs.wire.message import Reader

#: What the last byte of a name says of its owner, in Wireshark's words.
KINDS = {
    0x00: "Workstation/Redirector", 0x01: "Browser", 0x02: "Workstation/Redirector",
    0x03: "Messenger service/Main name", 0x05: "Forwarded name", 0x06: "RAS Server service",
    0x1B: "Domain Master Browser", 0x1C: "Domain Controllers", 0x1D: "Local Master Browser",
    0x1E: "Browser Election Service", 0x1F: "Net DDE Service", 0x20: "Server service", 0x21: "RAS client service",
    0x22: "Exchange Interchange (MSMail Connector)", 0x23: "Exchange Store", 0x24: "Exchange Directory",
    0x2B: "Lotus Notes Server service", 0x30: "Modem sharing server service", 0x31: "Modem sharing client service",
    0x43: "SMS Clients Remote Control", 0x44: "SMS Administrators Remote Control Tool",
    0x45: "SMS Clients Remote Chat", 0x46: "SMS Clients Remote Transfer", 0x6A: "Microsoft Exchange IMC",
    0x87: "Microsoft Exchange MTA",
    0xBE: "Network Monitor Agent", 0xBF: "Network Monitor Analyzer",
}  # fmt: skip

#: The suffix stands at the end of a name, before the scope.
_SUFFIX = re.compile(r"^[^.]*<([0-9a-f]{2})>(?:\.|$)")

#: Letters of an encoded name: two for each of its 16 bytes.
ENCODED = 32


def name(data: Reader, names: Names, claimed: str) -> str:
    """The name at the reader as Wireshark writes it: without blanks, the last byte as a suffix, then the scope."""
    first, _, scope = names.read(data, claimed).partition(".")
    text = decoded(first)
    return f"{text}.{scope}" if scope else text


def described(text: str) -> str:
    """A name with its kind in words behind it."""
    found = _SUFFIX.search(text)
    return f"{text} ({KINDS.get(int(found.group(1), 16), 'Unknown')})" if found else text


def decoded(text: str) -> str:
    """``EGFCEFEE...`` (A is 0, P is 15) as ``FRED<20>``; what is not so encoded stays as it is."""
    digits = [ord(letter) - ord("A") for letter in text]
    if len(text) != ENCODED or min(digits) < 0 or max(digits) > 15:
        return text
    return shown(bytes(a << 4 | b for a, b in zip(digits[::2], digits[1::2])))


def shown(raw: bytes) -> str:
    """Sixteen bytes of a name: fifteen characters and the suffix that says what kind of name it is."""
    return f"{plain(raw)}<{raw[15]:02x}>"


def plain(raw: bytes) -> str:
    """The characters alone, of a name of blanks all; a byte that is none is in angle brackets."""
    return "".join(chr(c) if 0x20 <= c < 0x7F else f"<{c:02x}>" for c in raw[:15].rstrip(b" ") or raw[:15])
