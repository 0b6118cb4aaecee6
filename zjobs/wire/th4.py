"""SNA transmission header between subarea nodes (format 4).

Reference: SNA Formats (GA27-3136), transmission header FID4.
"""

import numpy as np

from zjobs.chars import by_value, decimal
from zjobs.wire.layout import Field, Layout
from zjobs.wire.listing import Block, Title, item, line
from zjobs.wire.th import MAPPING
from zjobs.wire.values import hex2, hex4, hex8, json_bool
from zjobs.wire.walk import Layer, Walk

NAME = "th4"
TITLE = "SNA Transmission Header FID4"
FOUND = {"sna.pi": (4,)}

LAYOUT = Layout(
    "FID4",
    (
        Field("fid", "u8", 0, "Format Id", hex2, bits=(4, 4), json="sna.th.fid"),
        Field("tg_sweep", "u8", 0, "TG Sweep", bits=(3, 1), json="sna.th.tg_sweep"),
        Field("er_vr_supp", "u8", 0, "ER/VR Support", bits=(2, 1), json="sna.th.er_vr_supp_ind"),
        Field("vr_pac_cnt", "u8", 0, "VR Pacing Count", bits=(1, 1), json="sna.th.vr_pac_cnt_ind"),
        Field("ntwk_prty", "u8", 0, "Network Priority", bits=(0, 1), json="sna.th.ntwk_prty"),
        Field("iern", "u8", 2, "Initial ER", bits=(4, 4), json="sna.th.iern"),
        Field("ern", "u8", 2, "Explicit Route", bits=(0, 4), json="sna.th.ern"),
        Field("vrn", "u8", 3, "Virtual Route", bits=(4, 4), json="sna.th.vrn"),
        Field("tpf", "u8", 3, "Priority", bits=(0, 2), json="sna.th.tpf"),
        Field("tg_snf", "u16", 4, "TG Sequence", bits=(0, 12), json="sna.th.tg_snf"),
        Field("vrprq", "u16", 6, "VR Pacing Request", bits=(15, 1), json="sna.th.vrprq", json_show=json_bool),
        Field("vrprs", "u16", 6, "VR Pacing Response", bits=(14, 1), json="sna.th.vrprs", json_show=json_bool),
        Field("vr_snf", "u16", 6, "VR Sequence", bits=(0, 12), json="sna.th.vr_snf_send"),
        Field("dsaf", "u32", 8, "Destination Subarea", hex8, json="sna.th.dsaf"),
        Field("osaf", "u32", 12, "Origin Subarea", hex8, json="sna.th.osaf"),
        Field("snai", "u8", 16, "SNA", bits=(4, 1), json="sna.th.snai", json_show=json_bool),
        Field("mpf", "u8", 16, "Mapping", bits=(2, 2), json="sna.th.mpf"),
        Field("efi", "u8", 16, "Expedited Flow", bits=(0, 1), json="sna.th.efi"),
        Field("def", "u16", 18, "Destination Element", hex4, json="sna.th.def"),
        Field("oef", "u16", 20, "Origin Element", hex4, json="sna.th.oef"),
        Field("snf", "u16", 22, "Sequence Number", json="sna.th.snf"),
        Field("dcf", "u16", 24, "Data Count", json="sna.th.dcf"),
    ),
    26,
    "SNA Formats, transmission header FID4",
)


def reach(walk: Walk, layer: Layer) -> None:
    """The data count bounds what follows; a request or response header is in the first or only segment."""
    whole = layer.end - layer.start >= LAYOUT.size
    count = layer["dcf"].astype(np.int64)
    limit = np.where(whole & (count > 0), np.minimum(layer.limit, layer.payload + count), layer.limit)
    end = np.minimum(layer.end, limit)
    walk.next(layer, "sna.rh", layer["mpf"] * 0, which=whole & (layer["mpf"] >= 2), limit=limit, end=end)


def lines(walk: Walk, layer: Layer) -> list[Block]:
    """Ours: the formatter's own layout of this header is not known."""
    return [
        Title(TITLE),
        line(
            item("Mapping", by_value(layer["mpf"], lambda v: MAPPING[v])),
            item("Flow", by_value(layer["efi"], lambda v: "expedited" if v else "normal")),
            item("SNA", by_value(layer["snai"], lambda v: "yes" if v else "no")),
        ),
        line(item("Destination", hex8(layer["dsaf"])), item("Element", hex4(layer["def"]))),
        line(item("Origin", hex8(layer["osaf"])), item("Element", hex4(layer["oef"]))),
        line(
            item("Sequence Number", decimal(layer["snf"])),
            item("Data Count", decimal(layer["dcf"])),
            item("TG Sequence", decimal(layer["tg_snf"])),
        ),
        line(
            item("Explicit Route", decimal(layer["ern"])),
            item("Virtual Route", decimal(layer["vrn"])),
            item("Priority", decimal(layer["tpf"])),
        ),
    ]
