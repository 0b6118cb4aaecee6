"""``zoautil_py.datasets``."""

from collections.abc import Callable
from typing import Any

from mock_zos.datasets import DatasetProblem
from mock_zos.lpar import Lpar
from mock_zos.zoau.closed import taking
from mock_zos.zoau.exceptions import failed, plain
from mock_zos.zoau.names import split

_CREATE = (
    *("dataset_type", "primary_space", "secondary_space", "block_size", "record_format", "record_length"),
    *("storage_class_name", "data_class_name", "management_class_name", "key_length", "key_offset", "volumes"),
    *("directory_blocks", "device_unit", "tmphlq"),
)
# Record length and block size when none is given, by record format.
_LENGTHS = {"F": 80, "FB": 80, "FBS": 80, "FBA": 133, "VB": 137, "VBA": 137, "VBS": 137, "U": 0}


class Dataset:
    """One row of a listing; attributes it does not know are None."""

    _NEW = ("allocated_extents", "first_extent_size", "secondary_space", "encoding", "serialize", "next_record_char")

    def __init__(self, name: str, label: Any, volume: str, release: str) -> None:
        self.name, self.volume = name, volume
        self.organization, self.record_format = label["dsorg"], label["recfm"]
        self.record_length, self.block_size = label["lrecl"], label["blksize"]
        self.total_space = self.used_space = self.last_referenced = self.type = None
        if release >= "1.4":
            for attribute in self._NEW:
                setattr(self, attribute, None)

    def to_dict(self) -> dict[str, Any]:
        return dict(vars(self))


def functions(lpar: Lpar, release: str) -> dict[str, Any]:
    """The module's functions for a release, over the data sets of an LPAR."""
    store = lpar.datasets

    def asked(call: Callable[[], Any], kind: str = "ZOAUException") -> Any:
        try:
            return call()
        except DatasetProblem as problem:
            number = "BGYSC1103E" if problem.missing else "BGYSC0514E"
            raise failed(kind, 8, f"{number} {problem.name}: {problem.reason}") from None

    def _create(name: str, options: dict[str, Any]) -> Dataset:
        kind = str(options.get("dataset_type", "SEQ")).upper()
        recfm = str(options.get("record_format", "FB")).upper()
        if recfm not in _LENGTHS or kind not in ("SEQ", "LARGE", "PDS", "PDSE", "LIBRARY"):
            raise plain("DatasetVerificationError", f"{kind} {recfm} is not valid")
        length = options.get("record_length", _LENGTHS[recfm])
        dsorg = "PS" if kind in ("SEQ", "LARGE") else "PO"
        dsn = asked(lambda: split(name))[0]
        asked(lambda: store.create(dsn, recfm, length, dsorg, options.get("block_size", 0)), "DatasetCreateException")
        return Dataset(dsn, store.attributes(dsn), "VOL001", release)

    @taking("no_scratch", "tmphlq")
    def delete(dataset: str, **kwargs: Any) -> int:
        asked(lambda: store.delete(split(dataset)[0]))
        return 0

    @taking()
    def exists(name: str, **kwargs: Any) -> bool:
        return bool(asked(lambda: store.exists(*split(name))))

    @taking("migrated")
    def list_datasets(pattern: str, volume: str | None = None, **kwargs: Any) -> list[Dataset]:
        # A data set on two volumes has a row for each.
        return [
            Dataset(name, store.attributes(name), f"VOL00{number}", release)
            for name in store.names(pattern.upper())
            for number in (1, 2)
        ]

    @taking()
    def list_dataset_names(pattern: str, volume: str | None = None, migrated: bool = False, **kwargs: Any) -> list[str]:
        return store.names(pattern.upper())

    @taking("migrated")
    def list_vsam_datasets(pattern: str, **kwargs: Any) -> list[Dataset]:
        return []

    @taking("alias", "options")
    def list_members(pattern: str, **kwargs: Any) -> list[str]:
        if kwargs.get("options", "-H ") not in ("", "-H "):
            raise TypeError(f"options={kwargs['options']!r} is not simulated")
        if ("alias" in kwargs) and release < "1.4":
            raise TypeError("list_members() got an unexpected keyword argument 'alias'")
        library, member = asked(lambda: split(pattern))
        found: list[str] = asked(lambda: store.members(library, member or "*"))
        hidden = kwargs.get("alias") is False or "options" in kwargs
        return found if hidden else [*found, "ALIAS"]

    @taking("force")
    def delete_members(pattern: str, **kwargs: Any) -> int:
        asked(lambda: store.delete(*split(pattern)))
        return 0

    @taking()
    def move(source: str, target: str, **kwargs: Any) -> int:
        asked(lambda: store.rename(split(source)[0], split(target)[0]))
        return 0

    @taking("alias", "executable", "force", "options")
    def copy(source: str, target: str, **kwargs: Any) -> int:
        if kwargs.get("options", "") not in ("", "-B"):
            raise TypeError(f"options={kwargs['options']!r} is not simulated")
        (dsn, member), (onto, into) = asked(lambda: split(source)), asked(lambda: split(target))
        asked(lambda: store.write(onto, list(store.read(dsn, member)), into))
        return 0

    @taking()
    def find_member(member: str, concatenation: str, **kwargs: Any) -> str | None:
        return next((name for name in concatenation.split(":") if store.exists(name.upper(), member.upper())), None)

    @taking()
    def get_hlq(**kwargs: Any) -> str:
        return "USER"

    @taking("tmphlq")
    def tmp_name(high_level_qualifier: str | None = None, **kwargs: Any) -> str:
        return f"{high_level_qualifier or 'USER'}.P{lpar.state.next_job:07}.T0000000"

    if release >= "1.4":

        @taking(*_CREATE)
        def create(name: str, **kwargs: Any) -> Dataset:
            return _create(name, kwargs)

        def read(
            dataset_name: str,
            encoding: str = "cp1047",
            lines: int = 0,
            offset: int = 0,
            tail: bool = False,
            serialize: str = "record",
            next_record_char: str = "\n",
        ) -> str:
            # A fixed record comes with its padding from 1.4 on.
            return "\n".join(one.decode(encoding) for one in asked(lambda: list(store.read(*split(dataset_name)))))

        def read_as_bytes(dataset_name: str, records: int = 0, offset: int = 0, tail: bool = False) -> list[bytes]:
            return list(asked(lambda: list(store.read(*split(dataset_name)))))

        def write(
            dataset_name: str,
            content: str,
            append: bool = False,
            encoding: str = "cp1047",
            serialize: str = "record",
            next_record_char: str = "\n",
            max_record_length: int = 0,
            fill_char: str = " ",
            validate_record_length: bool = True,
        ) -> None:
            _write(dataset_name, content, append, "DatasetWriteException")

        made: dict[str, Any] = {"create": create, "read": read, "read_as_bytes": read_as_bytes, "write": write}
    else:

        @taking(*_CREATE)
        def create_13(name: str, dataset_type: str, **kwargs: Any) -> Dataset:
            return _create(name, {"dataset_type": dataset_type, **kwargs})

        @taking("tail", "from_line")
        def read_13(dataset: str, **kwargs: Any) -> str:
            rows = asked(lambda: list(store.read(*split(dataset))))
            return "\n".join(one.decode("cp1047").rstrip() for one in rows)

        @taking()
        def read_as_bytes_13(dataset: str, **kwargs: Any) -> bytes:
            return b"".join(asked(lambda: list(store.read(*split(dataset)))))

        @taking("force")
        def write_13(dataset_name: str, content: str, append: bool = False, **kwargs: Any) -> int:
            _write(dataset_name, content, append, "ZOAUException")
            return 0

        made = {"create": create_13, "read": read_13, "read_as_bytes": read_as_bytes_13, "write": write_13}

    def _write(name: str, content: str, append: bool, kind: str) -> None:
        dsn, member = asked(lambda: split(name))
        label = asked(lambda: store.attributes(dsn))
        width = label["lrecl"] if label["recfm"].startswith("F") else 0
        rows = [line.ljust(width).encode("cp1047") for line in content.split("\n")]
        asked(lambda: store.write(dsn, rows, member, append), kind)

    for function in (
        *(delete, exists, list_datasets, list_dataset_names, list_vsam_datasets, list_members, delete_members),
        *(move, copy, find_member, get_hlq, tmp_name),
    ):
        made[function.__name__] = function
    return made
