"""NetBIOS session service, and SMB over it or directly over TCP.

Reference: RFC 1002, section 4.3; MS-SMB, section 2.2.3; MS-SMB2, section 2.2.1.  Commands, status, and the tokens
that a session begins with (MS-SMB, sections 2.2.4.5 and 2.2.4.6; MS-SMB2, sections 2.2.4 to 2.2.6).
"""

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import Bytes, among
from zjobs.wire import gss, message
from zjobs.wire.layout import Field, Layout
from zjobs.wire.message import Message, Reader
from zjobs.wire.talk import MOST_HELD, NOT_MINE, Flow

NAME = "nbss"
TITLE = "NetBIOS Session"
FOUND = {"tcp.app": (139, 445)}

TYPES = {
    0x00: "Session Message", 0x81: "Session Request", 0x82: "Positive Response", 0x83: "Negative Response",
    0x84: "Retarget Response", 0x85: "Keep Alive",
}  # fmt: skip
_SMB1 = {
    0x00: "Create Directory", 0x01: "Delete Directory", 0x02: "Open", 0x04: "Close", 0x06: "Delete", 0x08: "Query Info",
    0x0A: "Read", 0x0B: "Write", 0x1A: "Read Raw", 0x1D: "Write Raw", 0x24: "Locking", 0x25: "Transaction",
    0x2B: "Echo", 0x2D: "Open AndX", 0x2E: "Read AndX", 0x2F: "Write AndX", 0x32: "Transaction2", 0x70: "Tree Connect",
    0x71: "Tree Disconnect", 0x72: "Negotiate", 0x73: "Session Setup AndX", 0x74: "Logoff AndX",
    0x75: "Tree Connect AndX", 0xA0: "NT Transact", 0xA2: "NT Create AndX", 0xA4: "NT Cancel",
}  # fmt: skip
#: First bytes of what SMB 3 made of its messages (MS-SMB2, sections 2.2.41 and 2.2.42).
_SEALED = {0xFC: "compressed", 0xFD: "encrypted"}
_SMB2 = (
    "Negotiate", "Session Setup", "Logoff", "Tree Connect", "Tree Disconnect", "Create", "Close", "Flush", "Read",
    "Write", "Lock", "Ioctl", "Cancel", "Echo", "Find", "Notify", "Query Info", "Set Info", "Break",
)  # fmt: skip

#: Messages that hold a token of GSS-API; of SMB 1 where its length stands, by direction and bytes of its words.
_NEGOTIATE, _SETUP, _EXTENDED, _GUID, _SMB1_HEADER = 0x72, 0x73, 0x80, 16, 32
_SMB1_SIZES = {(False, 24): 14, (True, 8): 6}
#: Of SMB 2, by command and direction: the size that the fixed part says, and where in it the token's place stands.
_SMB2_BLOBS = {(0, True): (65, 56), (1, False): (25, 12), (1, True): (9, 4)}
#: Before the protocol was published a request had no number of a session before; the token's place was the same.
_SMB2_EARLY = 17

LAYOUT = Layout(
    "NetBIOS session",
    (
        Field("type", "u8", 0, "Type", json="nbss.type"),
        Field("length", "u24", 1, "Length", json="nbss.length"),
    ),
    4,
    "RFC 1002, section 4.3.1",
)


def begins(buf: Bytes, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
    """A message type, and behind a session message an SMB header."""
    kind = buf[start]
    other = (kind >= 0x81) & (kind <= 0x85) & (buf[start + 1] <= 1)
    smb = (
        (kind == 0)
        & among(buf[start + 4], (*_SEALED, 0xFE, 0xFF))
        & (buf[start + 5] == 0x53)
        & (buf[start + 6] == 0x4D)
    )
    return np.asarray((other | smb) & (end - start >= LAYOUT.size))


def measure(data: bytes, flow: Flow) -> int:
    """Three bytes of length behind the type."""
    if len(data) < LAYOUT.size:
        return -LAYOUT.size
    return LAYOUT.size + int.from_bytes(data[1:4], "big") if data[0] in TYPES else NOT_MINE


def decode(data: Reader, say: Message, state: int) -> None:
    """The messages of a segment."""
    while len(data):
        head = say.header(LAYOUT, data)
        if head["type"] not in TYPES:
            raise data.bad("nbss.type", 0, head["type"])
        # Reads and writes of SMB may be longer than what is kept of a message.
        cut = say.cut or head["length"] > MOST_HELD - LAYOUT.size
        body = data.upto(head["length"]) if cut else data.part(head["length"], "nbss.length")
        magic = body.data[body.at : body.at + 4]
        if head["type"] == 0 and magic == b"\xffSMB" and len(body) >= 32:
            _smb1(body, say)
        elif head["type"] == 0 and magic == b"\xfeSMB" and len(body) >= 64:
            _smb2(body, say)
        elif head["type"] == 0 and magic[:1] and magic[0] in _SEALED and magic[1:] == b"SMB":
            name = _SEALED[magic[0]]
            say.line("SMB2", name, ("Length", head["length"]))
            say.also(f"smb2 : {name}")
        else:
            name = TYPES[head["type"]]
            say.line("Type", name, ("Length", head["length"]))
            say.also(f"netbios : {name}")


def _smb1(body: Reader, say: Message) -> None:
    body.take(4)
    command = body.u8()
    status = _little(body.take(4))
    answer = bool(body.u8() & 0x80)
    name = _SMB1.get(command, f"command {command:02X}")
    _said(say, "SMB", name, answer, status)
    body.take(_SMB1_HEADER - 10)
    if command not in (_NEGOTIATE, _SETUP) or not len(body):
        return
    words = body.take(2 * body.u8(), "smb.wct")
    there = _little(body.take(2, "smb.bcc"))
    # The number of words tells these messages from those of older dialects.
    if (command, answer, len(words)) == (_NEGOTIATE, True, 34) and words[22] & _EXTENDED:
        body.take(_GUID, "smb.server_guid")
        gss.read(body.part(there - _GUID, "smb.bcc"), say)
    elif command == _SETUP and (answer, len(words)) in _SMB1_SIZES:
        at = _SMB1_SIZES[answer, len(words)]
        gss.read(body.part(_little(words[at : at + 2]), "smb.security_blob_len"), say)


def _smb2(body: Reader, say: Message) -> None:
    """Requests that go together stand one behind the other."""
    while _one_smb2(body, say):
        pass


def _one_smb2(body: Reader, say: Message) -> bool:
    """One request or response; whether another one follows, at which the reader stands then."""
    start = body.at
    raw = body.take(64)
    command = _little(raw[12:14])
    answer = bool(raw[16] & 1)
    name = _SMB2[command] if command < len(_SMB2) else f"command {command}"
    say.field("smb2.cmd", command)
    say.field("smb2.msg_id", _little(raw[24:32]))
    _said(say, "SMB2", name, answer, _little(raw[8:12]) if answer else 0)
    if (command, answer) in _SMB2_BLOBS:
        _blob(body, start, *_SMB2_BLOBS[command, answer], say)
    following = _little(raw[20:24])
    more = following >= 64 and start + following + 64 <= body.end
    if more:
        body.at = start + following
    return more


def _blob(body: Reader, start: int, fixed: int, at: int, say: Message) -> None:
    """The token that place and length in the fixed part point to; an error has another fixed part."""
    said = _little(body.data[body.at : body.at + 2])
    if said not in (fixed, _SMB2_EARLY):
        return
    head = body.take(said - 1)
    place, size = _little(head[at : at + 2]), _little(head[at + 2 : at + 4])
    if size:
        body.at = start + place
        gss.read(body.part(size, "smb2.security_blob_len"), say)


def _little(raw: bytes) -> int:
    return int.from_bytes(raw, "little")


def _said(say: Message, what: str, name: str, answer: bool, status: int) -> None:
    word = "response" if answer else "request"
    say.line(what, f"{name} {word}", ("Status", f"{status:08X}"))
    say.also(f"{what.lower()} : {name} {word}")


lines = message.lines
values = message.values
