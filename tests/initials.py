"""Initial packets of QUIC, sealed: what a test puts into them is what a reader finds (RFC 9001, section 5)."""

from __future__ import annotations

import struct

import numpy as np

from zjobs.wire import _aes, _quic

#: Ids of the appendix: the one that the client chose for the server, and the one that the server chose.
CLIENT = bytes.fromhex("8394c8f03e515708")
SERVER = bytes.fromhex("f067a5502a4262b5")


def sealed(header: bytes, frames: bytes, cid: bytes = CLIENT, server: bool = False) -> bytes:
    """A packet with its protection, under the keys of an id; the header ends with a number of four bytes."""
    version, number = int.from_bytes(header[1:5], "big"), int.from_bytes(header[-4:], "big")
    keys = _quic.initial_keys(cid, version, server)
    assert keys is not None
    nonce = (keys.iv ^ number).to_bytes(12, "big")
    text = _aes.beginning(keys.payload, nonce, frames)
    stream = _aes._stream(keys.payload, nonce, 0)
    lengths = struct.pack(">QQ", 8 * len(header), 8 * len(text))
    made = _aes._hashed(stream[0], _aes._padded(header) + _aes._padded(text) + lengths)
    body = text + (made ^ int.from_bytes(stream[1].tobytes(), "big")).to_bytes(16, "big")
    mask = _aes.encrypt(keys.header, np.frombuffer(body[:16], dtype=np.uint8)[None])[0].tobytes()
    hidden = bytes(a ^ b for a, b in zip(header[-4:], mask[1:]))
    return bytes((header[0] ^ mask[0] & 0x0F,)) + header[1:-4] + hidden + body


def initial(
    frames: bytes,
    number: int = 0,
    target: bytes = CLIENT,
    source: bytes = b"",
    server: bool = False,
    token: bytes = b"",
) -> bytes:
    """An Initial packet of version 1 with these frames, under the keys of CLIENT."""
    frames = frames.ljust(4, b"\0")
    parts = b"".join(bytes((len(part),)) + part for part in (target, source, token))
    length = 0x4000 | 4 + len(frames) + 16
    return sealed(b"\xc3\0\0\0\1" + parts + struct.pack(">HI", length, number), frames, CLIENT, server)


def crypto(at: int, data: bytes) -> bytes:
    """A CRYPTO frame."""
    return b"\6" + struct.pack(">HH", 0x4000 | at, 0x4000 | len(data)) + data
