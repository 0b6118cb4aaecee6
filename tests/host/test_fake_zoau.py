"""The stand-in for zoautil_py: signatures, result types and refusals of both release families."""

import inspect
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from mock_zos.lpar import create
from mock_zos.state import State
from mock_zos.zoau import RELEASES, modules, uninstall
from mock_zos.zoau.exceptions import PLAIN, RESPONDING
from zjobs.cli import run
from zjobs.host import open_host

TABLE = yaml.safe_load(Path(__file__).with_name("zoau_signatures.yaml").read_text("utf-8"))
ROOT = Path(__file__).parents[2]


@pytest.fixture(params=RELEASES)
def release(request):
    return request.param


@pytest.fixture
def zoau(tmp_path, release):
    lpar = create(tmp_path / "lpar", State(1_700_000_000_000_000, zoau=release), [])
    return {name.partition(".")[2]: module for name, module in modules(lpar, release).items()}


def wanted(release):
    """Room, name and signature of everything a release has; ``property`` where it is one."""
    found = {room: dict(functions) for room, functions in TABLE["1.4.0"].items()}
    if release != "1.4.0":
        for room, functions in TABLE[release].items():
            found[room] = None if functions is None else found[room] | functions
    return {
        room: {name: signature for name, signature in functions.items() if signature}
        for room, functions in found.items()
        if functions
    }


def plain(function):
    """A signature without annotations; ``property`` for one."""
    if isinstance(function, property):
        return "property"
    signature = inspect.signature(function)
    parameters = [p.replace(annotation=p.empty) for p in signature.parameters.values()]
    return str(signature.replace(parameters=parameters, return_annotation=signature.empty)).replace("Ellipsis", "...")


def differences(zoau, release):
    """What is not as the table says: other signatures, what is missing, what should not be there."""
    table = wanted(release)
    found = []
    for room, functions in table.items():
        for name, signature in functions.items():
            thing = zoau.get(room)
            for part in name.split("."):
                thing = getattr(thing, part, None)
            shown = plain(thing) if thing is not None else "missing"
            if shown != signature.replace("\n", r"\n"):
                found.append(f"{room}.{name}: {shown}, not {signature}")
        named = {name.split(".")[0] for name in functions} | EXTRAS.get(room, set())
        public = {name for name in vars(zoau[room]) if name[0] != "_"}
        found += [f"{room}.{name}: not in the table" for name in public - named]
        for kind in {name.split(".")[0] for name in functions if "." in name and room not in ("zoau_io",)}:
            own = {name for name in dir(getattr(zoau[room], kind)) if name[0] != "_"}
            known = {name.split(".")[1] for name in functions if name.startswith(f"{kind}.")} | {"command", "rc"}
            known |= {"response_format", "stderr_response", "stdout_response"}
            found += [f"{room}.{kind}.{name}: not in the table" for name in own - known]
    rooms = {*zoau} - {"zoautil_py", "", "exceptions"}
    return found + [f"module {room}: not in the table" for room in rooms - {*table}]


EXTRAS = {
    "zoau_io": {"ZOAU_IO_Error", "ZOAU_IO_UnsupportedOperation", "SEEK_SET", "SEEK_CUR", "SEEK_END"},
    "ztypes": {"DataDefinition"},
}
"""Names without a signature."""


def test_signatures_are_those_of_the_release_and_nothing_is_missing_or_more(zoau, release):
    assert differences(zoau, release) == []


@pytest.mark.parametrize("damage", ["missing", "other", "more", "module"])
def test_any_difference_is_found(zoau, release, damage):
    if damage == "missing":
        del zoau["datasets"].search
    elif damage == "other":
        zoau["jobs"].purge = lambda job_id, confirm_timeout=1, **kwargs: None
    elif damage == "more":
        zoau["gdgs"].hlq = lambda: ""
    else:
        zoau["types"] = zoau["ztypes"]
    assert len(differences(zoau, release)) == 1


@pytest.mark.parametrize(("room", "name"), [(room, name) for room, all in TABLE["keywords"].items() for name in all])
def test_keywords_are_those_listed_and_no_other(zoau, room, name):
    function = getattr(zoau[room], name)
    later = {"list_members": {"alias"}, "execute": {"console"} if room == "opercmd" else set()}.get(name, set())
    assert {*function.known} - {"debug", "verbose"} - later == {*TABLE["keywords"][room][name]}
    parameters = inspect.signature(function).parameters.values()
    needed = [one for one in parameters if one.default is one.empty and one.kind is one.POSITIONAL_OR_KEYWORD]
    with pytest.raises(TypeError, match="unexpected keyword"):
        function(*["A.B"] * len(needed), colour=1)


def test_a_misspelt_keyword_is_an_error_and_not_silence(zoau):
    for call in (
        lambda: zoau["datasets"].exists("USER.PROCLIB", colour="red"),
        lambda: zoau["opercmd"].execute("D TRACE", timeouts=5),
        lambda: zoau["jobs"].fetch_multiple(jobname="X"),
        lambda: zoau["datasets"].copy("A.B", "C.D", options="-X"),
    ):
        with pytest.raises(TypeError):
            call()


def test_release_differences(zoau, release):
    new = release >= "1.4"
    datasets, io = zoau["datasets"], zoau["zoau_io"]
    made = datasets.create("A.FB", "SEQ") if not new else datasets.create("A.FB")
    assert (made.record_format, made.record_length) == ("FB", 80)
    assert not hasattr(made, "recfm")
    assert hasattr(made, "encoding") == new
    assert datasets.write("A.FB", "X") == (None if new else 0)
    assert datasets.read("A.FB") == ("X".ljust(80) if new else "X")
    raw = datasets.read_as_bytes("A.FB")
    assert raw == ([b"\xe7" + b"\x40" * 79] if new else b"\xe7" + b"\x40" * 79)
    assert hasattr(zoau["exceptions"], "MemberFetchException") == new
    if new:
        zoau["datasets"].list_members("USER.PROCLIB", alias=False)
        zoau["opercmd"].execute("D R,L", console="7")
    else:
        for call in (
            lambda: datasets.create("A.X"),
            lambda: datasets.list_members("USER.PROCLIB", alias=False),
            lambda: zoau["opercmd"].execute("D R,L", console="7"),
        ):
            with pytest.raises(TypeError):
                call()
    out = io.zopen("//'A.FB'", "wb", recfm="*")
    assert not hasattr(out, "__enter__")
    out.write(b"\xe7")
    out.close()
    assert datasets.read_as_bytes("A.FB")[:80] in (b"\xe7" + bytes(79), [b"\xe7" + bytes(79)]), "X'00', not blanks"


def test_streams_as_the_c_library_has_them(zoau):
    zoau["datasets"].create("A.VB", dataset_type="SEQ", record_format="VB", record_length=84)
    zopen = zoau["zoau_io"].zopen
    out = zopen("//'A.VB'", "wb", recfm="*")
    assert out.maxreclen == 80
    with pytest.raises(ValueError, match="longer than LRECL"):
        out.write(b"x" * 81)
    for record in (b"a", b"bb", b"", b"dddd"):
        out.write(record)
    out.close()
    out.close()
    with pytest.raises(ValueError, match="closed"):
        out.write(b"x")
    stream = zopen("//'A.VB'", "rb")
    assert len(stream) == 4
    assert [*stream] == [b"a", b"bb"], "an empty record reads as the end"
    stream.seek(3, 0)
    assert (stream.tell(), stream.readrecord(), stream.readrecord()) == (3, b"dddd", b"")
    with pytest.raises(OSError, match="not seekable"):
        zopen("//'A.VB'", "rb", noseek=True).tell()
    with pytest.raises(zoau["zoau_io"].ZOAU_IO_Error):
        zopen("//'NO.SUCH'", "rb")


def test_exceptions_have_no_common_public_root(zoau):
    found = zoau["exceptions"]
    for name in set(RESPONDING + PLAIN) - {"ZOAUException"}:
        if hasattr(found, name):
            assert not issubclass(getattr(found, name), found.ZOAUException), name
    with pytest.raises(found.ZOAUException) as caught:
        zoau["datasets"].delete("NO.SUCH")
    assert caught.value.response.rc == 8
    assert "BGYSC1103E" in caught.value.message
    assert not hasattr(caught.value.response, "stdout")


def test_an_answer_without_waiting_is_cut_and_an_unknown_command_is_rc_0(zoau):
    execute = zoau["opercmd"].execute
    assert "ITT" not in execute("D TRACE,WTR=ALL").stdout_response.splitlines()[-1]
    assert "IEE843I" in execute("D TRACE,WTR=ALL", timeout=100, wait=True, terse=True).stdout_response.splitlines()[0]
    wrong = execute("NONSENSE", wait=True)
    assert wrong.rc == 0
    assert "IEE305I" in wrong.stdout_response
    with pytest.raises(zoau["exceptions"].ZOAUException):
        execute("D T", timeout=2147483601)


def test_jcl_in_ascii_is_no_jcl(zoau, tmp_path):
    text = "//X JOB (A),'B'\n//S EXEC PGM=NOSUCH\n"
    (tmp_path / "a.jcl").write_bytes(text.encode("ascii"))
    with pytest.raises(zoau["exceptions"].JobSubmitException):
        zoau["jobs"].submit(str(tmp_path / "a.jcl"), is_unix=True)
    (tmp_path / "e.jcl").write_bytes(text.encode("cp1047"))
    job = zoau["jobs"].submit(str(tmp_path / "e.jcl"), is_unix=True)
    job.wait()
    assert (job.status, job.return_code) == ("ABEND", "S806")


@pytest.mark.parametrize("example", ["ftp-hang", "dns-reply"])
def test_a_whole_run_through_zoaus_own_host(tmp_path, release, example, capsys):
    """Console, log, jobs and data sets as zoautil_py gives them; the report is made through it as well."""
    traffic = [(ROOT / "tests" / "captures" / "ftp-hang.pcap", "ETH1")]
    lpar = create(tmp_path / "lpar", State(0, zoau=release, home=["192.0.2.10"]), traffic)
    try:
        assert run(["--host", f"fakezoau:{lpar.directory}", "capture", "run", f"{ROOT}/examples/{example}.yaml"]) == 0
    finally:
        uninstall()
    out = capsys.readouterr().out
    assert "ZJB0461I dead-man job" in out
    assert "ZJB0441I" in out
    assert "ZJB0453I summary report" in out
    assert not lpar.state.writers
    report = {"ftp-hang": "SYS2.REPORT.SUMMARY", "dns-reply": "SYS2.REPORT.DNS"}[example]
    assert open_host(f"mock:{lpar.directory}").read_text(f"//'{report}'")


def test_nothing_is_installed_without_asking():
    code = "import mock_zos.lpar, mock_zos.zoau, zjobs.host.fakezoau, sys; sys.exit('zoautil_py' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
