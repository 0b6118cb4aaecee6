"""``zoautil_py.jobs``: submission, states and output."""

from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from mock_zos import state
from mock_zos.datasets import DatasetProblem
from mock_zos.lpar import Lpar
from mock_zos.zoau.closed import taking
from mock_zos.zoau.exceptions import failed
from mock_zos.zoau.names import split

_UNKNOWN = (
    *("job_class", "asid", "priority", "queue_position", "program_name", "service_class", "creation_datetime"),
    *("execution_time", "execution_seconds", "subsystem", "origin_node", "execution_node", "member_name"),
)


class Job:
    """A job as it was when it was fetched; what the simulation does not know is None."""

    def __init__(self, one: state.Job, lpar: Lpar, release: str) -> None:
        self.job_id, self.name, self.owner = one.id, one.name, "USER"
        self.status = one.status
        self.return_code = one.code or None
        self.job_type, self.system, self.purged = "JOB", lpar.state.system, False
        for name in (*_UNKNOWN, *(("cpu_time", "srb_time") if release >= "1.4" else ())):
            setattr(self, name, None)
        self._lpar = lpar

    def refresh(self) -> None:
        found = next((one for one in self._lpar.state.jobs if one.id == self.job_id), None)
        if found:
            self.status, self.return_code = found.status, found.code or None
        else:
            self.purged = True

    def cancel(self) -> None:
        _cancel(self._lpar, self.job_id)
        self.refresh()

    def purge(self) -> None:
        _purge(self._lpar, self.job_id)
        self.purged = True

    def fetch_extended_fields(self) -> None:
        self.refresh()  # what else there is of a job is not known to the simulation


class _Job13(Job):
    def wait(self, seconds_per_loop: float = 1) -> None:
        _wait(self, self._lpar, seconds_per_loop, None)


class _Job14(Job):
    def wait(self, seconds_per_loop: float = 1.0, max_loops: int | None = None) -> None:
        _wait(self, self._lpar, seconds_per_loop, max_loops)


def _cancel(lpar: Lpar, job: str) -> None:
    if not lpar.cancel(job):
        raise failed("JobCancelException", 8, f"BGYSC3600E {job} cannot be cancelled")


def _purge(lpar: Lpar, job: str) -> None:
    if not lpar.purge(job):
        raise failed("JobPurgeException", 8, f"BGYSC3503E no job {job}")


def _wait(job: Job, lpar: Lpar, seconds: float, loops: int | None) -> None:
    done = 0
    while job.status == "AC":
        if loops is not None and done >= loops:
            raise TimeoutError(job.job_id)
        lpar.pass_time(seconds)
        job.refresh()
        done += 1


def functions(lpar: Lpar, release: str) -> dict[str, Any]:
    kind = _Job14 if release >= "1.4" else _Job13

    def rows(job_id: str | None, owner: str | None, name: str | None) -> list[state.Job]:
        return [
            one
            for one in lpar.state.jobs
            if (job_id or one.id) == one.id
            and fnmatchcase("USER", (owner or "*").upper())
            and fnmatchcase(one.name, (name or "*").upper())
        ]

    @taking()
    def submit_return_job_id(source: str, is_unix: bool = False, **kwargs: Any) -> str:
        if is_unix:
            raw = Path(source).read_bytes()
            # The internal reader takes EBCDIC: an ASCII file is no JCL to it.
            lines = raw.decode("cp1047").splitlines() if not raw.startswith(b"//") else []
        else:
            try:
                lines = lpar.datasets.text(*split(source))
            except DatasetProblem as problem:
                raise failed("JobSubmitException", 8, f"BGYSC3100E {problem}") from None
        job = lpar.submit(lines)
        if not job:
            raise failed("JobSubmitException", 8, "BGYSC3106E the internal reader took no job", source)
        return job

    @taking("fetch_max_retries")
    def submit(source: str, is_unix: bool = False, **kwargs: Any) -> Job:
        return fetch(submit_return_job_id(source, is_unix))

    @taking()
    def fetch(job_id: str | None = None, include_extended: bool = False, **kwargs: Any) -> Job:
        found = rows(job_id, None, None)
        if not found:
            raise failed("JobFetchException", 8, f"BGYSC3503E no job {job_id}")
        return kind(found[0], lpar, release)

    @taking()
    def fetch_multiple(
        job_id: str | None = None,
        job_owner: str | None = None,
        job_name: str | None = None,
        include_extended: bool = False,
        **kwargs: Any,
    ) -> list[Job]:
        return [kind(one, lpar, release) for one in rows(job_id, job_owner, job_name)]

    @taking()
    def exists(job_id: str, **kwargs: Any) -> bool:
        return bool(rows(job_id, None, None))

    @taking("owner", "prefix", "sysin")
    def list_dds(job_id: str, **kwargs: Any) -> list[dict[str, Any]]:
        found = rows(job_id, None, None)
        if not found:
            raise failed("DDQueryException", 8, f"BGYSC3505E {job_id} is not ready")
        return [
            {"dd_name": name, "step_name": "JES2", "procstep": "", "record_format": "VB", "record_length": 133}
            | {"records": len(lines), "dsid": number}
            for number, (name, lines) in enumerate(found[0].output.items(), 2)
        ]

    @taking("dataset_id", "owner", "prefix", "procstep")
    def read_output(job_id: str, stepname: str = "'*'", dd_name: str = "", **kwargs: Any) -> str:
        found = rows(job_id, None, None)
        if not found or (dd_name and dd_name not in found[0].output):
            raise failed("DDQueryException", 8, f"BGYSC3505E {job_id} has no {dd_name}")
        return "\n".join(line for name, lines in found[0].output.items() if dd_name in ("", name) for line in lines)

    @taking("job_name")
    def cancel(job_id: str, purge_job: bool = False, confirm_timeout: int = 0, **kwargs: Any) -> None:
        _cancel(lpar, job_id)
        if purge_job:
            _purge(lpar, job_id)

    @taking()
    def purge(job_id: str, confirm_timeout: int = 0, **kwargs: Any) -> None:
        _purge(lpar, job_id)

    def refresh(job: Job) -> None:
        job.refresh()

    def fetch_extended_fields(job: Job) -> None:
        job.fetch_extended_fields()

    @taking()
    def fetch_multiple_as_json(
        job_id: str | None,
        job_owner: str | None,
        job_name: str | None,
        included_fields: list[str] | None = None,
        **kwargs: Any,
    ) -> dict[str, Any]:
        found = [vars(kind(one, lpar, release)) for one in rows(job_id, job_owner, job_name)]
        shown = [
            {key: value for key, value in one.items() if key[0] != "_" and key in (included_fields or one)}
            for one in found
        ]
        return {"data": shown}

    later = {"fetch_multiple_as_json": fetch_multiple_as_json} if release >= "1.4" else {}
    kind.__name__ = kind.__qualname__ = "Job"
    return (
        later
        | {
            function.__name__: function
            for function in (
                *(submit, submit_return_job_id, fetch, fetch_multiple, exists, list_dds, read_output, cancel, purge),
                *(refresh, fetch_extended_fields),
            )
        }
        | {"Job": kind}
    )
