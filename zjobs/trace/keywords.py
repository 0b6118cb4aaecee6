"""The keywords of OPTIONS((...)): one table, from which parsing, defaults, refusals and help are made.

Reference: IP Diagnosis Guide, "OPTIONS keywords" of the packet trace formatter.  Kinds of operand:
``none``; ``ports`` (a port list with defaults); ``numbers``, ``hexes``, ``names``, ``devices``, ``addresses``,
``flags`` (lists); ``size`` (one number); ``parts`` (numbers and words by their place); ``exit`` (one name).
"""

from typing import NamedTuple


class Part(NamedTuple):
    """One place among the operands of a keyword: a number from ``low`` to ``high``, or one of ``words``.

    ``also`` is a number outside the range that is allowed too (0 for "never").
    """

    default: int | str
    low: int = 0
    high: int = 0
    words: tuple[str, ...] = ()
    also: int | None = None

    @property
    def allowed(self) -> str:
        """What may stand here, in words."""
        if self.words:
            return " or ".join(self.words)
        return f"{self.low} to {self.high}" + ("" if self.also is None else f" or {self.also}")


class Keyword(NamedTuple):
    """One keyword: its operand, what it sets, its defaults and limits; ``digits`` is how many each hex value has."""

    name: str
    operand: str
    sets: str
    default: tuple[int | str, ...] = ()
    low: int = 0
    high: int = 0
    parts: tuple[Part, ...] = ()
    digits: int = 0


def _port(name: str, *ports: int) -> Keyword:
    return Keyword(name, "ports", "application", ports, 0, 65535)


def _protocol(name: str, number: int) -> Keyword:
    return Keyword(name, "none", "protocol", (number,))


def _address(name: str, *prefixes: str) -> Keyword:
    return Keyword(name, "none", "address", prefixes)


def _report(name: str, *words: str) -> Keyword:
    """A report with a choice of forms; the first is the default."""
    return Keyword(name, "parts", "report", parts=(Part(words[0], words=words),))


_TABLE = (
    Keyword("ADDRESS", "addresses", "address"),
    Keyword("IPADDR", "addresses", "address"),
    _address("BROADCAST", "255.255.255.255"),
    _address("CLASSA", "0.0.0.0/1"),
    _address("CLASSB", "128.0.0.0/2"),
    _address("CLASSC", "192.0.0.0/3"),
    _address("CLASSD", "224.0.0.0/4"),
    _address("CLASSE", "240.0.0.0/4"),
    _address("HOST", "H"),
    _address("LINKLOCAL", "FE80::/10"),
    _address("LOOPBACK", "127.0.0.0/8"),
    _address("LOOPBACK6", "::1/128"),
    _address("MULTICAST", "224.0.0.0/4", "FF00::/8"),
    _address("SITELOCAL", "FEC0::/10"),
    Keyword("PORT", "numbers", "port", low=0, high=65535),
    _port("BOOTP", 67, 68),
    _port("DNS", 53),
    _port("DOMAIN", 53),
    Keyword("EE", "ports", "application", (12000, 12001, 12002, 12003, 12004), 0, 65535),
    _port("FINGER", 79),
    _port("FTP", 20, 21),
    _port("GOPHER", 70),
    _port("HTTP", 80),
    _port("WWW", 80),
    _port("IKE", 500),
    _port("NAT", 4500),
    _port("NTP", 123),
    _port("RIP", 520),
    _port("ROUTER", 520),
    _port("RPC", 111),
    _port("SASP", 3860),
    _port("SMTP", 25),
    _port("SNMP", 161, 162),
    Keyword(
        "TELNET", "parts", "application", (23,),
        parts=(Part(23, 0, 65535), Part(80, 1, 255), Part("", words=("SUMMARY", "DETAIL", "TERSE"))),
    ),
    _port("TFTP", 69),
    _port("TIME", 37),
    _protocol("ICMP", 1),
    _protocol("IGMP", 2),
    _protocol("TCP", 6),
    _protocol("UDP", 17),
    _protocol("ESP", 50),
    _protocol("AH", 51),
    _protocol("ICMP6", 58),
    _protocol("ICMPV6", 58),
    _protocol("OSPFI", 89),
    Keyword("PROTOCOL", "numbers", "protocol", low=0, high=255),
    Keyword("INTERFACE", "names", "interface", low=1, high=16),
    Keyword("LINKNAME", "names", "interface", low=1, high=16),
    Keyword("JOBNAME", "names", "jobname", low=1, high=8),
    Keyword("IPV4", "none", "version", (4,)),
    Keyword("IPV6", "none", "version", (6,)),
    Keyword("PACKETTRACE", "none", "type", (1, 4)),
    Keyword("PKTTRACE", "none", "type", (1, 4)),
    Keyword("DATTRACE", "none", "type", (5,)),
    Keyword("X25", "none", "type", (2,)),
    Keyword("ARP", "none", "layer", ("arp",)),
    Keyword("RECORDS", "numbers", "record", low=1, high=999999999),
    Keyword("DATASIZE", "size", "datasize", (0,), 0, 65535),
    Keyword("CID", "hexes", "cid", low=0, high=0xFFFFFFFF),
    Keyword("IPID", "hexes", "ipid", low=0, high=0xFFFF),
    Keyword("QOS", "numbers", "qos", low=0, high=7),
    Keyword("TRAFFICCLASS", "numbers", "tclass", low=0, high=255),
    Keyword("DISCARD", "numbers", "discard", low=0, high=65535),
    Keyword("VLANID", "numbers", "vlan", low=0, high=4094),
    Keyword("ETHTYPE", "hexes", "ethtype", low=0, high=0xFFFF),
    Keyword("MACADDR", "hexes", "mac", low=0, high=0xFFFFFFFFFFFF, digits=12),
    Keyword("DEVICEID", "hexes", "deviceid", low=0, high=0xFFFFFFFF, digits=8),
    Keyword("DEVTYPE", "devices", "devtype"),
    Keyword("QID", "numbers", "qid", low=0, high=255),
    Keyword("ELEMENT", "hexes", "element", low=0, high=0xFFFFFFFF),
    Keyword("USEREXIT", "exit", "exit"),
    Keyword("FIRST", "none", "noted"),
    Keyword("FLAGS", "flags", "flags"),
    Keyword("NOT", "none", "invert"),
    Keyword("LIMIT", "size", "limit", (999999999,), 1, 999999999),
    # Reports and how they look.
    _report("FORMAT", "DETAIL", "SUMMARY"),
    Keyword("DUMP", "size", "dump", (65535,), 0, 65535),
    Keyword("FULL", "none", "report"),
    Keyword("SUMMARY", "none", "report"),
    _report("STATISTICS", "SUMMARY", "DETAIL"),
    Keyword("TALLY", "none", "report"),
    _report("CHECKSUM", "SUMMARY", "DETAIL"),
    Keyword("NOCHECKSUM", "none", "style"),
    _report("EXPORT", "SUMMARY", "DETAIL"),
    _report("SESSION", "DETAIL", "PIPE", "STATE", "SUMMARY"),
    Keyword("STREAM", "parts", "report", parts=(Part(128, 16, 512), Part("SUMMARY", words=("DETAIL", "SUMMARY")))),
    _report("HPRDIAG", "DETAIL", "SUMMARY"),
    _report("BASIC", "DETAIL", "SUMMARY"),
    Keyword("OPTION", "none", "report"),
    Keyword("ASCII", "none", "translation"),
    Keyword("EBCDIC", "none", "translation"),
    Keyword("BOTH", "none", "translation"),
    Keyword("HEX", "none", "translation"),
    Keyword("GMT", "none", "clock"),
    Keyword("LOCAL", "none", "clock"),
    Keyword("TOD", "none", "style"),
    # What runs beside the reports: its lines stand at the end of the run, and it replaces no report.
    Keyword(
        "SNIFFER", "parts", "device",
        parts=(Part(65535, 1, 65535), Part("ETHERNET", words=("ETHERNET", "TOKENRING", "TCPDUMP"))),
    ),
    Keyword(
        "REASSEMBLY", "parts", "device",
        parts=(Part(65535, 576, 65535), Part("SUMMARY", words=("DETAIL", "SUMMARY"))),
    ),
    Keyword("NOREASSEMBLY", "none", "style"),
    Keyword("SEGMENT", "none", "style"),
    Keyword("NOSEGMENT", "none", "style"),
    # Thresholds of SESSION, in milliseconds, parts of a thousand, and megabits a second.
    Keyword("DELAYACK", "parts", "value", parts=(Part(200, 10, 1000), Part(200, 10, 1000))),
    Keyword("GAIN", "parts", "value", parts=(Part(125, 0, 1000), Part(250, 0, 1000))),
    Keyword("SPEED", "parts", "value", parts=(Part(10, 1, 1000000), Part(10, 1, 1000000))),
    Keyword("CLEANUP", "parts", "noted", parts=(Part(500, 100, 1048576, also=0),)),
)  # fmt: skip

KEYWORDS = {k.name: k for k in _TABLE}

#: Short forms seen in use although another keyword starts alike.
SYNONYMS = {
    "ADDR": "ADDRESS",
    "OPT": "OPTION",
    "SESS": "SESSION",
    "FORM": "FORMAT",
    "STAT": "STATISTICS",
    "OSPF": "OSPFI",
    "STREAMS": "STREAM",
}

#: Keywords that are taken and echoed but change nothing here, and why.
NOTED = {
    "FIRST": "its meaning is not published",
    "CLEANUP": "zjobs bounds what it holds of fragments and segments by itself",
}

#: Packet characteristics of FLAGS(...); the names are those field engineers use, none is in a published page.
FLAG_NAMES = (
    "ABBREV", "FULL", "IN", "OUT", "IPV4", "IPV6", "ACK", "FIN", "PSH", "RST", "SYN", "URG", "DF", "FIC", "MIC",
    "LIC", "OIC", "IC", "HOME", "IPO", "IPEXT", "TCPO", "PING", "RSM", "SEG", "OFFLOAD", "TUNNEL", "ZWIN",
)  # fmt: skip

#: Interface types of DEVTYPE(...), as the profile statements name them; their codes are in the header layout.
DEVICE_TYPES = (
    "ATM", "CDLC", "CLAW", "CTC", "ETHER8023", "ETHERNET", "ETHEREOR8023", "FDDI", "HCH", "IBMTR", "IPAQENET",
    "IPAQENET6", "IPAQIDIO", "IPAQIDIO6", "IPAQIQDX", "IPAQIQDX6", "IPAQTR", "ISM", "LOOPBACK", "LOOPBACK6", "MPCPTP",
    "MPCPTP6", "OSAENET", "OSAFDDI", "RNIC", "SNALINK", "SNALU62", "VIRTUAL", "VIRTUAL6", "X25NPSI",
)  # fmt: skip
