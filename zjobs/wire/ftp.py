"""File Transfer Protocol, control connection.

Reference: RFC 959; RFC 2428 (EPRT, EPSV), RFC 4217 (AUTH TLS).
"""

import re
from ipaddress import IPv4Address, ip_address

from zjobs.wire import message, text
from zjobs.wire.layout import Field, Layout
from zjobs.wire.message import Message, Reader
from zjobs.wire.talk import NOT_MINE, SERVER, Flow
from zjobs.wire.text import first_line, lines_of, looks, show

NAME = "ftp"
TITLE = "FTP"
FOUND = {"tcp.app": (21,)}

LAYOUT = Layout("FTP", (Field("first", "u8", 0),), 1, "RFC 959, section 5.3")

#: What is never printed in a listing.
SECRET = ("PASS", "ACCT", "ADAT")

_SIX = re.compile(r"(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3})")
_CODE = re.compile(r"\d{3}")


def measure(data: bytes, flow: Flow) -> int:
    """A segment is shown as it is; what it says of data connections and of TLS is remembered."""
    if not looks(data):
        return NOT_MINE
    line, _ = first_line(data)
    word, _, argument = line.partition(" ")
    command = word.upper()
    talk = flow.talk
    if flow.serves:
        if line[:3] == "227" and (end := six_numbers(line[4:])):
            talk.expected.append((*end, "ftp-data"))
        elif line[:3] == "229" and (port := extended_port(line)):
            talk.expected.append((flow.address, port, "ftp-data"))
        elif line[:3] == "234" and talk.notes.get("command") == "AUTH":
            talk.app, talk.before = "tls", NAME
    else:
        talk.notes["command"] = command
        if command == "PORT" and (end := six_numbers(argument)):
            talk.expected.append((*end, "ftp-data"))
        elif command == "EPRT" and (found := extended_end(argument)):
            talk.expected.append((found[1], found[2], "ftp-data"))
    return len(data)


def six_numbers(text: str) -> tuple[bytes, int] | None:
    """Address and port of PORT and of reply 227: h1,h2,h3,h4,p1,p2 anywhere in the text."""
    found = _SIX.search(text)
    if not found:
        return None
    numbers = [int(n) for n in found.groups()]
    if max(numbers) > 255:
        return None
    return bytes(numbers[:4]), numbers[4] << 8 | numbers[5]


def extended_end(text: str) -> tuple[int, bytes, int] | None:
    """Family, address and port of EPRT: ``|af|address|port|`` with any delimiter (RFC 2428, section 2)."""
    parts = text.strip().split(text.strip()[:1]) if text.strip() else []
    try:
        family, address, port = int(parts[1]), ip_address(parts[2]).packed, int(parts[3])
    except (IndexError, ValueError):
        return None
    return (family, address, port) if 0 < port < 65536 else None


def extended_port(text: str) -> int:
    """Port of reply 229: ``(|||port|)`` (RFC 2428, section 3); 0 if there is none."""
    found = re.search(r"\((.)\1\1(\d{1,5})\1\)", text)
    return int(found[2]) if found and int(found[2]) < 65536 else 0


def decode(data: Reader, say: Message, state: int) -> None:
    """Commands and replies; the first line of a segment is taken apart."""
    lines = lines_of(data)
    server = bool(state & SERVER)
    say.field("ftp.request", not server)
    say.field("ftp.response", server)
    if not lines:
        return
    if server:
        _reply(lines, say)
    else:
        _command(lines, say)


def _command(lines: list[str], say: Message) -> None:
    command, _, argument = lines[0].partition(" ")
    say.field("ftp.request.command", command)
    if argument:
        say.field("ftp.request.arg", argument)
    say.also(f"ftp command {command.upper()}")
    say.line("Command", command.upper())
    if argument:
        say.line("Parameters", "********" if command.upper() in SECRET else argument)
    end = six_numbers(argument) if command.upper() == "PORT" else None
    if end:
        say.field("ftp.active.cip", str(IPv4Address(end[0])))
        say.field("ftp.active.port", end[1])
        _data_end(say, str(IPv4Address(end[0])), end[1])
    found = extended_end(argument) if command.upper() == "EPRT" else None
    if found:
        family, address, port = found
        shown = str(ip_address(address))
        say.field("ftp.eprt.af", family)
        say.field("ftp.eprt.ip" if len(address) == 4 else "ftp.eprt.ipv6", shown)
        say.field("ftp.eprt.port", port)
        _data_end(say, shown, port)
    show(say, "More", lines[1:])


def _reply(lines: list[str], say: Message) -> None:
    line = lines[0]
    if not _CODE.match(line):
        say.field("ftp.response.arg", line)
        say.also("ftp reply (continued)")
        show(say, "Reply", lines)
        return
    code, argument = line[:3], line[4:]
    say.field("ftp.response.code", int(code))
    if argument:
        say.field("ftp.response.arg", argument)
    say.also(f"ftp reply code {code}")
    say.line("Reply", f"{code} ({REPLIES[code]})" if code in REPLIES else code)
    show(say, "Text", [argument, *lines[1:]])
    end = six_numbers(argument) if code == "227" else None
    if end:
        say.field("ftp.passive.ip", str(IPv4Address(end[0])))
        say.field("ftp.passive.port", end[1])
        _data_end(say, str(IPv4Address(end[0])), end[1])
    port = extended_port(argument) if code == "229" else 0
    if port:
        say.field("ftp.epsv.port", port)
        _data_end(say, "the server", port)


def _data_end(say: Message, address: str, port: int) -> None:
    say.line("Data Connection", address, ("Port", port))


REPLIES = {
    "110": "Restart Marker", "120": "Service Ready Later", "125": "Data Connection Already Open",
    "150": "Opening Data Connection", "200": "Command Okay", "202": "Command Superfluous", "211": "System Status",
    "212": "Directory Status", "213": "File Status", "214": "Help", "215": "System Type", "220": "Service Ready",
    "221": "Closing Control Connection", "225": "Data Connection Open", "226": "Closing Data Connection",
    "227": "Entering Passive Mode", "229": "Entering Extended Passive Mode", "230": "User Logged In",
    "232": "User Logged In", "234": "Security Exchange Complete", "235": "Security Data Accepted",
    "250": "File Action Completed", "257": "Path Created", "331": "User Name Okay, Need Password",
    "332": "Need Account", "334": "Security Mechanism Accepted", "350": "File Action Pending",
    "421": "Service Not Available", "425": "Cannot Open Data Connection", "426": "Connection Closed, Transfer Aborted",
    "431": "Security Resource Unavailable", "450": "File Unavailable", "451": "Local Error",
    "452": "Insufficient Storage",
    "500": "Syntax Error", "501": "Syntax Error in Parameters", "502": "Command Not Implemented",
    "503": "Bad Sequence of Commands", "504": "Parameter Not Implemented", "522": "Network Protocol Not Supported",
    "530": "Not Logged In", "532": "Need Account for Storing Files", "533": "Protection Level Denied",
    "534": "Request Denied for Policy Reasons", "535": "Security Check Failed", "536": "Protection Level Not Supported",
    "550": "File Unavailable", "551": "Page Type Unknown", "552": "Exceeded Storage Allocation",
    "553": "File Name Not Allowed",
}  # fmt: skip

begins = text.begins
lines = message.lines
values = message.values
