"""How much a trace writes: from packets a second to cylinders, and to the minutes until WRAP overwrites.

3390: 2 blocks of 27998 bytes a track, 15 tracks a cylinder.  What a record costs beside the packet is a
planning value.
"""

from dataclasses import dataclass

from zjobs.lifecycle.limits import LIMITS
from zjobs.lifecycle.values import Kind, Profile

CYLINDER = 2 * 27998 * 15


@dataclass(frozen=True)
class Sizing:
    """The numbers of one profile at one rate; ``steps`` is the arithmetic, line by line."""

    bytes_a_second: float
    capacity: int
    minutes: float
    needed: int
    steps: tuple[str, ...]

    @property
    def enough(self) -> bool:
        """Whether the writer's data sets hold the whole run; without a time nothing is asked."""
        return not self.needed or self.capacity >= self.needed * CYLINDER


def size(profile: Profile, rate: float, packet: int, share: float = 100) -> Sizing:
    """Sizing for ``rate`` packets a second of ``packet`` bytes, ``share`` percent of which the filter selects."""
    kept = min(packet, _kept(profile) or packet)
    selected = rate * share / 100
    speed = selected * (kept + LIMITS.record_overhead)
    sets, cylinders = len(profile.writer.datasets), profile.writer.cylinders
    # NOWRAP takes secondary extents as well; what they give is not counted on.
    capacity = sets * cylinders * CYLINDER
    minutes = capacity / speed / 60 if speed else 0
    steps = [
        f"{rate:,.0f} packets/s x {share:g} percent = {selected:,.0f} records/s",
        f"{selected:,.0f} x ({kept} bytes kept + {LIMITS.record_overhead}) = {speed:,.0f} bytes/s",
        f"{sets} data set{'s' * (sets > 1)} x {cylinders} cylinders x {CYLINDER:,} = {capacity:,} bytes",
        f"{capacity:,} / {speed:,.0f} / 60 = {minutes:,.1f} minutes until "
        + ("the oldest is overwritten (WRAP)" if profile.writer.wrap else "the space is used up (NOWRAP)"),
    ]
    needed = 0
    if profile.stop.after:
        total = speed * profile.stop.after
        spare = 1.0 if profile.writer.wrap else LIMITS.nowrap_spare
        needed = -int(-total * spare // CYLINDER)
        words = "" if profile.writer.wrap else f" x {LIMITS.nowrap_spare}"
        steps.append(
            f"{profile.stop.after} s x {speed:,.0f}{words} / {CYLINDER:,} = {needed:,} cylinders for the whole run"
        )
    return Sizing(speed, capacity, minutes, needed, tuple(steps))


def _kept(profile: Profile) -> int:
    """Bytes of a packet that are kept; 0 is all of it."""
    if profile.kind is Kind.DATA:
        return max(profile.data.length, 0) if profile.data.length >= 0 else 0
    if profile.kind is Kind.OSA:
        return max(one.length for one in profile.osas)
    return 0 if any(not one.length for one in profile.filters) else max(one.length for one in profile.filters)
