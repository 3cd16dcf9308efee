"""The winding as a binary list for a memory card, as a job template says it, else 2 bytes each (.card.bin)."""

from typing import Literal

from stringart.errors import MachineError
from stringart.export import MACHINE, ExportOptions
from stringart.machine.profile_files import profile_of
from stringart.machine.template import MemoryCard
from stringart.machine.template_files import load_template
from stringart.plan.model import Plan
from stringart.plan.steps import steps_or_refuse

OPTIONS = (MACHINE,)


def export(plan: Plan, options: ExportOptions) -> bytes:
    """Return how many pins there are, then every pin in the order of winding, layer after layer.

    Without a job template in the profile a number takes two bytes, the lower first.

    Raises
    ------
    MachineError
        If a number is larger than its bytes can hold.
    """
    steps_or_refuse(plan, "a list for a card")
    profile = profile_of(options[MACHINE])
    card = load_template(profile.machine.template).card if profile.machine.template else MemoryCard()
    pins = [int(pin) for layer in plan.layers for pin in layer.pins]
    out = b""
    for value, size, what in ((len(pins), card.count_bytes, "wraps"), (max(pins), card.pin_bytes, "the last pin")):
        if size and value >= 256**size:
            raise MachineError(
                f"{what}: {value} is more than {size} byte{'s' * (size > 1)} of a card hold, {256**size - 1}",
                "take a template of your own with larger count_bytes or pin_bytes under [card]",
            )
    order: Literal["little", "big"] = "little" if card.order == "little" else "big"
    if card.count_bytes:
        out += len(pins).to_bytes(card.count_bytes, order)
    return out + b"".join(pin.to_bytes(card.pin_bytes, order) for pin in pins)
