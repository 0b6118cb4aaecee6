"""OPTION: all options in force, echoed in the heading block.

Reference: IP Diagnosis Guide, OPTION report.
"""

from collections.abc import Iterator

from zjobs.chars import Weave
from zjobs.reports.frame import Frame
from zjobs.trace.dissect import Dissection
from zjobs.trace.keywords import KEYWORDS
from zjobs.wire.values import PROTOCOLS

NAME = "OPTION"
ORDER = 5

#: Applications that are echoed with their ports whether or not they were asked for.
_APPLICATIONS = (
    "Bootp", "Domain", "EE", "Finger", "Ftp", "Gopher", "Ike", "Nat", "Ntp", "Router", "Rpc", "Sasp", "Smtp", "Snmp",
    "Telnet", "Tftp", "Time", "Www",
)  # fmt: skip


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
    options, style = frame.options, frame.style
    words: dict[str, str] = {}
    for name in _APPLICATIONS:
        default = KEYWORDS[name.upper()].default
        ports = options.ports.get(name.upper(), tuple(int(p) for p in default))
        if name == "EE" and ports == default:
            words[name] = "EE(12000:12004)"
        elif name == "Telnet":
            words[name] = f"Telnet({ports[0]},80,)"
        else:
            words[name] = f"{name}({','.join(map(str, ports))})"
    if options.checksum:
        words["Checksum"] = f"Checksum({options.details.get('CHECKSUM', 'SUMMARY').title()})"
    words["Datasize"] = f"Datasize({options.selection.datasize})"
    words["Flags"] = "Flags({})".format(
        " ".join(["All" if options.selection.all_flags else "Any", *options.selection.flags])
    )
    words["Limit"] = f"Limit({options.selection.limit}) {style.clock.title()}"
    words["Option"] = "Option"
    words["Segment"] = "Segment"
    words["Reassembly"] = "Reassembly(65535,Summary)" if options.selection.reassemble else "Noreassembly"
    if "DUMP" in options.reports:
        words["Dump"] = f"Dump({style.dump_size})"
    if "FORMAT" in options.reports:
        words["Format"] = f"Format({options.details.get('FORMAT', 'DETAIL').title()})"
    if "SUMMARY" in options.reports:
        words["Summary"] = "Summary"
    if "STATISTICS" in options.reports:
        words["Statistics"] = f"Statistics({options.details.get('STATISTICS', 'SUMMARY').title()})"
    if style.tod:
        words["Tod"] = "Tod"
    order = sorted(words, key=lambda w: "option~" if w == "Reassembly" else w.lower())
    return _wrap([style.translation.title(), *(words[w] for w in order), *_filters(frame)])


def _filters(frame: Frame) -> list[str]:
    """Filters behind the options: name, count, values each with its name."""
    numbers = frame.options.selection.numbers
    out = []
    for name, ranges in numbers.items():
        values = []
        for r in ranges:
            text = str(r.low) if r.low == r.high else f"{r.low}:{r.high}"
            note = f" /* {PROTOCOLS[r.low]} */" if name == "protocol" and r.low in PROTOCOLS else ""
            values.append(f"{text}{note},")
        out.append(f"{name.title()}( /* {len(ranges)} */ {' '.join(values)} )")
    ports = frame.options.selection.ports
    if ports:
        values = [f"{r.low}," if r.low == r.high else f"{r.low}:{r.high}," for r in ports]
        out.append(f"Port( /* {len(ports)} */ {' '.join(values)} )")
    return out


def _wrap(words: list[str]) -> list[str]:
    lines, line = [], "OPTIONS(("
    for word in words:
        if len(line) + len(word) + 1 > 77 and line.strip():
            lines.append(line.rstrip())
            line = " "
        line += word + " "
    lines.append(line.rstrip())
    return [*lines, "  ))"]
