"""Whatever state a controller was left in: what it is, and the command that ends it, with what that costs."""

from collections.abc import Collection

from firmware_io import MachineState, Session, StatusReported
from stringart.cli._machine_common import AlarmRaisedError, talk
from stringart.errors import MachineError

_HOLD_WAY = (
    "stringart machine resume lets an unfinished job go on; stringart machine reset throws the lines away that it "
    "still has, and keeps the position"
)
_MOVING = (MachineState.RUN, MachineState.JOG, MachineState.HOME)
_WAYS = {
    MachineState.CHECK: (
        "is in check mode, where a dry run that was broken off leaves it",
        "stringart machine reset; nothing moves in check mode, so the position is kept",
    ),
    MachineState.HELD: ("stands in a hold", _HOLD_WAY),
    MachineState.HOLDING: ("brakes for a hold", _HOLD_WAY),
    MachineState.DOOR: ("stands, its safety door is or was open", _HOLD_WAY),
    MachineState.TOOL: ("waits for a change of tool", _HOLD_WAY),
    MachineState.WAITING: ("waits for its operator", "answer it at the machine"),
    MachineState.SLEEP: (
        "sleeps, its motors are off",
        "stringart machine reset, then home; or unlock, and say where the tool is with --at X,Y,Z",
    ),
    MachineState.ALARM: (
        "is in alarm and locked",
        "clear the cause; then stringart machine home, or stringart machine unlock and say where the tool is with "
        "--at X,Y,Z",
    ),
    MachineState.DEAD: ("has shut itself down", "switch it off and on"),
}


def way_out(status: StatusReported) -> MachineError | None:
    """What a state means and how it ends, as the error that a command would be; None for one in which it rests."""
    if status.state not in _WAYS:
        return None
    means, way = _WAYS[status.state]
    kind = AlarmRaisedError if status.state is MachineState.ALARM else MachineError
    return kind(f"the controller {means} ({status.raw_state})", way)


def rest(session: Session, *, allowed: Collection[MachineState] = (), patience_s: float = 120.0) -> StatusReported:
    """Wait until the machine rests; its status.

    Raises
    ------
    MachineError
        In a state that waiting does not end and that is not ``allowed``, with the way out of it.
    """
    status = session.status()
    if status.state in _MOVING:
        talk(f"the machine still moves ({status.raw_state}); waiting until it stands")
        while (status := session.status()).state in _MOVING and patience_s > 0:
            patience_s -= 0.2
    error = way_out(status)
    if error is not None and status.state not in allowed:
        raise error
    return status
