"""SOURCE arguments to a trace: paths, data sets, DD names, standard input; whatever format is in them."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from ipaddress import ip_address
from pathlib import Path

from zjobs import memory, registry
from zjobs.errors import DataError, RequestError
from zjobs.host import open_host
from zjobs.host.base import Host
from zjobs.jobs._exits import exits
from zjobs.options import Global
from zjobs.trace.files import from_path, from_stdin
from zjobs.trace.origin import ByteOrigin, RecordOrigin
from zjobs.trace.reader import open_source
from zjobs.trace.select import Selection
from zjobs.trace.table import Context, Info
from zjobs.trace.trace import Input, Trace, TraceInput
from zjobs.wire import pthdr


def open_trace(
    sources: Sequence[str], settings: Global, selection: Selection | None = None, leap_seconds: int = 0
) -> Trace:
    """The sources as one trace.  Raises DataError when one of them cannot be used."""
    header = pthdr.load(settings.layout) if settings.layout else pthdr.load()
    context = Context(header, home=tuple(_home(text) for text in settings.home))
    host: Host | None = None
    origins: list[ByteOrigin | RecordOrigin] = []
    for name in sources:
        if name == "-":
            origins += from_stdin()
        elif is_dataset(name, settings):
            host = host or open_host(settings.host)
            origins += [RecordOrigin(name, partial(_records, host, name))]
        else:
            origins += from_path(Path(name))
    return join(origins, context, selection, leap_seconds)


def join(
    origins: Sequence[ByteOrigin | RecordOrigin],
    context: Context,
    selection: Selection | None = None,
    leap_seconds: int = 0,
) -> Trace:
    """Origins as one trace.  Of several TRCOUT data sets some may be empty; all of them may not."""
    memory.wanted()
    if selection is not None:
        selection.check(context.header)
    inputs: list[Input] = []
    empty: list[DataError] = []
    for origin in origins:
        try:
            inputs.append(_input(origin, context, len(inputs), leap_seconds))
        except DataError as error:
            if error.id != "ZJB0102E":
                raise
            empty.append(error)
    if empty and not inputs:
        raise empty[0]
    trace = Trace(context, inputs, selection, tuple(str(e.values["source"]) for e in empty))
    if selection is not None:
        trace.exits = exits(selection)
    return trace


def _home(text: str) -> tuple[int, int, int]:
    try:
        address = ip_address(text)
    except ValueError:
        raise RequestError("ZJB0120E", address=text) from None
    return address.version, int(address) >> 64, int(address) & (1 << 64) - 1


def is_dataset(name: str, settings: Global) -> bool:
    """``//'DSN'`` and ``//DD:NAME`` always; a bare data set name only where there are data sets and no such file."""
    if name.startswith("//"):
        return True
    if not settings.host.startswith(("mock", "zoau")) or "/" in name or name.upper() != name or "." not in name:
        return False
    # A name that no file can have may be one of a data set as little: the host says so.
    with suppress(OSError):
        return not Path(name).exists()
    return True


def _records(host: Host, name: str) -> Iterator[bytes]:
    with host.open_records(name if name.startswith("//") else f"//'{name}'") as records:
        yield from records


def _input(origin: ByteOrigin | RecordOrigin, context: Context, index: int, leap_seconds: int) -> Input:
    if isinstance(origin, ByteOrigin):
        head = _head(origin)
        for module in registry.members("zjobs.sources", "MAGIC").values():
            if head.startswith(tuple(module.MAGIC)):
                context.infos.append(Info(origin.name))
                found: Input = module.Source(origin, context, index)
                return found
    try:
        source = open_source(origin)
    except DataError as error:
        # What little could be unpacked of something else is no source of its own.
        if isinstance(origin, ByteOrigin) and origin.broken:
            raise origin.unreadable(OSError(f"unpacking fails: {next(iter(origin.broken.values()))}")) from error
        raise
    container = source.container
    context.infos.append(Info(origin.name, container.component, container.subname, container.sysname))
    return TraceInput(source, context, index, leap_seconds)


def _head(origin: ByteOrigin) -> bytes:
    stream = origin.open()
    try:
        head = bytearray(16)
        got = origin.read(stream, memoryview(head))
    finally:
        stream.close()
    if not got:
        raise DataError("ZJB0102E", source=origin.name)
    return bytes(head[:got])
