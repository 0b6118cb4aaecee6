"""Hypertext Transfer Protocol, version 1.

Reference: RFC 9110, RFC 9112.  A message appears at the segment that completes its body; of the body nothing is shown
but its size, and authorisations and cookies are never printed.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from zjobs.columns import Bytes, among, windows
from zjobs.wire import message
from zjobs.wire.layout import Field, Layout
from zjobs.wire.message import Message, Reader, ascii_text
from zjobs.wire.talk import NOT_MINE, TO_THE_END, Flow

NAME = "http"
TITLE = "HTTP"
FOUND = {"tcp.app": (80, 3128, 3132, 5985, 8080, 8088, 11371, 2869)}
ANYWHERE = ("tcp",)

LAYOUT = Layout("HTTP", (Field("first", "u8", 0),), 1, "RFC 9112, section 2.1")

METHODS = (
    "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PATCH", "PROPFIND", "PROPPATCH", "MKCOL",
    "COPY", "MOVE", "LOCK", "UNLOCK", "REPORT", "SEARCH", "SUBSCRIBE", "UNSUBSCRIBE", "NOTIFY", "POLL", "MERGE",
    "CHECKOUT", "MKACTIVITY", "BCOPY", "BMOVE", "M-SEARCH",
)  # fmt: skip

#: Header fields that Wireshark has a name for.
_NAMED = {
    "host": "http.host", "user-agent": "http.user_agent", "content-type": "http.content_type",
    "content-length": "http.content_length_header", "content-encoding": "http.content_encoding",
    "transfer-encoding": "http.transfer_encoding", "server": "http.server", "location": "http.location",
    "connection": "http.connection", "accept": "http.accept", "accept-encoding": "http.accept_encoding",
    "accept-language": "http.accept_language", "referer": "http.referer", "date": "http.date",
    "cache-control": "http.cache_control", "last-modified": "http.last_modified", "upgrade": "http.upgrade",
}  # fmt: skip
SECRET = ("authorization", "proxy-authorization", "cookie", "set-cookie")

_LONGEST_HEADER = 65536
_WIDTH = 12


#: The first four bytes of a message, as a number.
_STARTS = {int.from_bytes(f"{word} "[:4].encode(), "big") for word in (*METHODS, "HTTP")}


def begins(buf: Bytes, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The name of a method, or of a version."""
    first = np.ascontiguousarray(windows(buf, start, 4)).view(">u4").reshape(-1)
    likely = among(first, _STARTS) & (end - start >= 4)
    here = np.flatnonzero(likely)
    for k, raw in zip(here.tolist(), windows(buf, start[here], _WIDTH)):
        word = raw.tobytes()[: int(end[k] - start[k])]
        likely[k] = _first_word(word)
    return likely


def _first_word(raw: bytes) -> bool:
    if raw.startswith(b"HTTP/"):
        return True
    word, blank, _ = raw.partition(b" ")
    return ascii_text(word) in METHODS and (bool(blank) or len(raw) == _WIDTH)


def measure(data: bytes, flow: Flow) -> int:
    """The header up to its empty line, and a body as long as the header says."""
    if not _first_word(data[:_WIDTH]):
        return NOT_MINE if len(data) >= _WIDTH or b"\n" in data else -_WIDTH
    if _other_version(data):
        return NOT_MINE
    head = header_length(data)
    if not head:
        return NOT_MINE if len(data) > _LONGEST_HEADER else -len(data) - 1
    first, *rest = _split(data[:head])
    fields = dict(_fields(rest))
    length = fields.get("content-length", "")
    answer = first.startswith("HTTP/")
    method = ""
    if answer:
        asked = flow.talk.notes.get("methods") or [""]
        method = asked[0]
        code = first.split(" ")[1:2] or [""]
        if code[0][:1] != "1":
            flow.talk.notes["methods"] = asked[1:]
        if code[0][:1] == "1" or code[0] in ("204", "304") or method == "HEAD":
            return head
    else:
        flow.talk.notes["methods"] = [*flow.talk.notes.get("methods", [])[-100:], first.split(" ")[0]]
    flow.keep = head
    if "chunked" in fields.get("transfer-encoding", "").lower():
        return _chunks(data, head)
    if length.isdigit():
        return head + int(length)
    if answer and "content-type" in fields:
        return TO_THE_END
    return head


def _other_version(data: bytes) -> bool:
    """A first line of a protocol that looks alike: RTSP, SIP, SSDP over TCP."""
    end = data.find(b"\n")
    version = data[:end].split(b" ")[-1] if end >= 0 else b""
    return b"/" in version and version[:1].isalpha() and not version.startswith(b"HTTP/") and data[:5] != b"HTTP/"


def header_length(data: bytes) -> int:
    """Bytes of the first line and the header fields with the empty line behind them; 0 if that is not here."""
    ends = [at + size for mark, size in ((b"\r\n\r\n", 4), (b"\n\n", 2)) if (at := data.find(mark)) >= 0]
    return min(ends, default=0)


def _chunks(data: bytes, at: int) -> int:
    """The end of a chunked body (RFC 9112, section 7.1)."""
    while True:
        line = data.find(b"\n", at)
        if line < 0:
            return -len(data) - 1
        try:
            size = int(data[at:line].split(b";")[0].strip() or b"0", 16)
        except ValueError:
            return at
        if not size:
            # The last chunk; trailer fields up to an empty line.
            end = line + 1
            while True:
                line = data.find(b"\n", end)
                if line < 0:
                    return -len(data) - 1
                if not data[end:line].strip():
                    return line + 1
                end = line + 1
        at = line + 1 + size + 2
        if at > len(data):
            return -at


def _split(head: bytes) -> list[str]:
    return ascii_text(head).replace("\r\n", "\n").rstrip("\n").split("\n")


def _fields(lines: list[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            yield name.strip().lower(), value.strip()


def decode(data: Reader, say: Message, state: int) -> None:
    """The messages of a segment: first line and header fields."""
    while len(data):
        rest = data.data[data.at : data.end]
        head = header_length(rest) or len(rest)
        data.take(head)
        first, *lines = _split(rest[:head])
        if not _first_word(rest[:_WIDTH]):
            return
        if first.startswith("HTTP/"):
            _answer(first, say)
        else:
            _request(first, say)
        fields = list(_fields(lines))
        for name, value in fields:
            shown = "********" if name in SECRET else value
            say.line(name.title()[:16], shown)
            text = value.partition("\0")[0]
            if name in _NAMED and text:
                say.field(_NAMED[name], text)
            if name == "content-length" and value.isdigit():
                say.field("http.content_length", int(value))


def _request(first: str, say: Message) -> None:
    words = first.split(" ")
    say.field("http.request", True)
    say.field("http.request.method", words[0])
    if len(words) > 1:
        say.field("http.request.uri", words[1])
    if len(words) > 2:
        say.field("http.request.version", " ".join(words[2:]))
    say.also(f"http : {' '.join(words[:2])}")
    say.line("Request", first)


def _answer(first: str, say: Message) -> None:
    version, _, rest = first.partition(" ")
    code, _, phrase = rest.partition(" ")
    say.field("http.response", True)
    say.field("http.response.version", version)
    if code.isdigit():
        say.field("http.response.code", int(code))
    if phrase:
        say.field("http.response.phrase", phrase)
    say.also(f"http : reply {rest}")
    say.line("Reply", first)


lines = message.lines
values = message.values
