"""All numba code: plain arrays in, plain arrays out. The typed modules that call it validate and document.

One file, since numba's cache does not notice edits in another one. Ties go to the lowest index. No ``parallel=True``.
"""

import numpy as np

from stringart import _numba_cache  # noqa: F401  (before numba: chooses a cache directory that can be written)

from numba import njit  # isort: skip


@njit(cache=True, nogil=True)
def lay_threads(canvas, ends, half_px, colors, first_row, average=None):
    """Lay opaque threads over a band of a picture, in order.

    canvas (R, C, K) float32, linear light; ends (S, 4) float64: col, row, col, row in pixels of the whole picture,
    whose row ``first_row`` is the band's row 0; half_px (S,) half widths; colors (S, K). A pixel is covered by the
    share of its width that the thread's edge leaves to it. average (R / n, C / n, K) float64, if given, is kept at the
    mean of every n x n pixels: only what a thread touches is worked on, so a film costs little more than a picture.
    """
    rows, cols, channels = canvas.shape
    fine = 1 if average is None else rows // average.shape[0]
    for step in range(ends.shape[0]):
        c0, r0, c1, r1 = ends[step, 0], ends[step, 1] - first_row, ends[step, 2], ends[step, 3] - first_row
        half = half_px[step]
        dc, dr = c1 - c0, r1 - r0
        length = np.sqrt(dc * dc + dr * dr)
        if length == 0:
            continue
        uc, ur = dc / length, dr / length
        steep = abs(dr) > abs(dc)
        reach = (half + 0.5) / (abs(ur) if steep else abs(uc))
        if steep:
            slope = uc / ur
            low, high = max(int(np.floor(min(r0, r1))), 0), min(int(np.ceil(max(r0, r1))), rows)
        else:
            slope = ur / uc
            low, high = max(int(np.floor(min(c0, c1))), 0), min(int(np.ceil(max(c0, c1))), cols)
            if slope != 0.0:  # only the columns in which the thread can touch this band
                at_top = c0 + (-reach - 1 - r0) / slope
                at_bottom = c0 + (rows + reach + 1 - r0) / slope
                low = int(min(max(low, np.floor(min(at_top, at_bottom))), cols))
                high = int(max(min(high, np.ceil(max(at_top, at_bottom)) + 1), 0))
        for major in range(low, high):
            middle = c0 + (major + 0.5 - r0) * slope if steep else r0 + (major + 0.5 - c0) * slope
            near = max(int(np.floor(middle - reach)), 0)
            far = min(int(np.ceil(middle + reach)) + 1, cols if steep else rows)
            for minor in range(near, far):
                row, col = (major, minor) if steep else (minor, major)
                distance = abs((col + 0.5 - c0) * ur - (row + 0.5 - r0) * uc)
                alpha = min(half + 0.5 - distance, 1.0, 2 * half)
                if alpha > 0:
                    for k in range(channels):
                        change = np.float32(alpha * (colors[step, k] - canvas[row, col, k]))
                        canvas[row, col, k] += change
                        if average is not None:  # settled when it is compiled: plain painting does not pay for it
                            average[row // fine, col // fine, k] += change / (fine * fine)


@njit(cache=True, nogil=True)
def quantize_light(linear, table, out):
    """Write table[linear * (N - 1), rounded] to out, both (M,): linear float32, held within 0..1; table (N,) uint8."""
    top = len(table) - 1
    for i in range(len(linear)):
        level = int(linear[i] * np.float32(top) + np.float32(0.5))
        out[i] = table[min(max(level, 0), top)]


@njit(cache=True, nogil=True)
def changed_entries(frame, shown, entry_of, bits, tolerance, clear, entries):
    """Palette entries of the pixels of a frame that moved by more than a tolerance since they were last shown.

    frame, shown (R, C, 3) uint8, shown is brought up to date; entry_of (2 ** (3 * bits),) uint8 by the top bits of red,
    green, blue; entries (R, C) uint8 gets the entry, or clear where it stays the same. Returns the box of what changed:
    top, left, bottom, right; bottom and right are exclusive.
    """
    rows, cols, _ = frame.shape
    down = 8 - bits
    top, left, bottom, right = rows, cols, 0, 0
    for row in range(rows):
        for col in range(cols):
            moved = 0
            for k in range(3):
                moved = max(moved, abs(int(frame[row, col, k]) - int(shown[row, col, k])))
            entries[row, col] = clear
            if moved <= tolerance:
                continue
            new, old = 0, 0
            for k in range(3):
                new = (new << bits) | (int(frame[row, col, k]) >> down)
                old = (old << bits) | (int(shown[row, col, k]) >> down)
                shown[row, col, k] = frame[row, col, k]
            if tolerance >= 0 and entry_of[new] == entry_of[old]:
                continue
            entries[row, col] = entry_of[new]
            top, left = min(top, row), min(left, col)
            bottom, right = max(bottom, row + 1), max(right, col + 1)
    return top, left, bottom, right


@njit(cache=True, nogil=True)
def chords_clear_of_pins(xy, i, j, beside, other, everywhere):
    """For every chord (C,) whether no pin stands in its way.

    xy (N, 2) float64 pins in mm; i, j (C,) int32 the chords' ends. ``beside`` is how near a pin next to one of the ends
    may be to the chord, ``other`` (not less) any other pin. Unless ``everywhere``, only the two pins on both sides of
    both ends are looked at: on a convex ring they are the nearest.
    """
    count = len(xy)
    free = np.ones(len(i), np.bool_)
    for chord in range(len(i)):
        a, b = i[chord], j[chord]
        x, y = xy[a, 0], xy[a, 1]
        dx, dy = xy[b, 0] - x, xy[b, 1] - y
        square = dx * dx + dy * dy
        for k in range(count if everywhere else 8):
            pin = k
            if not everywhere:
                pin = ((a if k < 4 else b) + (-2, -1, 1, 2)[k % 4]) % count
            if pin in (a, b):
                continue
            px, py = xy[pin, 0] - x, xy[pin, 1] - y
            off = px * dy - py * dx
            if off * off >= other * other * square:  # far from the whole line: most pins
                continue
            share = min(max((px * dx + py * dy) / square, 0.0), 1.0)
            px, py = px - share * dx, py - share * dy
            near = px * px + py * py
            if near >= other * other:
                continue
            from_a, from_b = abs(pin - a), abs(pin - b)
            is_beside = from_a == 1 or from_b == 1 or from_a == count - 1 or from_b == count - 1
            if not is_beside or near < beside * beside:
                free[chord] = False
                break
    return free
