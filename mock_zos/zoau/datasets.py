"""``zoautil_py.datasets``."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from mock_zos.datasets import DatasetProblem
from mock_zos.gdg import Groups
from mock_zos.lpar import Lpar
from mock_zos.zoau import content
from mock_zos.zoau.catalogue import VOLUMES
from mock_zos.zoau.closed import taking
from mock_zos.zoau.exceptions import failed, plain
from mock_zos.zoau.names import split as split_absolute

CREATE = (
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

    @classmethod
    def from_dict(cls, d: dict[str, Any]) -> "Dataset":
        made = cls.__new__(cls)
        vars(made).update(d)
        return made


def functions(lpar: Lpar, release: str) -> dict[str, Any]:
    """The module's functions for a release, over the data sets of an LPAR."""
    store = lpar.datasets
    groups = Groups(store)

    def split(name: str) -> tuple[str, str]:
        """Data set and member of a name; each call resolves a relative generation anew."""
        return split_absolute(groups.located(name))

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
        if groups.exists(dsn.rpartition(".")[0]):
            groups.roll(dsn.rpartition(".")[0])
        return row(dsn, store.attributes(dsn), VOLUMES[0], release)

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
            row(name, store.attributes(name), serial, release)
            for name in store.names(asked(lambda: groups.located(pattern)).upper())
            for serial in VOLUMES
            if volume in (None, serial)
        ]

    @taking()
    def list_datasets_by_volume(volume: str, *args: str, **kwargs: Any) -> list[Dataset]:
        rows = [one for serial in (volume, *args) for one in list_datasets("**", serial)]
        for one in rows:
            one.block_size = None
        return rows

    @taking()
    def list_dataset_names(pattern: str, volume: str | None = None, migrated: bool = False, **kwargs: Any) -> list[str]:
        return store.names(pattern.upper()) if volume in (None, *VOLUMES) else []

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

    @taking()
    def move_member(dataset: str, source: str, target: str, **kwargs: Any) -> int:
        dsn = asked(lambda: split(dataset))[0]
        old, new = asked(lambda: [split(f"{dsn}({one})")[1] for one in (source, target)])
        if store.exists(dsn, new):
            asked(lambda: refused(f"{dsn}({new})", "there is a member of that name"))
        asked(lambda: store.write(dsn, list(store.read(dsn, old)), new))
        asked(lambda: store.delete(dsn, old))
        return 0

    @taking("alias", "executable", "force", "options")
    def copy(source: str, target: str, **kwargs: Any) -> int:
        if kwargs.get("options", "") not in ("", "-B"):
            raise TypeError(f"options={kwargs['options']!r} is not simulated")
        binary = kwargs.get("options") == "-B"
        origin: Path | tuple[str, str] = Path(source) if source[:1] == "/" else asked(lambda: split(source))
        if target[:1] == "/":
            records = asked(lambda: content.load(store, origin, binary, 80))
            asked(lambda: content.store_file(Path(target), records, binary))
            return 0
        dsn, member = asked(lambda: split(target))
        label = asked(lambda: store.attributes(dsn))
        records = asked(lambda: content.load(store, origin, binary, label["lrecl"]))
        width = label["lrecl"] if label["recfm"].startswith("F") and not binary else 0
        asked(lambda: store.write(dsn, [one.ljust(width, b"\x40") for one in records], member))
        return 0

    @taking("lines", "columns", "ignore_case", "tmphlq")
    def compare(source: str, target: str, **kwargs: Any) -> str | None:
        old, new = asked(lambda: [store.text(*split(one)) for one in (source, target)])
        return content.compare(old, new, kwargs)

    @taking("count_lines", "display_lines", "lines", "ignore_case", "json")
    def search(dataset: str, value: str, **kwargs: Any) -> str | None:
        fold = bool(kwargs.get("ignore_case"))
        return content.search(asked(lambda: content.hits(store, *split(dataset), value, fold)), kwargs)

    @taking("count_lines", "display_lines", "lines", "ignore_case")
    def search_dictionary(dataset: str, value: str, **kwargs: Any) -> dict[str, Any] | None:
        fold = bool(kwargs.get("ignore_case"))
        return content.dictionary(asked(lambda: content.hits(store, *split(dataset), value, fold))) or None

    @taking()
    def find_replace(dataset: str, find: str, replace: str, **kwargs: Any) -> int:
        asked(lambda: content.replace(store, *split(dataset), find, replace))
        return 0

    def refused(name: str, reason: str) -> None:
        raise DatasetProblem(name, reason)

    def not_there(program: str) -> Exception:
        return failed("ZOAUException", 8, f"BGYSC0201E {program} was not found", program)

    @taking("terse", "keywords", "compress", "overwrite", "tmphlq")
    def dzip(file: str, target: str, **kwargs: Any) -> int:
        raise not_there("ADRDSSU")

    @taking("terse", "keywords", "compress", "overwrite", "tmphlq")
    def dunzip(file: str, high_level_qualifier: str | None = None, **kwargs: Any) -> int:
        raise not_there("ADRDSSU")

    def lineinfile(*args: Any, **kwargs: Any) -> Any:
        raise not_there("dsed")

    def blockinfile(*args: Any, **kwargs: Any) -> Any:
        raise not_there("dmod")

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

        @taking(*CREATE)
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
            rows = content.window(asked(lambda: list(store.read(*split(dataset_name)))), lines, offset, tail)
            between = next_record_char if serialize == "record" else ""
            return between.join(one.decode(encoding) for one in rows)

        def read_head(dataset: str, lines: int = 10, encoding: str = "cp1047", serialize: str = "record") -> str:
            return read(dataset, encoding, lines, serialize=serialize)

        def read_as_bytes(dataset_name: str, records: int = 0, offset: int = 0, tail: bool = False) -> list[bytes]:
            return content.window(asked(lambda: list(store.read(*split(dataset_name)))), records, offset, tail)

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
            width = asked(lambda: store.attributes(split(dataset_name)[0]))["lrecl"]
            data = content.encode(encoding)
            rows = [data[at : at + width] for at in range(0, len(data), width)]
            if serialize == "record":
                rows = [line.encode(encoding) for line in content.split(next_record_char)]
            longest = max_record_length or width
            if validate_record_length and any(len(row) > longest for row in rows):
                raise plain("DatasetWriteError", f"a record is longer than {longest} bytes")
            _write(dataset_name, rows, append, fill_char.encode(encoding), "DatasetWriteException")

        class Dataset14(Dataset):
            def read(
                self,
                encoding: str = "cp1047",
                lines: int = 0,
                offset: int = 0,
                tail: bool = False,
                serialize: str = "record",
                next_record_char: str = "\n",
            ) -> str:
                return read(self.name, encoding, lines, offset, tail, serialize, next_record_char)

            def read_as_bytes(self, records: int = 0, offset: int = 0, tail: bool = False) -> list[bytes]:
                return read_as_bytes(self.name, records, offset, tail)

            def write(
                self,
                content: str,
                append: bool = False,
                encoding: str = "cp1047",
                serialize: str = "record",
                next_record_char: str = "\n",
                max_record_length: int = 0,
                fill_char: str = " ",
                validate_record_length: bool = True,
            ) -> None:
                more = (serialize, next_record_char, max_record_length, fill_char, validate_record_length)
                write(self.name, content, append, encoding, *more)

            def delete(self, **kwargs: Any) -> int:
                return delete(self.name, **kwargs)

        row: type[Dataset] = Dataset14
        made: dict[str, Any] = {"create": create, "read": read, "read_as_bytes": read_as_bytes, "write": write}
        made |= {"read_head": read_head}
    else:

        @taking(*CREATE)
        def create_13(name: str, dataset_type: str, **kwargs: Any) -> Dataset:
            return _create(name, {"dataset_type": dataset_type, **kwargs})

        @taking("tail", "from_line")
        def read_13(dataset: str, **kwargs: Any) -> str:
            rows = asked(lambda: list(store.read(*split(dataset))))
            found = [one.decode("cp1047").rstrip() for one in rows][int(kwargs.get("from_line", 1)) - 1 :]
            return "\n".join(found[-int(kwargs["tail"]) :] if kwargs.get("tail") else found)

        @taking()
        def read_as_bytes_13(dataset: str, **kwargs: Any) -> bytes:
            return b"".join(asked(lambda: list(store.read(*split(dataset)))))

        @taking("force")
        def write_13(dataset_name: str, content: str, append: bool = False, **kwargs: Any) -> int:
            rows = [line.encode("cp1047") for line in content.split("\n")]
            _write(dataset_name, rows, append, b"\x40", "ZOAUException")
            return 0

        @taking()
        def read_head_13(dataset: str, n_lines: int = 10, **kwargs: Any) -> str:
            return "\n".join(read_13(dataset).split("\n")[:n_lines])

        class Dataset13(Dataset):
            @taking("force")
            def write(self, content: str, append: bool = False, **kwargs: Any) -> int:
                return write_13(self.name, content, append)

            def delete(self, **kwargs: Any) -> int:
                return delete(self.name, **kwargs)

        row = Dataset13
        made = {"create": create_13, "read": read_13, "read_as_bytes": read_as_bytes_13, "write": write_13}
        made |= {"read_head": read_head_13}

    row.__name__ = row.__qualname__ = "Dataset"
    made["Dataset"] = row

    def _write(name: str, rows: list[bytes], append: bool, fill: bytes, problem: str) -> None:
        dsn, member = asked(lambda: split(name))
        label = asked(lambda: store.attributes(dsn))
        width = label["lrecl"] if label["recfm"].startswith("F") else 0
        asked(lambda: store.write(dsn, [row.ljust(width, fill) for row in rows], member, append), problem)

    for function in (
        *(delete, exists, list_datasets, list_dataset_names, list_vsam_datasets, list_members, delete_members),
        *(move, copy, find_member, get_hlq, tmp_name, list_datasets_by_volume, move_member, compare, search),
        *(search_dictionary, find_replace, dzip, dunzip, lineinfile, blockinfile),
    ):
        made[function.__name__] = function
    return made
