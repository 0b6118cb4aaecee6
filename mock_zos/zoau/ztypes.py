"""``zoautil_py.ztypes``: what utilities answer, and DD definitions."""

from typing import Any


class ZOAUResponse:
    """A utility's answer; closed, so that ``.stdout`` fails here as it does on the host."""

    __slots__ = ("command", "rc", "response_format", "stderr_response", "stdout_response")

    def __init__(
        self, rc: str | int, stdout_response: str, stderr_response: str, command: str, response_format: str
    ) -> None:
        self.rc = int(rc)
        self.stdout_response, self.stderr_response = stdout_response, stderr_response
        self.command, self.response_format = command, response_format

    def to_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_dict(cls, d: dict[str, Any]) -> "ZOAUResponse":
        return cls(**d)


class DataDefinition:
    """What a DD statement can stand for."""


class FileDefinition(DataDefinition):
    """A UNIX file."""

    def __init__(
        self,
        path_name: str,
        normal_disposition: str | None = None,
        abnormal_disposition: str | None = None,
        path_mode: str | None = None,
        status_group: str | None = None,
        file_data: str | None = None,
        record_length: int | None = None,
        block_size: int | None = None,
        record_format: str | None = None,
    ) -> None:
        self.name = path_name


class DatasetDefinition(DataDefinition):
    """A data set."""

    def __init__(
        self,
        dataset_name: str,
        disposition: str = "SHR",
        type: str | None = None,
        primary: int | None = None,
        primary_unit: str | None = None,
        secondary: int | None = None,
        secondary_unit: str | None = None,
        normal_disposition: str | None = None,
        abnormal_disposition: str | None = None,
        conditional_disposition: str | None = None,
        block_size: int | None = None,
        record_format: str | None = None,
        record_length: int | None = None,
        storage_class: str | None = None,
        data_class: str | None = None,
        management_class: str | None = None,
        key_length: int | None = None,
        key_offset: int | None = None,
        volumes: str | None = None,
        dataset_key_label: str | None = None,
        key_label1: str | None = None,
        key_encoding1: str | None = None,
        key_label2: str | None = None,
        key_encoding2: str | None = None,
        device_unit: str | None = None,
    ) -> None:
        self.name = dataset_name


class DDStatement:
    """A DD name and what it stands for."""

    def __init__(
        self, name: str, definition: str | DatasetDefinition | FileDefinition | list[DatasetDefinition]
    ) -> None:
        self.name, self.definition = name, definition

    def get_mvscmd_string(self) -> str:
        shown = self.definition if isinstance(self.definition, str) else getattr(self.definition, "name", "")
        return f"--{self.name.lower()}={shown}"


def public(release: str) -> dict[str, Any]:
    return {
        kind.__name__: kind for kind in (ZOAUResponse, DataDefinition, FileDefinition, DatasetDefinition, DDStatement)
    }
