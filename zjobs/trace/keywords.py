"""The keywords of OPTIONS((...)): one table, from which parsing, defaults, refusals and help are made.

Reference: IP Diagnosis Guide, "OPTIONS keywords" of the packet trace formatter.  Kinds of operand:
``none``; ``ports`` (a port list with defaults); ``numbers``, ``hexes``, ``names``, ``addresses``, ``flags``
(lists); ``choice`` (one word of several); ``size`` (one number).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Keyword:
    """One keyword: its operand, what it sets, its defaults and limits; ``built`` is False for what is refused."""

    name: str
    operand: str
    sets: str
    default: tuple[int | str, ...] = ()
    low: int = 0
    high: int = 0
    built: bool = True


def _port(name: str, *ports: int) -> Keyword:
    return Keyword(name, "ports", "application", ports, 0, 65535)


def _protocol(name: str, number: int) -> Keyword:
    return Keyword(name, "none", "protocol", (number,))


def _address(name: str, *prefixes: str) -> Keyword:
    return Keyword(name, "none", "address", prefixes)


def _later(name: str) -> Keyword:
    return Keyword(name, "any", "later", built=False)


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
    _port("TELNET", 23),
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
    Keyword("INTERFACE", "names", "interface"),
    Keyword("LINKNAME", "names", "interface"),
    Keyword("JOBNAME", "names", "jobname"),
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
    Keyword("FLAGS", "flags", "flags"),
    Keyword("NOT", "none", "invert"),
    Keyword("LIMIT", "size", "limit", (999999999,), 1, 999999999),
    # Reports and how they look.
    Keyword("FORMAT", "choice", "report", ("DETAIL", "SUMMARY")),
    Keyword("DUMP", "size", "dump", (65535,), 0, 65535),
    Keyword("FULL", "none", "report"),
    Keyword("SUMMARY", "none", "report"),
    Keyword("STATISTICS", "choice", "report", ("SUMMARY", "DETAIL")),
    Keyword("TALLY", "none", "report"),
    Keyword("CHECKSUM", "choice", "report", ("SUMMARY", "DETAIL")),
    Keyword("NOCHECKSUM", "none", "style"),
    Keyword("OPTION", "none", "report"),
    Keyword("ASCII", "none", "translation"),
    Keyword("EBCDIC", "none", "translation"),
    Keyword("BOTH", "none", "translation"),
    Keyword("HEX", "none", "translation"),
    Keyword("GMT", "none", "clock"),
    Keyword("LOCAL", "none", "clock"),
    Keyword("TOD", "none", "style"),
    Keyword("REASSEMBLY", "any", "style"),
    Keyword("NOREASSEMBLY", "none", "style"),
    Keyword("SEGMENT", "none", "style"),
    # Words of the formatter that are understood and refused by name.
    _later("BASIC"),
    _later("CLEANUP"),
    _later("DELAYACK"),
    _later("DEVICEID"),
    _later("DEVTYPE"),
    _later("ELEMENT"),
    _later("EXPORT"),
    _later("FIRST"),
    _later("GAIN"),
    _later("HPRDIAG"),
    _later("MACADDR"),
    _later("NOSEGMENT"),
    _later("QID"),
    _later("SESSION"),
    _later("SNIFFER"),
    _later("SPEED"),
    _later("STREAM"),
    _later("USEREXIT"),
)

KEYWORDS = {k.name: k for k in _TABLE}

#: Short forms seen in use although another keyword starts alike.
SYNONYMS = {
    "ADDR": "ADDRESS",
    "OPT": "OPTION",
    "SESS": "SESSION",
    "FORM": "FORMAT",
    "STAT": "STATISTICS",
    "OSPF": "OSPFI",
}

#: Packet characteristics of FLAGS(...); the names are those field engineers use, none is in a published page.
FLAG_NAMES = (
    "ABBREV", "FULL", "IN", "OUT", "IPV4", "IPV6", "ACK", "FIN", "PSH", "RST", "SYN", "URG", "DF", "FIC", "MIC",
    "LIC", "OIC", "IC", "HOME", "IPO", "IPEXT", "TCPO", "PING", "RSM", "SEG", "TUNNEL", "ZWIN",
)  # fmt: skip
