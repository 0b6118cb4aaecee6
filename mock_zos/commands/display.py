"""DISPLAY: component traces, writers, the stack's interfaces, outstanding replies."""

from mock_zos import netstat, operands
from mock_zos.catalogue import message
from mock_zos.state import Subtrace
from mock_zos.system import System, numbers
from mock_zos.writer import Refused

VERBS = ("D", "DISPLAY")


def run(system: System, text: str) -> list[str]:
    first, *rest = operands.split(text)
    if first == "TRACE":
        return _trace(system, [part for part in rest if not part.startswith("L=")])
    if first == "TCPIP":
        return _tcpip(system, rest)
    if first == "R":
        return _replies(system)
    return message("IEE708I", verb="DISPLAY", keyword=first)


def _trace(system: System, rest: list[str]) -> list[str]:
    given = dict(operands.keyword(part, ("COMP", "SUB", "WTR", "N", "SUBLEVEL", "TT")) for part in rest)
    said = message("IEE843I", time=f"{system.clock:%H.%M.%S}", connect=system.connect())
    if "WTR" in given:
        return said + _writers(system, operands.listed(given["WTR"]))
    wanted = operands.listed(given.get("COMP", "ALL"))
    known = list(numbers()["components"])
    for name in known if wanted == ["ALL"] else wanted:
        if name not in known:
            raise Refused("component-unknown", component=name)
        subs = [trace for trace in system.state.subtraces if trace.component == name]
        shown = [trace for trace in subs if trace.sub in operands.listed(given.get("SUB", ""))]
        said += _component(name, len(subs), subs if "SUBLEVEL" in given else shown)
    return said


def _columns(name: str, mode: str, buffer: str = "", head: str = "", subs: str = "") -> str:
    return f"  {name:<20}{mode:<5}{buffer:<7}{head:<5}{subs:>4}".rstrip()


def _component(name: str, count: int, shown: list[Subtrace]) -> list[str]:
    title = _columns("", "MODE", "BUFFER", "HEAD", "SUBS")
    lines = ["  TRACENAME", "  =========", f"  {name}", title, f"{'':22}{'=' * 21}"]
    # The head of a TCP/IP component always says OFF; the subtrace carries the state.
    lines += [_columns("", "OFF", "", "HEAD", str(count)), "     NO HEAD OPTIONS"]
    if shown:
        lines += [_columns("SUBTRACE", "MODE", "BUFFER", "HEAD", "SUBS"), " " + "-" * 62]
    for trace in shown:
        lines.append(_columns(trace.sub, "ON" if trace.mode == "ON" else "OFF", trace.buffer))
        options = {
            "ASIDS": "*NONE*",
            "JOBNAMES": "*NONE*",
            "OPTIONS": "MINIMUM",
            "WRITER": trace.writer or "*NONE*",
        }
        lines += [f"     {key:<11}{value}" for key, value in options.items()]
    return lines


def _writers(system: System, wanted: list[str]) -> list[str]:
    lines = ["  WRITER    STATUS    HEAD      COMPONENT SUBNAME", " " + "-" * 62]
    for job in system.state.writers:
        if wanted == ["ALL"] or job.name in wanted:
            lines.append(f"  {job.name:<10}{job.status}")
            lines += [f"{'':32}{trace.component:<10}{trace.sub}" for trace in system.state.connected(job.name)]
    return lines


def _replies(system: System) -> list[str]:
    said = message("IEE112I", time=f"{system.clock:%H.%M.%S}", connect=system.connect())
    text = message("ITT006A")[0]
    return said + (
        [f"{p.number} R SYSTEM *{p.number} {text}" for p in system.state.prompts] or ["NO MESSAGES OUTSTANDING"]
    )


def _tcpip(system: System, rest: list[str]) -> list[str]:
    state = system.state
    if not rest:
        return [
            *message("EZAOP50I", connect=system.connect()),
            "COUNT   TCPIP NAME   VERSION    STATUS",
            "-----   ----------   --------   --------",
            *(f"{n:>5}   {name:<10}   CS {state.release}    ACTIVE" for n, name in enumerate(state.stacks, 1)),
            "*** END TCPIP STATUS REPORT ***",
            *message("EZAOP41I"),
        ]
    stack = rest[0] or (state.stacks[0] if len(state.stacks) == 1 else "")
    if stack not in state.stacks or len(rest) < 3 or rest[1] not in ("NETSTAT", "N"):
        raise Refused("IEE708I", verb="DISPLAY", keyword=",".join(rest))
    report = operands.keyword(rest[2], ("DEvlinks", "CONFIG"))[0]
    given = dict(operands.keyword(part, ("FORMAT", "MAX", "INTFNAME")) for part in rest[3:])
    said = message("EZD0101I", release=state.release, stack=stack, connect=system.connect())
    return said + (netstat.config if report == "CONFIG" else netstat.devlinks)(system, stack, given.get("INTFNAME", ""))
