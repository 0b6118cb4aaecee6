"""Service names of ports, as /etc/services gives them.

Which names the formatter prints beyond ``ftp`` and ``domain`` is not documented; these are the usual ones.
"""

SERVICES = {
    1: "tcpmux", 7: "echo", 9: "discard", 11: "systat", 13: "daytime", 15: "netstat", 17: "qotd", 19: "chargen",
    20: "ftp-data", 21: "ftp", 22: "ssh", 23: "telnet", 25: "smtp", 37: "time", 42: "nameserver", 43: "whois",
    49: "tacacs", 53: "domain", 67: "bootps", 68: "bootpc", 69: "tftp", 70: "gopher", 79: "finger", 80: "http",
    88: "kerberos", 101: "hostname", 102: "iso-tsap", 109: "pop2", 110: "pop3", 111: "sunrpc", 113: "auth",
    119: "nntp", 123: "ntp", 135: "epmap", 137: "netbios-ns", 138: "netbios-dgm", 139: "netbios-ssn",
    143: "imap", 161: "snmp", 162: "snmptrap", 174: "mailq", 177: "xdmcp", 179: "bgp", 194: "irc", 209: "qmtp",
    213: "ipx", 220: "imap3", 389: "ldap", 427: "svrloc", 443: "https", 445: "microsoft-ds", 446: "ddm-rdb",
    448: "ddm-ssl", 464: "kpasswd", 500: "isakmp", 512: "exec", 513: "login", 514: "shell", 515: "printer",
    520: "router", 521: "ripng", 540: "uucp", 543: "klogin", 544: "kshell", 546: "dhcpv6-client",
    547: "dhcpv6-server", 554: "rtsp", 563: "nntps", 587: "submission", 623: "asf-rmcp", 631: "ipp", 636: "ldaps",
    646: "ldp", 853: "domain-s", 873: "rsync", 989: "ftps-data", 990: "ftps", 992: "telnets", 993: "imaps",
    995: "pop3s", 1080: "socks", 1194: "openvpn", 1352: "lotusnote", 1414: "ibm-mqseries", 1433: "ms-sql-s",
    1434: "ms-sql-m", 1521: "oracle", 1645: "datametrics", 1646: "sa-msg-port", 1701: "l2f", 1812: "radius",
    1813: "radius-acct", 2049: "nfs", 2427: "mgcp-gateway", 3128: "squid", 3260: "iscsi-target", 3306: "mysql",
    3389: "ms-wbt-server", 3539: "ibm-dt-2", 3860: "sasp", 4500: "ipsec-nat-t", 5060: "sip", 5061: "sips",
    5222: "xmpp-client", 5353: "mdns", 5355: "llmnr", 5432: "postgresql", 5671: "amqps", 5672: "amqp",
    6000: "x11", 8080: "http-alt", 12000: "ee-signal", 12001: "ee-network", 12002: "ee-high", 12003: "ee-medium",
    12004: "ee-low",
}  # fmt: skip
