"""How a listing looks, as one value handed down."""

from typing import NamedTuple


class Profile(NamedTuple):
    """The differences between generations of the formatter's text."""

    name: str
    interface: str = "Interface"
    sequence: str = "Sequence #"
    intfx: bool = True
    version_word: str = "Ver2"
    kind_word: bool = True
    cid_on_tod: bool = True
    protocol_title: bool = True


#: Release profiles: 2001 and 2009 where their samples differ from 2005, which is the default.
PROFILES = {
    "2001": Profile("2001", interface="Link", sequence="Lost Records", intfx=False, protocol_title=False),
    "2005": Profile("2005"),
    "2009": Profile("2009", sequence="Segment #", version_word="", kind_word=False),
}


class Style(NamedTuple):
    """Release profile, clock (``GMT`` or ``LOCAL`` with its offset in seconds), dump form and code page."""

    profile: Profile = PROFILES["2005"]
    clock: str = "GMT"
    utc_offset: int = 0
    tod: bool = False
    translation: str = "BOTH"
    dump_size: int = 65535
    code_page: str = "cp037"

    @property
    def offset_ns(self) -> int:
        """What to add to a UTC time before it is printed."""
        return self.utc_offset * 1_000_000_000 if self.clock == "LOCAL" else 0
