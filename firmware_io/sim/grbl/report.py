"""The status report: state, position, buffers, and now and then the work offset or the overrides."""

from __future__ import annotations

from firmware_io.sim.grbl.board import Electronics

_WCO_EVERY = 10  # reports
_WCO_EVERY_BUSY = 30
_BUSY_STATES = ("Run", "Hold", "Home", "Jog", "Door")


def _state_text(board: Electronics) -> str:
    if board.state == "Hold":
        return "Hold:0" if board.planner.held else "Hold:1"
    if board.state == "Door":
        return "Door:0" if board.planner.held else "Door:2"
    return board.state


def _accessories(board: Electronics) -> str:
    spindle = {3: "S", 4: "C"}.get(board.modal.spindle_mode, "") if board.gantry.spindle else ""
    shown = spindle + ("F" if board.flood else "")
    return f"|A:{shown}" if shown else ""


def report(board: Electronics, free: int) -> None:
    """Say the status; ``free`` bytes of the receive buffer are."""
    position, offset = board.in_steps(board.planner.position), board.offset()
    scale = 1 / 25.4 if board.eeprom.settings[13] else 1.0
    machine = int(board.eeprom.settings[10]) & 1
    shown = position if machine else tuple(p - o for p, o in zip(position, offset, strict=True))
    text = f"<{_state_text(board)}|{'MPos' if machine else 'WPos'}:{join([p * scale for p in shown])}"
    if int(board.eeprom.settings[10]) & 2:
        text += f"|Bf:{board.traits.planner_blocks - len(board.planner.queue)},{free}"
    speed = board.planner.speed * 60.0 * scale
    text += f"|FS:{speed:.0f},{board.gantry.spindle:.0f}"
    if board.wco_in <= 0:
        text += f"|WCO:{join([o * scale for o in offset])}"
        board.wco_in = _WCO_EVERY_BUSY if board.state in _BUSY_STATES else _WCO_EVERY
    elif board.ov_in <= 0:
        text += "|Ov:" + ",".join(map(str, board.overrides)) + _accessories(board)
        board.ov_in = 20 if board.state in _BUSY_STATES else 10
    board.wco_in -= 1
    board.ov_in -= 1
    board.say(text + ">\r\n")


def join(values: tuple[float, ...] | list[float]) -> str:
    """Values with commas between them, as grbl writes them."""
    return ",".join(f"{v:.3f}" for v in values)
