"""NETSTAT reports as the console prints them: DEVLINKS with its trace sections, CONFIG with the data trace's.

The section of packet traces and that of the OSA analyzer are printed in the manuals (IP System
Administrator's Commands; IP Diagnosis Guide); how several values of an OSA filter are laid out, and the
labels of the data trace setting, are working forms.
"""

import ipaddress

from mock_zos.state import Link, OsaPort, Setting
from mock_zos.system import System

_LABELS = {"DEVICEID": "DEVICEID", "MAC": "MAC", "VLANID": "VLANID", "ETHTYPE": "ETHTYPE"}
_LABELS |= {"IPADDR": "IPADDR", "PROTOCOL": "PROTOCOL", "PORTNUM": "PORTNUM"}


def devlinks(system: System, stack: str, wanted: str) -> list[str]:
    """Interfaces with their packet trace settings, then the OSA analyzers."""
    links = [link for link in system.state.links_of(stack) if wanted in ("", link.name)]
    said = [line for link in links for line in _link(link)]
    osas = [port for port in system.state.osas if port.stack == stack and wanted in ("", f"EZANTA{port.name}")]
    for port in osas:
        said += _analyzer(system, port)
    count = len(links) + len(osas)
    return [*said, f"{count} OF {count} RECORDS DISPLAYED", "END OF THE REPORT"]


def _link(link: Link) -> list[str]:
    device = "LOOPBACK" if link.kind == "LOOPBACK" else link.port
    said = [
        f"DEVNAME: {device:<17} DEVTYPE: {'LOOPBACK' if link.kind == 'LOOPBACK' else 'MPCIPA'}",
        "  DEVSTATUS: READY",
        f"  LNKNAME: {link.name:<17} LNKTYPE: {link.kind:<11} LNKSTATUS: READY",
        "    ACTMTU: 1492",
    ]
    if link.filter == "ON":
        said.append("  PACKET TRACE SETTING:")
        said += [line for setting in link.settings for line in _setting(setting)]
    return said


def _setting(setting: Setting) -> list[str]:
    address, mask = _address(setting.address)
    length = f"{setting.length:05}" if setting.length else "FULL"
    source, destination, port = (n or "*" for n in (setting.source_port, setting.destination_port, setting.port))
    return [
        f"    PROTOCOL: {setting.protocol or '*':<16} TRRECCNT: {setting.count:08}  PCKLENGTH: {length}",
        f"    DISCARD: {setting.discard}",
        f"    SRCPORT:  {source:<16} DESTPORT: {destination:<9} PORTNUM: {port}",
        f"    IPADDR:   {address:<16} SUBNET:   {mask}",
    ]


def _analyzer(system: System, port: OsaPort) -> list[str]:
    minutes = (system.state.now - port.since) // 60_000_000 if port.filter == "ON" else 0
    said = [
        "OSA-EXPRESS NETWORK TRAFFIC ANALYZER INFORMATION:",
        f"  OSA PORTNAME: {port.name:<15} OSA DEVSTATUS:     READY",
        f"    OSA INTFNAME: EZANTA{port.name:<9} OSA INTFSTATUS:    READY",
        "    OSA SPEED:    1000            OSA AUTHORIZATION: LOGICAL PARTITION",
        "    OSAENTA CUMULATIVE TRACE STATISTICS:",
        *_counts(port.total_frames, port.total_bytes),
        "      FRAMESLOST: 0",
        "    OSAENTA ACTIVE TRACE STATISTICS:",
        *_counts(port.frames, port.databytes),
        f"      FRAMESLOST: 0                   TIMEACTIVE:        {minutes}",
        f"    OSAENTA TRACE SETTINGS:           STATUS: {'ON' if port.filter == 'ON' else 'OFF'}",
        f"      DATAMEGSLIMIT: {port.numbers['DATA']:<16} FRAMESLIMIT:       {port.numbers['FRAMES']}",
        f"      ABBREV:        {port.numbers['ABBREV']:<16} TIMELIMIT:         {port.numbers['TIME']}",
        f"      DISCARD:       {port.discard}",
        f"    OSAENTA TRACE FILTERS:            NOFILTER: {port.nofilter}",
    ]
    for kind, label in _LABELS.items():
        said += [f"      {label}: {value}" for value in port.filters.get(kind, ["*"])]
    return said


def _counts(frames: int, size: int) -> list[str]:
    return [
        f"      DATAMEGS:   {size >> 20:<19} FRAMES:            {frames}",
        f"      DATABYTES:  {size:<19} FRAMESDISCARDED:   0",
    ]


def config(system: System, stack: str, wanted: str) -> list[str]:
    """Configuration, with the data trace setting while it is in force."""
    said = ["TCP CONFIGURATION TABLE:", "  DEFAULTRCVBUFSIZE: 00016384  DEFAULTSNDBUFSIZE: 00016384"]
    for one in system.state.data:
        if one.stack == stack and one.filter == "ON":
            length = f"{one.length:05}" if one.length >= 0 else "FULL"
            address, mask = _address(one.address)
            said += [
                "DATA TRACE SETTING:",
                f"  JOBNAME: {one.jobname or '*':<16} TRRECCNT: {one.count:08}  LENGTH: {length}",
                f"  IPADDR:  {address:<16} SUBNET:   {mask:<15} PORTNUM: {one.port or '*'}",
            ]
    return [*said, "END OF THE REPORT"]


def _address(text: str) -> tuple[str, str]:
    """An address and its mask as a report shows them."""
    if not text:
        return "*", "*"
    network = ipaddress.ip_network(text)
    mask = str(network.netmask) if network.version == 4 else str(network.prefixlen)
    return str(network.network_address).upper(), mask
