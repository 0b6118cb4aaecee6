"""A process that is killed while it changes a data set leaves a catalogue that can be read."""

from pathlib import Path

import pytest

from mock_zos.datasets import Datasets


class Killed(BaseException):
    pass


@pytest.mark.parametrize("method", ["mkdir", "write_bytes", "write_text", "replace"])
def test_a_data_set_is_there_whole_or_not_at_all(tmp_path, monkeypatch, method):
    store, real = Datasets(tmp_path), getattr(Path, method)

    def dies(self, *arguments, **options):
        if method == "write_text":
            real(self, "", "utf-8")  # opened, and nothing written yet
        raise Killed

    store.create("A.OLD", "VB", 84)
    monkeypatch.setattr(Path, method, dies)
    with pytest.raises(Killed):
        store.create("A.NEW", "VB", 84)
    if method in ("write_text", "replace"):
        with pytest.raises(Killed):
            store.hold("A.OLD", "JOB")
    monkeypatch.undo()
    assert store.names() == ["A.OLD"]
    assert store.attributes("A.OLD")["held"] == ""
    store.create("A.NEW", "FB", 80)
    store.write("A.NEW", [b"x"])
    assert list(store.read("A.NEW")) == [b"x".ljust(80, b"\0")]
