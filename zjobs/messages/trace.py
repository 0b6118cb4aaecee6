"""ZJB01nn: trace data sets and other sources."""

from zjobs.messages import Message

_DAMAGE = (
    "Look at the position named: the file was cut or changed on its way, or the writer lost buffers. "
    "Transfer again in binary with record descriptor words (RDW), or pack with AMATERSE first."
)

MESSAGES = {
    "ZJB0101E": Message(
        "source {source} cannot be opened: {detail}",
        "The path or data set does not exist, may not be read, or is a character device such as /dev/zero.",
        "Check the name; a data set is written //'HLQ.NAME', a DD name //DD:NAME.",
    ),
    "ZJB0102E": Message(
        "source {source} is empty: there is no trace data in it",
        "The writer wrote nothing: it was not connected, nothing matched the filter, or it was not stopped first.",
        "Check with D TRACE,COMP=SYSTCPDA,SUB=(stack) that WRITER names this writer; stop the trace before reading.",
    ),
    "ZJB0103E": Message(
        "source {source} is not trace data: {what}. {remedy}",
        "The first bytes identify another format, or a transfer that destroyed the data.",
        "Do what the message says.",
    ),
    "ZJB0104W": Message(
        "source {source}: {count:damaged place|damaged places}, {skipped:byte|bytes} not understood; "
        "first at offset {offset}: {detail}",
        "Record or entry lengths contradict each other there.",
        _DAMAGE,
    ),
    "ZJB0105W": Message(
        "source {source} ends inside a record at offset {offset}: {needed:byte|bytes} needed, {available} available",
        "The transfer was cut short, or the writer was still writing.",
        _DAMAGE,
    ),
    "ZJB0106E": Message(
        "layout file {path} cannot be used: {detail}",
        "The layout of the packet trace header is data; this file does not describe one.",
        "Compare with the built-in layout pthdr-92.json.",
    ),
    "ZJB0108W": Message(
        "source {source} wraps at offset {offset}: newest data precede the oldest; records are put in time order",
        "The writer ran with WRAP and filled its data set.",
        "None; for longer traces give the writer more space or a narrower filter.",
    ),
    "ZJB0109W": Message(
        "{count:segmented trace record|segmented trace records} incomplete: segments were lost",
        "A packet written as several records misses some; it is listed with what is there.",
        "Read all TRCOUT data sets of the writer together.",
    ),
    "ZJB0110W": Message(
        "{count:packet is|packets are} damaged or cut short; see the problem lines of the listing",
        "A header or length inside the packets contradicts the bytes that are there.",
        "None if the trace is abbreviated; otherwise look at the packets.",
    ),
    "ZJB0111I": Message(
        "{count:identical record met in two sources was|identical records met in two sources were} read once",
        "COPYTRC runs overlapped, or the same data set was named twice.",
    ),
    "ZJB0112W": Message(
        "the trace counter of {interface} jumps {count:time|times}: about {lost:record|records} may be lost",
        "The record counter of the packet trace header (inferred meaning) has gaps.",
        "Enlarge the trace buffer (BUFSIZE), spread the writer over more TRCOUT data sets, or narrow the filter.",
    ),
    "ZJB0113W": Message(
        "source {source}: {count:record holds|records hold} no trace entry (control records)",
        "The writer's own records, or data that is not a trace.",
        "None if the rest reads well.",
    ),
    "ZJB0114E": Message(
        "source {source}: no trace entry found in {size:byte|bytes}",
        "The data is neither a trace data set nor any other format that zjobs knows.",
        "Check that the file is a CTRACE external writer data set, transferred in binary with RDW.",
    ),
    "ZJB0115W": Message(
        "source {source}: {count:packet|packets} of link type {link} cannot be decoded",
        "The capture file has a link layer that zjobs does not know.",
        "None; the packets are listed as data.",
    ),
    "ZJB0116W": Message(
        "source {source}: {count:record|records} could not be validated",
        "An entry has a plausible frame but its packet trace header cannot be right.",
        _DAMAGE,
    ),
    "ZJB0117I": Message(
        "{lines:more notice of the same kind was|more notices of the same kind were} left out",
        "Only the first notices of a kind are printed.",
    ),
    "ZJB0120E": Message(
        "--home {address} is not an IP address",
        "Home addresses are those of the traced system, one for each --home.",
        "Write an IPv4 or IPv6 address.",
    ),
    "ZJB0121W": Message(
        "source {source} was damaged in its packed form, at offset {offset} of what it holds: {detail}",
        "The gzip file or the zip archive was cut or changed on its way; what precedes was read.",
        "Transfer it again in binary, and compare the sizes.",
    ),
    "ZJB0118E": Message(
        "this zjobs cannot read data sets here: {detail}",
        "A data set name was given, and the command does not run on z/OS.",
        "Run it on z/OS, give a path, or name a simulated LPAR with --host mock:DIR.",
    ),
    "ZJB0119I": Message(
        "source {source} is empty; the other sources are read",
        "The writer never came to this data set: a short trace does not fill all of its TRCOUT data sets.",
    ),
}
