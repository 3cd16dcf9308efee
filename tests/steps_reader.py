"""Steps read back without the code that made them: walked through pin by pin, as a patient person would."""


def pins_of(rows, count):
    """Pins of every layer, from rows of kind, layer, from, to and pins along the rim; ties begin and end a layer.

    Raises AssertionError where a row does not begin at the pin where the one before ended.
    """
    layers, here = [], None
    for kind, layer, from_pin, to_pin, rim in rows:
        if kind == "tie on":
            layers.append((layer, [to_pin]))
            here = to_pin
            continue
        assert from_pin == here, f"{kind} from {from_pin}, but the thread is at {here}"
        if kind == "rim walk":
            way = 1 if rim > 0 else -1
            while here != to_pin or abs(rim) > 0:
                here = (here + way) % count
                rim -= way
                layers[-1][1].append(here)
            assert rim == 0
        elif kind == "chord":
            assert min((to_pin - here) % count, (here - to_pin) % count) > 1
            layers[-1][1].append(to_pin)
        else:
            assert (kind, to_pin) == ("tie off", here)
            to_pin = None
        here = to_pin
    return layers
