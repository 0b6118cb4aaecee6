"""Ranges and defaults that no manual settles for every release, as data: planning values, not facts.

Each can be replaced for a system that is known better; the system itself remains the judge (a value it
does not take is refused by it, and the refusal is shown).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """``lowest, highest`` of a value, or a planning value."""

    packet_abbrev: tuple[int, int] = (1, 65535)
    """PKTTRACE ABBREV; the default 200 is documented (IP System Administrator's Commands)."""
    data_abbrev: tuple[int, int] = (0, 65535)
    """DATTRACE ABBREV (documented)."""
    ored_settings: int = 16
    """PKTTRACE settings of a stack that can be ORed."""
    stacks: int = 8
    """Stacks of one profile; what a system with common INET takes."""
    osa_abbrev: tuple[int, int] = (64, 480)
    """OSAENTA ABBREV; 224 and 480 are seen in printed displays."""
    osa_values: int = 8
    """OSAENTA values of one filter (documented)."""
    osa_minutes: tuple[int, int] = (1, 10080)
    """OSAENTA TIME; 10080 (7 days) is seen as the highest."""
    osa_most: int = 2147483647
    """OSAENTA DATA and FRAMES; seen in a printed display."""
    osa_data: int = 256
    """Megabytes an OSA trace is limited to when the profile does not say."""
    osa_time: int = 30
    """Minutes an OSA trace is limited to when neither the profile nor its stop rule says."""
    osa_keep: int = 224
    """Bytes of a frame that are kept when the profile does not say; what the command keeps by default."""
    record_overhead: int = 160
    """Bytes of a trace record beside the packet, for sizing: CTE, packet trace header, unused ends of blocks."""
    nowrap_spare: float = 1.3
    """How much more space than planned a NOWRAP trace is given."""


LIMITS = Limits()
