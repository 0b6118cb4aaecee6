"""VARY TCPIP,,OBEYFILE: profile statements from a data set (IP Configuration Reference, PKTTRACE, OSAENTA)."""

import re

from mock_zos import osaenta, pkttrace
from mock_zos.datasets import DatasetProblem
from mock_zos.system import System
from mock_zos.writer import Refused

_STATEMENTS = {"PKTTRACE": pkttrace.vary, "OSAENTA": osaenta.vary}


def vary(system: System, stack: str, parts: list[str]) -> None:
    """Read the statements and carry each out; DATTRACE is no statement."""
    named = re.fullmatch(r"(?:DSN|DSNAME)=([A-Z0-9@#$.]+)(?:\(([A-Z0-9@#$]+)\))?", ",".join(parts))
    if not named:
        raise Refused("vary-operand", operand=",".join(parts))
    dsn = named[1] + (f"({named[2]})" if named[2] else "")
    try:
        lines = system.datasets.text(named[1], named[2] or "")
    except DatasetProblem as problem:
        raise Refused("obeyfile-missing", dsn=dsn, reason=problem.reason.upper()) from None
    system.say("EZZ0300I", dsn=dsn)
    # A semicolon begins a comment.
    words = " ".join(line.partition(";")[0] for line in lines).upper().split()
    statements: list[list[str]] = []
    for word in words:
        if word in _STATEMENTS:
            statements.append([word])
        elif statements:
            statements[-1].append(word)
        else:
            raise Refused("vary-operand", operand=word)
    for first, *rest in statements:
        _STATEMENTS[first](system, stack, rest)
    system.say("EZZ0316I", dsn=dsn)
