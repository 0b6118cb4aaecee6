"""``zoautil_py.gdgs``: generation data groups; a list of generations has another meaning in each release."""

from collections.abc import Callable, Iterator
from typing import Any

from mock_zos.datasets import DatasetProblem
from mock_zos.gdg import Groups
from mock_zos.lpar import Lpar
from mock_zos.zoau.closed import taking
from mock_zos.zoau.datasets import CREATE
from mock_zos.zoau.exceptions import failed, plain
from mock_zos.zoau.names import split


class RelativeList(list[Any]):
    """Generations by relative number: 0 is the current one, -1 the one before it."""

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, int):
            if index > 0:
                raise IndexError(index)
            return super().__getitem__(index - 1)
        return super().__getitem__(index)


def functions(lpar: Lpar, release: str, datasets: dict[str, Any]) -> dict[str, Any]:
    """The module's functions over the groups of an LPAR; ``datasets`` is the module beside it."""
    groups = Groups(lpar.datasets)

    def asked(call: Callable[[], Any], kind: str) -> Any:
        try:
            return call()
        except DatasetProblem as problem:
            if kind == "GenerationDataGroupCreateException" and release < "1.4":
                raise plain_create(str(problem)) from None
            raise failed(kind, 8, f"BGYSC5906E {problem.name}: {problem.reason}") from None

    def plain_create(text: str) -> Exception:
        from mock_zos.zoau.exceptions import public

        made: Exception = public(release)["GenerationDataGroupCreateException"](text)
        return made

    def rows(name: str) -> list[Any]:
        held = asked(lambda: groups.generations(name), "GenerationDataGroupFetchException")
        return [datasets["list_datasets"](one)[0] for one in held]

    class View:
        """A generation data group."""

        def __init__(self, name: str) -> None:
            try:
                self._name = split(name)[0]
            except DatasetProblem as problem:
                raise plain("GenerationDataGroupViewInvalidName", str(problem)) from None
            asked(lambda: groups.options(self._name), "GenerationDataGroupFetchException")

        @property
        def name(self) -> str:
            return self._name

        @name.setter
        def name(self, value: str) -> None:
            self.__init__(value)  # type: ignore[misc]

        def _option(self, key: str) -> Any:
            return asked(lambda: groups.options(self._name), "GenerationDataGroupFetchException")[key]

        limit = property(lambda self: self._option("limit"))
        scratch = property(lambda self: self._option("scratch"))
        empty = property(lambda self: self._option("empty"))
        purge = property(lambda self: self._option("purge"))
        extended = property(lambda self: self._option("extended"))
        order = property(lambda self: "FIFO" if self._option("fifo") else "LIFO")

        def __len__(self) -> int:
            return len(rows(self._name))

        def clear(self) -> None:
            asked(lambda: groups.clear(self._name), "GenerationDataGroupClearException")

    class View13(View):
        def generations(self) -> tuple[Any, ...]:
            return tuple(rows(self._name))

        def __iter__(self) -> Iterator[Any]:
            self._at = 0
            return self

        def __next__(self) -> Any:
            found = rows(self._name)
            if self._at >= len(found):
                raise StopIteration
            self._at += 1
            return found[self._at - 1]

        @taking()
        def delete(self, **kwargs: Any) -> None:
            asked(lambda: groups.delete(self._name, self.purge), "GenerationDataGroupDeleteException")

    class View14(View):
        # ``len`` is there; iterating the view itself is not.
        __iter__ = None

        @property
        def generations(self) -> RelativeList:
            return RelativeList(rows(self._name))

        def delete(self, include_rolled_off: bool = False) -> None:
            asked(lambda: groups.delete(self._name, self.purge), "GenerationDataGroupDeleteException")

        @taking(*CREATE)
        def generate(self, index: int = 1, **kwargs: Any) -> Any:
            return datasets["create"](f"{self._name}({index:+})", **kwargs)

    kind = View14 if release >= "1.4" else View13
    kind.__name__ = kind.__qualname__ = "GenerationDataGroupView"

    @taking()
    def create(
        name: str,
        limit: int,
        *,
        empty: bool = False,
        scratch: bool = False,
        purge: bool = False,
        extended: bool = False,
        fifo: bool = False,
        **kwargs: Any,
    ) -> Any:
        problem = DatasetProblem(name, f"LIMIT({limit}) is out of range")
        if purge and not scratch:
            problem = DatasetProblem(name, "PURGE needs SCRATCH")
        if not 1 <= limit <= (999 if extended else 255) or (purge and not scratch):
            asked(lambda: _raise(problem), "GenerationDataGroupCreateException")
        options = {"limit": limit, "empty": empty, "scratch": scratch, "purge": purge, "extended": extended}
        dsn = asked(lambda: split(name)[0], "GenerationDataGroupCreateException")
        asked(lambda: groups.define(dsn, options | {"fifo": fifo}), "GenerationDataGroupCreateException")
        return kind(dsn)

    def exists(name: str) -> bool:
        return groups.exists(name.upper())

    def list_gdg_names(pattern: str) -> list[str]:
        return groups.names(pattern)

    found: dict[str, Any] = {"create": create, "exists": exists, "list_gdg_names": list_gdg_names}
    return found | {"GenerationDataGroupView": kind}


def _raise(problem: DatasetProblem) -> None:
    raise problem
