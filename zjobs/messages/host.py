"""ZJB05nn: the system zjobs works on."""

from zjobs.messages import Message

MESSAGES = {
    "ZJB0501E": Message(
        "host {spec!r} is not known; use auto, zoau, files or mock:DIR",
        "The value of --host names no host that zjobs can work on.",
        "Correct the value; auto takes z/OS when zjobs runs there and plain files elsewhere.",
    ),
    "ZJB0502E": Message(
        "{name!r} is not a data set name: {reason}",
        "Names are checked against the rules of DFSMS before they reach the system.",
        "Correct the name; write //'HLQ.NAME', //'HLQ.PDS(MEMBER)' or //DD:NAME.",
    ),
    "ZJB0503E": Message(
        "{operation} needs z/OS; the host here is plain files",
        "Data sets, consoles and jobs exist only on z/OS or on a simulated LPAR.",
        "Run the command on z/OS, or practise on a simulated LPAR: python -m mock_zos init DIR, then --host mock:DIR.",
    ),
    "ZJB0504E": Message(
        "IBM Z Open Automation Utilities for Python is not available: {reason}",
        "The host is zoau, but the package zoautil_py cannot be imported in this environment.",
        "Install ZOAU's Python package from the ZOAU directory on z/OS and set ZOAU_HOME, PATH and LIBPATH.",
    ),
    "ZJB0505E": Message(
        "ZOAU {version} is too old; zjobs needs 1.3.6 or later",
        "Earlier levels measure console waits in other units and have no record input and output.",
        "Install a later ZOAU, or take the data set off the host and read it there.",
    ),
    "ZJB0506E": Message(
        "{operation} of {name} failed: {reason}",
        "The system refused the operation on the data set or file.",
        "Check that it exists, that nobody holds it, that there is space, and that the user may use it.",
    ),
    "ZJB0507E": Message(
        "{name} is not found",
        "The data set, member, DD name or file does not exist under that name.",
        "Correct the name; a trace data set exists only after the external writer has opened it.",
    ),
    "ZJB0508E": Message(
        "line {number} has {length:byte|bytes}, {name} takes {limit}",
        "A text line is longer than the record length of the data set.",
        "Give a data set with a larger LRECL, or shorten the line.",
    ),
    "ZJB0509E": Message(
        "code page {encoding!r} is not known",
        "Text in data sets is EBCDIC; its code page must be one that Python or the ebcdic package has.",
        "Give a code page such as cp1047, cp037 or IBM-1140.",
    ),
    "ZJB0510E": Message(
        "the console refused or did not answer: {reason}",
        "The operator command could not be issued, or its console could not be activated.",
        "Check READ to MVS.MCSOPER.console and the OPERCMDS profile of the command; see if the console name is in use.",
    ),
    "ZJB0511E": Message(
        "{directory} is not a simulated LPAR: {reason}",
        "The directory given with --host mock:DIR holds no state of a simulated LPAR.",
        "Make one: python -m mock_zos init DIR --traffic CAPTURE.",
    ),
    "ZJB0512E": Message(
        "job {job}: {reason}",
        "The job entry subsystem refused the request.",
        "Look at the job with SDSF; correct its JCL or your authority to it.",
    ),
    "ZJB0514E": Message(
        "faulty:{argument} is not understood; it is written faulty:FAULT,STEP[,SEED]:mock:DIR, "
        "with FAULT one of {faults}",
        "A host that goes wrong on purpose wraps a simulated LPAR and no other.",
        "Correct the value of --host.",
    ),
}
