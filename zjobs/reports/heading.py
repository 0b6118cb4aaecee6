"""The heading block of a listing.

Reference: IP Diagnosis Guide, FORMAT and OPTION reports.  The formatter's banner line is its owner's; ours
stands in its place.
"""

from collections.abc import Sequence

from zjobs import __version__
from zjobs.reports.frame import Frame

COLUMNS = (
    "RcdNr Sysname  Mnemonic Entry Id   Time Stamp    Description\n"
    "----- -------- -------- -------- --------------- --------------------------------\n"
    "\n"
)


def block(
    frame: Frame, form: str, component: str, sources: Sequence[str], notes: Sequence[str], option_block: Sequence[str]
) -> list[str]:
    """COMPONENT TRACE, SYSNAME, COMP and SUBNAME, OPTIONS, banner, source, notes; the OPTION echo if it is on."""
    info = frame.trace.info
    lines = [f"COMPONENT TRACE {form} FORMAT"]
    if info.sysname:
        lines.append(f" SYSNAME({info.sysname})")
    sub = f"SUBNAME(({info.subname}))" if info.subname else ""
    lines.append(f" COMP({component}){sub}")
    if frame.options.text:
        lines += _wrapped(f" OPTIONS(({frame.options.text}))")
    lines.append(f" z/OS TCP/IP Packet Trace Formatter, zjobs {__version__}")
    lines += [f" {source(s)}" for s in sources]
    lines += [f" {note}" for note in notes]
    if option_block:
        lines += ["", *option_block]
    return lines


def source(name: str) -> str:
    """A source as the heading names it."""
    if name.upper().startswith("//DD:"):
        return f"FILE({name[5:].upper()})"
    if name.startswith("//'"):
        return f"DSNAME('{name[3:].rstrip(chr(39))}')"
    return f"FILE({_ascii(name)})"


def _ascii(text: str) -> str:
    return text.encode("ascii", "replace").decode()


def _wrapped(text: str) -> list[str]:
    """Option text as the user wrote it, cut into lines of at most 79 columns."""
    text = _ascii(" ".join(text.split()))
    lines = []
    text = " " + text
    while len(text) > 79:
        cut = text.rfind(" ", 2, 79)
        cut = cut if cut > 1 else 79
        lines.append(text[:cut])
        text = " " + text[cut:].strip()
    return [*lines, text]
