"""Names of numbers that registries hand out, too many for the file of their protocol: data, not code."""

import json
from importlib import resources


def load(name: str) -> dict[int, str]:
    """The names of one registry by number; keys are hexadecimal in the file."""
    text = resources.files(__name__).joinpath(f"{name}.json").read_text(encoding="ascii")
    return {int(number, 16): word for number, word in json.loads(text)["names"].items()}
