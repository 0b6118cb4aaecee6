"""The rules of the house: who may import whom, what a source file may hold, what every message and command has."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from readings import ROOT

from zjobs import registry
from zjobs.messages import catalogue, render

ZJOBS = ROOT / "zjobs"
SOURCES = sorted(p for top in ("zjobs", "mock_zos") for p in (ROOT / top).rglob("*.py"))
IDS = re.compile(r"\bZJB\d{4}[IWE]\b")

LEAVES = {"chars", "columns", "errors", "memory", "messages", "options", "registry", "sink", "weave", "words"}
#: What each room may import besides the leaves and itself.
MAY_IMPORT = {
    "wire": set(),
    "trace": {"wire"},
    "sessions": {"trace", "wire"},
    "sources": {"trace", "wire"},
    "findings": {"sessions", "trace", "wire"},
    "exports": {"sessions", "trace", "wire"},
    "reports": {"page", "sessions", "trace", "wire"},
    "page": set(),
    "lifecycle": set(),
    "members": {"lifecycle"},
    "host": set(),
    "jobs": {
        "reports", "findings", "exports", "sources", "sessions", "trace", "wire", "page",
        "lifecycle", "members", "host",
    },
    "cli": {"jobs", "host", "lifecycle", "members", "trace"},
    "__main__": {"cli", "memory"},
    "__init__": set(),
}  # fmt: skip
#: What the leaves may import: an error renders its message, a message or a registry needs nothing.
LEAF_MAY_IMPORT = {"errors": {"messages"}, "messages": {"words"}, "chars": {"columns"}, "weave": {"chars", "columns"}}
#: What the simulated LPAR shares with zjobs: the tables of the capture's life, the host's types, and nothing else.
SIMULATOR_MAY_IMPORT = ("zjobs.lifecycle.tables", "zjobs.host.base", "zjobs.errors")


def imports(path: Path) -> set[str]:
    """Modules a file imports, inside functions too; names taken from a package count as its modules."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="ascii"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import; zjobs and mock_zos write the whole name"
            module = node.module or ""
            found.add(module)
            found.update(f"{module}.{alias.name}" for alias in node.names)
    return found


def room(path: Path) -> str:
    inside = path.relative_to(ZJOBS).parts
    return inside[0] if len(inside) > 1 else path.stem


def rooms_used(path: Path) -> set[str]:
    used = {m.split(".")[1] for m in imports(path) if m.startswith("zjobs.") and m != "zjobs.__version__"}
    return {name for name in used if (ZJOBS / name).is_dir() or (ZJOBS / f"{name}.py").exists()}


@pytest.mark.parametrize("path", sorted(ZJOBS.rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_run_one_way(path: Path) -> None:
    here = room(path)
    if here in LEAVES:
        wrong = rooms_used(path) - LEAF_MAY_IMPORT.get(here, set()) - {here}
        assert not wrong, f"{path.name} is a leaf: it may not import {', '.join(sorted(wrong))}"
        return
    wrong = rooms_used(path) - LEAVES - MAY_IMPORT[here] - {here}
    allowed = ", ".join(sorted(MAY_IMPORT[here])) or "leaves only"
    assert not wrong, f"{here} may import {allowed}; {path.name} imports {', '.join(sorted(wrong))}"


def test_the_page_knows_only_characters() -> None:
    for path in sorted((ZJOBS / "page").glob("*.py")):
        wrong = rooms_used(path) - {"chars", "columns", "page", "weave"}
        assert not wrong, f"page imports no room and few leaves; {path.name} imports {', '.join(sorted(wrong))}"


def test_the_simulator_is_not_our_mirror() -> None:
    for path in sorted((ROOT / "mock_zos").rglob("*.py")):
        for module in imports(path):
            shared = module == "zjobs" or module.startswith(SIMULATOR_MAY_IMPORT) or not module.startswith("zjobs")
            parents = any(allowed.startswith(module + ".") for allowed in SIMULATOR_MAY_IMPORT)
            assert shared or parents, (
                f"mock_zos shares {' and '.join(SIMULATOR_MAY_IMPORT)} with zjobs and nothing else; "
                f"{path.name} imports {module}"
            )


def test_one_door_to_the_automation_library() -> None:
    users = {str(p.relative_to(ROOT)) for p in SOURCES if any(m.split(".")[0] == "zoautil_py" for m in imports(p))}
    assert users <= {"zjobs/host/zoau.py"}, f"only host/zoau.py imports zoautil_py; so do {sorted(users)}"
    # It is also loaded by name: no other file may even spell an import of it.
    text = "".join(p.read_text() for p in SOURCES if p != ZJOBS / "host" / "zoau.py" and p.is_relative_to(ZJOBS))
    assert 'import_module("zoautil_py' not in text


def test_the_builder_of_test_records_knows_nothing_of_zjobs() -> None:
    for path in sorted((ROOT / "tests" / "encoder").glob("*.py")):
        tree = ast.parse(path.read_text(encoding="ascii"))
        names = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
        names |= {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
        ours = [n for n in names if n.split(".")[0] == "zjobs"]
        assert not ours, f"{path.name} is a witness: it may not import zjobs"


def tracked(*suffixes: str) -> list[Path]:
    folders = ("zjobs", "mock_zos", "tests", "docs", "bench")
    found = [p for f in folders for p in (ROOT / f).rglob("*") if p.suffix in suffixes]
    return sorted(p for p in [*found, *ROOT.glob("*.md"), *ROOT.glob("*.toml")] if p.is_file() and p.suffix in suffixes)


@pytest.mark.parametrize("suffix", [".py", ".json", ".yaml", ".j2", ".md", ".toml", ".tsv"])
def test_sources_are_plain_ascii(suffix: str) -> None:
    for path in tracked(suffix):
        data = path.read_bytes()
        assert data.isascii(), f"{path.relative_to(ROOT)} has a byte beyond ASCII at offset {_beyond(data)}"


def _beyond(data: bytes) -> int:
    return next(at for at, byte in enumerate(data) if byte > 127)


def test_no_file_is_longer_than_700_lines() -> None:
    long = {str(p.relative_to(ROOT)): n for p in tracked(".py") if (n := p.read_text().count("\n")) > 700}
    assert not long, f"split these: {long}"


def used_ids() -> dict[str, str]:
    """Message ids in code (not in the catalogue), and a file that uses each."""
    found = {}
    for path in SOURCES:
        if path.is_relative_to(ZJOBS) and room(path) != "messages":
            found.update({id: str(path.relative_to(ROOT)) for id in IDS.findall(path.read_text())})
    return found


def test_every_message_used_is_in_the_catalogue() -> None:
    unknown = {id: path for id, path in used_ids().items() if id not in catalogue()}
    assert not unknown


def test_every_message_of_the_catalogue_is_used() -> None:
    assert not sorted(set(catalogue()) - set(used_ids()))


def test_messages_say_why_and_what_to_do() -> None:
    for id, message in catalogue().items():
        assert re.fullmatch(r"ZJB\d{4}[IWE]", id)
        assert message.text and message.why.endswith((".", "!")), id
        assert id.endswith("I") or message.action.endswith("."), f"{id} asks for something: say what"


def test_counts_of_messages_take_the_words_of_one_and_of_many() -> None:
    fixed = {"source": "S", "offset": 0, "detail": "D"}
    for one in (1, "1"):
        line = render("ZJB0104W", count=one, skipped=one, **fixed)
        assert "S: 1 damaged place, 1 byte not understood; first" in line
    for many in (0, 2, "1,001"):
        line = render("ZJB0104W", count=many, skipped=many, **fixed)
        assert f"S: {many} damaged places, {many} bytes not understood; first" in line
    assert render("ZJB0110W", count=1).startswith("ZJB0110W 1 packet is damaged")
    assert catalogue()["ZJB0110W"].shown.startswith("{count} packets are damaged")


def test_every_count_of_a_message_has_words_for_one() -> None:
    counts = r"\{(count|skipped|needed|lost|size|records|lines|steps|seconds|minutes|cylinders)\}(?= \w)"
    assert not {id: m.text for id, m in catalogue().items() if re.search(counts, m.text)}


def test_an_id_belongs_to_one_message() -> None:
    seen: dict[str, str] = {}
    for path in sorted((ZJOBS / "messages").glob("*.py")):
        for id in re.findall(r'^    "(ZJB\d{4})[IWE]": ', path.read_text(), re.MULTILINE):
            assert id not in seen, f"{id} is in {seen[id]} and {path.name}"
            seen[id] = path.name


@pytest.mark.parametrize("name", registry.names("zjobs.cli"))
def test_every_command_shows_an_example(name: str, zjobs) -> None:
    run = zjobs(name.rstrip("_"), "--help")
    assert run.code == 0
    assert re.search(r"Examples?:", run.text), f"zjobs {name} --help has no example"


def test_the_program_itself_shows_an_example(zjobs) -> None:
    assert "Example:" in zjobs("--help").text
