"""Colours that a file names by number (ITU-T H.273): PNG's cICP, HEIC's and AVIF's nclx; HDR to sRGB.

PQ (SMPTE ST 2084) and HLG (ARIB STD-B67, ITU-R BT.2100) are brought to what white paper shows: it is 203 cd/m2 (ITU-R
BT.2408), what is brighter is cut.
"""

import re

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
PQ, HLG, LINEAR = 16, 18, 8
PAPER_WHITE = 203.0
_HLG_PEAK, _HLG_GAMMA = 1000.0, 1.2
_GAMMAS = {4: 2.2, 5: 2.8}
PRIMARIES = {
    9: (0.3127, 0.329, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    11: (0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    12: (0.3127, 0.329, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
}
"""White, red, green and blue as (x, y); of 1, sRGB's own, and of unknown ones there are none."""
NAMES = {PQ: "PQ", HLG: "HLG"}
_NCLX = re.compile(rb"colrnclx(....)", re.DOTALL)
_COLR_SPAN = 1 << 16  # the description of a HEIC or AVIF picture lies before its data


def codes_of(data: bytes, *, is_boxed: bool) -> tuple[int, int] | None:
    """Numbers of the primaries and of the transfer that a file names; None if it names none, or plain sRGB.

    Parameters
    ----------
    data : bytes
    is_boxed : bool
        It is HEIC or AVIF.
    """
    found: bytes | None = None
    if is_boxed:
        match = _NCLX.search(data, 0, _COLR_SPAN)
        found = match[1][1::2] if match else None
    elif data[:8] == b"\x89PNG\r\n\x1a\n":
        found = _chunk(data, b"cICP")
    if found is None or len(found) < 2:
        return None
    primaries, transfer = found[0], found[1]
    is_plain = primaries not in PRIMARIES and transfer not in (PQ, HLG, LINEAR, *_GAMMAS)
    return None if is_plain else (primaries, transfer)


def _chunk(data: bytes, kind: bytes) -> bytes | None:
    """Content of a PNG's chunk before its pixels."""
    at = 8
    while at + 8 <= len(data) and data[at + 4 : at + 8] != b"IDAT":
        size = int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] == kind:
            return data[at + 8 : at + 8 + size]
        at += size + 12
    return None


def to_light(values: NDArray[np.uint8], transfer: int, luminance: Floats) -> Floats:
    """Linear light of (rows, cols, 3) values, 1 for paper white, not yet cut.

    ``luminance`` (3,) is the share of each primary in Y.
    """
    signal = (np.arange(256) / 255).astype(np.float32)
    if transfer == PQ:
        return np.asarray((pq_to_nits(signal) / PAPER_WHITE)[values])
    if transfer == HLG:
        scene = hlg_to_scene(signal)[values]
        y = np.maximum(scene @ luminance, 1e-6)
        return np.asarray(scene * (y ** (_HLG_GAMMA - 1) * (_HLG_PEAK / PAPER_WHITE))[..., None], np.float32)
    if transfer == LINEAR or transfer in _GAMMAS:
        return np.asarray((signal ** _GAMMAS.get(transfer, 1.0))[values], np.float32)
    curve = np.where(signal <= 0.04045, signal / 12.92, ((signal + 0.055) / 1.055) ** 2.4)
    return np.asarray(curve.astype(np.float32)[values])


def pq_to_nits(signal: Floats) -> Floats:
    """Light in cd/m2 of PQ values 0..1.

    Examples
    --------
    >>> pq_to_nits(np.array([0.0, 0.5, 1.0], np.float32)).round().tolist()
    [0.0, 92.0, 10000.0]
    """
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
    power = np.asarray(signal, np.float64) ** (1 / m2)
    return np.asarray(10000 * (np.maximum(power - c1, 0) / (c2 - c3 * power)) ** (1 / m1), np.float32)


def hlg_to_scene(signal: Floats) -> Floats:
    """Scene light 0..1 of HLG values 0..1.

    Examples
    --------
    >>> [round(v, 4) for v in hlg_to_scene(np.array([0.0, 0.5, 1.0], np.float32)).tolist()]
    [0.0, 0.0833, 1.0]
    """
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    value = np.asarray(signal, np.float64)
    return np.asarray(np.where(value <= 0.5, value**2 / 3, (np.exp((value - c) / a) + b) / 12), np.float32)
