"""The print grid and the hex dumps against lines of published listings (docs: report layouts, 4.0 to 4.3 and 5)."""

from __future__ import annotations

import numpy as np
import pytest

from zjobs.chars import constant, decimal, from_texts
from zjobs.page import clock, dump, grid
from zjobs.page.grid import line
from zjobs.weave import Weave
from zjobs.wire.layout import PADDING
from zjobs.wire.listing import item, pair

pytestmark = pytest.mark.s390x


def one(*items, level: int = 1, indent: int = 0) -> str:
    (text,) = line(1, items, level, indent).texts()
    assert text.endswith("\n")
    return text[:-1]


def text(value: str):
    return from_texts([value])


def test_the_lines_of_an_ipv4_header() -> None:
    """The figure of the IPv4 header; the grid is that of 14 sample lines."""
    assert one(item("IpHeader: Version", text("4")), item("Header Length", text("20")), level=0) == (
        " IpHeader: Version : 4                Header Length: 20"
    )
    assert one(item("Tos", text("00")), item("QOS", text("Routine Normal Service"))) == (
        "  Tos              : 00               QOS: Routine Normal Service"
    )
    fragment = one(item("Fragment", text("")), item("Offset", text("0")))
    assert fragment == "  Fragment         :                  Offset: 0"
    checksum = pair(text("A6FB"), text("FFFF"))
    assert one(item("TTL", text("64")), item("Protocol", text("UDP")), item("CheckSum", checksum)) == (
        "  TTL              : 64               Protocol: UDP            CheckSum: A6FB FFFF"
    )
    assert one(item("Source", text("9.67.113.65"))) == "  Source           : 9.67.113.65"


def test_the_port_line_of_udp() -> None:
    """A port has its name six columns on; the second value stands in column 58."""
    source = item("Source Port", text("1025"), text("()"))
    target = item("Destination Port", text("53"), text("(domain)"))
    assert one(source, target) == "  Source Port      : 1025  ()         Destination Port:  53    (domain)"


def test_a_wide_value_pushes_the_rest_right_by_one_blank() -> None:
    wide = one(item("Source", text("X" * 20)), item("Next", text("1")), item("Third", text("2")))
    assert wide == "  Source           : " + "X" * 20 + " Next: 1              Third: 2"


def test_rows_of_different_widths_are_set_each_for_itself() -> None:
    values = from_texts(["1", "Y" * 25])
    texts = line(2, (item("A", values), item("B", decimal(np.array([7, 8]))))).texts()
    assert texts == [
        "  A                : 1                B: 7\n",
        "  A                : " + "Y" * 25 + " B: 8\n",
    ]


def test_indented_lines_keep_the_grid() -> None:
    items = (item("TTL", text("64")), item("B", text("1")))
    assert one(*items, indent=4) == "    " + one(*items)


def padded(data: bytes) -> np.ndarray:
    return np.frombuffer(data + bytes(PADDING), dtype=np.uint8)


def data_dump(data: bytes, translation: str, *cuts: int) -> str:
    ends = np.array(cuts or (len(data),))
    starts = np.zeros(ends.size, dtype=np.int64)
    weave = Weave(ends.size)
    dump.data_lines(weave, np.arange(ends.size), padded(data), starts, ends, translation, "cp037")
    return weave.render().tobytes().decode("ascii")


def header_dump(data: bytes) -> str:
    weave = Weave(1)
    dump.header_lines(weave, np.array([0]), padded(data), np.array([0]), np.array([len(data)]))
    return weave.render().tobytes().decode("ascii")


def test_headers_in_hex() -> None:
    data = bytes.fromhex("4500002800004000 3E015914092A6947092A6826")
    assert header_dump(data) == "000000 45000028 00004000 3E015914 092A6947 092A6826\n"
    assert header_dump(bytes.fromhex("085592 0B".replace(" ", ""))) == "000000 0855920B\n"


def test_a_header_of_40_bytes_is_32_and_8() -> None:
    words = [f"{n:08X}" for n in range(10)]
    assert header_dump(bytes.fromhex("".join(words))) == (
        "000000 " + " ".join(words[:8]) + "\n" + "000020 " + " ".join(words[8:]) + "\n"
    )


def test_data_in_both_translations() -> None:
    """The figure of the DUMP report: X'3D' and X'34' show in the right half only; the last line is padded."""
    data = bytes.fromhex("AEBCDB3D03340A0000000000")
    assert data_dump(data, "BOTH") == (
        "000000 AEBCDB3D 03340A00 00000000          |............     ...=.4......    |\n"
    )


def test_echo_data_in_ascii() -> None:
    assert data_dump(bytes.fromhex("B56D52DB47A07ACA2D523F5F72BE75F9"), "ASCII") == (
        "000000 B56D52DB 47A07ACA 2D523F5F 72BE75F9 |.mR.G.z.-R?_r.u.|\n"
    )


def test_ebcdic_and_hex_only() -> None:
    data = "FTPD1 220".encode("cp037")
    assert data_dump(data, "EBCDIC") == "000000 C6E3D7C4 F140F2F2 F0                |FTPD1 220       |\n"
    assert data_dump(data, "HEX").rstrip() == "000000 C6E3D7C4 F140F2F2 F0"


def test_offsets_go_on_and_every_length_is_cut_right() -> None:
    data = bytes(range(65, 91)) * 20
    cuts = list(range(0, 70))
    wanted = "".join(
        f"{at:06X} {words(data[at : min(at + 16, cut)]):<36}|{data[at : min(at + 16, cut)].decode():<16}|\n"
        for cut in cuts
        for at in range(0, cut, 16)
    )
    assert data_dump(data, "ASCII", *cuts) == wanted


def words(raw: bytes) -> str:
    return " ".join(raw[k : k + 4].hex().upper() for k in range(0, len(raw), 4))


def test_offsets_beyond_four_digits() -> None:
    last = data_dump(bytes(0x11001), "HEX").splitlines()[-1]
    assert last.rstrip() == "011000 00"


def test_unprintable_bytes_are_dots() -> None:
    ascii_ = dump.printable("ascii")
    assert bytes(ascii_[[0x1F, 0x20, 0x41, 0x7E, 0x7F, 0xC1]]) == b". A~.."
    ebcdic = dump.printable("cp037")
    assert bytes(ebcdic[[0x6C, 0x50, 0x61, 0x40, 0xC1, 0x00]]) == b"%&/ A."


def test_times_of_day_and_dates() -> None:
    ns = np.array([1_708_518_896_789_009_000, 951_782_399_999_999_999, 0], dtype=np.int64)
    assert clock.time_of_day(ns).texts() == ["12:34:56.789009", "23:59:59.999999", "00:00:00.000000"]
    assert clock.dates(ns).texts() == ["2024/02/21", "2000/02/28", "1970/01/01"]
    assert clock.stamps(ns[:1]).texts() == ["2024/02/21 12:34:56.789009"]


def test_a_whole_line_is_the_same_for_all() -> None:
    assert constant("x\n", 2).texts() == ["x\n", "x\n"]


def test_what_no_printer_prints_is_a_period_in_messages() -> None:
    told = [(1, (("Name", "a\nb\t"), ("Next", "\x00"))), (0, (("T\u00e9", ""),)), (-1, (("as it is \x7f", ""),))]
    assert grid.message(told) == ("  Name             : a.b.             Next: .\n  T.\nas it is .\n")
    plain = [(1, (("Name", "ab"),)), (-1, (("", ""),))]
    assert grid.message(plain) == "  Name             : ab\n\n"
