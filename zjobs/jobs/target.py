"""Where output goes: a path, a data set, standard output; written complete or not at all.

A path is written beside itself and renamed at the end.  A data set is written from a finished temporary
copy, so that nothing half-made is ever seen under its name; reports have ASA carriage control there.
"""

import contextlib
import errno
import fcntl
import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Literal, cast

from zjobs.errors import RequestError
from zjobs.host import names, open_host
from zjobs.host.base import LISTING, DatasetSpec, Host
from zjobs.jobs.reading import is_dataset
from zjobs.options import Global

#: Lines a printed page holds; a listing that goes to a data set starts a new page when it is full.
PAGE_LINES = 60
#: In front of what goes on in the next record.
_FOLD = " " * 21


#: What becomes of the content in a data set: a listing with carriage control, lines as they are, bytes cut into
#: records, records with descriptor words (which a file keeps); plain bytes go to files only.
Form = Literal["listing", "lines", "records", "vb", "bytes"]

_LINES = DatasetSpec(recfm="VB", lrecl=1028)
_RECORDS = DatasetSpec(recfm="VB", lrecl=27994)


def keep_apart(sources: Iterable[str], targets: Iterable[str], settings: Global) -> None:
    """Refuse a target that would take the place of a source, or of another target.

    A trace that is written over is gone: nobody can capture last night's packets again.
    """
    taken = {place: "the trace is read from it" for name in sources if (place := _place(name, settings))}
    for target in targets:
        place = _place(target, settings)
        if place in taken:
            raise RequestError("ZJB0308E", target=target, detail=taken[place])
        if place:
            taken[place] = "another output goes to it"


def _place(name: str, settings: Global) -> str:
    """What two names of the same file or data set have in common; nothing for streams and devices."""
    if name in ("", "-"):
        return ""
    if is_dataset(name, settings):
        try:
            return f"//{names.parse(name).text}"
        except RequestError:
            # Whoever opens it says what is wrong with it.
            return ""
    try:
        status = Path(name).stat()
    except (OSError, ValueError):
        return os.path.realpath(name) if "\0" not in name else ""
    return f"{status.st_dev}:{status.st_ino}" if stat.S_ISREG(status.st_mode) else ""


@contextlib.contextmanager
def open_target(target: str, settings: Global, form: Form = "listing") -> Iterator[BinaryIO]:
    """A binary stream whose content appears at ``target`` when the block ends without an error.

    Raises RequestError when the target cannot be written.
    """
    if target == "-":
        if sys.stdout is None:
            raise RequestError("ZJB0302E", detail="it is closed")
        try:
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise RequestError("ZJB0302E", detail=error.strerror or str(error)) from error
    elif target.startswith("//"):
        with _into_dataset(target, settings, form) as stream:
            yield stream
    else:
        with _into_file(Path(target)) as stream:
            yield stream


def rewinder(sink: BinaryIO) -> Callable[[], None] | None:
    """What takes back everything written to an open target from now on; None where that cannot be done."""
    try:
        if not stat.S_ISREG(os.fstat(sink.fileno()).st_mode):
            return None
        # A file opened to be appended to is written at its end, wherever it stands.
        sink.flush()
        begin = max(os.lseek(sink.fileno(), 0, os.SEEK_CUR), 0)
        if fcntl.fcntl(sink.fileno(), fcntl.F_GETFL) & os.O_APPEND:
            begin = os.fstat(sink.fileno()).st_size
    except (OSError, ValueError):
        return None

    def rewind() -> None:
        sink.flush()
        os.ftruncate(sink.fileno(), begin)
        sink.seek(begin)

    return rewind


@contextlib.contextmanager
def _into_file(path: Path) -> Iterator[BinaryIO]:
    try:
        special = path.exists() and not path.is_file()
    except OSError as error:
        raise _unwritable(str(path), error) from error
    if special:
        # A pipe or a device is written as it is: there is no complete or incomplete for it.
        try:
            with path.open("wb") as stream:
                yield stream
        except OSError as error:
            raise _unwritable(str(path), error) from error
        return
    from tempfile import mkstemp

    # A link stays, what it names is replaced.
    real = Path(os.path.realpath(path))
    # What is renamed is a new file; who may read and write the old one was decided by somebody.
    mode = 0o666 & ~_umask()
    with contextlib.suppress(OSError):
        mode = stat.S_IMODE(real.stat().st_mode)
        if not os.access(real, os.W_OK):
            raise _unwritable(str(path), PermissionError(errno.EACCES, os.strerror(errno.EACCES)))
    try:
        handle, name = mkstemp(prefix=f".{real.name}.", dir=real.parent)
    except OSError as error:
        raise _unwritable(str(path), error) from error
    done = False
    try:
        with os.fdopen(handle, "wb", buffering=0) as stream:
            yield cast(BinaryIO, stream)
        os.chmod(name, mode)  # noqa: PTH101 - a name, not a path of ours
        os.replace(name, real)  # noqa: PTH105
        done = True
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise _unwritable(str(path), error) from error
    finally:
        if not done:
            Path(name).unlink(missing_ok=True)


@contextlib.contextmanager
def _into_dataset(target: str, settings: Global, form: Form) -> Iterator[BinaryIO]:
    host = open_host(settings.host)
    if host.name == "files":
        raise RequestError("ZJB0118E", detail=f"{target} is a data set")
    if form == "bytes":
        raise RequestError("ZJB0303E", target=target, detail="only reports are written to data sets")
    from tempfile import TemporaryFile

    with TemporaryFile(prefix="zjobs-") as kept:
        yield cast(BinaryIO, kept)
        kept.seek(0)
        if form == "listing":
            host.write_text(target, carriage_control(kept), "cp1047", LISTING)
        elif form == "lines":
            host.write_text(target, (raw.decode("ascii").rstrip("\n") for raw in kept), "cp1047", _LINES)
        else:
            _put_records(target, host, kept, form)


def _put_records(target: str, host: Host, kept: BinaryIO, form: Form) -> None:
    """Records: those that descriptor words tell, or as long as the data set allows (together they are the file)."""
    if not target.upper().startswith("//DD:") and not host.exists(target):
        host.create(target, _RECORDS)
    with host.open_records(target, "wb") as records:
        recfm, lrecl = records.info.recfm or "VB", records.info.lrecl or 27994
        if recfm.startswith("F"):
            raise RequestError("ZJB0303E", target=target, detail=f"RECFM={recfm} would fill up the last record")
        if form == "vb":
            while head := kept.read(4):
                if head[2]:
                    raise RequestError("ZJB0303E", target=target, detail="an entry is longer than a record may be")
                records.write(kept.read(int.from_bytes(head[:2], "big") - 4))
            return
        while record := kept.read(lrecl - 4 if recfm.startswith("V") else lrecl):
            records.write(record)


def carriage_control(stream: BinaryIO) -> Iterator[str]:
    """Lines of a listing with ASA control in column 1: a new page every PAGE_LINES lines, else single space.

    What is longer than a record goes on in the next one, indented: nothing is cut off.
    """
    number = 0
    for raw in stream:
        for line in folded(raw.decode("ascii").rstrip("\n"), (LISTING.lrecl or 133) - 1):
            yield ("1" if number % PAGE_LINES == 0 else " ") + line
            number += 1


def folded(line: str, width: int) -> Iterator[str]:
    """A line in pieces of at most ``width`` columns."""
    yield line[:width]
    rest = line[width:]
    while rest:
        yield _FOLD + rest[: width - len(_FOLD)]
        rest = rest[width - len(_FOLD) :]


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _unwritable(target: str, error: OSError) -> RequestError:
    return RequestError("ZJB0301E", target=target, detail=error.strerror or str(error))
