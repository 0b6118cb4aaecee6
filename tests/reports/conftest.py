"""``--update-golden`` and a way to print trace entries as a listing."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from zjobs.jobs.format import Request, write
from zjobs.jobs.reading import open_trace
from zjobs.options import Global
from zjobs.trace.grammar import parse
from zjobs.wire import pthdr

Listing = Callable[..., str]


@pytest.fixture
def layout(tmp_path: Path) -> Path:
    """The built-in header layout with a code for LCS Ethernet, which no published page gives."""
    data = json.loads(pthdr.BUILTIN.read_text(encoding="ascii"))
    data["devices"]["1"] = "LCS Ethernet"
    data["devices"]["2"] = "LCS Token Ring"
    path = tmp_path / "layout.json"
    path.write_text(json.dumps(data), encoding="ascii")
    return path


@pytest.fixture
def listing(tmp_path: Path, layout: Path) -> Listing:
    """Print bytes of a trace data set; keyword arguments go to the request."""

    def show(data: bytes, *, first: int = 1, sysname: str = "", options: str = "", **asked: Any) -> str:
        path = tmp_path / "trace"
        path.write_bytes(data)
        settings = Global(layout=layout)
        request = Request((str(path),), options=parse(options), **asked)
        trace = open_trace(request.sources, settings, request.options.selection)
        trace.first_number = first
        if sysname:
            trace.context.infos[:] = [i._replace(sysname=sysname) for i in trace.context.infos]
        sink = io.BytesIO()
        write(trace, request, sink)
        return sink.getvalue().decode("ascii").replace(str(path), "TRACE")

    return show


@pytest.fixture
def records(listing: Listing) -> Listing:
    """Like ``listing``, without the heading: from the first hyphen line on."""

    def show(data: bytes, **asked: Any) -> str:
        text = listing(data, **asked)
        return text[text.index("-" * 79) :]

    return show
