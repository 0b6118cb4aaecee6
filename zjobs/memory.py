"""Memory from the system, on Linux with the GNU C library: kept once it is there, and there before it is needed.

New pages come cleared, one by one, when they are first touched; on a virtual machine whose host supplies them, that
costs as much as what is done with them.  So what is freed is kept for what comes next, and the first pages are touched
by a thread of their own while the interpreter, which uses one processor only, loads the modules of a command.  They
are huge pages where the system has them: that thread has the time to wait for one, and the process ends sooner.
"""

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import Any

#: Parameters of mallopt(3), from malloc.h.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8

#: Bytes that are touched: so many for each byte of the files, and no more than a listing of a large one uses.
_PER_BYTE, _MOST = 2, 144 << 20

#: Bytes of one block; what is smaller than the threshold stays with the process when it is freed.
_BLOCK, _THRESHOLD = 16 << 20, 32 << 20

#: From sys/mman.h, and the size of such pages on most machines; of another size, fewer of the pages are huge.
_MADV_HUGEPAGE, _HUGE = 14, 2 << 20

_WANTED = Event()


def prepare(words: Iterable[str]) -> None:
    """Have memory kept, and as much touched as a command of these words will use for the files among them.

    To be called before NumPy is loaded, which is told not to ask for huge pages of its own: two megabytes are cleared
    at once there, by whoever comes first.  Anywhere else nothing happens.
    """
    if sys.platform != "linux":
        return
    os.environ.setdefault("NUMPY_MADVISE_HUGEPAGE", "0")
    # An interpreter may be built without it.
    with suppress(ImportError, AttributeError, OSError):
        import ctypes

        library = ctypes.CDLL(None)
        library.mallopt(_MMAP_THRESHOLD, _THRESHOLD)
        library.mallopt(_TRIM_THRESHOLD, 2 * _MOST)
        # Arenas of their own threads give back what is free for a moment.
        library.mallopt(_ARENA_MAX, 1)
        blocks = min(_MOST, _PER_BYTE * sum(map(_size, words))) // _BLOCK
        if blocks and (os.cpu_count() or 1) > 1:
            library.malloc.restype = ctypes.c_void_p
            library.malloc.argtypes = (ctypes.c_size_t,)
            library.memset.argtypes = (ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t)
            library.free.argtypes = (ctypes.c_void_p,)
            library.madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
            Thread(target=_touch, args=(library, blocks), name="zjobs-memory", daemon=True).start()


def wanted() -> None:
    """Memory is used from now on: what was not touched yet is left, or two would wait for new pages at a time."""
    _WANTED.set()


def _size(word: str) -> int:
    """Bytes of a file; none of anything else."""
    with suppress(OSError, ValueError):
        return Path(word).stat().st_size
    return 0


def _touch(library: Any, blocks: int) -> None:
    held = [library.malloc(_BLOCK) for _ in range(blocks)]
    for block in filter(None, held):
        if not _WANTED.is_set():
            begin, end = block // _HUGE * _HUGE, -(-(block + _BLOCK) // _HUGE) * _HUGE
            library.madvise(begin, end - begin, _MADV_HUGEPAGE)
            library.memset(block, 0, _BLOCK)
    for block in held:
        library.free(block)
