"""ZJB0350 and up: exports."""

from zjobs.messages import Message

MESSAGES = {
    "ZJB0350I": Message("{count:packet|packets} written to {target} as {format}", "The export is complete."),
    "ZJB0351E": Message(
        "export format {format} is not known; available: {available}",
        "--as names a format that this release of zjobs does not write.",
        "Use one of the formats named; zjobs list exports describes them.",
    ),
    "ZJB0353W": Message(
        "{count:record was|records were} left out, without a packet that {format} can carry: {kinds}",
        "Socket data, SMC and unreadable records have no IP or link header.",
        "Export as jsonl, or list them with zjobs format.",
    ),
}
