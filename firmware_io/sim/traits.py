"""How the members of the grbl family differ, as data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """One firmware of the grbl family."""

    banner: str
    build_info: str  # {planner} and {rx} are put in
    axis_letters: str = "XYZ"
    rx_bytes: int = 128
    planner_blocks: int = 15
    line_characters: int = 79
    crlf_is_one_line: bool = False
    error_latches: bool = False
    tool_change: bool = False
    auto_report: bool = False


GRBL_FAMILY: dict[str, Traits] = {
    "grbl": Traits(
        banner="Grbl 1.1h ['$' for help]",
        build_info="[VER:1.1h.20190830:]\r\n[OPT:V,{planner},{rx}]\r\n",
    ),
    "grblhal": Traits(
        banner="GrblHAL 1.1f ['$' or '$HELP' for help]",
        build_info="[VER:1.1f.20240812:]\r\n[OPT:VNMSL,{planner},{rx},4,0]\r\n[AXS:4:XYZA]\r\n"
        "[NEWOPT:ENUMS,RT+,ES,HOME]\r\n[FIRMWARE:grblHAL]\r\n[NVS STORAGE:*FLASH]\r\n[DRIVER:Simulator]\r\n",
        axis_letters="XYZA",
        rx_bytes=1024,
        planner_blocks=100,
        line_characters=255,
        crlf_is_one_line=True,
        error_latches=True,
        tool_change=True,
    ),
    "fluidnc": Traits(
        banner="Grbl 3.7 [FluidNC v3.7.18 (noradio) '$' for help]",
        build_info="[VER:3.7 FluidNC v3.7.18 (noradio):]\r\n[OPT:PHS]\r\n[MSG: Machine: simulated gantry]\r\n",
        axis_letters="XYZA",
        crlf_is_one_line=True,
        auto_report=True,
    ),
}
