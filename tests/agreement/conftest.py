"""The encoder and this directory's modules are imported by name."""

import sys
from pathlib import Path

for place in (Path(__file__).parent, Path(__file__).parents[1]):
    if str(place) not in sys.path:
        sys.path.insert(0, str(place))
