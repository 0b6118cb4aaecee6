"""Programs and procedures of ONC RPC.

Sources: RFC 1833 (portmap, rpcbind), RFC 1094, 1813 and 7530 (NFS, mount), the registry of program numbers; those of
z/OS NFS are recalled.
"""

PROGRAMS = {
    100000: "PORTMAP", 100001: "RSTAT", 100002: "RUSERS", 100003: "NFS", 100004: "YPSERV", 100005: "MOUNT",
    100007: "YPBIND", 100008: "WALL", 100011: "RQUOTA", 100012: "SPRAY", 100021: "NLM", 100024: "STAT",
    100026: "BOOTPARAMS", 100044: "MVSMOUNT", 100059: "SHOWATTR", 100227: "NFSACL", 150001: "PCNFSD",
    1 << 30: "NFS CB",
}  # fmt: skip

_MOUNT = ("NULL", "MNT", "DUMP", "UMNT", "UMNTALL", "EXPORT", "PATHCONF")
_RPCBIND = (
    "NULL", "SET", "UNSET", "GETADDR", "DUMP", "BCAST", "GETTIME", "UADDR2TADDR", "TADDR2UADDR", "GETVERSADDR",
    "INDIRECT", "GETADDRLIST", "GETSTAT",
)  # fmt: skip
PROCEDURES = {
    (100000, 2): ("NULL", "SET", "UNSET", "GETPORT", "DUMP", "CALLIT"),
    (100000, 3): _RPCBIND,
    (100000, 4): _RPCBIND,
    (100003, 2): (
        "NULL", "GETATTR", "SETATTR", "ROOT", "LOOKUP", "READLINK", "READ", "WRITECACHE", "WRITE", "CREATE", "REMOVE",
        "RENAME", "LINK", "SYMLINK", "MKDIR", "RMDIR", "READDIR", "STATFS",
    ),
    (100003, 3): (
        "NULL", "GETATTR", "SETATTR", "LOOKUP", "ACCESS", "READLINK", "READ", "WRITE", "CREATE", "MKDIR", "SYMLINK",
        "MKNOD", "REMOVE", "RMDIR", "RENAME", "LINK", "READDIR", "READDIRPLUS", "FSSTAT", "FSINFO", "PATHCONF",
        "COMMIT",
    ),
    (100003, 4): ("NULL", "COMPOUND"),
    (100005, 1): _MOUNT,
    (100005, 2): _MOUNT,
    (100005, 3): _MOUNT,
    (100021, 4): ("NULL", "TEST", "LOCK", "CANCEL", "UNLOCK", "GRANTED"),
}  # fmt: skip
