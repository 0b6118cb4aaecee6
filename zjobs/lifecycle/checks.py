"""Checks of single values of a profile: each admits by pattern and says what it admits.

Values go into operator commands, so they are never quoted or escaped: a value such as ``ETH1,ON`` is
refused here and cannot become an operand.
"""

import ipaddress
import re
from collections.abc import Callable
from typing import Any

from zjobs.lifecycle.limits import LIMITS

NAME8 = r"[A-Z@#$][A-Z0-9@#$]{0,7}"


class Wrong(ValueError):
    """A value that a check does not admit; the text says what it admits."""


def pattern(pattern: str, allowed: str, fold: bool = True) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        text = str(value).upper() if fold else str(value)
        if isinstance(value, (dict, list, bool)) or not re.fullmatch(pattern, text):
            raise Wrong(allowed)
        return text

    return check


def whole(low: int, high: int) -> Callable[[Any], int]:
    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise Wrong(f"a whole number from {low} to {high}")
        return value

    return check


def boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Wrong("true or false")
    return value


def protocol(value: Any) -> str:
    text = str(value).upper()
    if text in ("TCP", "UDP", "ICMP", "ICMPV6"):
        return text
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 255:
        return text
    raise Wrong("TCP, UDP, ICMP, ICMPV6 or a number from 0 to 255")


def ip(value: Any) -> str:
    try:
        if not isinstance(value, str) or "%" in value:
            raise ValueError
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        raise Wrong("an IPv4 or IPv6 address, with /prefix for a network") from None
    return str(network if "/" in value else network.network_address).upper()


def length(value: Any) -> int:
    if str(value).upper() == "FULL":
        return 0
    try:
        return whole(*LIMITS.packet_abbrev)(value)
    except Wrong:
        raise Wrong("full, or the bytes to keep of each packet (ABBREV) from 1 to 65535") from None


def discard(value: Any) -> str:
    text = str(value).upper()
    if text in ("NONE", "ALL") or (isinstance(value, int) and not isinstance(value, bool) and 0 < value <= 65535):
        return text
    raise Wrong("none, all, or one discard reason code")


def duration(value: Any) -> int:
    found = re.fullmatch(r"(\d{1,6})([smh])", str(value).strip().lower())
    seconds = int(found[1]) * {"s": 1, "m": 60, "h": 3600}[found[2]] if found else 0
    if not 0 < seconds <= 7 * 86400:
        raise Wrong("a time such as 90s, 10m or 2h, a week at most")
    return seconds


def buffer(value: Any) -> str:
    text = str(value).upper()
    found = re.fullmatch(r"(\d{1,4})([KM])", text)
    # MVS System Commands, TRACE CT: nnnnK is 1 to 9999, nnnnM is 1 to 2047.
    if not found or not 1 <= int(found[1]) <= (9999 if found[2] == "K" else 2047):
        raise Wrong("a size such as 64M: 1K to 9999K, 1M to 2047M")
    return text


def size(value: Any) -> int:
    """Bytes, from a number with M or G."""
    found = re.fullmatch(r"(\d{1,5})([MG])", str(value).strip().upper())
    if not found or not int(found[1]):
        raise Wrong("a size such as 500M or 2G")
    return int(found[1]) << (30 if found[2] == "G" else 20)


def deadman(value: Any) -> int:
    """Seconds; ``none`` is -1."""
    if value is False or str(value).lower() == "none":
        return -1
    try:
        return duration(value)
    except Wrong as wrong:
        raise Wrong(f"none, or {wrong}") from None


def trace_dataset(value: Any) -> str:
    allowed = "a data set name of at most 44 characters after symbols such as &SYSNAME or &LHHMMSS are replaced"
    text = str(value).upper()
    widths = {"SYSNAME": "X" * 8, "LYYMMDD": "D" * 6, "LHHMMSS": "D" * 6, "YYMMDD": "D" * 6, "HHMMSS": "D" * 6}

    def stand_in(found: re.Match[str]) -> str:
        if found[1] not in widths:
            raise Wrong(f"{allowed}; symbols are " + " ".join(f"&{name}" for name in widths))
        return widths[found[1]]

    plain = re.sub(r"&([A-Z0-9]+)\.?", stand_in, text)
    if len(plain) > 44 or not re.fullmatch(rf"{NAME8}(\.{NAME8})+", plain):
        raise Wrong(allowed)
    return text


def dsn(value: Any) -> str:
    text = str(value).upper()
    if len(text) > 44 or not re.fullmatch(rf"{NAME8}(\.{NAME8})*", text):
        raise Wrong("a data set name of at most 44 characters")
    return text


def data_length(value: Any) -> int:
    """DATTRACE: ABBREV=0 keeps the headers alone, so FULL is told apart from it as -1."""
    if str(value).upper() == "FULL":
        return -1
    return whole(*LIMITS.data_abbrev)(value)


def listed(value: Any, words: tuple[str, ...], low: int, high: int, allowed: str) -> str:
    """One of some words, or a number in decimal digits."""
    text = str(value).upper()
    if text in words or (re.fullmatch(r"\d{1,5}", text) and low <= int(text) <= high and value is not True):
        return str(int(text)) if text.isdigit() else text
    raise Wrong(allowed)


def vlan(value: Any) -> str:
    return listed(value, ("ALL",), 0, 4094, "a VLAN id from 0 to 4094, or all")


def osa_discard(value: Any) -> str:
    words = ("EXCEPTION", "ALL", "NONE")
    return listed(value, words, 1, 4095, "exception, all, none, or one discard code from 1 to 4095")


def mac(value: Any) -> str:
    text = re.sub(r"[:-]", "", str(value)).upper()
    if not re.fullmatch(r"[0-9A-F]{12}", text):
        raise Wrong("a MAC address of 12 hexadecimal digits")
    return text


job = pattern(NAME8, "1 to 8 of A-Z 0-9 @ # $, not beginning with a digit")
link = pattern(r"[A-Z@#$][A-Z0-9@#$]{0,15}", "an interface name: 1 to 16 of A-Z 0-9 @ # $")
port = whole(1, 65535)
deviceid = pattern(r"[0-9A-F]{8}", "8 hexadecimal digits")
ethtype = pattern(r"IPV4|IPV6|ARP|SNA|[0-9A-F]{4}", "IPV4, IPV6, ARP, SNA or 4 hexadecimal digits")
nofilter = pattern(r"ALL|NONE", "all or none")
