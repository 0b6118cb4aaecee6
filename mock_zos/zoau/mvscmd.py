"""``zoautil_py.mvscmd``: programs.  None but IEFBR14 is there; a program that is not found is a rc of the utility."""

from typing import Any

from mock_zos.lpar import Lpar
from mock_zos.zoau.closed import taking
from mock_zos.zoau.ztypes import DDStatement, ZOAUResponse


def functions(lpar: Lpar, release: str) -> dict[str, Any]:
    @taking("tmphlq")
    def execute(
        pgm: str,
        pgm_args: str | None = None,
        dds: list[DDStatement] | None = None,
        json: bool = False,
        **kwargs: Any,
    ) -> ZOAUResponse:
        rc = 0 if pgm.upper() == "IEFBR14" else 8
        return ZOAUResponse(rc, "", "" if not rc else f"BGYSC0201E {pgm} was not found", pgm, "UTF-8")

    return {"execute": execute, "execute_authorized": execute}
