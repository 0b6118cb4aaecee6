"""DISPLAY: component traces, writers, the stack's interfaces, outstanding replies."""

import ipaddress

from mock_zos import operands
from mock_zos.catalogue import message
from mock_zos.state import Setting, Subtrace
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
    if not rest:
        name, release = system.state.stack, system.state.release
        return [
            *message("EZAOP50I", connect=system.connect()),
            "COUNT   TCPIP NAME   VERSION    STATUS",
            "-----   ----------   --------   --------",
            f"    1   {name:<10}   CS {release}    ACTIVE",
            "*** END TCPIP STATUS REPORT ***",
            *message("EZAOP41I"),
        ]
    if rest[0] not in ("", system.state.stack) or len(rest) < 3 or rest[1] not in ("NETSTAT", "N"):
        raise Refused("IEE708I", verb="DISPLAY", keyword=",".join(rest))
    if operands.keyword(rest[2], ("DEvlinks",))[0] != "DEVLINKS":
        raise Refused("IEE708I", verb="DISPLAY", keyword=rest[2])
    given = dict(operands.keyword(part, ("FORMAT", "MAX", "INTFNAME")) for part in rest[3:])
    return _devlinks(system, given.get("INTFNAME", ""))


def _devlinks(system: System, wanted: str) -> list[str]:
    state = system.state
    said = message("EZD0101I", release=state.release, stack=state.stack, connect=system.connect())
    links = [link for link in state.links if wanted in ("", link.name)]
    for link in links:
        device = "LOOPBACK" if link.kind == "LOOPBACK" else f"OSADEV{link.index - 1}"
        said += [
            f"DEVNAME: {device:<17} DEVTYPE: {'LOOPBACK' if link.kind == 'LOOPBACK' else 'MPCIPA'}",
            "  DEVSTATUS: READY",
            f"  LNKNAME: {link.name:<17} LNKTYPE: {link.kind:<11} LNKSTATUS: READY",
            "    ACTMTU: 1492",
        ]
        if link.filter == "ON":
            said.append("  PACKET TRACE SETTING:")
            said += [line for setting in link.settings for line in _setting(setting)]
    return [*said, f"{len(links)} OF {len(links)} RECORDS DISPLAYED", "END OF THE REPORT"]


def _setting(setting: Setting) -> list[str]:
    address, mask = "*", "*"
    if setting.address:
        network = ipaddress.ip_network(setting.address)
        address = str(network.network_address)
        mask = str(network.netmask) if network.version == 4 else str(network.prefixlen)
    length = f"{setting.length:05}" if setting.length else "FULL"
    source, destination, port = (n or "*" for n in (setting.source_port, setting.destination_port, setting.port))
    return [
        f"    PROTOCOL: {setting.protocol or '*':<16} TRRECCNT: {setting.count:08}  PCKLENGTH: {length}",
        f"    DISCARD: {setting.discard}",
        f"    SRCPORT:  {source:<16} DESTPORT: {destination:<9} PORTNUM: {port}",
        f"    IPADDR:   {address.upper():<16} SUBNET:   {mask}",
    ]
