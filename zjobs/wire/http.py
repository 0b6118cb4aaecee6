"""Hypertext Transfer Protocol, version 1.

Reference: RFC 9110, RFC 9112; RFC 4559 (Negotiate).  A message appears at the segment that completes its body; of the
body nothing is shown but its size, and authorisations and cookies are never printed.
"""

import re
from base64 import b64decode
from collections.abc import Iterator
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import Bytes, windows
from zjobs.wire import gss, http2, message
from zjobs.wire.layout import Field, Layout
from zjobs.wire.message import Message, Reader, Stop, ascii_text
from zjobs.wire.talk import NOT_MINE, SERVER, TO_THE_END, Flow

NAME = "http"
TITLE = "HTTP"
#: On UDP it is SSDP (UPnP Device Architecture, section 1): requests and replies without a body.
FOUND = {"tcp.app": (80, 3128, 3132, 5985, 8080, 8088, 11371, 2869), "udp.app": (1900,)}
ANYWHERE = ("tcp",)

LAYOUT = Layout("HTTP", (Field("first", "u8", 0),), 1, "RFC 9112, section 2.1")

METHODS = (
    "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PATCH", "PROPFIND", "PROPPATCH", "MKCOL",
    "COPY", "MOVE", "LOCK", "UNLOCK", "REPORT", "SEARCH", "SUBSCRIBE", "UNSUBSCRIBE", "NOTIFY", "POLL", "MERGE",
    "CHECKIN", "CHECKOUT", "UNCHECKOUT", "LABEL", "UPDATE", "MKWORKSPACE", "MKACTIVITY", "VERSION-CONTROL",
    "BASELINE-CONTROL", "BCOPY", "BMOVE", "BDELETE", "BPROPFIND", "BPROPPATCH", "CCM_POST", "RPC_CONNECT",
    "RPC_IN_DATA", "RPC_OUT_DATA", "SSTP_DUPLEX_POST",
)  # fmt: skip
#: Methods of messages that Wireshark counts as notifications, not as requests.
_NOTIFICATIONS = ("NOTIFY", "SUBSCRIBE", "UNSUBSCRIBE")
#: RFC 2774: what must be understood is announced by a prefix of the method.
_MANDATORY = "M-"
#: What a request for a tunnel starts with; its whole first line is remembered.
_CONNECT = "CONNECT "
#: Words that a reply starts with: a version, or what SHOUTcast says instead.
_ANSWERS = ("HTTP/", "ICY ")

#: Header fields that Wireshark has a name for.
_NAMED = {
    "host": "http.host", "user-agent": "http.user_agent", "content-type": "http.content_type",
    "content-length": "http.content_length_header", "content-encoding": "http.content_encoding",
    "transfer-encoding": "http.transfer_encoding", "server": "http.server", "location": "http.location",
    "connection": "http.connection", "accept": "http.accept", "accept-encoding": "http.accept_encoding",
    "accept-language": "http.accept_language", "referer": "http.referer", "date": "http.date",
    "cache-control": "http.cache_control", "last-modified": "http.last_modified", "upgrade": "http.upgrade",
}  # fmt: skip
_GIVEN = ("authorization", "proxy-authorization")
SECRET = (*_GIVEN, "cookie", "set-cookie")
#: Header fields that may hold a token of GSS-API behind one of these words.
_TOKENS = (*_GIVEN, "www-authenticate", "proxy-authenticate")
_SCHEMES = ("Negotiate", "Kerberos", "NTLM")

_LONGEST_HEADER = 65536
_WIDTH = 20
_EMPTY = b"\r\n"

#: A line ends with CR LF, with LF alone, or with a CR that something else follows.
_LINE_END = re.compile(rb"\r\n|\n|\r(?=[^\n])")
_HEADER_END = re.compile(rb"(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r(?=[^\n]))")
_CHUNK = re.compile(rb"\s*(-?)\+?(?:0[xX])?([0-9A-Fa-f]+)")
_LENGTH = re.compile(r"\s*(\+?)0*([0-9]{1,19})(\s*$)?(?:\s|$)")
#: No chunk and no body is longer than this; the tunnels of RPC and SSTP say so to have a connection without end.
_MOST, _TUNNEL = 1 << 31, 1 << 17

#: Whether a message can begin with two bytes, by the number that they are.
_PAIRS = np.zeros(65536, dtype=np.bool_)
_PAIRS[[int.from_bytes(word[:2].encode(), "big") for word in (*METHODS, _MANDATORY, *_ANSWERS)]] = True


def begins(buf: Bytes, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The name of a method, or of a version; an empty line may stand before it (RFC 9112, section 2.2)."""
    start = start + 2 * ((buf[start] == _EMPTY[0]) & (buf[start + 1] == _EMPTY[1]) & (end - start > 2))
    likely = np.take(_PAIRS, buf[start].astype(np.int64) << 8 | buf[start + 1]) & (end - start >= 4)
    here = np.flatnonzero(likely)
    for k, raw in zip(here.tolist(), windows(buf, start[here], _WIDTH)):
        word = raw.tobytes()[: int(end[k] - start[k])]
        likely[k] = _first_word(word)
    return likely


def _first_word(raw: bytes) -> bool:
    text = ascii_text(raw)
    if text.startswith(_ANSWERS):
        return True
    word, blank, _ = text.partition(" ")
    return word.removeprefix(_MANDATORY) in METHODS and (bool(blank) or len(raw) == _WIDTH)


def measure(data: bytes, flow: Flow) -> int:
    """The header up to its empty line, and a body as long as the header says."""
    skipped = 2 * data.startswith(_EMPTY)
    if not _first_word(data[skipped : skipped + _WIDTH]):
        return NOT_MINE if len(data) >= skipped + _WIDTH or b"\n" in data[skipped:] else -skipped - _WIDTH
    if _other_version(data[skipped:]):
        return NOT_MINE
    head = header_length(data)
    if not head:
        return NOT_MINE if len(data) > _LONGEST_HEADER else -len(data) - 1
    first, *rest = _split(data[skipped:head])
    fields = list(_fields(rest))
    flow.keep = head
    method = first.split(" ")[0]
    if first.startswith(_ANSWERS):
        asked = flow.talk.notes.get("methods") or [""]
        method, code = asked[0], _words(first)[1]
        if code[:1] != "1":
            flow.talk.notes["methods"] = asked[1:]
        if code == "101" and ("upgrade", "h2c") in fields:
            flow.talk.app = http2.NAME
            for one in (flow, flow.other):
                one.state |= http2.FRAMES
        if code[:1] == "1" or code in ("204", "304") or method == "HEAD":
            return head
        if method.startswith(_CONNECT) and code == "200":
            _hand_on(flow, method)
            return head
        open_end = TO_THE_END
    else:
        kept = first if method == "CONNECT" else method
        flow.talk.notes["methods"] = [*flow.talk.notes.get("methods", [])[-100:], kept]
        open_end = head
    for name, value in fields:
        if name == "transfer-encoding" and value.lower().startswith("chunked"):
            return _chunks(data, head)
    found = [_LENGTH.match(value) for name, value in fields if name == "content-length"]
    lengths = [int(one[2]) for one in found if one and one[3] is not None and not one[1] and int(one[2]) < _MOST]
    if not lengths:
        return open_end
    if lengths[-1] >= _TUNNEL and (
        method in ("RPC_IN_DATA", "RPC_OUT_DATA") or ("content-type", "application/rpc") in fields
    ):
        return head
    return head + lengths[-1]


def _hand_on(flow: Flow, asked: str) -> None:
    """A tunnel through a proxy (RFC 9110, section 9.3.6): from here on it is as if the client had called the port."""
    port = asked.split(" ")[1].rpartition(":")[2]
    flow.talk.app = ""
    flow.talk.behind = int(port) if re.fullmatch("[0-9]{1,5}", port) and int(port) <= 0xFFFF else 0
    flow.state |= SERVER
    flow.other.state &= ~SERVER


def _other_version(data: bytes) -> bool:
    """A first line of a protocol that looks alike: RTSP, SIP, SSDP over TCP."""
    end = data.find(b"\n")
    version = data[:end].split(b" ")[-1] if end >= 0 else b""
    return b"/" in version and version[:1].isalpha() and not version.startswith(b"HTTP/") and data[:5] != b"HTTP/"


def header_length(data: bytes) -> int:
    """Bytes of the first line and the header fields with the empty line behind them; 0 if that is not here."""
    found = _HEADER_END.search(data)
    return found.end() if found else 0


def _chunks(data: bytes, at: int) -> int:
    """The end of a chunked body (RFC 9112, section 7.1); where it is no such body, what was read of it."""
    while True:
        line = _LINE_END.search(data, at)
        if line is None:
            return -len(data) - 1
        found = _CHUNK.match(data[at : line.start()])
        size = int(found[2], 16) if found else _MOST
        if found is None or found[1] or size >= _MOST:
            return at
        if not size:
            # The last chunk; trailer fields up to an empty line.
            while True:
                end = line.end()
                line = _LINE_END.search(data, end)
                if line is None:
                    return -len(data) - 1
                # What has no colon is no field: the trailer ends there too.
                if b":" not in data[end : line.start()]:
                    return line.end()
        at = line.end() + size + 2
        if at > len(data):
            return -at


def _split(head: bytes) -> list[str]:
    lines = [ascii_text(line) for line in _LINE_END.split(head)]
    while lines[1:] and not lines[-1].strip("\r"):
        lines.pop()
    return lines


def _fields(lines: list[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            yield name.lower(), value.lstrip(" \t")


def _words(first: str) -> tuple[str, str, str]:
    """Two words and the rest of a line; any number of blanks stand between them."""
    one, _, rest = first.partition(" ")
    two, _, rest = rest.lstrip(" ").partition(" ")
    return one, two, rest.lstrip(" ")


def decode(data: Reader, say: Message, state: int) -> None:
    """The messages of a segment: first line and header fields."""
    while len(data):
        if data.data.startswith(_EMPTY, data.at, data.end):
            data.take(len(_EMPTY))
        rest = data.data[data.at : data.end]
        whole = header_length(rest)
        head = whole or len(rest)
        data.take(head)
        ended = True
        if say.cut and not whole:
            # Half an end of line is one.  In the name of a field Wireshark breaks off, and never says which kind it is.
            rest = rest.removesuffix(b"\r")
            _, above, last = rest.rpartition(b"\n")
            ended = not above or not last or b":" in last
        first, *lines = _split(rest[:head])
        if not _first_word(rest[:_WIDTH]):
            return
        if first.startswith(_ANSWERS):
            _answer(first, say, ended)
        else:
            _request(first, say, ended)
        for name, value in _fields(lines):
            _header(name.strip(), value.strip(), say)
        # A line that is no field ends them for Wireshark; the listing shows those behind it too.
        for name, value in _fields(list(takewhile(_has_colon, lines))):
            text = value.partition("\0")[0]
            if name in _NAMED and text:
                say.field(_NAMED[name], text)
            found = _LENGTH.match(value) if name == "content-length" else None
            if found and int(found[2]) < 1 << 63:
                say.field("http.content_length", int(found[2]))


def _header(name: str, value: str, say: Message) -> None:
    """One header field, of a token what it is."""
    scheme, _, coded = value.partition(" ")
    held = name in _TOKENS and scheme in _SCHEMES and coded
    shown = f"{scheme} ********" if held else "********" if name in SECRET else value
    say.line(name.title()[:16], shown)
    if held:
        try:
            gss.read(Reader(b64decode(coded)), say)
        except (ValueError, Stop):
            if not say.cut:
                say.fault(f"http.{name.replace('-', '_')}", 0)


def _has_colon(line: str) -> bool:
    return ":" in line


def _request(first: str, say: Message, ended: bool) -> None:
    method, uri, version = _words(first)
    if ended and method not in _NOTIFICATIONS:
        say.field("http.request", True)
    say.field("http.request.method", method)
    uri = uri.partition("\0")[0]
    if uri:
        say.field("http.request.uri", uri)
    if version:
        say.field("http.request.version", version.partition("\0")[0])
    say.also(f"http : {method} {uri}")
    say.line("Request", first)


def _answer(first: str, say: Message, ended: bool) -> None:
    version, code, phrase = _words(first)
    if ended:
        say.field("http.response", True)
    say.field("http.response.version", version.partition("\0")[0])
    if len(code) >= 3:
        say.field("http.response.code", int("0" + re.sub("(?s)[^0-9].*", "", code[:3].lstrip())))
        if phrase:
            say.field("http.response.phrase", phrase)
    say.also(f"http : reply {f'{code} {phrase}'.rstrip()}")
    say.line("Reply", first)


lines = message.lines
values = message.values
