"""Names of data sets, as users write them.

DFSMS: a name is qualifiers of one to eight characters joined by periods, 44 characters at most; a member
name has one to eight characters; a relative generation is a signed number in the member's place.
"""

import re
from dataclasses import dataclass

from zjobs.errors import RequestError

_QUALIFIER = r"[A-Z@#$][A-Z0-9@#$-]{0,7}"
_DSN = re.compile(rf"{_QUALIFIER}(?:\.{_QUALIFIER})*")
_MEMBER = re.compile(r"[A-Z@#$][A-Z0-9@#$]{0,7}")
_GENERATION = re.compile(r"[+-]?\d{1,3}")
_WRITTEN = re.compile(r"//'([^']*)'|(?://)?DD:(.*)|([^/'].*)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Name:
    """A data set (with a member or a generation), or a DD name."""

    dsn: str = ""
    member: str = ""
    dd: str = ""

    @property
    def text(self) -> str:
        """The name as IDCAMS or ZOAU take it."""
        if self.dd:
            return f"DD:{self.dd}"
        return f"{self.dsn}({self.member})" if self.member else self.dsn

    @property
    def quoted(self) -> str:
        """The name as the C library's ``fopen`` takes it: fully qualified."""
        return f"//DD:{self.dd}" if self.dd else f"//'{self.text}'"


def is_dataset(text: str) -> bool:
    """Whether ``text`` is written as a data set or DD name rather than as a path."""
    return text[:5].upper().startswith(("//'", "//DD:"))


def parse(text: str) -> Name:
    """The name in ``text``: ``//'DSN'``, ``//'DSN(MEMBER)'``, ``//DD:NAME``, ``DD:NAME`` or a bare name."""
    written = _WRITTEN.fullmatch(text.strip())
    if not written:
        raise RequestError("ZJB0502E", name=text, reason="a name in quotes is written //'NAME'")
    quoted, dd, bare = written.groups()
    if dd is not None:
        if not _MEMBER.fullmatch(dd.upper()):
            raise RequestError("ZJB0502E", name=text, reason="a DD name has 1 to 8 of A-Z 0-9 @ # $")
        return Name(dd=dd.upper())
    whole = (quoted if quoted is not None else bare).upper()
    dsn, parenthesis, rest = whole.partition("(")
    if not _DSN.fullmatch(dsn):
        reason = "each qualifier has 1 to 8 of A-Z 0-9 @ # $ - and starts with a letter or @ # $"
        raise RequestError("ZJB0502E", name=text, reason=reason)
    if len(dsn) > 44:
        raise RequestError("ZJB0502E", name=text, reason=f"{len(dsn)} characters, 44 at most")
    member = rest.removesuffix(")")
    if parenthesis and not (rest.endswith(")") and (_MEMBER.fullmatch(member) or _GENERATION.fullmatch(member))):
        reason = "in parentheses stands a member of 1 to 8 of A-Z 0-9 @ # $, or a generation such as -1"
        raise RequestError("ZJB0502E", name=text, reason=reason)
    return Name(dsn, member)
