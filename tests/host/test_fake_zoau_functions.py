"""What zjobs does not call of zoautil_py answers from the simulated system all the same, or refuses as the real one."""

import inspect

import pytest

from mock_zos.lpar import create
from mock_zos.state import State
from mock_zos.zoau import RELEASES, modules


@pytest.fixture(params=RELEASES)
def release(request):
    return request.param


@pytest.fixture
def zoau(tmp_path, release):
    lpar = create(tmp_path / "lpar", State(1_700_000_000_000_000, zoau=release), [])
    found = {name.partition(".")[2]: module for name, module in modules(lpar, release).items()}
    found["datasets"].create("A.TEXT", dataset_type="SEQ", record_format="FB", record_length=80)
    found["datasets"].write("A.TEXT", "ONE\nTWO\nthree")
    return found


def test_generations_have_another_order_in_each_release(zoau, release):
    gdgs, datasets = zoau["gdgs"], zoau["datasets"]
    view = gdgs.create("A.GROUP", 3, scratch=True)
    assert gdgs.exists("A.GROUP")
    assert gdgs.list_gdg_names("A.*") == ["A.GROUP"]
    for _ in range(4):
        datasets.create("A.GROUP(+1)", dataset_type="SEQ")
    names = [f"A.GROUP.G000{number}V00" for number in (2, 3, 4)]
    assert datasets.list_dataset_names("A.GROUP.*") == names, "the oldest has rolled off"
    assert (len(view), view.limit, view.scratch, view.purge, view.order) == (3, 3, True, False, "LIFO")
    if release < "1.4":
        held = view.generations()
        assert isinstance(held, tuple)
        assert [one.name for one in held] == [one.name for one in view] == names
        assert not hasattr(view, "generate")
    else:
        held = view.generations
        assert [held[n].name for n in (0, -1, -2)] == names[::-1]
        with pytest.raises(TypeError):
            iter(view)
        assert view.generate(dataset_type="SEQ").name == "A.GROUP.G0005V00"
    current = "A.GROUP.G0005V00" if release >= "1.4" else names[-1]
    datasets.write("A.GROUP(0)", "NEW")
    assert datasets.read(current).rstrip() == "NEW"
    with pytest.raises(zoau["exceptions"].ZOAUException):
        datasets.read("A.GROUP(-7)")
    with pytest.raises(zoau["exceptions"].GenerationDataGroupDeleteException):
        view.delete()
    view.clear()
    view.delete()
    assert not gdgs.exists("A.GROUP")
    with pytest.raises(zoau["exceptions"].GenerationDataGroupFetchException):
        gdgs.GenerationDataGroupView("A.GROUP")
    with pytest.raises(zoau["exceptions"].GenerationDataGroupViewInvalidName):
        gdgs.GenerationDataGroupView("1")
    for arguments in ((300,), (5,)):
        with pytest.raises(zoau["exceptions"].GenerationDataGroupCreateException):
            gdgs.create("A.OTHER", *arguments, purge=True)


def test_search_compare_and_replace(zoau):
    datasets = zoau["datasets"]
    assert datasets.search("A.TEXT", "T") == "TWO"
    assert datasets.search("A.TEXT", "t", ignore_case=True, display_lines=True) == "2 TWO\n3 three"
    assert datasets.search("A.TEXT", "T", count_lines=True) == "1"
    assert datasets.search("A.TEXT", "NONE") is None
    assert datasets.search_dictionary("A.TEXT", "TWO") == {"A.TEXT": [{"line": 2, "content": "TWO"}]}
    assert "USER.PROCLIB(AESWRT)" in zoau["zsystem"].search_proclib("AESWRT ")
    assert zoau["zsystem"].search_parmlib("wtr(", ignore_case=True).count("WTR(") == 2
    datasets.create("A.COPY", dataset_type="SEQ", record_format="FB", record_length=80)
    assert datasets.copy("A.TEXT", "A.COPY") == 0
    assert datasets.compare("A.TEXT", "A.COPY") is None
    assert datasets.find_replace("A.COPY", "TWO", "2") == 0
    assert datasets.compare("A.TEXT", "A.COPY") == "D - TWO\nI - 2"
    assert datasets.compare("A.TEXT", "A.COPY", columns="5:80") is None
    assert datasets.read_head("A.TEXT", 1).rstrip() == "ONE"
    with pytest.raises(zoau["exceptions"].ZOAUException):
        datasets.search("NO.SUCH", "X")


def test_copies_between_data_sets_and_files(zoau, tmp_path):
    datasets, file = zoau["datasets"], tmp_path / "text"
    datasets.copy("A.TEXT", str(file))
    assert file.read_text("utf-8") == "ONE\nTWO\nthree\n"
    datasets.copy("A.TEXT", str(file), options="-B")
    assert file.read_bytes() == b"".join(line.ljust(80).encode("cp1047") for line in ("ONE", "TWO", "three"))
    datasets.create("A.BACK", dataset_type="SEQ", record_format="FB", record_length=80)
    datasets.copy(str(file), "A.BACK", options="-B")
    assert datasets.compare("A.TEXT", "A.BACK") is None
    with pytest.raises(zoau["exceptions"].ZOAUException):
        datasets.copy(str(tmp_path / "none"), "A.BACK")


def test_members_are_moved_and_listed(zoau, release):
    datasets = zoau["datasets"]
    assert datasets.move_member("USER.PROCLIB", "AESWRTB", "OTHER") == 0
    assert datasets.find_member("OTHER", "SYS1.PROCLIB:USER.PROCLIB") == "USER.PROCLIB"
    with pytest.raises(zoau["exceptions"].ZOAUException):
        datasets.move_member("USER.PROCLIB", "OTHER", "AESWRT")
    if release < "1.4":
        assert not {"members", "volumes", "vsam"} & {*zoau}
        return
    found = zoau["members"].fetch_members("USER.PROCLIB", "O*")
    assert [one.name for one in found] == ["OTHER"]
    with pytest.raises(zoau["exceptions"].IspfMemberStatisticsUnavailable):
        print(found[0].ispf_statistics)
    with pytest.raises(zoau["exceptions"].MemberFetchException):
        zoau["members"].fetch_members("NO.SUCH")
    assert [one.volume_serial for one in zoau["volumes"].list_volumes()] == ["VOL001", "VOL002"]
    assert zoau["volumes"].getIPLVolumeSerial() == "VOL001"
    with pytest.raises(zoau["exceptions"].VsamClusterFetchException):
        zoau["vsam"].fetch_cluster("A.CLUSTER")


def test_rows_of_a_listing_read_and_write_themselves(zoau, release):
    (one, _) = zoau["datasets"].list_datasets("A.TEXT")
    one.write("AGAIN")
    assert zoau["datasets"].read("A.TEXT").rstrip() == "AGAIN"
    assert type(one).from_dict(one.to_dict()).name == "A.TEXT"
    assert hasattr(one, "read") == (release >= "1.4")
    (row,) = zoau["datasets"].list_datasets_by_volume("VOL001")[:1]
    assert (row.volume, row.block_size) == ("VOL001", None)
    assert zoau["datasets"].list_datasets_by_volume("NONE") == []
    assert one.delete() == 0
    assert not zoau["datasets"].exists("A.TEXT")


def test_windows_of_a_data_set(zoau, release):
    if release < "1.4":
        assert zoau["datasets"].read("A.TEXT", tail=1) == "three"
        assert zoau["datasets"].read("A.TEXT", from_line=2) == "TWO\nthree"
        return
    read = zoau["datasets"].read
    assert read("A.TEXT", lines=1, offset=1).rstrip() == "TWO"
    assert read("A.TEXT", lines=1, tail=True).rstrip() == "three"
    assert len(zoau["datasets"].read_as_bytes("A.TEXT", records=2)) == 2
    with pytest.raises(zoau["exceptions"].DatasetWriteError):
        zoau["datasets"].write("A.TEXT", "X" * 81)


def test_jobs_are_purged_and_fetched_as_json(zoau, release, tmp_path):
    jobs = zoau["jobs"]
    (tmp_path / "j").write_bytes("//X JOB (A),'B'\n//S EXEC PGM=IEFBR14\n".encode("cp1047"))
    job = jobs.submit(str(tmp_path / "j"), is_unix=True)
    job.wait()
    jobs.refresh(job)
    jobs.fetch_extended_fields(job)
    assert (job.status, job.return_code) == ("CC", "0000")
    if release >= "1.4":
        assert jobs.fetch_multiple_as_json(job.job_id, None, None, ["status"]) == {"data": [{"status": "CC"}]}
    with pytest.raises(zoau["exceptions"].JobCancelException):
        job.cancel()
    job.purge()
    assert job.purged
    assert not jobs.exists(job.job_id)
    with pytest.raises(zoau["exceptions"].JobPurgeException):
        jobs.purge(job.job_id)


def test_what_is_not_there_is_refused_and_never_a_pretended_success(zoau):
    problem = zoau["exceptions"].ZOAUException
    for name, arguments in (("dzip", ("/tmp/x", "A.TEXT")), ("dunzip", ("/tmp/x",)), ("lineinfile", ("A.TEXT", "X"))):
        with pytest.raises(problem, match="BGYSC0201E"):
            getattr(zoau["datasets"], name)(*arguments)
    with pytest.raises(problem):
        zoau["zsystem"].zinfo(facts=["iodf"], json=True)
    assert zoau["zsystem"].zinfo(facts=["sys"], json=True)["sys_info"]["sys_name"] == "SYSA"
    assert zoau["zsystem"].apf("list").rc == 8
    with pytest.raises(problem):
        zoau["zsystem"].apf("steal")
    assert zoau["mvscmd"].execute("IDCAMS").rc == 8
    assert "BGYSC" in zoau["mvscmd"].execute("IDCAMS").stderr_response


def test_a_stream_of_text_and_its_bytes(zoau):
    zopen = zoau["zoau_io"].zopen
    text = zopen("//'A.TEXT'", "r", "cp1047")
    assert [line.rstrip() for line in text] == ["ONE", "TWO", "three"]
    stream = zopen("//'A.TEXT'", "r", "cp1047").detach()
    assert stream.read(1, 3) == "ONE".encode("cp1047")
    assert len(stream.readlines()) == 2
    with pytest.raises(ValueError, match="more than one byte"):
        zopen("//'A.TEXT'", "r", "utf-8")


def test_every_function_that_can_be_called_without_arguments_answers(zoau):
    """No function is a stub that fails by accident."""
    problems = tuple(kind for kind in vars(zoau["exceptions"]).values() if inspect.isclass(kind))
    for room in ("datasets", "zsystem", "jobs", "gdgs"):
        for name, function in vars(zoau[room]).items():
            if not inspect.isfunction(function):
                continue
            needed = [
                one for one in inspect.signature(function).parameters.values()
                if one.default is one.empty and one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)
            ]  # fmt: skip
            values = [5 if one.name == "limit" else "NO.SUCH" for one in needed]
            if {"job"} & {one.name for one in needed}:
                continue
            if name in ("submit", "create", "execute"):
                continue
            try:
                function(*values)
            except problems:
                continue
