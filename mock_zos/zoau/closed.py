"""Keywords that a function really takes; any other is a TypeError, where the real package says nothing."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
_EVERYWHERE = ("debug", "verbose")


def taking(*known: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Allow only these keywords, and those that every function takes, in ``**kwargs``."""

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        code = function.__code__
        own = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]

        @wraps(function)
        def checked(*args: P.args, **kwargs: P.kwargs) -> T:
            unknown: list[Any] = [name for name in kwargs if name not in (*own, *known, *_EVERYWHERE)]
            if unknown:
                raise TypeError(f"{code.co_name}() got an unexpected keyword argument {unknown[0]!r}")
            return function(*args, **kwargs)

        vars(checked)["known"] = (*known, *_EVERYWHERE)
        return checked

    return decorate
