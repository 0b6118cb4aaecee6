"""``make agree``: application fields of every capture, zjobs against tshark, as a table with agreement per field.

``python tests/agreement/agree.py [--fields PREFIX,...] [--captures TEXT] [--show N]`` narrows it and shows differences.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parents[1])]

import subject  # noqa: E402
import witness  # noqa: E402
from comparison import Tally, known_differences  # noqa: E402

FIELDS = tuple((HERE / "applications.txt").read_text(encoding="ascii").split())
#: Checksums of TCP are not verified: Wireshark puts no messages together from segments whose checksum an adapter makes.
OPTIONS = ("-n", "-o", "sctp.checksum:crc-32c")
OWN = sorted((HERE.parent / "captures").glob("*.pcap*"))
CAPTURES = OWN + sorted((HERE.parents[2] / "shared" / "data" / "pcap").glob("*.pcap*"))
KNOWN = known_differences(HERE / "application-differences.tsv")


def compare(captures: Iterable[Path], fields: tuple[str, ...] = FIELDS) -> Tally:
    """Both readings of all captures, packet by packet."""
    captures = list(captures)
    total = Tally(known=KNOWN)
    witness.types()
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(2) as pool:
        ordered = [witness.in_time_order(c, Path(scratch)) for c in captures]
        readings = pool.map(lambda c: witness.read(c, fields, OPTIONS), ordered)
        for capture, path, theirs in zip(captures, ordered, readings, strict=True):
            ours = subject.read(path)
            for number, (mine, other) in enumerate(zip(ours, theirs, strict=True), 1):
                # tshark's texts are compared without regard to case.
                lowered = {n: [v.lower() if isinstance(v, str) else v for v in mine[n]] for n in fields if n in mine}
                total.packet(capture.name, number, lowered, other, fields)
    return total


def main() -> int:
    """Print the table; 1 when a field agrees in less than 99 of 100 packets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fields", default="")
    parser.add_argument("--captures", default="")
    parser.add_argument("--show", type=int, default=0)
    asked = parser.parse_args()
    fields = tuple(f for f in FIELDS if f.startswith(tuple(asked.fields.split(","))))
    total = compare([c for c in CAPTURES if asked.captures in c.name], fields)
    print(total.table())
    for difference in total.differences[: asked.show]:
        print(difference)
    low = [f for f in total.compared if total.agreed[f] + total.excused[f] < 0.99 * total.compared[f]]
    if low:
        print("below 99 percent: " + json.dumps(low))
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main())
