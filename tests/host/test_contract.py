"""What every host with data sets must do alike: the simulated LPAR, and ZOAU over a stand-in of its package."""

import sys
import types
from pathlib import Path

import pytest

from mock_zos.datasets import DatasetProblem
from mock_zos.lpar import create
from mock_zos.state import State
from zjobs.errors import HostError, RequestError
from zjobs.host import open_host
from zjobs.host.base import LISTING, DatasetSpec, Host
from zjobs.host.zoau import _console_lines


def mock(directory: Path) -> Host:
    create(directory, State(1_700_000_000_000_000), [])
    return open_host(f"mock:{directory}")


class Response:
    """What opercmd returns: closed, without .stdout."""

    __slots__ = ("rc", "stderr_response", "stdout_response")

    def __init__(self, rc: int, out: str, err: str = "") -> None:
        self.rc, self.stdout_response, self.stderr_response = rc, out, err


class ZOAUException(Exception):
    def __init__(self, response: Response) -> None:
        self.response = response
        super().__init__(response.stderr_response)


def zoau(directory: Path, monkeypatch: pytest.MonkeyPatch, version: str = "1.4.0") -> Host:
    """The ZOAU host over functions with ZOAU's names and signatures that work on a simulated LPAR's data sets."""
    lpar = create(directory, State(1_700_000_000_000_000), [])
    store = lpar.datasets

    def split(name):
        dsn, _, member = name.removeprefix("//").strip("'").partition("(")
        return dsn, member.rstrip(")")

    def asked(call):
        def function(*values, **options):
            try:
                return call(*values, **options)
            except DatasetProblem as problem:
                raise ZOAUException(Response(8, "", f"BGYSC1103E {problem}")) from None

        return function

    def list_datasets(pattern, volume=None):
        rows = []
        for name in store.names(pattern):
            label = store.attributes(name)
            row = types.SimpleNamespace(
                name=name,
                record_format=label["recfm"],
                record_length=label["lrecl"],
                block_size=label["blksize"],
                organization=label["dsorg"],
                volume="VOL001",
            )
            rows += [row, types.SimpleNamespace(**(vars(row) | {"volume": "VOL002"}))]
        return rows

    def new(name, *, dataset_type, record_format, record_length, primary_space, secondary_space, block_size=0):
        store.create(name, record_format, record_length, "PO" if dataset_type == "PDSE" else "PS", block_size)

    class RecordIO:
        def __init__(self, file, mode="r", *, noseek=False, recfm=None):
            assert noseek
            assert (recfm == "*") == (mode != "rb")
            self.name, self.mode, self.content = split(file), mode, []

        def __iter__(self):
            return iter(list(store.read(*self.name)))

        def write(self, content):
            self.content.append(content)
            return len(content)

        def close(self):
            if self.mode != "rb":
                store.write(self.name[0], self.content, self.name[1], self.mode == "ab")

    def execute(command, timeout=0, json=False, *, wait=False):
        assert wait
        assert timeout >= 100, "console waits are in centiseconds"
        lines = lpar.console(command)
        head = "SYSA       2023318  22:13:20.00             "
        shown = [head + "ISF031I CONSOLE OMVS0000 ACTIVATED", head[:-1] + "-" + command, head + lines[0]]
        return Response(0, "\n".join(shown + [" " * 43 + line for line in lines[1:]]))

    package = types.ModuleType("zoautil_py")
    package.ZOAU_API_VERSION = version
    modules = {
        "datasets": {
            "exists": lambda dataset: store.exists(*split(dataset)),
            "list_datasets": list_datasets,
            "list_dataset_names": lambda pattern, volume=None, migrated=False: store.names(pattern),
            "list_members": lambda pattern, *, alias=True: store.members(*split(pattern)) if not alias else ["ALIAS"],
            "create": new,
            "delete": lambda dataset: store.delete(dataset) or 0,
            "delete_members": lambda pattern: store.delete(*split(pattern)) or 0,
            "move": lambda source, target: store.rename(source, target) or 0,
        },
        "zoau_io": {"zopen": RecordIO},
        "opercmd": {"execute": execute},
    }
    monkeypatch.setitem(sys.modules, "zoautil_py", package)
    for name, functions in modules.items():
        module = types.ModuleType(f"zoautil_py.{name}")
        for key, function in functions.items():
            setattr(module, key, asked(function) if key != "zopen" else function)
        monkeypatch.setitem(sys.modules, f"zoautil_py.{name}", module)
    return open_host("zoau")


@pytest.fixture(params=["mock", "zoau"])
def host(request, tmp_path, monkeypatch):
    return mock(tmp_path / "lpar") if request.param == "mock" else zoau(tmp_path / "lpar", monkeypatch)


def test_records_keep_their_boundaries(host):
    host.create("//'A.VB'", DatasetSpec(recfm="VB", lrecl=104))
    records = [b"1", b"x" * 100, bytes(range(90))]
    with host.open_records("//'A.VB'", "wb") as out:
        for record in records:
            out.write(record)
    with host.open_records("//'A.VB'") as found:
        assert list(found) == records
        assert (found.info.recfm, found.info.lrecl) == ("VB", 104)
    with host.open_records("//'A.VB'", "ab") as out:
        out.write(b"2")
    with host.open_records("//'A.VB'") as found:
        assert list(found) == [*records, b"2"]


def test_a_listing_is_made_in_ebcdic_padded_with_blanks(host):
    host.write_text("//'A.LISTING'", ["1HEADING", " line", ""], spec=LISTING)
    with host.open_records("//'A.LISTING'") as found:
        records = list(found)
    assert [len(record) for record in records] == [133, 133, 133]
    assert records[0] == "1HEADING".ljust(133).encode("cp037")
    assert host.read_text("//'A.LISTING'") == ["1HEADING", " line", ""]
    info = host.dataset_info("//'A.LISTING'")
    assert (info.recfm, info.lrecl, info.dsorg) == ("FBA", 133, "PS")


def test_an_empty_line_of_a_variable_data_set_is_not_the_end(host):
    host.write_text("//'A.VBA'", ["1A", "", " B"], spec=DatasetSpec(recfm="VBA", lrecl=137))
    assert host.read_text("//'A.VBA'") == ["1A", "", " B"]


def test_a_line_too_long_leaves_what_was_there(host):
    host.write_text("//'A.LISTING'", ["KEPT"], spec=LISTING)
    with pytest.raises(RequestError, match="ZJB0508E"):
        host.write_text("//'A.LISTING'", ["X", "Y" * 134])
    assert host.read_text("//'A.LISTING'") == ["KEPT"]


def test_members(host):
    host.create("//'A.LIB'", DatasetSpec(recfm="FB", lrecl=80, dsorg="PO"))
    host.write_text("//'A.LIB(ONE)'", ["//ONE JOB"])
    host.write_text("//'A.LIB(TWO)'", ["//TWO JOB"])
    assert host.list_members("//'A.LIB'") == ["ONE", "TWO"]
    assert host.list_members("//'A.LIB'", "T*") == ["TWO"]
    assert host.exists("//'A.LIB(ONE)'")
    assert not host.exists("//'A.LIB(NONE)'")
    assert host.read_text("//'A.LIB(TWO)'") == ["//TWO JOB"]
    host.delete("//'A.LIB(ONE)'")
    assert host.list_members("//'A.LIB'") == ["TWO"]


def test_names_are_listed_renamed_and_deleted(host):
    for name in ("B.ONE", "B.TWO"):
        host.create(f"//'{name}'", DatasetSpec())
    assert host.list_names("B.*") == ["B.ONE", "B.TWO"]
    host.rename("//'B.ONE'", "//'B.THREE'")
    host.delete("//'B.TWO'")
    assert host.list_names("B.*") == ["B.THREE"]


@pytest.mark.parametrize(
    "ask",
    [
        lambda host: host.open_records("//'NO.SUCH'"),
        lambda host: host.read_text("//'NO.SUCH'"),
        lambda host: host.dataset_info("//'NO.SUCH'"),
        lambda host: host.delete("//'NO.SUCH'"),
        lambda host: host.write_text("//'NO.SUCH'", ["X"]),
        lambda host: host.open_records("//'USER.PROCLIB(NOSUCH)'"),
    ],
)
def test_what_is_not_there_is_told_with_an_id(host, ask):
    with pytest.raises(HostError, match=r"ZJB050[67]E") as caught:
        ask(host)
    assert caught.value.return_code == 12


def test_a_command_is_answered_line_by_line_without_the_consoles_columns(host):
    lines = host.oper("D TRACE,WTR=ALL")
    assert lines[0].startswith("IEE843I ")
    assert lines[2] == " ST=(ON,0064K,00064K) AS=ON  BR=OFF EX=ON  MT=(ON,064K)"


def test_an_answer_as_it_is_printed_in_the_documentation_of_zoau():
    answer = """\
EC000000   2022244  16:00:49.00             ISF031I CONSOLE OMVS0000 ACTIVATED
EC000000   2022244  16:00:49.00            -D U,ALL
EC000000   2022244  16:00:49.00             IEE457I 16.00.49 UNIT STATUS 645
                                           UNIT TYPE STATUS        VOLSER     VOLSTATE      SS
"""
    assert _console_lines(answer) == [
        "IEE457I 16.00.49 UNIT STATUS 645",
        "UNIT TYPE STATUS        VOLSER     VOLSTATE      SS",
    ]
    assert _console_lines("IEE457I 16.00.49 UNIT STATUS 645\n") == ["IEE457I 16.00.49 UNIT STATUS 645"]


def test_an_old_zoau_is_refused(tmp_path, monkeypatch):
    with pytest.raises(HostError, match=r"ZJB0505E ZOAU 1\.2\.5"):
        zoau(tmp_path / "lpar", monkeypatch, "1.2.5")


def test_zoau_that_is_not_there_is_one_clear_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "zoautil_py", None)
    with pytest.raises(HostError, match="ZJB0504E"):
        open_host("zoau")


def test_dd_names_of_a_simulated_step(tmp_path):
    host = mock(tmp_path / "lpar")
    host.write_text("//'A.LISTING'", ["TEXT"], spec=LISTING)
    with pytest.raises(HostError, match="ZJB0507E DD INPUT"):
        host.read_text("//DD:INPUT")
    host._lpar.allocate("input", "A.LISTING")
    assert host.read_text("//DD:INPUT") == ["TEXT"]


def test_plain_files_read_and_write_text_and_refuse_the_rest(tmp_path):
    host = open_host("files")
    path = str(tmp_path / "x.txt")
    host.write_text(path, ["a", "b"])
    assert host.read_text(path) == ["a", "b"]
    assert host.exists(path)
    host.delete(path)
    for ask in (
        lambda: host.oper("D TRACE"),
        lambda: host.open_records("//'A.B'"),
        lambda: host.read_text("//'A.B'"),
        lambda: host.list_names("A.*"),
    ):
        with pytest.raises(HostError, match="ZJB0503E"):
            ask()
    with pytest.raises(HostError, match="ZJB0507E"):
        host.read_text(path)


@pytest.mark.parametrize("spec", ["", "nothing", "base", "mocks:x"])
def test_an_unknown_host_is_refused(spec):
    with pytest.raises(RequestError, match="ZJB0501E"):
        open_host(spec)


def test_a_directory_that_is_no_lpar_is_refused(tmp_path):
    with pytest.raises(HostError, match="ZJB0511E"):
        open_host(f"mock:{tmp_path}")
