"""ZJB00nn: the command itself."""

from zjobs.messages import Message

MESSAGES = {
    "ZJB0001E": Message(
        "{detail}",
        "The command line is not one that zjobs understands.",
        "Correct the command; --help after any command shows its options and an example.",
    ),
    "ZJB0002E": Message(
        "zjobs failed in its own code: {detail}. Run again with --debug for the full account",
        "This is a defect of zjobs, not of the request or the data.",
        "Report it with the output of --debug; the account can name data sets but holds no packet data.",
    ),
    "ZJB0003E": Message(
        "interrupted by {signal}; nothing half-written was left behind",
        "The user or the system ended the command.",
        "Run the command again when ready.",
    ),
}
