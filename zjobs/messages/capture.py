"""ZJB04nn: starting, watching and stopping a trace."""

from zjobs.messages import Message

_PROFILE = "The capture profile is checked as a whole before anything is sent; this key does not pass."
_SDSF = "Look at the system log for the messages around the command; the system's own text says what it refused."
_STOP = "Run zjobs capture stop with the profile, or give the command in parentheses at a console."

MESSAGES = {
    "ZJB0401E": Message("{file} line {line}: {key} {problem}", _PROFILE, "Correct the profile at the line named."),
    "ZJB0402E": Message(
        "{file} line {line}: {trace} traces another system; its commands can be shown, but no trace is started here",
        "The profile is for z/VM or Linux. Its plan and its members are made; zjobs runs them only by a runner.",
        "Use zjobs capture plan or zjobs members; give the profile a runner to start and stop it from here.",
    ),
    "ZJB0403E": Message(
        "a command of {length:character|characters}; a console takes {limit}: {command}",
        "The text of an operator command is limited (macro MGCRE), and an AND filter cannot be split over two.",
        "Give the profile an obeyfile with library and member: the filter then goes into that member.",
    ),
    "ZJB0404E": Message(
        "profile {file} cannot be read: {reason}",
        "The file named on the command line is not there or not readable.",
        "Correct the path.",
    ),
    "ZJB0410I": Message(
        "{name} is tracing already; nothing was changed",
        "The writer is up, the component is on and connected to it, and the filter is set.",
    ),
    "ZJB0411E": Message(
        "the state of the system is not known: {detail}",
        "A trace is started only when the displays tell that it is free to start.",
        "Check the authority to DISPLAY TRACE and DISPLAY TCPIP, and that the console answers; then start again.",
    ),
    "ZJB0412E": Message(
        "stack {stack} is not active",
        "DISPLAY TCPIP does not list the stack of the profile as active.",
        "Correct the stack name in the profile, or start the stack.",
    ),
    "ZJB0413E": Message(
        "{component} has no sublevel {stack}",
        "The stack defines its component traces when it starts; this one is not there.",
        "Check the stack name; see D TRACE,COMP=SYSTCPDA,SUBLEVEL,N=8.",
    ),
    "ZJB0414E": Message(
        "{component} {stack} is tracing for somebody else, to {writer}",
        "The component trace is on and not connected to this profile's writer. It is not taken over.",
        "Ask whoever started it; when it has ended, start again.",
    ),
    "ZJB0415E": Message(
        "writer {writer} is active already, without a whole trace; stop {name} first",
        "An earlier start was broken off, or somebody else uses the same procedure.",
        "Run zjobs capture stop with the profile; it stops from whatever state it finds.",
    ),
    "ZJB0416E": Message(
        "{component} {stack} is on without a writer; stop {name} first",
        "The component is connected to a writer that is not active, so nothing is written.",
        "Run zjobs capture stop with the profile.",
    ),
    "ZJB0417E": Message(
        "stack {stack} has no interface {link}; it has {links}",
        "NETSTAT DEVLINKS does not show the interface that the filter names.",
        "Correct the link in the profile.",
    ),
    "ZJB0418W": Message(
        "settings found on {link} are cleared: {setting}; put back by {command}",
        "Settings were in force although the component trace was off; old settings widen a new trace.",
        "If they were somebody's, tell them, or give the command when this trace has ended; the journal keeps it.",
    ),
    "ZJB0419W": Message(
        "{component} {stack} is tracing to {writer}; it is not this profile's and was left alone",
        "The component trace is connected to another writer than the profile's.",
        "Nothing, unless you know the trace to be yours: then stop it with the profile it was started with.",
    ),
    "ZJB0420I": Message("nothing of {name} is on; nothing was changed", "All three switches are off already."),
    "ZJB0421E": Message("{command} was refused: {detail}", "The system answered the command with a refusal.", _SDSF),
    "ZJB0422W": Message(
        "no verdict on {command}; looking at the system instead of sending it again",
        "The answer did not come within its time or had no verdict in it.",
        "None if the capture goes on: the displays show that the command was carried out.",
    ),
    "ZJB0423E": Message(
        "writer {writer} did not come up: {detail}",
        "The system reported that the writer's job failed.",
        "Check the procedure in PROCLIB: its program, data set names, space and authority. "
        "zjobs members shows one that fits the profile.",
    ),
    "ZJB0424I": Message("writer {writer} is active, writing {datasets}", "The external writer has opened its output."),
    "ZJB0425E": Message(
        "writer {writer} is not active after {seconds:second|seconds}",
        "START was accepted, but neither ITT110I nor the display showed the writer active.",
        "Look at the job log of the writer: it may wait for an allocation, an initiator or an operator.",
    ),
    "ZJB0426E": Message(
        "{command} led to {count:ITT006A prompt|ITT006A prompts} that may be its own; none was answered",
        "A reply is sent only to a prompt that is known to be this capture's.",
        "Display the prompts with D R,L and answer this capture's with R nn,END; or use a member instead of reply.",
    ),
    "ZJB0427E": Message(
        "the trace does not record: {missing}",
        "A trace records only while writer, filter and component are all on and connected.",
        _SDSF,
    ),
    "ZJB0428I": Message("the trace counts: {counts} so far", "TRRECCNT of NETSTAT DEVLINKS is rising."),
    "ZJB0429W": Message(
        "{name}: no packet matched the filter in {seconds:second|seconds}; the trace stays on",
        "Everything is on, but TRRECCNT is zero: there is no such traffic, or the filter is not the one meant.",
        "Reproduce the problem; check address, port and interface with zjobs capture status.",
    ),
    "ZJB0430I": Message("undoing what was started: {steps:step|steps}", "A failed start leaves nothing on."),
    "ZJB0431E": Message("left behind: {what}", "The system still shows it after everything was tried.", _STOP),
    "ZJB0432W": Message(
        "writer {writer} reports lost data at the end of the trace (ITT120I)",
        "The last buffers were not written, usually for want of space.",
        "Give the writer more space, or a narrower filter; treat the end of the trace as incomplete.",
    ),
    "ZJB0433E": Message(
        "{command} was not answered",
        "No answer came, and the displays do not show that it was carried out.",
        "Check that the console can be activated and receives the answers; then start again.",
    ),
    "ZJB0434W": Message(
        "{command} did not succeed: {detail}",
        "A command that stops something failed twice; the remaining ones are carried out all the same.",
        "See whether anything is reported as left behind.",
    ),
    "ZJB0435I": Message("  {command}  {purpose}", "A command that would be sent, in this order."),
    "ZJB0436I": Message("to {heading}:", "The commands that follow are one part of the plan."),
    "ZJB0437I": Message("{command}", "The command was sent to the system."),
    "ZJB0440I": Message(
        "{name} is tracing on {system}; stop it with: zjobs capture stop",
        "All three switches are on. The trace stays on until it is stopped.",
    ),
    "ZJB0441I": Message("{name} is stopped; trace data set {datasets}", "The writer has closed its output."),
    "ZJB0442W": Message(
        "{name} is stopped; the writer named no data set with trace data",
        "AHL904I was not seen: nothing matched the filter, or the system log could not be read.",
        "See the counters that capture status showed; if they were not zero, look for AHL904I in the system log.",
    ),
    "ZJB0444I": Message("stopping {name}: {reason}", "A stop rule of the profile is met."),
    "ZJB0445W": Message(
        "stopping {name}: {reason}",
        "The trace no longer records; what was written so far is kept.",
        "See the system log for the cause.",
    ),
    "ZJB0446E": Message(
        "run cannot do {what}",
        "It is asked for by the profile; carrying out the rest would only look like success. A trace data set, for "
        "one, is read only after its writer has ended, so nothing can be found in it while the trace is on.",
        "Take it out of the profile, or use capture start and stop and do it by hand.",
    ),
    "ZJB0447E": Message(
        "run needs to know when to end: stop.after, stop.packets or stop.when.message",
        "A run ends by itself.",
        "Give a stop rule in the profile, or use capture start and capture stop.",
    ),
    "ZJB0448I": Message(
        "no unfinished run of {name} is on record; nothing was changed",
        "There is nothing to recover.",
    ),
    "ZJB0449I": Message(
        "{name} was started on purpose and waits for capture stop; nothing was changed",
        "The last start ended well and left the trace on as asked.",
    ),
    "ZJB0450E": Message(
        "{name} is being run by process {process}, which is alive",
        "Recovery is for runs whose process has died.",
        "Wait for the run to end, or end the process; it stops the trace as it ends.",
    ),
    "ZJB0451I": Message("{text}", "The state of the capture, from the displays."),
    "ZJB0452E": Message(
        "the journal {path} cannot be written: {reason}",
        "Every command is recorded before it is sent; without the record nothing is started.",
        "Make room, or name another directory in ZJOBS_RUNS.",
    ),
    "ZJB0453I": Message("{kind} report written to {target}", "A report of the profile is complete."),
    "ZJB0454I": Message("recovering {name}, broken off at {place}", "An unfinished run is on record."),
    "ZJB0455E": Message(
        "{name} is tracing already; a run starts and stops its own trace",
        "The trace was started before, by capture start, and is not ended by somebody else's run.",
        "Stop it with zjobs capture stop, then run again.",
    ),
    "ZJB0458E": Message(
        "OSA port {portname} is traced already: {filter}",
        "One OSAENTA trace of an OSA runs at a time, and what is on was not set by this profile.",
        "Ask whoever started it; when it has ended, start again.",
    ),
    "ZJB0459E": Message(
        "the dead-man job was not taken, nothing was started: {reason}",
        "The job that stops the trace whatever happens is submitted before the trace is started.",
        "See why the job was not taken; or give the profile deadman: none and watch the trace yourself.",
    ),
    "ZJB0460I": Message(
        "dead-man job {job} is waiting: it stops the trace after {minutes:minute|minutes}",
        "The job is cancelled when the trace has ended; if zjobs dies, the job stops the trace.",
    ),
    "ZJB0461I": Message("dead-man job {job} is cancelled", "The trace it watched over has ended."),
    "ZJB0462W": Message(
        "dead-man job {job} could not be cancelled: {reason}",
        "It will give its stop commands when its time has come; they harm only a later trace of the same profile.",
        "Cancel the job by hand before the profile is started again.",
    ),
    "ZJB0463E": Message(
        "{target} cannot be written, nothing was started: {reason}",
        "The filter is too long for a command and goes into a member for VARY OBEYFILE.",
        "Correct obeyfile in the profile, or your authority to the library.",
    ),
    "ZJB0464I": Message("the filter was written to {target}", "VARY OBEYFILE reads it from there."),
    "ZJB0465W": Message(
        "the trace has recorded and reached a limit of its own: {counts}",
        "DATA, FRAMES or TIME of the OSA trace was reached (EZD0019I) before the start was proved.",
        "Stop it to read what was recorded; raise the limit in the profile if that is too little.",
    ),
    "ZJB0466E": Message(
        "{command} failed: {problem}",
        "The runner of the profile could not carry the command out; what was started is stopped.",
        "Try the runner by hand with the command; correct the runner, or the authority there.",
    ),
    "ZJB0467I": Message(
        "{name} is tracing on {system}; stop it with: zjobs capture stop",
        "Every command of the start was carried out. Nothing here proves that packets are recorded.",
    ),
    "ZJB0468W": Message(
        "{command} did not succeed: {problem}",
        "The other commands are carried out all the same.",
        "See the state with zjobs capture status, and give the command by hand.",
    ),
    "ZJB0469E": Message(
        "{name} traces {system}, and its profile has no runner",
        "zjobs runs commands on another system only through a command of the site's own.",
        "Add runner: to the profile, such as ssh linux1 {{command}}; or give the commands of capture plan by hand.",
    ),
    "ZJB0470I": Message("note: {note}", "What to know about a trace on another system."),
    "ZJB0471I": Message("sizing: {step}", "How much the trace writes at the rate given; overhead is a planning value."),
    "ZJB0472W": Message(
        "{name} writes more than its data sets hold: {cylinders:cylinder is|cylinders are} needed",
        "With WRAP the beginning of the run is overwritten; with NOWRAP the trace ends before the run does.",
        "Raise writer.cylinders, give more data sets, keep fewer bytes, or narrow the filter.",
    ),
    "ZJB0473W": Message(
        "somebody has changed the filter of {name}: {settings}",
        "The settings in force are not those of the profile. They are left as they are, and counted.",
        "Ask who changed them; the trace may hold more, or less, than the profile asks for.",
    ),
    "ZJB0474W": Message(
        "the system log cannot be read: {reason}",
        "Displays alone tell how the trace does; rules that wait for a message, and a full data set, go unseen.",
        "Give the user access to the system log; watch the space of the data sets.",
    ),
    "ZJB0475W": Message(
        "the record {path} could not be kept: {reason}",
        "Everything was stopped all the same; only the record of it is missing or old.",
        "Make room; zjobs capture recover may then say that the run is unfinished, and finds nothing on.",
    ),
    "ZJB0476I": Message(
        "settings found on {link} are cleared: {setting}; the stop puts them back by {command}",
        "Settings were in force although the component trace was off; the profile says restore: true.",
    ),
    "ZJB0477W": Message(
        "a former setting was not put back: {command}; {reason}",
        "The settings that were in force before the trace are put back when everything of it is off.",
        "See zjobs capture status, and give the command by hand.",
    ),
    "ZJB0478I": Message("former setting put back: {command}", "It is in force again as it was before the trace."),
    "ZJB0479W": Message(
        "{name}: the counters have not risen for {seconds:second|seconds} ({counts}); the trace is on",
        "TRRECCNT, or FRAMES of an OSA, stands still: there is no such traffic any more, or it goes another way.",
        "Reproduce the problem; see with zjobs capture status whether filter and interface are the right ones.",
    ),
    "ZJB0480W": Message(
        "{name}: {what}",
        "The OSA counts frames that it could not hand over, or did not trace: the trace has gaps.",
        "Narrow the filter, lower length, or give the OSA trace fewer ports; note the gaps when reading it.",
    ),
    "ZJB0481I": Message(
        "stopping {name} too: {failed} could not be started",
        "The stacks of a profile are traced together or not at all.",
    ),
    "ZJB0482E": Message(
        "the diagnosis of the profile was not made: return code {code}",
        "The trace is stopped and its data set is kept; the message before this one says what was wrong.",
        "Run zjobs diagnose over the data set.",
    ),
    "ZJB0457E": Message(
        "{directory} is not empty; the demonstration makes its system in a new directory",
        "A simulated LPAR is never made over something else.",
        "Name a directory that is not there, or leave --keep out.",
    ),
}
