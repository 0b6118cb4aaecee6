"""ZJB022n and ZJB023n: statements of IPCS (zjobs ctrace)."""

from zjobs.messages import Message

_SEE = "zjobs ctrace --help shows the form; docs/ipcs.md tells what is understood."

MESSAGES = {
    "ZJB0220E": Message(
        "{command} cannot be read at position {place}: {detail}",
        "Parentheses do not match, or something that the statement needs is missing.",
        _SEE,
    ),
    "ZJB0221E": Message(
        "operand {operand} at position {place} is not known to {command}{near}",
        "The word is no operand of the statement, nor the start of one.",
        _SEE,
    ),
    "ZJB0222E": Message(
        "operand {operand} of {command} at position {place} is ambiguous: {choices}",
        "Several operands start with these letters.",
        "Write more letters.",
    ),
    "ZJB0223E": Message(
        "value {value} at position {place} is not valid for operand {operand} of {command}; allowed: {allowed}",
        "The value is outside what the operand takes.",
        _SEE,
    ),
    "ZJB0224E": Message(
        "operand EXCEPTION at position {place} cannot be used: packet traces have no exception records",
        "IBM says not to code EXCEPTION for SYSTCPDA and SYSTCPOT; nothing would be selected.",
        "Leave it out.",
    ),
    "ZJB0225I": Message(
        "operand {operand} of CTRACE is understood and changes nothing: a trace data set has no dumped address spaces",
        "CURRENT, ERROR and TCBERROR choose address spaces of a dump.",
    ),
    "ZJB0226W": Message(
        "command {command} on line {line} is skipped: it is none that concerns a trace{near}",
        "The deck holds a command of TSO or IPCS that zjobs does not carry out; the others are carried out.",
        "Take it out of the deck if the warning is not wanted.",
    ),
    "ZJB0227E": Message(
        "ddname {dd} is not known: say with --dd {dd}=PATH what it stands for",
        "The statement names a ddname, and there is no z/OS job step here that has allocated it.",
        "Give --dd, or name the source behind the statement.",
    ),
    "ZJB0228E": Message(
        "{command} names no source",
        "There is no DSNAME and no DDNAME in the statement, none in a SETDEF before it, and no SOURCE behind it.",
        "Name one.",
    ),
    "ZJB0229E": Message(
        "{command} on line {line} cannot stand there: {detail}",
        "MERGE and MERGEEND enclose CTRACE statements, and nothing else.",
        "Correct the deck.",
    ),
    "ZJB0230E": Message(
        "{command} is no statement of this command: it takes one CTRACE statement, or a whole deck with --deck{near}",
        "The text does not start with CTRACE.",
        "Start it with CTRACE, or put the statements into a file and give that with --deck.",
    ),
    "ZJB0231I": Message(
        "{count:trace entry|trace entries} copied to {target}",
        "COPYTRC wrote one data set from its sources, in the order of time.",
    ),
    "ZJB0232E": Message(
        "deck {deck} cannot be read: {detail}",
        "The file does not exist, may not be read, or holds no statement.",
        "Name a file or a data set with IPCS statements, such as that of SYSTSIN.",
    ),
    "ZJB0233E": Message(
        "source {source} cannot be copied: it holds no trace entries",
        "COPYTRC copies entries of a component trace as they are; packets of a sniffer have none.",
        "Copy trace data sets only; zjobs export writes packets of any source.",
    ),
    "ZJB0234E": Message(
        "--dd {text} is not NAME=PATH",
        "A ddname has 1 to 8 characters, and stands for a path or a data set.",
        "Write it as --dd TRACE=trace.bin.",
    ),
}
