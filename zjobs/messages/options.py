"""ZJB02nn: option text and selection."""

from zjobs.messages import Message

_SEE = "zjobs format --help lists the keywords; docs/options.md describes them."

MESSAGES = {
    "ZJB0201E": Message(
        "option {keyword} at position {position} is not known{near}",
        "The word is no keyword of OPTIONS((...)), nor the start of one.",
        _SEE,
    ),
    "ZJB0202E": Message(
        "options cannot be read at position {position}: {detail}", "Parentheses do not match.", "Correct the text."
    ),
    "ZJB0203E": Message(
        "option {keyword} at position {position} is ambiguous: {choices}",
        "Several keywords start with these letters.",
        "Write more letters.",
    ),
    "ZJB0205E": Message(
        "value {value} at position {position} is not valid for option {keyword}; allowed: {allowed}",
        "The operand is outside what the keyword takes.",
        _SEE,
    ),
    "ZJB0206E": Message(
        "option {keyword} at position {position} needs an operand: {allowed}", "The keyword stands alone.", _SEE
    ),
    "ZJB0207E": Message(
        "{option} {value}{place} is not a time; write mm/dd/yy,hh.mm.ss.dddddd or yyyy-mm-ddThh:mm:ss",
        "START and STOP take a date and a time.",
        "Correct the value.",
    ),
    "ZJB0208E": Message(
        "the range is impossible: {detail}", "The end comes before the start.", "Exchange the two values."
    ),
    "ZJB0209W": Message(
        "No trace records matched the selection",
        "All records were read, none passed the filters.",
        "Widen the selection; zjobs inspect shows what is in the trace.",
    ),
    "ZJB0210E": Message(
        "option {keyword} cannot be used: header layout {layout} has no field {field}",
        "The layout of the packet trace header is data, and the one in use does not say where the field is.",
        "Name the field in a layout file and give it with --layout; zjobs members --only layout-probe shows how.",
    ),
    "ZJB0211E": Message(
        "device type {device} cannot be selected: header layout {layout} has no code for it (known: {known})",
        "IBM publishes few codes of interface types; the layout file maps codes to types.",
        "Write the code as a number, or add it to device_types of a layout file and give that with --layout.",
    ),
    "ZJB0212I": Message(
        "option {keyword} is taken and echoed, and changes nothing: {reason}",
        "The keyword belongs to the formatter; a job that codes it runs unchanged.",
    ),
    "ZJB0213E": Message(
        "user exit {name} is not called: programs are loaded only with --allow-exit",
        "An exit is a program of its own with all rights of the user, and option text may come from anywhere.",
        "Read the exit, and add --allow-exit if it may run.",
    ),
    "ZJB0214E": Message(
        "user exit {name} cannot be used: {detail}",
        "An exit is a Python function module:function, or a file with a function select, that takes a table of "
        "records and answers one truth value a record.",
        "Correct the name or the exit; assembler exits of the formatter cannot be called.",
    ),
    "ZJB0240E": Message(
        "the condition of --where cannot be read at position {position}: {detail}",
        "A condition compares fields: ip.src in 10.0.0.0/8 and tcp.dstport == 21 and not tcp.flags.reset.",
        "Correct the condition; docs/commands.md shows its form.",
    ),
    "ZJB0241E": Message(
        "--find {value} is neither a text nor X'hex digits'", "Nothing can be searched for.", "Correct the value."
    ),
    "ZJB0242I": Message(
        "no packet has a field {field}",
        "A condition of --where names a field that occurs nowhere in the trace; perhaps it is misspelt.",
        "zjobs export --as jsonl shows the fields of the packets.",
    ),
}
