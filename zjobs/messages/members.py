"""ZJB06nn: members made from a profile."""

from zjobs.messages import Message

MESSAGES = {
    "ZJB0601I": Message("{kind} {member} written to {target}", "A member was made from the profile."),
    "ZJB0602E": Message(
        "{name} needs no {kind} member",
        "The profile names the writer in a reply, so no PARMLIB member takes part.",
        "Leave --only out, or give the profile a parmlib member instead of reply: true.",
    ),
    "ZJB0603E": Message(
        "{member} line {line} has {length:column|columns}; {limit} fit",
        "A JCL statement ends at column 71.",
        "Shorten the names in the profile or in the site's template.",
    ),
    "ZJB0604E": Message(
        "{member} line {line} holds characters that JCL does not take",
        "JCL statements are upper case, and members hold characters that every EBCDIC code page has.",
        "Correct the site's template.",
    ),
    "ZJB0605E": Message(
        "{target} is not a partitioned data set",
        "Members go into a library.",
        "Name a PDS or PDSE such as //'USER.PROCLIB', or a directory.",
    ),
    "ZJB0606I": Message("{kind}: {member}, {about}", "The member that follows."),
    "ZJB0607E": Message(
        "{target} cannot be written: {reason}",
        "The directory or file cannot be written.",
        "Name another directory, or make room.",
    ),
    "ZJB0608I": Message("job {member} submitted as {job}", "The job is the system's now."),
    "ZJB0609E": Message(
        "a {kind} member is no job; jobs are {jobs}",
        "Only jobs can be submitted.",
        "Name the jobs with --only, or write the members with --to.",
    ),
}
