"""Names of numbers that registries hand out, too many for the file of their protocol: data, not code."""

import json
from pkgutil import get_data


def load(name: str) -> dict[int, str]:
    """The names of one registry by number; keys are hexadecimal in the file."""
    found = json.loads(get_data(__name__, f"{name}.json") or b"")
    return {int(number, 16): word for number, word in found["names"].items()}
