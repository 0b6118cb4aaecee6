"""The extension of the packet trace header that SMC records carry.

Source: a public dissector of such records, not IBM; offsets count from the start of the extension, whose first four
bytes are its length and type.  SMC-R and SMC-D have layouts of their own; the interface name tells which.
"""

from zjobs.wire.layout import Field, Layout
from zjobs.wire.values import hex2, hex8

_SOURCE = "public dissector, confidence: inferred"
HEAD, SIZE = 4, 78

#: Names of interfaces start so: RoCE and internal shared memory (ISM) devices.
RDMA, ISM = "EZARI", "EZAISM"

_COMMON = (
    Field("length", "u16", 0, "Extension Length", confidence="inferred"),
    Field("type", "u16", 2, "Extension Type", confidence="inferred"),
    Field("local", "u32", HEAD + 28, "Local Conn Id", hex8, confidence="inferred"),
    Field("remote", "u32", HEAD + 32, "Remote Conn Id", hex8, confidence="inferred"),
)
SMC_R = Layout(
    "SMC-R extension",
    (
        *_COMMON,
        Field("remote_gid", "b8", HEAD + 44, "Remote GID", confidence="inferred"),
        Field("local_gid", "b8", HEAD + 60, "Local GID", confidence="inferred"),
        Field("remote_qp", "u24", HEAD + 68, "Remote QP", confidence="inferred"),
        Field("local_qp", "u24", HEAD + 71, "Local QP", confidence="inferred"),
    ),
    SIZE,
    _SOURCE,
)
SMC_D = Layout(
    "SMC-D extension",
    (
        *_COMMON,
        Field("producer_wrap", "u32", HEAD, "Producer Wrap", confidence="inferred"),
        Field("producer", "u32", HEAD + 4, "Producer Cursor", hex8, confidence="inferred"),
        Field("consumer_wrap", "u32", HEAD + 8, "Consumer Wrap", confidence="inferred"),
        Field("consumer", "u32", HEAD + 12, "Consumer Cursor", hex8, confidence="inferred"),
        Field("flags", "u8", HEAD + 16, "Producer Flags", hex2, confidence="inferred"),
        Field("state", "u8", HEAD + 17, "Connection State", hex2, confidence="inferred"),
        Field("remote_index", "u8", HEAD + 18, "Remote Index", confidence="inferred"),
        Field("local_index", "u8", HEAD + 19, "Local Index", confidence="inferred"),
        Field("remote_gid", "b8", HEAD + 36, "Remote GID", confidence="inferred"),
        Field("local_gid", "b8", HEAD + 52, "Local GID", confidence="inferred"),
    ),
    SIZE,
    _SOURCE,
)
