"""What every host must do alike: the simulated LPAR, ZOAU over a stand-in of its package, and a real LPAR.

``make lpar-check`` runs this suite where ZOAU is, below the high-level qualifier in ZJOBS_CHECK_HLQ.
"""

import importlib.util
import os
import sys
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from mock_zos.lpar import create
from mock_zos.state import State
from mock_zos.zoau import uninstall
from zjobs.errors import HostError, RequestError
from zjobs.host import open_host
from zjobs.host.base import LISTING, DatasetSpec, Host
from zjobs.host.zoau import _console_lines

HLQ = os.environ.get("ZJOBS_CHECK_HLQ", "ZJB.CHECK")
NAMES = ("VB", "LISTING", "VBA", "LIB", "NONE", "NTWO", "NTHREE")
ON_LPAR = bool(importlib.util.find_spec("zoautil_py")) and "ZJOBS_CHECK_HLQ" in os.environ
HOSTS = [
    "mock",
    "zoau 1.3.6",
    "zoau 1.4.0",
    pytest.param(
        "lpar",
        marks=[
            pytest.mark.lpar,
            pytest.mark.skipif(
                not ON_LPAR, reason="needs z/OS with ZOAU, and ZJOBS_CHECK_HLQ naming a qualifier of yours"
            ),
        ],
    ),
]


def mock(directory: Path) -> Host:
    create(directory, State(1_700_000_000_000_000), [])
    return open_host(f"mock:{directory}")


@pytest.fixture(params=HOSTS)
def host(request, tmp_path, monkeypatch):
    if request.param == "mock":
        yield mock(tmp_path / "lpar")
    elif request.param == "lpar":
        real = open_host("zoau")
        yield real
        for name in NAMES:
            with suppress(HostError):
                real.delete(f"//'{HLQ}.{name}'")
    else:
        create(tmp_path / "lpar", State(1_700_000_000_000_000, zoau=request.param.split()[1]), [])
        yield open_host(f"fakezoau:{tmp_path / 'lpar'}")
        uninstall()


@pytest.fixture
def dsn():
    return lambda name: f"//'{HLQ}.{name}'"


def test_records_keep_their_boundaries(host, dsn):
    host.create(dsn("VB"), DatasetSpec(recfm="VB", lrecl=104))
    records = [b"1", b"x" * 100, bytes(range(90))]
    with host.open_records(dsn("VB"), "wb") as out:
        for record in records:
            out.write(record)
    with host.open_records(dsn("VB")) as found:
        assert list(found) == records
        assert (found.info.recfm, found.info.lrecl) == ("VB", 104)
    with host.open_records(dsn("VB"), "ab") as out:
        out.write(b"2")
    with host.open_records(dsn("VB")) as found:
        assert list(found) == [*records, b"2"]


def test_a_listing_is_made_in_ebcdic_padded_with_blanks(host, dsn):
    host.write_text(dsn("LISTING"), ["1HEADING", " line", ""], spec=LISTING)
    with host.open_records(dsn("LISTING")) as found:
        records = list(found)
    assert [len(record) for record in records] == [133, 133, 133]
    assert records[0] == "1HEADING".ljust(133).encode("cp037")
    assert host.read_text(dsn("LISTING")) == ["1HEADING", " line", ""]
    info = host.dataset_info(dsn("LISTING"))
    assert (info.recfm, info.lrecl, info.dsorg) == ("FBA", 133, "PS")


def test_an_empty_line_of_a_variable_data_set_is_not_the_end(host, dsn):
    host.write_text(dsn("VBA"), ["1A", "", " B"], spec=DatasetSpec(recfm="VBA", lrecl=137))
    assert host.read_text(dsn("VBA")) == ["1A", "", " B"]


def test_a_line_too_long_leaves_what_was_there(host, dsn):
    host.write_text(dsn("LISTING"), ["KEPT"], spec=LISTING)
    with pytest.raises(RequestError, match="ZJB0508E"):
        host.write_text(dsn("LISTING"), ["X", "Y" * 134])
    assert host.read_text(dsn("LISTING")) == ["KEPT"]


def test_members(host, dsn):
    host.create(dsn("LIB"), DatasetSpec(recfm="FB", lrecl=80, dsorg="PO"))
    host.write_text(dsn("LIB(ONE)"), ["//ONE JOB"])
    host.write_text(dsn("LIB(TWO)"), ["//TWO JOB"])
    assert host.list_members(dsn("LIB")) == ["ONE", "TWO"]
    assert host.list_members(dsn("LIB"), "T*") == ["TWO"]
    assert host.exists(dsn("LIB(ONE)"))
    assert not host.exists(dsn("LIB(NONE)"))
    assert host.read_text(dsn("LIB(TWO)")) == ["//TWO JOB"]
    host.delete(dsn("LIB(ONE)"))
    assert host.list_members(dsn("LIB")) == ["TWO"]


def test_names_are_listed_renamed_and_deleted(host, dsn):
    for name in ("NONE", "NTWO"):
        host.create(dsn(name), DatasetSpec())
    assert host.list_names(f"{HLQ}.N*") == [f"{HLQ}.NONE", f"{HLQ}.NTWO"]
    host.rename(dsn("NONE"), dsn("NTHREE"))
    host.delete(dsn("NTWO"))
    assert host.list_names(f"{HLQ}.N*") == [f"{HLQ}.NTHREE"]


@pytest.mark.parametrize(
    "ask",
    [
        lambda host: host.open_records(f"//'{HLQ}.NO.SUCH'"),
        lambda host: host.read_text(f"//'{HLQ}.NO.SUCH'"),
        lambda host: host.dataset_info(f"//'{HLQ}.NO.SUCH'"),
        lambda host: host.delete(f"//'{HLQ}.NO.SUCH'"),
        lambda host: host.write_text(f"//'{HLQ}.NO.SUCH'", ["X"]),
        lambda host: host.open_records(f"//'{HLQ}.NO.SUCH(X)'"),
    ],
)
def test_what_is_not_there_is_told_with_an_id(host, ask):
    with pytest.raises(HostError, match=r"ZJB050[67]E") as caught:
        ask(host)
    assert caught.value.return_code == 12


def test_a_command_is_answered_line_by_line_without_the_consoles_columns(host, dsn):
    lines = host.oper("D TRACE,WTR=ALL")
    assert lines[0].startswith("IEE843I ")
    assert not any("ISF031I" in line or line.startswith("-D ") for line in lines)


JOB = ["//ZJBCHECK JOB (ACCT),'CHECK',CLASS=A,MSGCLASS=H", "//NOTHING  EXEC PGM=IEFBR14"]
WAITS = [JOB[0], "//WAIT     EXEC PGM=BPXBATCH,", "//         PARM='SH sleep 600'"]


def ended(host, job):
    for _ in range(60):
        found = host.job_state(job)
        if found.kind not in ("running", "waiting"):
            return found
        host.sleep(1)
    raise AssertionError(f"{job} is still {found}")


def test_a_job_is_submitted_ends_and_is_read(host):
    job = host.submit(JOB)
    found = ended(host, job)
    assert (found.kind, found.code) == ("ended", 0)
    assert any("ZJBCHECK" in line for line in host.spool(job))
    assert host.find_jobs("ZJBCHECK") == []
    with pytest.raises(HostError, match="ZJB0512E"):
        host.spool(job, "NOSUCHDD")


def test_a_waiting_job_is_found_by_its_name_and_cancelled(host):
    job = host.submit(WAITS)
    host.sleep(2)
    assert host.find_jobs("zjbcheck") == [job]
    assert host.job_state(job).kind == "running"
    host.cancel(job)
    assert ended(host, job).kind == "failed"
    assert host.find_jobs("ZJBCHECK") == []
    with pytest.raises(HostError, match="ZJB0512E"):
        host.cancel(job)


def test_what_is_no_job_is_refused(host):
    with pytest.raises(HostError, match="ZJB0512E"):
        host.submit(["THIS IS NO JCL"])
    assert host.job_state("JOB99999").kind == "gone"


def test_the_log_has_what_commands_said_and_since_when(host):
    before = host.now()
    host.sleep(1)
    host.oper("D TRACE,WTR=ALL")
    found = host.syslog(before)
    assert any("D TRACE,WTR=ALL" in line.text for line in found)
    assert all(line.time >= before for line in found)
    assert host.syslog(host.now() + timedelta(minutes=1)) == []


def test_replies_are_listed(host):
    assert all(reply.number.isdigit() and reply.message_id for reply in host.replies())


def test_time_passes(host):
    before = host.now()
    host.sleep(0.2)
    assert host.now() - before >= timedelta(seconds=0.19)
    assert 0 < len(host.system()) <= 8


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


def test_an_old_zoau_is_refused(tmp_path):
    create(tmp_path / "lpar", State(0, zoau="1.2.5"), [])
    with pytest.raises(HostError, match=r"ZJB0505E ZOAU 1\.2\.5"):
        open_host(f"fakezoau:{tmp_path / 'lpar'}")
    uninstall()


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
