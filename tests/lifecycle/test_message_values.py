"""Every message of capture, host and members is issued somewhere, with just the values its text needs."""

import ast
import string
from pathlib import Path

from zjobs.messages import catalogue

ROOT = Path(__file__).parents[2] / "zjobs"
AREAS = ("ZJB04", "ZJB05", "ZJB06")
ISSUERS = {"tell", "_tell", "render", "RequestError", "HostError", "DataError"}


def issued():
    """Id and value names of every message issued by literal id."""
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in ISSUERS and str(node.args[0].value).startswith(AREAS):
                yield node.args[0].value, {keyword.arg for keyword in node.keywords}, path.name


def test_values_are_those_of_the_text():
    for id, values, file in issued():
        wanted = {field for _, field, _, _ in string.Formatter().parse(catalogue()[id].text) if field}
        assert values == wanted, f"{id} in {file}"


def test_every_message_is_issued():
    used = {id for id, _, _ in issued()}
    assert {id for id in catalogue() if id.startswith(AREAS)} == used
