"""What kind of file this is, told from its first bytes.

Reference: record and block descriptor words, standard access-method rules; the trace data set is
RECFM=VB, and every way of moving it leaves other traces of that (IP Configuration Reference, RDW
statement).  How the external writer lays entries out inside its records is not published: the prefix
and the straddling are learned from a sample, never assumed.
"""

import re
from collections import Counter
from typing import NamedTuple

import numpy as np

from zjobs.errors import DataError
from zjobs.trace import chain
from zjobs.trace.framing import FRAMERS, Cut, Data
from zjobs.wire import cte

SAMPLE = 1 << 20
_SAMPLE_RECORDS = 64
_LONGEST_PREFIX = 512
_ACCEPT = 0.8


class Container(NamedTuple):
    """How entries lie in a source.

    ``framing`` names a framer ("rdw", "bdw", "len4", "records", "bare"); ``prefix`` bytes precede the
    trace-buffer content of every record; ``straddle`` says that entries run over record ends.
    """

    framing: str
    prefix: int = 0
    straddle: bool = False
    component: str = ""
    subname: str = ""
    sysname: str = ""

    @property
    def title(self) -> str:
        """For messages and reports."""
        words = {
            "rdw": "RDW records",
            "bdw": "BDW blocks with RDW records",
            "len4": "4-byte length records",
            "records": "record stream",
            "bare": "bare entries",
        }[self.framing]
        return words + (", entries straddle records" if self.straddle else "")


#: First bytes of things that are not trace data sets: (offset, bytes, what it is, what to do).
_FOREIGN = (
    (0, b"BZh", "a bzip2 file", "Unpack it first."),
    (0, b"\xfd7zXZ", "an xz file", "Unpack it first."),
    (2, b"\xe0\xc9\xd5\xd4\xd9\xf0\xf1", "a TSO TRANSMIT (XMIT) file", "RECEIVE it first."),
    (1, b"\xe0\xc9\xd5\xd4\xd9\xf0\xf1", "a TSO TRANSMIT (XMIT) file", "RECEIVE it first."),
    (0, b"\xc4\xd9\xf1\x40", "a dump data set", "Use IPCS COPYTRC to extract the component trace first."),
    (0, b"\xc4\xd9\xf2\x40", "a dump data set", "Use IPCS COPYTRC to extract the component trace first."),
    (4, b"\xc4\xd9\xf1\x40", "a dump data set", "Use IPCS COPYTRC to extract the component trace first."),
    (4, b"\xc4\xd9\xf2\x40", "a dump data set", "Use IPCS COPYTRC to extract the component trace first."),
    (8, b"\xc4\xd9\xf1\x40", "a dump data set", "Use IPCS COPYTRC to extract the component trace first."),
    (8, b"\xc4\xd9\xf2\x40", "a dump data set", "Use IPCS COPYTRC to extract the component trace first."),
)


def recognise(sample: bytes, name: str, whole: bool) -> Container:
    """The container of a byte source; ``whole`` says that the sample is all of it.

    Raises DataError with what to do when the bytes are something else.
    """
    if not sample:
        raise DataError("ZJB0102E", source=name)
    for offset, magic, what, remedy in _FOREIGN:
        if sample[offset : offset + len(magic)] == magic:
            raise DataError("ZJB0103E", source=name, what=f"it is {what}", remedy=remedy)
    if _tersed(sample):
        raise DataError(
            "ZJB0103E",
            source=name,
            what="it is packed by AMATERSE",
            remedy="Unpack it with AMATERSE UNPACK (PGM=AMATERSE,PARM=UNPACK) first.",
        )
    data = chain.padded(sample)
    gtf = False
    for framing in ("bdw", "rdw", "len4"):
        cut = FRAMERS[framing](data, 0, len(sample), whole)
        if not _tiles(cut, len(sample), whole):
            continue
        bodies = _unspanned(data, cut)
        gtf = gtf or (framing != "len4" and bool(bodies) and bodies[0][:2] == b"\x00\x01")
        learned = learn(bodies, framing)
        if learned is not None:
            return learned
        if framing != "len4" and any(chain.find(chain.padded(b), 0, len(b)) >= 0 for b in bodies[:_SAMPLE_RECORDS]):
            return Container(framing, prefix=-1)
    if chain.plausible(data, 0, len(sample)) or chain.find(data, 0, len(sample)) >= 0:
        return Container("bare")
    if gtf:
        raise DataError(
            "ZJB0103E",
            source=name,
            what="it is a GTF data set",
            remedy="Use IPCS GTFTRACE, or trace with the CTRACE external writer (ITTTRCWR).",
        )
    if _text_damage(sample):
        raise DataError(
            "ZJB0103E",
            source=name,
            what="it was transferred in text mode, which destroyed it beyond repair",
            remedy="Transfer the data set again in binary with RDW (FTP: BINARY, then QUOTE SITE RDW).",
        )
    if whole:
        raise nothing_in(name, len(sample), any(sample))
    return Container("bare")


def nothing_in(name: str, size: int, anything: bool) -> DataError:
    """The refusal of a source that holds no trace entry: an empty one if all of it is zeros."""
    return DataError("ZJB0114E", source=name, size=size) if anything else DataError("ZJB0102E", source=name)


def learn(bodies: list[bytes], framing: str) -> Container | None:
    """Prefix and straddling of a sample of record bodies; None when no constant prefix explains them."""
    bodies = [b for b in bodies if len(b) > 18][:_SAMPLE_RECORDS]
    firsts = []
    for body in bodies:
        firsts.append(_first_entry(body))
    candidates = [p for p, _ in Counter(f for f in firsts if 0 <= f <= _LONGEST_PREFIX).most_common(8)]
    holding = [b for b, f in zip(bodies, firsts, strict=True) if f >= 0]
    for prefix in candidates:
        good = sum(_chain_is_whole(b, prefix) for b in holding)
        if good >= _ACCEPT * len(holding):
            return Container(framing, prefix, False, *_names_in([b[:prefix] for b in holding]))
    heads = [p for b in bodies[:4] if (p := chain.head(b[: _LONGEST_PREFIX + 16])) >= 0]
    for prefix in sorted({*candidates, *heads, 0}):
        joined = b"".join(b[prefix:] for b in bodies)
        if _understood(joined) >= _ACCEPT:
            return Container(framing, prefix, True, *_names_in([b[:prefix] for b in bodies]))
    return None


def _first_entry(body: bytes) -> int:
    """Where the first entry of a record body starts, though its own lengths may disagree; -1 if nowhere."""
    at = chain.find(chain.padded(body), 0, len(body))
    if at > 0:
        trailing = int.from_bytes(body[at - 2 : at], "big")
        framed = at - trailing
        if trailing >= cte.MIN_LENGTH and framed >= 0 and body[framed : framed + 2] == body[at - 2 : at]:
            return framed
        damaged = chain.head(body[:at])
        if damaged >= 0 and at - damaged in (trailing, int.from_bytes(body[damaged : damaged + 2], "big")):
            return damaged
    return at


def _unspanned(data: Data, cut: Cut) -> list[bytes]:
    """Record bodies of a sample, the segments of spanned records joined."""
    bodies: list[bytes] = []
    for s, e, code in zip(cut.starts, cut.ends, cut.segments or [0] * len(cut.starts), strict=True):
        if code in (2, 3) and bodies:
            bodies[-1] += bytes(data[s:e])
        else:
            bodies.append(bytes(data[s:e]))
    return bodies


def _chain_is_whole(body: bytes, prefix: int) -> bool:
    data = chain.padded(body)
    starts: list[int] = []
    stop = chain.walk(data, prefix, len(body), starts)
    return bool(starts) and chain.plausible(data, starts[0], len(body)) and not any(body[stop:])


def _understood(stream: bytes) -> float:
    """The share of a joined stream that a chain from its start explains."""
    if len(stream) < 64:
        return 0.0
    data = chain.padded(stream)
    starts: list[int] = []
    stop = 0
    while stop < len(stream):
        before = len(starts)
        stop = chain.walk(data, stop, len(stream), starts)
        if len(starts) == before and any(data[stop : stop + 2]):
            break
        filled = len(stream) - len(bytes(data[stop : len(stream)]).lstrip(b"\0"))
        if filled == stop:
            break
        stop = filled
    if not starts:
        return 0.0
    good = chain.proved(np.frombuffer(data, dtype=np.uint8), np.array(starts, dtype=np.int64))
    return min(stop + 65535, len(stream)) / len(stream) * float(good.mean())


def _tiles(cut: Cut, size: int, whole: bool) -> bool:
    """Whether descriptor words explain the sample: all of it, or at least eight records of it."""
    # A transfer that was cut short ends inside a record; an open sample ends anywhere.
    reached = cut.used >= size or cut.needed > 0 or (not whole and cut.used >= size - 65536)
    return len(cut.starts) >= 8 or (bool(cut.starts) and cut.broken is None and reached)


def _tersed(sample: bytes) -> bool:
    if len(sample) < 12 or sample[0] not in (2, 5) or sample[1] not in (0, 1):
        return False
    first = int.from_bytes(sample[2:4], "big")
    second = int.from_bytes(sample[8:12], "big", signed=True)
    return second >= 0 and (first or second) != 0 and (not first or not second or first == second)


def _text_damage(sample: bytes) -> bool:
    """Line ends everywhere, few zero bytes, and text or blank-padded names: what a text-mode transfer leaves."""
    lines = sample.count(b"\n")
    text = len(sample.translate(None, _NOT_PRINTED)) * 10 > len(sample) * 6 or b" " * 8 in sample
    return lines * 400 > len(sample) and sample.count(b"\0") * 50 < len(sample) and text


_NOT_PRINTED = bytes(b for b in range(256) if not 32 <= b < 127)

_NAME = re.compile(rb"[A-Z@#$][A-Z0-9@#$_]{0,7} *")


def _names_in(prefixes: list[bytes]) -> tuple[str, str, str]:
    """Component, sub-name and system name: 8-byte EBCDIC names that every prefix carries at one place."""
    if not prefixes or any(len(p) != len(prefixes[0]) for p in prefixes):
        return "", "", ""
    first = prefixes[0].decode("cp037").encode("ascii", "replace")
    found: list[tuple[int, str]] = []
    at = 0
    while at + 8 <= len(first):
        word = first[at : at + 8]
        if _NAME.fullmatch(word) and all(p[at : at + 8] == prefixes[0][at : at + 8] for p in prefixes):
            found.append((at, word.decode().rstrip()))
            at += 8
        else:
            at += 1
    component = next((n for _, n in found if n.startswith("SYSTC")), "")
    # Three neighbouring names are component, sub-name and system; what stands elsewhere stays unnamed.
    rest = [n for _, n in found if n != component]
    return component, rest[0] if rest else "", rest[1] if len(rest) > 1 else ""
