"""Data set names as users write them."""

import pytest

from zjobs.errors import RequestError
from zjobs.host.names import Name, is_dataset, parse


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("//'SYS2.CTRACE.D250102.T142702'", Name("SYS2.CTRACE.D250102.T142702")),
        ("//'user.parmlib(ctaesprm)'", Name("USER.PARMLIB", "CTAESPRM")),
        ("//'A.GDG(-1)'", Name("A.GDG", "-1")),
        ("//'A.GDG(+1)'", Name("A.GDG", "+1")),
        ("//DD:TRACE", Name(dd="TRACE")),
        ("//dd:trace", Name(dd="TRACE")),
        ("DD:TRACE", Name(dd="TRACE")),
        ("SYS1.@#$.X-1", Name("SYS1.@#$.X-1")),
    ],
)
def test_a_name(text, name):
    assert parse(text) == name
    assert parse(name.quoted) == name
    assert parse(name.text) == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "//''",
        "//'A",
        "A'",
        "1A.B",
        "A..B",
        "A.B.",
        "A.TOOLONGNAME",
        "A(MEM",
        "A(1MEM)",
        "A()",
        "A(TOOLONGMEM)",
        "A(M)X",
        "//DD:",
        "//DD:TOOLONGNAME",
        "A B",
        ".".join(["ABCDEFGH"] * 5) + ".X",
        "//'A.B' ,DISP=SHR",
        "/tmp/x",
    ],
)
def test_what_is_no_name_is_refused(text):
    with pytest.raises(RequestError) as caught:
        parse(text)
    assert caught.value.id == "ZJB0502E"


def test_44_characters_are_enough():
    longest = ".".join(["ABCDEFGH"] * 4) + ".ABCDEFGH"
    assert len(longest) == 44
    assert parse(longest).dsn == longest


def test_paths_are_not_data_sets():
    assert is_dataset("//'A.B'")
    assert is_dataset("//dd:x")
    assert not is_dataset("/tmp/a")
    assert not is_dataset("//server/share")
    assert not is_dataset("A.B")
