"""OPTION: all options in force, echoed in the heading block.

Reference: IP Diagnosis Guide, OPTION report.
"""

from collections.abc import Iterator
from ipaddress import IPv4Address

from zjobs.reports.frame import Frame
from zjobs.trace.dissect import Dissection
from zjobs.trace.grammar import Options
from zjobs.trace.keywords import KEYWORDS
from zjobs.trace.select import Address, Range
from zjobs.weave import Weave
from zjobs.wire.values import PROTOCOLS, ipv6_text

NAME = "OPTION"
LEVEL = "B"
ORDER = 5

#: Applications that are echoed with their ports whether or not they were asked for.
_APPLICATIONS = (
    "Bootp", "Domain", "EE", "Finger", "Ftp", "Gopher", "Ike", "Nat", "Ntp", "Router", "Rpc", "Sasp", "Smtp", "Snmp",
    "Telnet", "Tftp", "Time", "Www",
)  # fmt: skip

#: Other names of the same application.
_ALSO = {"Domain": "DNS", "Router": "RIP", "Www": "HTTP"}

#: Reports and devices with a choice of forms, as the echo spells them.
_FORMS = {
    "FORMAT": "Format", "STATISTICS": "Statistics", "EXPORT": "Export", "SESSION": "Session", "HPRDIAG": "Hprdiag",
    "BASIC": "Basic",
}  # fmt: skip

#: Operands that are echoed whether or not they were coded.
_ALWAYS = {"CLEANUP": "Cleanup", "DELAYACK": "DelayAck", "GAIN": "Gain", "SPEED": "Speed"}

_WIDTH = 75


class Report:
    """Prints in the heading only."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame

    def add(self, weave: Weave, found: Dissection) -> None:
        """Nothing a record."""

    def end(self) -> Iterator[str]:
        """Nothing at the end."""
        return iter(())


def echo(frame: Frame) -> list[str]:
    """The OPTIONS(( ... )) block, wrapped as the formatter wraps it."""
    options, style, select = frame.options, frame.style, frame.options.selection
    words = {name: _application(options, name) for name in _APPLICATIONS}
    words |= {text: f"{text}({_joined(options.value(name))})" for name, text in _ALWAYS.items()}
    words |= {t: f"{t}({options.detail(n).title()})" for n, t in _FORMS.items() if n in options.reports}
    if options.checksum:
        words["Checksum"] = f"Checksum({options.detail('CHECKSUM').title()})"
    words["Datasize"] = f"Datasize({select.datasize})"
    words["Flags"] = f"Flags({'All' if select.all_flags else 'Any'} {' '.join(select.flags)})"
    words["Limit"] = f"Limit({select.limit}) {style.clock.title()}"
    words["Option"] = "Option"
    words["Segment"] = "Segment" if select.segments else "Nosegment"
    size, form = options.value("REASSEMBLY")
    words["Reassembly"] = f"Reassembly({size},{str(form).title()})" if select.reassemble else "Noreassembly"
    words["Userexit"] = f"Userexit({select.exit_after})"
    if "DUMP" in options.reports:
        words["Dump"] = f"Dump({style.dump_size})"
    if "SUMMARY" in options.reports:
        words["Summary"] = "Summary"
    if "STREAM" in options.reports:
        size, form = options.value("STREAM")
        words["Streams"] = f"Streams({int(size) * 1024},{str(form).title()})"
    if "SNIFFER" in options.devices:
        words["Sniffer"] = f"Sniffer({_joined(options.value('SNIFFER'))})"
    if "FIRST" in options.noted:
        words["First"] = "First"
    if select.invert:
        words["Not"] = "Not"
    if style.tod:
        words["Tod"] = "Tod"
    order = sorted(words, key=lambda w: "option~" if w == "Reassembly" else w.lower())
    filters = [word for text in _filters(frame) for word in text.split()]
    return _wrap([style.translation.title(), *(words[w] for w in order), *filters])


def _joined(values: tuple[int | str, ...]) -> str:
    return ",".join(str(v).title() if isinstance(v, str) else str(v) for v in values)


def _application(options: Options, name: str) -> str:
    """``Ftp(20,21)``: an application with the ports in force, whichever of its names was coded."""
    if name == "Telnet":
        return f"Telnet({_joined(options.value('TELNET'))})"
    keyword = KEYWORDS[name.upper()]
    coded = options.coded.get(name.upper(), ()) + options.coded.get(_ALSO.get(name, ""), ())
    if not coded and name == "EE":
        return f"EE({keyword.default[0]}:{keyword.default[-1]})"
    ports = [_range(r) for r in coded] or [str(p) for p in keyword.default]
    return f"{name}({','.join(ports)})"


def _range(r: Range) -> str:
    return str(r.low) if r.low == r.high else f"{r.low}:{r.high}"


#: Filters that are lists of numbers: what the echo calls them, and how many hex digits they have (0 is decimal).
_NUMBERS = {
    "protocol": ("Protocol", 0), "type": ("Type", 0), "record": ("Records", 0),
    "cid": ("Cid", 8), "ipid": ("Ipid", 4), "qos": ("Qos", 0), "tclass": ("Trafficclass", 0),
    "discard": ("Discard", 0), "vlan": ("Vlanid", 0), "ethtype": ("Ethtype", 4), "mac": ("Macaddr", 12),
    "deviceid": ("Deviceid", 8), "qid": ("Qid", 0), "element": ("Element", 8), "asid": ("Asid", 4),
}  # fmt: skip


def _filters(frame: Frame) -> list[str]:
    """Filters behind the options: name, count, values each with its name."""
    select = frame.options.selection
    out = []
    for name, ranges in select.numbers.items():
        if name == "version":
            out += [f"Ipv{r.low}" for r in ranges]
            continue
        title, digits = _NUMBERS[name]
        values = []
        for r in ranges:
            ends = [f"{n:0{digits}X}" if digits else str(n) for n in ((r.low,) if r.low == r.high else (r.low, r.high))]
            note = f" /* {PROTOCOLS[r.low]} */" if name == "protocol" and r.low in PROTOCOLS else ""
            values.append(f"{':'.join(ends)}{note}")
        out.append(_filter(title, values))
    lists = (
        ("Port", [_range(r) for r in select.ports]),
        ("Ipaddr", [_address(a) for a in select.addresses]),
        ("Interface", list(select.interfaces)),
        ("Jobname", list(select.jobnames)),
        ("Devtype", list(select.devtypes)),
    )
    out += [name.title() for name in select.layers]
    return out + [_filter(title, values) for title, values in lists if values]


def _filter(title: str, values: list[str]) -> str:
    return f"{title}( /* {len(values)} */ {' '.join(f'{v},' for v in values)} )"


def _address(want: Address) -> str:
    """``192.0.2.0/24-80``: the network with its port, as IPADDR takes it."""
    port = "" if want.port is None else f"-{want.port}"
    if want.host_only:
        return f"H{port}"
    bits = want.mask_high << 64 | want.mask_low
    value = want.high << 64 | want.low
    text = str(IPv4Address(value)) if want.version == 4 else ipv6_text(value.to_bytes(16, "big"))
    full = 32 if want.version == 4 else 128
    count = bits.bit_count()
    if bits == (1 << count) - 1 << full - count:
        mask = "" if count == full else f"/{count}"
    else:
        mask = f"/{IPv4Address(bits)}"
    return f"{text}{mask}{port}"


def _wrap(words: list[str]) -> list[str]:
    lines, line = [], "OPTIONS(("
    for word in words:
        if len(line) + len(word) > _WIDTH and line.strip():
            lines.append(line.rstrip())
            line = " "
        line += word + " "
    lines.append(line.rstrip())
    return [*lines, "  ))"]
