"""ZJB03nn: reports and where they go (ZJB0350 and up: exports)."""

from zjobs.messages import Message

MESSAGES = {
    "ZJB0301E": Message(
        "target {target} cannot be written: {detail}. Nothing was written",
        "The directory does not exist, is full, or may not be written.",
        "Choose another target or mend the cause, and run the command again.",
    ),
    "ZJB0302E": Message(
        "standard output cannot be written: {detail}. What was written before is not complete",
        "The file system behind it is full, or the device refuses.",
        "Mend the cause, or name a file or a data set (--out): that appears complete or not at all.",
    ),
    "ZJB0304E": Message(
        "component {component} was asked for, but the sources hold {found}",
        "The records name their component.",
        "Correct --comp, or leave it out.",
    ),
    "ZJB0303E": Message(
        "target {target} cannot take this output: {detail}",
        "Binary exports need a file.",
        "Give a path, and copy it to a data set if needed.",
    ),
    "ZJB0305E": Message(
        "report {report} writes a file of its own: say where with {option}",
        "On z/OS the file goes to the ddname of the same name; elsewhere there are no ddnames.",
        "Give the option, with a path or a data set.",
    ),
    "ZJB0306I": Message(
        "SNIFFER({type}) option selected",
        "It stands in the heading block of a listing that has a pcap file beside it.",
    ),
    "ZJB0308E": Message(
        "target {target} is refused: {detail}. Nothing was written",
        "Two names on the command line, or in a deck, stand for one file or data set: what is there would be lost.",
        "Give the output a name of its own.",
    ),
    "ZJB0309W": Message(
        "sub-name {subname} was asked for, but the sources hold {found}; their records are listed",
        "The data set names the TCP/IP stack that wrote it, in front of its entries.",
        "Look whether this is the data set that is meant; correct SUB or --sub, or leave it out.",
    ),
    "ZJB0310I": Message(
        "local times are those of zone +00:00, for no other one was given with --utc-offset",
        "A trace holds times in UTC and not the zone of the system; LOCAL alone changes nothing.",
        "Give --utc-offset, such as --utc-offset -05:00, unless the traced system runs in UTC.",
    ),
    "ZJB0307E": Message(
        "system {system} was asked for, but the sources hold {found}",
        "The data set names the system that wrote it.",
        "Correct SYSNAME, or leave it out.",
    ),
}
