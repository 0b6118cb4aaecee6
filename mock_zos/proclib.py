"""The JCL of a writer procedure, as far as the simulated system carries it out."""

import re
from typing import NamedTuple

from mock_zos.system import System, numbers

_STATEMENT = re.compile(r"//(\S*)\s+(\S+)(?:\s+(\S+))?")
_SPACE = re.compile(r"SPACE=\((CYL|TRK),\((\d+)(?:,(\d+))?")
_EXTENTS = 15


class JclError(Exception):
    """The procedure cannot be run."""


class Output(NamedTuple):
    """A TRCOUTnn DD statement, its data set name with symbols substituted."""

    dd: str
    dsn: str
    new: bool
    primary: int
    secondary: int

    def capacity(self, wrap: bool) -> int:
        """Bytes it takes: WRAP uses the primary extent only."""
        return self.primary + (0 if wrap else self.secondary * _EXTENTS)


def outputs(lines: list[str], system: System) -> list[Output]:
    """The trace output data sets in the order of their DD numbers."""
    found = []
    program = ""
    for name, operation, operands in _statements(lines):
        if operation == "EXEC" and (called := re.search(r"PGM=([A-Z0-9@#$]+)", operands)):
            program = called[1]
        if operation == "DD" and re.fullmatch(r"TRCOUT\d\d", name):
            found.append(_output(name, operands, system))
    if program != "ITTTRCWR":
        raise JclError(f"PROGRAM {program or 'NONE'} IS NOT THE TRACE WRITER ITTTRCWR")
    if not found:
        raise JclError("NO TRCOUT01 DD STATEMENT")
    return sorted(found)


def _statements(lines: list[str]) -> list[tuple[str, str, str]]:
    """Name, operation and operands of each statement; a comma at the end continues it."""
    found: list[tuple[str, str, str]] = []
    more = False
    for line in (line[:71].rstrip() for line in lines if not line.startswith("//*")):
        if more:
            name, operation, operands = found[-1]
            text = line[2:].split(maxsplit=1)[0] if line[2:].split() else ""
            found[-1] = (name, operation, operands + text)
        elif statement := _STATEMENT.match(line):
            found.append((statement[1], statement[2], statement[3] or ""))
        more = bool(found) and found[-1][2].endswith(",")
    return found


def _output(dd: str, operands: str, system: System) -> Output:
    named = re.search(r"(?:DSN|DSNAME)=([^,()]+)", operands)
    if not named:
        raise JclError(f"{dd} HAS NO DATA SET NAME")
    new = bool(re.search(r"DISP=\(?NEW", operands))
    space = _SPACE.search(operands)
    unit = numbers()["cylinder_bytes"] // (1 if not space or space[1] == "CYL" else 15)
    primary, secondary = (int(space[2]), int(space[3] or 0)) if space else (100, 0)
    return Output(dd, substituted(named[1], system), new, primary * unit, secondary * unit)


def substituted(text: str, system: System) -> str:
    """System symbols replaced; a period that ends a symbol goes with it."""
    clock = system.clock
    symbols = {
        "SYSNAME": system.state.system,
        "LYYMMDD": f"{clock:%y%m%d}",
        "LHHMMSS": f"{clock:%H%M%S}",
        "YYMMDD": f"{clock:%y%m%d}",
        "HHMMSS": f"{clock:%H%M%S}",
    }

    def value(found: re.Match[str]) -> str:
        if found[1] not in symbols:
            raise JclError(f"SYMBOL &{found[1]} IS NOT DEFINED")
        return symbols[found[1]]

    return re.sub(r"&([A-Z0-9]+)\.?", value, text)
