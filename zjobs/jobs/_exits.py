"""User exits: a Python function that says which records to keep, loaded only when that was allowed."""

import importlib
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zjobs.errors import RequestError
from zjobs.trace.select import Selection
from zjobs.trace.table import Table
from zjobs.trace.trace import Exit

_FUNCTION = "select"


def exits(selection: Selection) -> tuple[Exit | None, Exit | None]:
    """The exits that a selection names, to be called before and after its filters.

    Raises RequestError when one is named and was not allowed, or cannot be loaded.
    """
    return _exit(selection.exit_before, selection), _exit(selection.exit_after, selection)


def _exit(name: str, selection: Selection) -> Exit | None:
    if not name:
        return None
    if not selection.allow_exit:
        raise RequestError("ZJB0213E", name=name)
    function = _load(name)

    def call(table: Table) -> NDArray[np.bool_]:
        try:
            mask = np.asarray(function(table))
        except Exception as error:
            raise RequestError("ZJB0214E", name=name, detail=f"it ended with {type(error).__name__}") from error
        if mask.dtype != np.bool_ or mask.shape != (len(table),):
            detail = f"it answered {mask.dtype} {mask.shape}, not one truth value for each of {len(table)} records"
            raise RequestError("ZJB0214E", name=name, detail=detail)
        return mask

    return call


def _load(name: str) -> Callable[[Table], Any]:
    """``module:function``, or the path of a file with a function ``select``."""
    path = Path(name)
    module_name, colon, function_name = name.partition(":")
    try:
        if path.is_file():
            spec = importlib.util.spec_from_file_location(path.stem, path)
            if spec is None or spec.loader is None:
                raise RequestError("ZJB0214E", name=name, detail="the file is no Python source")
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            function_name = _FUNCTION
        elif colon:
            module = importlib.import_module(module_name)
        else:
            raise RequestError("ZJB0214E", name=name, detail="it is no module:function and no file")
    except RequestError:
        raise
    except Exception as error:
        raise RequestError("ZJB0214E", name=name, detail=f"loading it ended with {type(error).__name__}") from error
    function = getattr(module, function_name, None)
    if not callable(function):
        raise RequestError("ZJB0214E", name=name, detail=f"it has no function {function_name}")
    found: Callable[[Table], Any] = function
    return found
