"""Telnet, with TN3270 and TN3270E.

Reference: RFC 854, RFC 855, RFC 885 (end of record), RFC 1091 (terminal type), RFC 1576 (TN3270), RFC 2355 (TN3270E).
"""

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import Bytes, windows
from zjobs.wire import message, text, tn3270
from zjobs.wire.layout import Field, Layout
from zjobs.wire.message import Message, Reader, ascii_text, hexed
from zjobs.wire.talk import NOT_MINE, OWN, SERVER, Flow

NAME = "telnet"
TITLE = "TELNET"
FOUND = {"tcp.app": (23,)}
LISTS = frozenset({"telnet.cmd", "telnet.subcmd"})

IAC, SB, SE, EOR = 0xFF, 0xFA, 0xF0, 0xEF
COMMANDS = {
    0xEC: "EOF", 0xED: "SUSP", 0xEE: "ABORT", 0xEF: "EOR", 0xF0: "SE", 0xF1: "NOP", 0xF2: "DM", 0xF3: "BRK",
    0xF4: "IP", 0xF5: "AO", 0xF6: "AYT", 0xF7: "EC", 0xF8: "EL", 0xF9: "GA", 0xFA: "SB", 0xFB: "WILL", 0xFC: "WONT",
    0xFD: "DO",
    0xFE: "DONT",
}  # fmt: skip
OPTIONS = {
    0: "BINARY", 1: "ECHO", 3: "SUPPRESS-GO-AHEAD", 5: "STATUS", 6: "TIMING-MARK", 24: "TERMINAL-TYPE", 25: "EOR",
    31: "NAWS", 32: "TERMINAL-SPEED", 33: "REMOTE-FLOW-CONTROL", 34: "LINEMODE", 35: "X-DISPLAY", 36: "ENVIRON",
    37: "AUTHENTICATION", 38: "ENCRYPT", 39: "NEW-ENVIRON", 40: "TN3270E", 46: "START-TLS",
}  # fmt: skip
_TERMINAL_TYPE, _TN3270E, _START_TLS = 24, 40, 46
#: Options whose negotiation is a command and a text; of the first Wireshark names the command like an option.
_TEXTS = (24, 32, 35)
#: Of these Wireshark counts what is asked, IS or SEND, among the options (RFC 1091, RFC 1096).
_COUNTED = (24, 35)

_VERBS = {
    0: "ASSOCIATE", 1: "CONNECT", 2: "DEVICE-TYPE", 3: "FUNCTIONS", 4: "IS", 5: "REASON", 6: "REJECT", 7: "REQUEST",
    8: "SEND",
}  # fmt: skip
_FUNCTIONS, _IS = 3, 4
_REASONS = {
    0: "CONN-PARTNER", 1: "DEVICE-IN-USE", 2: "INV-ASSOCIATE", 3: "INV-NAME", 4: "INV-DEVICE-TYPE",
    5: "TYPE-NAME-ERROR", 6: "UNKNOWN-ERROR", 7: "UNSUPPORTED-REQ",
}  # fmt: skip
_FUNCTION_NAMES = {0: "BIND-IMAGE", 1: "DATA-STREAM-CTL", 2: "RESPONSES", 3: "SCS-CTL-CODES", 4: "SYSREQ"}
DATA_TYPES = {
    0: "3270-DATA", 1: "SCS-DATA", 2: "RESPONSE", 3: "BIND-IMAGE", 4: "UNBIND", 5: "NVT-DATA", 6: "REQUEST",
    7: "SSCP-LU-DATA", 8: "PRINT-EOJ", 9: "BID",
}  # fmt: skip
_RESPONSES = {0: "device end", 1: "intervention required", 2: "operation check", 3: "component disconnected"}

#: States of a direction: TN3270E was agreed on; plain 3270 was.
_HEADED, _PLAIN = OWN, OWN * 2

LAYOUT = Layout(
    "TN3270E data header",
    (
        Field("type", "u8", 0, "Data Type", json="tn3270.tn3270e_data_type"),
        Field("request", "u8", 1, "Request Flag", json="tn3270.tn3270e_request_flag"),
        Field("response", "u8", 2, "Response Flag"),
        Field("seq", "u16", 3, "Sequence Number", json="tn3270.tn3270e_seq_number"),
    ),
    5,
    "RFC 2355, section 8.1",
)


def begins(buf: Bytes, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Text, a command, a data header, or a record of a terminal with its end."""
    first = windows(buf, start, 3)
    command = (first[:, 0] == IAC) & (first[:, 1] >= 0xEC)
    header = (first[:, 0] <= 9) & (first[:, 1] <= 1) & (first[:, 2] <= 2) & (end - start > 4)
    ended = (buf[end - 2] == IAC) & (buf[end - 1] == EOR) & (end - start > 2)
    return np.asarray(command | header | ended | text.begins(buf, start, end))


def measure(data: bytes, flow: Flow) -> int:
    """A segment is shown as it is, and records of a terminal that was agreed on when they are whole."""
    both = (flow, flow.other)
    if bytes((IAC, SB, _TN3270E, _FUNCTIONS, _IS)) in data:
        for one in both:
            one.state |= _HEADED
    elif b"\xff\xfa\x18\x00IBM-3" in data and not flow.state & _HEADED:
        flow.talk.notes["terminal"] = True
    elif flow.talk.notes.get("terminal") and bytes((IAC, 0xFB, 0)) in data:
        for one in both:
            one.state |= _PLAIN
    if bytes((IAC, SB, _START_TLS, 1, IAC, SE)) in data:
        flow.talk.app, flow.talk.before = "tls", NAME
    if not (flow.state & (_HEADED | _PLAIN) or likely(data)):
        return NOT_MINE
    if flow.state & (_HEADED | _PLAIN):
        # A record of a terminal ends with a mark: it is shown when it is whole, those before it at once.
        return _ended(data) or -len(data) - 1
    return len(data)


def likely(data: bytes) -> bool:
    """What ``begins`` says, of one segment."""
    command = len(data) > 1 and data[0] == IAC and data[1] >= 0xEC
    header = len(data) > 4 and data[0] <= 9 and data[1] <= 1 and data[2] <= 2
    return command or header or (len(data) > 2 and data.endswith(bytes((IAC, EOR)))) or text.looks(data)


def _ended(data: bytes) -> int:
    """All bytes, if the last ones are a command (the end of a record, or of a negotiation); else those of records."""
    at = end = records = 0
    while (at := data.find(IAC, at)) >= 0:
        second = data[at + 1] if at + 1 < len(data) else IAC
        if second == SB:
            close = data.find(bytes((IAC, SE)), at)
            at = close + 2 if close >= 0 else len(data) + 1
        else:
            at += 3 if 0xFB <= second <= 0xFE else 2
        if second != IAC:
            end = at
        if second == EOR:
            records = at
    return len(data) if end == len(data) else records


def decode(data: Reader, say: Message, state: int) -> None:
    """Commands, negotiations, records and text of a segment."""
    server = bool(state & SERVER)
    while len(data):
        first = data.data[data.at]
        second = data.data[data.at + 1] if len(data) > 1 else IAC
        if first == IAC and second != IAC:
            _command(data, say)
            continue
        body, ended = _upto_command(data)
        headed = state & _HEADED or _looks_headed(body, ended)
        if headed and len(body) >= LAYOUT.size:
            _record(Reader(body), say, server)
        elif not (state & _PLAIN and ended):
            _text(body, say)
        else:
            say.also("telnet : 3270 data stream")
            tn3270.stream(Reader(body), say, not server, tn3270.Screen(*say.asked))


def _upto_command(data: Reader) -> tuple[bytes, bool]:
    """Bytes up to the next command with FF FF made one, and whether that is the end of a record."""
    raw = data.data
    at = data.at
    while True:
        at = raw.find(b"\xff", at, data.end)
        if at < 0 or at + 1 >= data.end:
            return data.rest().replace(b"\xff\xff", b"\xff"), False
        if raw[at + 1] != IAC:
            break
        at += 2
    body = data.take(at - data.at).replace(b"\xff\xff", b"\xff")
    return body, raw[at + 1] == EOR


def _looks_headed(body: bytes, ended: bool) -> bool:
    """A header although nobody saw it being agreed on: small numbers in the right places."""
    if len(body) < LAYOUT.size or body[0] > 8 or body[1] > 1 or body[2] > 2:
        return False
    data = body[5:6]
    return ended or (bool(data) and tn3270.begins(data[0]))


def _record(data: Reader, say: Message, server: bool) -> None:
    head = say.header(LAYOUT, data)
    kind = head["type"]
    say.also("telnet : tn3270e data header")
    say.line("Data Type", DATA_TYPES.get(kind, kind), ("Request Flag", head["request"]))
    say.line("Response Flag", head["response"], ("Sequence Number", head["seq"]))
    if kind == 0:
        tn3270.stream(data, say, not server, tn3270.Screen(*say.asked))
    elif kind == 2 and len(data):
        word = "Negative" if head["response"] else "Positive"
        code = data.u8()
        say.line("Response", f"{word} ({_RESPONSES.get(code, code)})", level=2)
    elif kind == 5:
        text.show(say, "Text", ascii_text(data.rest()).splitlines())
    elif kind == 7:
        say.line("Text", data.rest().decode("cp037"), level=2)


def _text(body: bytes, say: Message) -> None:
    say.also(f"telnet : {len(body)} bytes of telnet data")
    text.show(say, "Text", ascii_text(body).splitlines())


def _command(data: Reader, say: Message) -> None:
    data.u8()
    command = data.u8()
    say.field("telnet.cmd", command)
    name = COMMANDS.get(command, f"{command:02X}")
    if command == SB:
        _negotiation(data, say)
    elif 0xFB <= command <= 0xFE:
        option = data.u8()
        say.field("telnet.subcmd", option)
        told = f"{name} {OPTIONS.get(option, option)}"
        say.line("Command", told)
        say.also(told if say.summary else f"telnet : {told}")
    elif command != EOR:
        say.line("Command", name)
        say.also(name if say.summary else f"telnet : {name}")


def _negotiation(data: Reader, say: Message) -> None:
    option = data.u8()
    say.field("telnet.subcmd", option)
    end = data.data.find(bytes((IAC, SE)), data.at, data.end)
    body = data.part((end if end >= 0 else data.end) - data.at)
    if option in _COUNTED and len(body):
        say.field("telnet.subcmd", body.data[body.at])
    if end >= 0:
        data.take(2)
        say.field("telnet.cmd", SE)
    raw = body.rest()
    if option == _TN3270E:
        told = _tn3270e(raw)
    elif option in _TEXTS and raw:
        told = {0: f"IS {ascii_text(raw[1:])}", 1: "SEND"}.get(raw[0], hexed(raw))
    else:
        told = hexed(raw)
    told = f"SB {OPTIONS.get(option, option)} {told}"
    say.line("Negotiation", told)
    say.also(told if say.summary else f"telnet : {told}")


def _tn3270e(raw: bytes) -> str:
    """``DEVICE-TYPE IS IBM-3278-2-E CONNECT LU01`` (RFC 2355, section 7)."""
    words: list[str] = []
    name = bytearray()
    functions = False
    for k, octet in enumerate(raw):
        if functions or (octet > 8 and (name or octet >= 0x20)):
            if functions:
                words.append(_FUNCTION_NAMES.get(octet, f"{octet}?"))
            else:
                name.append(octet)
            continue
        if name:
            words.append(ascii_text(bytes(name)))
            name.clear()
        if words[-1:] == ["REASON"]:
            words.append(_REASONS.get(octet, str(octet)))
            continue
        words.append(_VERBS.get(octet, str(octet)))
        functions = k >= 1 and raw[0] == _FUNCTIONS and octet in (_IS, 7)
    if name:
        words.append(ascii_text(bytes(name)))
    return " ".join(words)


lines = message.lines
values = message.values
