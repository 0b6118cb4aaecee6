"""ZJB07nn: whether a trace can be trusted."""

from zjobs.messages import Message

MESSAGES = {
    "ZJB0701I": Message(
        "the trace can be trusted: {records:record|records}, nothing damaged, nothing lost",
        "Every byte was understood, and no counter tells of a loss.",
    ),
    "ZJB0702W": Message(
        "the trace is usable with gaps: {reasons}. {remedy}",
        "What is there reads well, but something is missing: a packet that is not there may have been on the wire.",
        "Do what the message says; until then read the absence of a packet as unknown.",
    ),
    "ZJB0703W": Message(
        "the trace is not usable: {reasons}. {remedy}",
        "More is damaged than whole, or no record could be validated.",
        "Do what the message says.",
    ),
}
