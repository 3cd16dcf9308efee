"""All numba code: plain arrays in, plain arrays out. The typed modules that call it validate and document.

One file, since numba's cache does not notice edits in another one. Ties go to the lowest index. No ``parallel=True``.
"""

from typing import Any, NamedTuple

import numpy as np

from stringart._numba_cache import njit  # numba's own, with its cache in a folder that can be written

# Each kind of arguments is a compilation of its own, some tenths of a second of the first run, and every literal is a
# kind. So what one kernel hands to another is made np.int64 where it is not; it costs nothing when it runs.


@njit(cache=True, nogil=True, error_model="numpy")
def _flat(maps):
    """All of an array in one row; compiled for each kind of array once, it is among the dearest things to compile."""
    return maps.reshape(-1)


@njit(cache=True, nogil=True, error_model="numpy")
def lay_threads(canvas, ends, half_px, colors, first_row, channels, average=None):
    """Lay opaque threads over a band of a picture, in order.

    canvas (R, C, K) float32, linear light; ends (S, 4) float64: col, row, col, row in pixels of the whole picture,
    whose row ``first_row`` is the band's row 0; half_px (S,) half widths; colors (S, K) float32. A pixel is covered by
    the share of its width that the thread's edge leaves to it. channels is a tuple of length K: the compiler sees how
    long it is and unrolls. average (R / n, C / n, K) float64, if given, is kept at the mean of every n x n pixels: only
    what a thread touches is worked on, so a film costs little more than a picture.
    """
    rows, cols = canvas.shape[:2]
    count = len(channels)
    fine = 1 if average is None else rows // average.shape[0]
    flat = _flat(canvas)
    for step in range(ends.shape[0]):
        half = half_px[step]
        steep, (uc, ur), (begin, side), slope, reach, low, high = _walk(ends[step], first_row, half + 0.5, rows, cols)
        most = min(1.0, 2 * half)
        across = ur if steep else -uc  # what a step of one pixel across adds to the signed distance
        along = uc if steep else -ur
        limit, jump = (cols, count) if steep else (rows, cols * count)
        for major in range(low, high):
            ahead = major + 0.5 - begin
            middle = side + ahead * slope
            near = max(int(np.floor(middle - reach)), 0)
            far = min(int(np.ceil(middle + reach)) + 1, limit)
            distance = (near + 0.5 - side) * across - ahead * along
            place = near * jump + major * (cols * count if steep else count)
            for minor in range(near, far):
                alpha = np.float32(min(half + 0.5 - abs(distance), most))
                if alpha > 0:
                    for k in range(count):
                        at = np.uint64(place + k)  # unsigned: no wrap-around to check for
                        change = alpha * (colors[step, k] - flat[at])
                        flat[at] += change
                        if average is not None:  # settled when it is compiled: plain painting does not pay for it
                            row, col = (major, minor) if steep else (minor, major)
                            average[row // fine, col // fine, k] += change / (fine * fine)
                distance += across
                place += jump


@njit(cache=True, nogil=True, error_model="numpy")
def _walk(line, first_row, reach_px, rows, cols):
    """How a line (col, row, col, row) is walked over a band of a picture, along its longer axis, pixel by pixel.

    Returns whether that axis is the rows'; the line's unit vector (col, row); where it begins along the walk and across
    it; how far it comes across in a step; how far across ``reach_px`` from it is; and the steps from which and up to
    which it is that near to the band: none for a line without length.
    """
    c0, r0, c1, r1 = line[0], line[1] - first_row, line[2], line[3] - first_row
    dc, dr = c1 - c0, r1 - r0
    length = np.sqrt(dc * dc + dr * dr)
    if length == 0:
        return False, (1.0, 0.0), (c0, r0), 0.0, reach_px, 0, 0
    uc, ur = dc / length, dr / length
    if abs(dr) > abs(dc):
        low, high = max(int(np.floor(min(r0, r1))), 0), min(int(np.ceil(max(r0, r1))), rows)
        return True, (uc, ur), (r0, c0), uc / ur, reach_px / abs(ur), low, high
    slope, reach = ur / uc, reach_px / abs(uc)
    low, high = max(int(np.floor(min(c0, c1))), 0), min(int(np.ceil(max(c0, c1))), cols)
    if slope != 0.0:  # only the columns in which the line can touch this band
        at_top = c0 + (-reach - 1 - r0) / slope
        at_bottom = c0 + (rows + reach + 1 - r0) / slope
        low = int(min(max(low, np.floor(min(at_top, at_bottom))), cols))
        high = int(max(min(high, np.ceil(max(at_top, at_bottom)) + 1), 0))
    return False, (uc, ur), (c0, r0), slope, reach, low, high


@njit(cache=True, nogil=True, error_model="numpy")
def lay_strands(canvas, ends, half_px, looks, light, first_row, ply_px):
    """Lay lit round strands over a band of a picture, in order; each shades what lies under it and beside it.

    canvas (R, C, 4) float32: light of the strands times what they cover, and the share of the pixel that is covered;
    ends, half_px, first_row as in lay_threads; looks (S, 6) float32: albedo of red, green and blue, gloss, how dark its
    shadow is, and how far along its way its ply begins; light (2, 3): towards the light and half-way to it from the
    eye, unit vectors of column, row and towards the eye; ply_px: length of a twist of the ply, 0 for none.
    """
    rows, cols = canvas.shape[:2]
    flat = _flat(canvas)
    for step in range(ends.shape[0]):
        half = half_px[step]
        walk = _walk(ends[step], first_row, 4 * half + 1.5, rows, cols)
        steep, (uc, ur), (begin, side), slope, reach, first, last = walk
        # distances grow along this normal
        nc, nr = (ur, -uc) if steep else (-ur, uc)
        if (nc if steep else nr) < 0:
            nc, nr = -nc, -nr
        lit, lit_up = np.float32(light[0, 0] * nc + light[0, 1] * nr), np.float32(light[0, 2])
        gleam, gleam_up = np.float32(light[1, 0] * nc + light[1, 1] * nr), np.float32(light[1, 2])
        shadow, gloss = looks[step, 4], looks[step, 3]
        shift, spread = -1.4 * half * lit, 2.6 * half + 0.75
        across, most = nc if steep else nr, min(1.0, 2 * half)
        limit = cols if steep else rows
        for major in range(first, last):
            ahead = major + 0.5 - begin
            middle = side + ahead * slope
            near, far = max(int(np.floor(middle - reach)), 0), min(int(np.ceil(middle + reach)) + 1, limit)
            way = abs(ahead) * (1 / abs(ur) if steep else 1 / abs(uc))
            for minor in range(near, far):
                distance = (minor + 0.5 - middle) * across
                at = np.uint64(4 * (minor + major * cols if steep else major + minor * cols))
                alpha = np.float32(min(half + 0.5 - abs(distance), most))
                if alpha < most and shadow > 0:
                    _darken(flat, at, np.float32((distance - shift) / spread), shadow)
                if alpha <= 0:
                    continue
                off = np.float32(min(max(distance / (half + 0.35), -1.0), 1.0))
                up = np.sqrt(1 - off * off)
                direct = max(off * lit + up * lit_up, np.float32(0))
                shine = _to_the_16th(max(off * gleam + up * gleam_up, np.float32(0)))
                seen = np.float32(0.30) + np.float32(0.14) * up + np.float32(0.96) * direct
                if ply_px > 0:
                    twist = (way / ply_px + looks[step, 5] + 0.35 * off) % 1.0
                    seen *= np.float32(0.8 + 0.8 * min(twist, 1 - twist))
                for k in range(3):
                    place = at + np.uint64(k)
                    flat[place] += alpha * (looks[step, k] * seen + gloss * shine - flat[place])
                flat[at + np.uint64(3)] += alpha * (1 - flat[at + np.uint64(3)])


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _darken(flat, at, beside, shadow):
    """Let a strand's shadow fall on a pixel that is ``beside`` of the shadow's half width from its middle."""
    dark = 1 - beside * beside
    if dark > 0:
        keep = 1 - shadow * dark * dark
        for k in range(3):
            flat[at + np.uint64(k)] *= keep


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _to_the_16th(x):
    x *= x
    x *= x
    x *= x
    x *= x
    return x


@njit(cache=True, nogil=True, error_model="numpy")
def mean_of_squares(canvas, fine, out):
    """Write the mean (R / fine, C / fine, K) float32 of every fine x fine pixels of a canvas (R, C, K); out is zero."""
    rows, cols, channels = out.shape
    source, total, width = _flat(canvas), _flat(out), canvas.shape[1] * channels
    for row in range(rows * fine):
        at, to = row * width, row // fine * cols * channels
        for _ in range(cols):
            for k in range(channels):
                light, place = total[np.uint64(to + k)], at + k  # not summed where it is written: three times as fast
                for _ in range(fine):
                    light += source[np.uint64(place)]
                    place += channels
                total[np.uint64(to + k)] = light
            at += fine * channels
            to += channels
    share = np.float32(1 / (fine * fine))
    for k in range(len(total)):
        total[k] *= share


@njit(cache=True, nogil=True, error_model="numpy")
def quantize_light(linear, table, out):
    """Write table[linear * (N - 1), rounded] to out, both (M,): linear float32, held within 0..1; table (N,) uint8."""
    top = len(table) - 1
    for i in range(len(linear)):
        level = int(linear[i] * np.float32(top) + np.float32(0.5))
        out[i] = table[min(max(level, 0), top)]


@njit(cache=True, nogil=True, error_model="numpy")
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


@njit(cache=True, nogil=True, error_model="numpy")
def chords_clear_of_pins(xy, i, j, reach, everywhere, free):
    """Leave ``free`` (C,) true for those chords of which all four lines pass every third pin at ``reach`` at least.

    xy (N, 2) float64 pins in mm; i, j (C,) int32 the chords' ends. A line passes either end at ``reach``, on its left
    or its right. Unless ``everywhere``, only the two pins on both sides of both ends are looked at: on a convex ring
    they are the nearest.
    """
    count = len(xy)
    for chord in range(len(i)):
        a, b = i[chord], j[chord]
        x, y = xy[a, 0], xy[a, 1]
        dx, dy = xy[b, 0] - x, xy[b, 1] - y
        length = np.sqrt(dx * dx + dy * dy)
        if length <= 2 * reach:
            free[chord] = False
            continue
        dx, dy = dx / length, dy / length
        for k in range(count if everywhere else 8):
            pin = k
            if not everywhere:
                pin = ((a if k < 4 else b) + (-2, -1, 1, 2)[k % 4]) % count
            if pin in (a, b):
                continue
            along, off = (xy[pin, 0] - x) * dx + (xy[pin, 1] - y) * dy, (xy[pin, 1] - y) * dx - (xy[pin, 0] - x) * dy
            if abs(off) >= 2 * reach or not -reach < along < length + reach:
                continue
            if _least_distance(length, along, off, reach) < reach:
                free[chord] = False
                break


@njit(cache=True, nogil=True, error_model="numpy")
def third_pins(ends, pairs, xy, reach):
    """For every step (S,) the pin nearest to its line that is neither of its own, or -1 if none is within ``reach``.

    ends (S, 2, 2) float64 where the step begins and ends; pairs (S, 2) int32 its pins; xy (N, 2) float64 all pins;
    reach (S,) float64.
    """
    found = np.full(len(pairs), -1, np.int32)
    for step in range(len(pairs)):
        x, y = ends[step, 0, 0], ends[step, 0, 1]
        dx, dy = ends[step, 1, 0] - x, ends[step, 1, 1] - y
        square = max(dx * dx + dy * dy, 1e-18)
        least = reach[step] * reach[step]
        for pin in range(len(xy)):
            px, py = xy[pin, 0] - x, xy[pin, 1] - y
            off = px * dy - py * dx
            if off * off >= least * square:  # far from the whole line: most pins
                continue
            share = min(max((px * dx + py * dy) / square, 0.0), 1.0)
            px, py = px - share * dx, py - share * dy
            near = px * px + py * py
            if near < least and pin != pairs[step, 0] and pin != pairs[step, 1]:
                least = near
                found[step] = pin
    return found


@njit(cache=True, nogil=True, error_model="numpy")
def _least_distance(length, along, off, reach):
    """Of a point from the four lines past (0, 0) and (length, 0) at ``reach``."""
    least = np.inf
    for k in range(4):
        first, last = (reach if k & 1 else -reach), (reach if k & 2 else -reach)
        sine = (last - first) / length
        cosine = np.sqrt(1 - sine * sine)
        x, y = along + first * sine, off - first * cosine
        share = min(max(x * cosine + y * sine, 0.0), length * cosine)
        least = min(least, np.sqrt((x - share * cosine) ** 2 + (y - share * sine) ** 2))
    return least


# --- Chord search -----------------------------------------------------------------------------------------------------
#
# A chord is walked along its longer axis ("major"), one pixel a step; its coverage is shared by linear interpolation
# between the two pixels nearest across ("minor"). Positions are 16.16 fixed point: exact, hence the same everywhere.
#
# chords (C, 4) int32: start of the walk in a flat map, steps, first minor position and slope in 16.16.
# cover (C,) float32: coverage of one step, d / cos(angle) in pixels.
# maps (2, Q, Q, 2) float32: the linear and the curvature term (g, h) of a pixel's gain, once with the columns as the
# major axis and once with the rows, so that both kinds of chord read neighbours across from neighbouring memory.
# The gain of covering a pixel's share a is a (g - a h).
#
# A record is a tuple of arrays with names: the compiler sees through it.
#
# state (Q, Q, 4) float32, a pixel's terms in a cost that is quadratic in the transmittance t of the thread searched:
TRANSMITTANCE = 0  # t: what is seen past this thread
SLOPE = 1  # half the cost's derivative by t, kept up to date
REACH = 2  # how much the slope changes with what lies within the eye's blur
CURVATURE = 3  # of the cost by t, for a whole thread
_HALF_STEP = 1 / 32  # of a pixel: the profile's table


class Lines(NamedTuple):
    """All lines that may be wound, (C, ...); those of a chord follow each other."""

    pairs: Any  # (C, 2) int32 pins
    sides: Any  # (C, 2) int8, see "Ends at a pin"
    walks: Any  # (C, 4) int32, see above
    cover: Any  # (C,) float32
    use_mm: Any  # (C,) float32 thread that each uses up


class Field(NamedTuple):
    """What is laid, as the eye sees it."""

    state: Any  # (Q, Q, 4) float32
    maps: Any  # (2, Q, Q, 2) float32
    profile: Any  # (M,) float32, how a thread's change spreads across it, 16 entries a pixel


class Queue(NamedTuple):
    """Chords in the order of their gains, (P,); those of ``heap`` alone are looked at."""

    heap: Any  # (n,) int32 chords, n <= P
    gains: Any  # float32, when looked at last
    way: Any  # int8, which of a chord's lines was the best then
    favor: Any  # float32, how many times a gain counts
    used: Any  # bool: lies on the board already, in this layer or another


class Ends(NamedTuple):
    """The ends at every pin, see "Ends at a pin"."""

    keys: Any  # (N, most) int32, in rising order
    degrees: Any  # (N,) int32, how many there are
    limits: Any  # (N, 2) int32


# linear sRGB to XYZ of a white of 1 (IEC 61966-2-1, each row scaled to a sum of 1)
_XYZ = np.array(
    [
        [0.43388, 0.37622, 0.18990],
        [0.21260, 0.71520, 0.07220],
        [0.01776, 0.10947, 0.87277],
    ]
)


@njit(cache=True, nogil=True, error_model="numpy")
def _gain(flat, stride, chords, cover, k):
    base, position, slope = np.int64(chords[k, 0]), np.int64(chords[k, 2]), np.int64(chords[k, 3])
    whole = cover[k]
    share = whole * np.float32(1 / 65536)
    near = np.float32(0)
    far = np.float32(0)
    for _ in range(chords[k, 1]):
        at = np.uint64(base + ((position >> 16) << 1))  # unsigned: no wrap-around to check for
        a1 = np.float32(position & 65535) * share
        a0 = whole - a1
        near += a0 * (flat[at] - a0 * flat[at + np.uint64(1)])
        far += a1 * (flat[at + np.uint64(2)] - a1 * flat[at + np.uint64(3)])
        base += stride
        position += slope
    return near + far


@njit(cache=True, nogil=True, error_model="numpy")
def _gain_of_line(flat, stride, lines, limits, favor, price, line):
    """Gain of a line: as often as its chord is favored, less the price of every end that it leaves loose."""
    gain = _gain(flat, stride, lines.walks, lines.cover, line) * favor
    return gain - price * _loosened(line, lines, limits) if price > 0 else gain


@njit(cache=True, nogil=True, error_model="numpy")
def all_gains(maps, lines, queue, limits, price, other, turns):
    """Gain of every chord (P,), as `lay_best` counts it; a used one has none: a second thread there would not be seen.

    A chord has as many lines as there are ways along its two pins. ``way`` (P,) int8 is the one that was the best when
    it was looked at last. It is looked at again, and one other, the one whose number differs by the bits of ``other``.
    turns is (floor, turn, every): of the chords that gained the floor at most, one of ``every`` is looked at; none
    where that is 0.
    """
    _, gains, way, favor, used = queue
    floor, turn, every = turns
    flat, stride = _flat(maps), 2 * maps.shape[1]
    ways = len(lines.walks) // len(used)
    for k in range(len(used)):
        if gains[k] <= floor and (every == 0 or k % every != turn):
            continue
        if used[k]:
            gains[k] = -np.inf
            continue
        gains[k] = _gain_of_line(flat, stride, lines, limits, favor[k], price, k * ways + way[k])
        if ways > 1 and other > 0:
            gain = _gain_of_line(flat, stride, lines, limits, favor[k], price, k * ways + (way[k] ^ other))
            if gain > gains[k]:
                gains[k], way[k] = gain, way[k] ^ other


@njit(cache=True, nogil=True, error_model="numpy")
def gains_across(maps, width_px, table):
    """Gains of lines right across the map: of slopes from -1 to 1, both ways to walk, one line a pixel.

    maps as above, or one of the two; table (2 or 1, slopes, 2 Q) float32, two slopes at least; its last index is where
    a line crosses the middle of its walk, from half a map before the map on. All lines of a slope are walked at once,
    one shift of a whole row a step: that is vectorised, and takes a thirtieth of the time that as many chords take.
    """
    size, slopes = maps.shape[1], table.shape[1]
    middle, before = size // 2, size // 2
    g, h = np.empty(size, np.float32), np.empty(size, np.float32)
    wholes = np.empty(slopes, np.float32)
    for k in range(slopes):
        slope = 2.0 * k / (slopes - 1) - 1.0
        wholes[k] = width_px * np.sqrt(1.0 + slope * slope)
    for axis in range(len(table)):
        for k in range(slopes):
            for n in range(2 * size):
                table[axis, k, n] = 0
        for major in range(size):
            for n in range(size):
                g[n], h[n] = maps[axis, major, n, 0], maps[axis, major, n, 1]
            for k in range(slopes):
                at = (2.0 * k / (slopes - 1) - 1.0) * (major - middle)
                shift = int(np.floor(at))
                a1 = np.float32(at - shift) * wholes[k]
                a0 = wholes[k] - a1
                _add_shifted(g, h, a0, a1, table[axis, k, before - shift : before - shift + size])


@njit(cache=True, nogil=True, error_model="numpy")
def _add_shifted(g, h, a0, a1, total):
    b0, b1 = a0 * a0, a1 * a1
    for n in range(len(total) - 1):
        total[n] += a0 * g[n] - b0 * h[n] + a1 * g[n + 1] - b1 * h[n + 1]


@njit(cache=True, nogil=True, error_model="numpy")
def places_across(walks, size, slopes, places):
    """Where in a table of `gains_across`, taken as one row of lines after the other, each chord's first line lies.

    places (P, 2) float32: the row, 0 to 2 * slopes, and the place in it; walks (C, 4) as above.
    """
    ways, halves = len(walks) // len(places), (slopes - 1) / 2.0
    for k in range(len(places)):
        line = k * ways
        first = walks[line, 0] // (2 * size)
        axis = 1 if first >= size else 0
        slope = walks[line, 3] / 65536.0
        place = walks[line, 2] / 65536.0 + slope * (size // 2 - (first - axis * size)) + size // 2
        places[k, 0] = min(max((slope + 1.0) * halves, 0.0), slopes - 1.001) + axis * slopes
        places[k, 1] = min(max(place, 0.0), 2 * size - 1.001)


@njit(cache=True, nogil=True, error_model="numpy")
def likely_gains(table, places, lines, queue, limits, price):
    """Write the gain of every chord (P,) from `gains_across` and `places_across`: to about a pixel."""
    _, gains, way, favor, used = queue
    rows, ways, across = _flat(table), len(lines.walks) // len(used), table.shape[2]
    for k in range(len(used)):
        if used[k]:
            gains[k] = -np.inf
            continue
        turn, place = places[k, 0], places[k, 1]
        low, left = int(turn), int(place)
        by, beside = turn - np.float32(low), place - np.float32(left)
        one = np.uint64(low * across + left)  # unsigned: no wrap-around to check for
        other = one + np.uint64(across)
        gain = (rows[one] + beside * (rows[one + np.uint64(1)] - rows[one])) * (np.float32(1) - by)
        gain += (rows[other] + beside * (rows[other + np.uint64(1)] - rows[other])) * by
        gains[k] = gain * favor[k]
        if price > 0:
            gains[k] -= price * _loosened(k * ways + way[k], lines, limits)


@njit(cache=True, nogil=True, error_model="numpy")
def removal_gains(maps, lines, chosen, gains):
    """Write the gain (n,) of taking out each of the chosen lines again: t grows by the factor 1 / (1 - a)."""
    flat, walks = _flat(maps), lines.walks
    for n in range(len(chosen)):
        k = chosen[n]
        base, position = np.int64(walks[k, 0]), np.int64(walks[k, 2])
        whole, total = lines.cover[k], np.float32(0)
        for _ in range(walks[k, 1]):
            at = np.uint64(base + ((position >> 16) << 1))
            a1 = np.float32(position & 65535) * np.float32(1 / 65536) * whole
            a0 = whole - a1
            a0, a1 = a0 / (np.float32(1) - a0), a1 / (np.float32(1) - a1)
            total -= a0 * (flat[at] + a0 * flat[at + np.uint64(1)]) + a1 * (
                flat[at + np.uint64(2)] + a1 * flat[at + np.uint64(3)]
            )
            base += 2 * maps.shape[1]
            position += np.int64(walks[k, 3])
        gains[n] = total


@njit(cache=True, nogil=True, error_model="numpy")
def refresh_maps(state, maps):
    """Gain terms of all pixels from the state."""
    size = state.shape[0]
    for row in range(size):
        for col in range(size):
            t = state[row, col, TRANSMITTANCE]
            g = np.float32(2) * t * state[row, col, SLOPE]
            h = t * t * state[row, col, CURVATURE]
            maps[0, col, row, 0] = g
            maps[0, col, row, 1] = h
            maps[1, row, col, 0] = g
            maps[1, row, col, 1] = h


@njit(cache=True, nogil=True, error_model="numpy")
def _lay(sign, k, lines, field):
    """Lay line k (sign 1) or take it out (sign -1): update the state and the maps where the eye's blur reaches."""
    profile, walks, size = field.profile, lines.walks, field.state.shape[0]
    state, maps = _flat(field.state), _flat(field.maps)
    last, other_map = len(profile) - 1, 2 * size * size
    steep = walks[k, 0] >= 2 * size * size
    major = walks[k, 0] // (2 * size) - (size if steep else 0)
    position, slope = np.int64(walks[k, 2]), np.int64(walks[k, 3])
    whole = lines.cover[k]
    tilt = np.sqrt(1.0 + (slope / 65536.0) ** 2)
    to_table = 1.0 / (65536.0 * tilt * 2 * _HALF_STEP)
    reach = int(last * 2 * _HALF_STEP * tilt)
    per_step = np.float32(1 / tilt)  # the blurred thread is wider across a tilted chord, and weaker
    # a step across and one along, in pixels of the state and of the second map, which lie row by row
    across_by, along_by = (1, size) if steep else (size, 1)
    for _ in range(walks[k, 1]):
        minor = position >> 16
        change = np.float32(0)
        for side in range(2):
            a = np.float32(position & 65535) * np.float32(1 / 65536) * whole
            a = a if side == 1 else whole - a
            pixel = (minor + side) * across_by + major * along_by
            turned = (minor + side) * along_by + major * across_by
            t = state[np.uint64(4 * pixel + TRANSMITTANCE)]
            new = t * (np.float32(1) - a) if sign > 0 else min(t / (np.float32(1) - a), np.float32(1))
            state[np.uint64(4 * pixel + TRANSMITTANCE)] = new
            h = new * new * state[np.uint64(4 * pixel + CURVATURE)]
            maps[np.uint64(2 * turned + 1)] = h
            maps[np.uint64(2 * (other_map // 2 + pixel) + 1)] = h
            change += new - t
        change *= per_step
        first, stop = max(minor - reach, 0), min(minor + reach + 2, size)
        pixel, turned = first * across_by + major * along_by, first * along_by + major * across_by
        for across in range(first, stop):
            entry = min(int(abs((across << 16) - position) * to_table + 0.5), last)
            at = np.uint64(4 * pixel)  # unsigned: no wrap-around to check for
            pull = state[at + np.uint64(SLOPE)] + state[at + np.uint64(REACH)] * change * profile[np.uint64(entry)]
            state[at + np.uint64(SLOPE)] = pull
            g = np.float32(2) * state[at] * pull
            maps[np.uint64(2 * turned)] = g
            maps[np.uint64(other_map + 2 * pixel)] = g
            pixel += across_by
            turned += along_by
        position += slope
        major += 1


@njit(cache=True, nogil=True, error_model="numpy")
def _sift(heap, gains, place):
    """Let the chord at ``place`` sink; the larger gain stands above, of equals the lower number."""
    size, chord = len(heap), heap[place]
    while True:
        child = 2 * place + 1
        if child >= size:
            break
        if child + 1 < size:
            left, right = heap[child], heap[child + 1]
            if gains[right] > gains[left] or (gains[right] == gains[left] and right < left):
                child += 1
        other = heap[child]
        if not (gains[other] > gains[chord] or (gains[other] == gains[chord] and other < chord)):
            break
        heap[place] = other
        place = child
    heap[place] = chord


@njit(cache=True, nogil=True, error_model="numpy")
def build_heap(heap, gains, floor):
    """Order all chords that gain ``floor`` at least; return how many there are."""
    count = 0
    for k in range(len(gains)):
        if gains[k] >= floor:
            heap[count] = k
            count += 1
    for k in range(count // 2 - 1, -1, -1):
        _sift(heap[:count], gains, np.int64(k))
    return count


@njit(cache=True, nogil=True, error_model="numpy")
def lay_best(laid, bounds, lines, queue, field, ends, price):
    """Lay chords as long as there is room in ``laid``, each the best of all, within the bounds.

    bounds is (length_mm, least, slack): the thread there is, what a chord must gain, and how near to the best one is
    taken (1: exactly).

    Gains almost only fall while chords are laid: the top of the heap is evaluated anew until it stays on top, to
    within the slack, each along the line that was its best when it was looked at last; the one that is taken along all
    of its lines. A chord's gain counts favor (P,) times, less the ``price`` of every end that it leaves loose. No chord
    is laid twice: used (P,) tells which are, in this layer or another. Returns how many lines were laid, and whether
    the last look found none to lay.
    """
    length_mm, least, slack = bounds
    heap, gains, way, favor, used = queue
    flat, stride = _flat(field.maps), 2 * field.maps.shape[1]
    ways, limits = len(lines.walks) // len(used), ends.limits
    for n in range(len(laid)):
        best = heap[0]
        while True:
            if used[best]:
                gains[best] = -np.inf
            else:
                line = best * ways + way[best]
                gains[best] = _gain_of_line(flat, stride, lines, limits, favor[best], price, line)
            _sift(heap, gains, np.int64(0))
            if heap[0] == best or gains[best] >= slack * gains[heap[0]]:
                break
            best = heap[0]
        first = best * ways
        if ways > 1 and not used[best]:
            for k in range(ways):
                gain = _gain_of_line(flat, stride, lines, limits, favor[best], price, first + k)
                if gain > gains[best]:
                    gains[best], way[best] = gain, k
        line = first + way[best]
        if not gains[best] > least or lines.use_mm[line] > length_mm:
            return n, True
        length_mm -= lines.use_mm[line]
        _lay(np.int64(1), line, lines, field)
        if price > 0:  # else nobody asks for the ends
            _tie(line, lines, ends)
        laid[n], used[best] = line, True
    return len(laid), False


@njit(cache=True, nogil=True, error_model="numpy")
def lay(sign, chosen, lines, field):
    """Lay the chosen lines (sign 1), or take them out (-1)."""
    for k in chosen:
        _lay(np.int64(sign), np.int64(k), lines, field)


# --- Ends at a pin ---------------------------------------------------------------------------------------------------
#
# Stand on a pin and look into the board. When two ends are wound one after the other, the left one lies on the pin's
# left side and the right one on its right: taut thread cannot do otherwise. So the ends, read from left to right, must
# pair like brackets, left side open, right side close. An end without a partner is loose. An end's key is twice the
# number of pins from its own clockwise to the other (those further left come first), and 1 more on the left side: of
# two ends to the same pin the close comes first, since they would not make a turn.
#
# limits (N, 2) int32: an open end with a key below the first, or a close one above the second, finds a loose end to
# pair with; any other becomes loose itself. Where sides are not told apart (0), every end pairs with every other.
_NEVER, _ALWAYS = np.int32(-1), np.int32(2**30)


@njit(cache=True, nogil=True, error_model="numpy")
def _key(pin, other, side, count):
    return 2 * ((other - pin) % count) + (1 if side > 0 else 0)


@njit(cache=True, nogil=True, error_model="numpy")
def _set_limits(row, degree, told, out):
    """Read a pin's keys, in rising order."""
    if not told:
        out[0], out[1] = (_ALWAYS, _NEVER) if degree & 1 else (_NEVER, _ALWAYS)
        return
    height, least = 0, 0
    first, last = _NEVER, _NEVER
    for n in range(degree):
        height += 1 if row[n] & 1 else -1
        if height < least:
            least, first, last = height, row[n], row[n]
        elif height == least:
            last = row[n]
    out[0], out[1] = first, _ALWAYS if height == least else last


@njit(cache=True, nogil=True, error_model="numpy")
def _insert(row, degree, key):
    place = degree
    while place > 0 and row[place - 1] > key:
        row[place] = row[place - 1]
        place -= 1
    row[place] = key


@njit(cache=True, nogil=True, error_model="numpy")
def _loosened(line, lines, limits):
    """How many more ends are loose once a line is laid: -2, 0 or 2."""
    pairs, sides, count, more = lines.pairs, lines.sides, len(limits), 0
    for end in range(2):
        pin, other, side = pairs[line, end], pairs[line, 1 - end], sides[line, end]
        key = _key(pin, other, side, count)
        if side > 0:
            more += -1 if key < limits[pin, 0] else 1
        else:
            more += -1 if key > limits[pin, 1] else 1
    return more


@njit(cache=True, nogil=True, error_model="numpy")
def _tie(line, lines, ends):
    """Add the two ends of a line to their pins."""
    pairs, sides = lines.pairs, lines.sides
    keys, degrees, limits = ends
    count = len(limits)
    for end in range(2):
        pin, other, side = pairs[line, end], pairs[line, 1 - end], sides[line, end]
        _insert(keys[pin], degrees[pin], _key(pin, other, side, count))
        degrees[pin] += 1
        _set_limits(keys[pin], degrees[pin], side != 0, limits[pin])


@njit(cache=True, nogil=True, error_model="numpy")
def tie_ends(laid, lines, ends):
    """Write the ends of all lines laid to their pins."""
    pairs, sides = lines.pairs, lines.sides
    keys, degrees, limits = ends
    told = sides[0, 0] != 0
    count = len(degrees)
    degrees[:] = 0
    for line in laid:
        for end in range(2):
            pin, other = pairs[line, end], pairs[line, 1 - end]
            _insert(keys[pin], degrees[pin], _key(pin, other, sides[line, end], count))
            degrees[pin] += 1
    for pin in range(count):
        _set_limits(keys[pin], degrees[pin], told, limits[pin])


@njit(cache=True, nogil=True, error_model="numpy")
def _loose(row, degree, told, without):
    """Loose ends at a pin, leaving out the end at one place of its row (-1: none)."""
    if not told:
        return (degree - (1 if without >= 0 else 0)) & 1
    height, least = 0, 0
    for n in range(degree):
        if n != without:
            height += 1 if row[n] & 1 else -1
            least = min(least, height)
    return height - 2 * least


@njit(cache=True, nogil=True, error_model="numpy")
def loose_ends(ends, told, out):
    """Write how many ends are loose at every pin (N,)."""
    for pin in range(len(ends.degrees)):
        out[pin] = _loose(ends.keys[pin], ends.degrees[pin], told, np.int64(-1))


@njit(cache=True, nogil=True, error_model="numpy")
def _place(row, degree, key):
    """The first place of a pin's keys that is not below one of them."""
    place = 0
    while place < degree and row[place] < key:
        place += 1
    return place


@njit(cache=True, nogil=True, error_model="numpy")
def loosened_without(laid, lines, ends, out):
    """Write how many more ends are loose when each of the lines laid is taken out, (n,)."""
    pairs, sides = lines.pairs, lines.sides
    keys, degrees, _ = ends
    told, count = sides[0, 0] != 0, len(degrees)
    for n in range(len(laid)):
        line = laid[n]
        out[n] = 0
        for end in range(2):
            pin, other = pairs[line, end], pairs[line, 1 - end]
            key = _key(pin, other, sides[line, end], count)
            place = _place(keys[pin], degrees[pin], key)
            out[n] += _loose(keys[pin], degrees[pin], told, place) - _loose(keys[pin], degrees[pin], told, np.int64(-1))


@njit(cache=True, nogil=True, error_model="numpy")
def paired_sides(opens, costs, least, out):
    """Choose for every end at a pin, from left to right, whether it opens, so that all pair like brackets.

    opens (n,) bool is what is wished, costs (n,) what an end costs on the other side; n is even. The cheapest choice.
    least (n + 1, n / 2 + 2), all infinite, is room to work in.
    """
    n = len(opens)
    top = n // 2
    least[n, 0] = 0.0
    for k in range(n - 1, -1, -1):
        for height in range(min(k, n - k) + 1):
            if height > top:
                break
            up = np.inf if height + 1 > top else least[k + 1, height + 1] + (0.0 if opens[k] else costs[k])
            down = np.inf if height == 0 else least[k + 1, height - 1] + (costs[k] if opens[k] else 0.0)
            least[k, height] = min(up, down)
    height = 0
    for k in range(n):
        up = np.inf if height + 1 > top else least[k + 1, height + 1] + (0.0 if opens[k] else costs[k])
        down = np.inf if height == 0 else least[k + 1, height - 1] + (costs[k] if opens[k] else 0.0)
        out[k] = up < down or (up == down and opens[k])
        height += 1 if out[k] else -1
    return least[0, 0]


@njit(cache=True, nogil=True, error_model="numpy")
def line_gains(maps, lines, chosen, gains):
    """Write the gain (n,) of each of the chosen lines."""
    flat = _flat(maps)
    for n in range(len(chosen)):
        gains[n] = _gain(flat, 2 * maps.shape[1], lines.walks, lines.cover, np.int64(chosen[n]))


@njit(cache=True, nogil=True, error_model="numpy")
def first_line(pairs, ways, i, j):
    """Number of the first line of a pair of pins, -1 if it may not be wound: pairs are in rising order."""
    if i > j:
        i, j = j, i
    low, high = 0, len(pairs) // ways
    while low < high:
        middle = (low + high) // 2
        if pairs[middle * ways, 0] < i or (pairs[middle * ways, 0] == i and pairs[middle * ways, 1] < j):
            low = middle + 1
        else:
            high = middle
    if low * ways < len(pairs) and pairs[low * ways, 0] == i and pairs[low * ways, 1] == j:
        return low * ways
    return -1


@njit(cache=True, nogil=True, error_model="numpy")
def moved_ends(maps, lines, used, pieces, at_pins, odd, moves):
    """For every odd pin and each of the next odd pins clockwise of it, the cheapest move of a chord's end between.

    pieces is the lines laid (n,) and their worth; at_pins is (first_of, lines_of): (N + 1,) and the places among those
    laid of the lines at every pin; odd (M,) pins in rising order; no chord is taken that is ``used``. moves is
    written: cost (M, near) float32, infinite everywhere, and where no chord fits; the place among those laid of the
    chord to take out, and the line to lay in its place, both (M, near) int32.
    """
    pairs, sides = lines.pairs, lines.sides
    laid, worth = pieces
    first_of, lines_of = at_pins
    cost, out, into = moves
    many, near = cost.shape
    ways = len(pairs) // len(used)
    flat, stride = _flat(maps), 2 * maps.shape[1]
    for m in range(many):
        for step in range(near):
            for turn in range(2):
                a, b = odd[m], odd[(m + step + 1) % many]
                if turn:
                    a, b = b, a
                for n in range(first_of[a], first_of[a + 1]):
                    place = lines_of[n]
                    line = laid[place]
                    other = pairs[line, 0] if pairs[line, 1] == a else pairs[line, 1]
                    if other == b:
                        continue
                    first = first_line(pairs, ways, b, other)
                    if first < 0:
                        continue
                    if used[first // ways]:
                        continue
                    for way in range(ways):
                        new = first + way
                        if ways == 4:  # the other end stays on its side
                            at = 0 if pairs[new, 0] == other else 1
                            was = 0 if pairs[line, 0] == other else 1
                            if sides[new, at] != sides[line, was]:
                                continue
                        price = worth[place] - _gain(flat, stride, lines.walks, lines.cover, new)
                        if price < cost[m, step]:
                            cost[m, step], out[m, step], into[m, step] = price, place, new


@njit(cache=True, nogil=True, error_model="numpy")
def joining_chords(maps, lines, used, pieces, odd, ways_of):
    """For every two of the ``odd`` pins (M,), what it costs to lay or to take out the chord between them.

    pieces is the place of each chord among those laid (P,), -1 if it is not, and what those are worth; no chord is laid
    that is ``used``. ways_of is (cost, out, into), all (M, M): infinite where neither can be, the place to take out and
    the line to lay, -1 for none.
    """
    place_of, worth = pieces
    cost, out, into = ways_of
    flat, stride, ways = _flat(maps), 2 * maps.shape[1], len(lines.walks) // len(used)
    for m in range(len(odd)):
        for n in range(m):
            first = first_line(lines.pairs, ways, odd[n], odd[m])
            if first < 0:
                continue
            place = place_of[first // ways]
            if place >= 0:
                cost[m, n], out[m, n] = worth[place], place
            elif not used[first // ways]:
                for line in range(first, first + ways):
                    price = -_gain(flat, stride, lines.walks, lines.cover, line)
                    if price < cost[m, n]:
                        cost[m, n], into[m, n] = price, line
            cost[n, m], out[n, m], into[n, m] = cost[m, n], out[m, n], into[m, n]


@njit(cache=True, nogil=True, error_model="numpy")
def matched(cost, order, partner):
    """Match an even number of things in pairs at a low total cost (M, M), infinite where two cannot be.

    The cheapest first, as ``order`` (M * M,) has them; then two pairs swap partners as long as that is cheaper. Writes
    partner (M,) int32, which is -1 everywhere.
    """
    many = len(cost)
    for flat in order:
        m, n = flat // many, flat % many
        if m != n and partner[m] < 0 and partner[n] < 0:
            partner[m], partner[n] = n, m
    better = True
    while better:
        better = False
        for a in range(many):
            for c in range(a + 1, many):
                b, d = partner[a], partner[c]
                if c == b:
                    continue
                now = cost[a, b] + cost[c, d]
                if cost[a, c] + cost[b, d] < now:
                    partner[a], partner[c], partner[b], partner[d] = c, a, d, b
                    better = True
                elif cost[a, d] + cost[b, c] < now:
                    partner[a], partner[d], partner[b], partner[c] = d, a, c, b
                    better = True


# --- What the eye makes of it -----------------------------------------------------------------------------------------


@njit(cache=True, nogil=True, error_model="numpy")
def blur(image, taps, room, out):
    """Blur (R, C) float32 by symmetric taps (centre first), rows then columns; outside is zero.

    room (R + 2 reach + 1, C + 2 reach) float32, all zero, is worked in: its last row and the others' first C columns.
    The inner loops run over views of whole rows: so they are vectorised without changing the order of any sum.
    """
    rows, cols = image.shape
    reach = len(taps) - 1
    padded = room[rows + 2 * reach]
    for row in range(rows):
        for col in range(cols):
            padded[reach + col] = image[row, col]
        _weigh(padded, reach, taps, room[row + reach, :cols])
    for row in range(rows):
        total, middle = out[row], room[row + reach]
        for col in range(cols):
            total[col] = taps[0] * middle[col]
        for k in range(1, reach + 1):
            tap, above, below = taps[k], room[row + reach - k], room[row + reach + k]
            for col in range(cols):
                total[col] += tap * (above[col] + below[col])


@njit(cache=True, nogil=True, error_model="numpy")
def _weigh(padded, reach, taps, total):
    """Blur one row, which stands in ``padded`` with ``reach`` zeros on either side."""
    size = len(total)
    middle = padded[reach : reach + size]
    for col in range(size):
        total[col] = taps[0] * middle[col]
    for k in range(1, reach + 1):
        tap, left, right = taps[k], padded[reach - k : reach - k + size], padded[reach + k : reach + k + size]
        for col in range(size):
            total[col] += tap * (left[col] + right[col])


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _root(y, floor):
    """Cube root of y, made straight below ``floor`` with the slope it has there, and its derivative.

    It is found by Halley's iteration from a rational guess: only operations that IEEE 754 rounds exactly, so that every
    machine gets the same bits. CIE's own functions have the floor at 0.008856; a higher one is softer on dark grounds.
    """
    x = max(y, floor)
    s = np.sqrt(x)
    c = (np.float32(0.0625) + s * (np.float32(1.87822) + s * np.float32(1.15399))) / (
        np.float32(1) + s * np.float32(2.09331)
    )
    for _ in range(2):
        cube = c * c * c
        c *= (cube + x + x) / (cube + cube + x)
    slope = np.float32(1 / 3) / (c * c)
    return c + (y - x) * slope, slope


@njit(cache=True, nogil=True, error_model="numpy")
def lightness(light, floor, lstar, slope):
    """CIE L* of relative luminance and its derivative, all (Q, Q) float32; see `_root` for the floor."""
    for row in range(light.shape[0]):
        for col in range(light.shape[1]):
            root, rise = _root(light[row, col], np.float32(floor))
            lstar[row, col] = np.float32(116) * root - np.float32(16)
            slope[row, col] = np.float32(116) * rise


@njit(cache=True, nogil=True, error_model="numpy")
def lab(light, floor, values, slopes):
    """CIELAB of linear sRGB light, all (3, Q, Q) float32; see `_root` for the floor.

    ``slopes`` gets the derivatives of the cube roots by X, Y and Z (of white 1), for `lab_pull`.
    """
    low = np.float32(floor)
    for row in range(light.shape[1]):
        red, green, blue = light[0, row], light[1, row], light[2, row]
        for k in range(3):  # row by row, so that it is vectorised
            x, y, z = np.float32(_XYZ[k, 0]), np.float32(_XYZ[k, 1]), np.float32(_XYZ[k, 2])
            root, rise = values[k, row], slopes[k, row]
            for col in range(len(red)):
                root[col], rise[col] = _root(x * red[col] + y * green[col] + z * blue[col], low)
        first, second, third = values[0, row], values[1, row], values[2, row]
        for col in range(len(red)):
            fx, fy, fz = first[col], second[col], third[col]
            first[col] = np.float32(116) * fy - np.float32(16)
            second[col] = np.float32(500) * (fx - fy)
            third[col] = np.float32(200) * (fy - fz)


@njit(cache=True, nogil=True, error_model="numpy")
def lab_pull(field, slopes, out):
    """Derivative by linear light, (3, Q, Q), of a cost whose derivative by CIELAB is ``field`` (3, Q, Q)."""
    for row in range(field.shape[1]):
        for col in range(field.shape[2]):
            fl, fa, fb = field[0, row, col], field[1, row, col], field[2, row, col]
            x = np.float32(500) * fa * slopes[0, row, col]
            y = (np.float32(116) * fl - np.float32(500) * fa + np.float32(200) * fb) * slopes[1, row, col]
            z = np.float32(-200) * fb * slopes[2, row, col]
            for k in range(3):
                out[k, row, col] = np.float32(_XYZ[0, k]) * x + np.float32(_XYZ[1, k]) * y + np.float32(_XYZ[2, k]) * z


@njit(cache=True, nogil=True, error_model="numpy")
def lab_push(step, slopes, chroma, out):
    """Squared change of CIELAB that a change of light ``step`` (3, Q, Q) makes, a* and b* weighted by ``chroma``."""
    for row in range(step.shape[1]):
        for col in range(step.shape[2]):
            red, green, blue = step[0, row, col], step[1, row, col], step[2, row, col]
            x = np.float32(_XYZ[0, 0]) * red + np.float32(_XYZ[0, 1]) * green + np.float32(_XYZ[0, 2]) * blue
            y = np.float32(_XYZ[1, 0]) * red + np.float32(_XYZ[1, 1]) * green + np.float32(_XYZ[1, 2]) * blue
            z = np.float32(_XYZ[2, 0]) * red + np.float32(_XYZ[2, 1]) * green + np.float32(_XYZ[2, 2]) * blue
            x, y, z = x * slopes[0, row, col], y * slopes[1, row, col], z * slopes[2, row, col]
            dl, da, db = np.float32(116) * y, np.float32(500) * (x - y), np.float32(200) * (y - z)
            out[row, col] = dl * dl + chroma[row, col] * (da * da + db * db)


# Unmixing. Light is X, Y, Z over the white's; a mixture of colours side by side is their mean in it. Differences are
# CIELAB's with chroma weighed: squared, 116^2 df_y^2 + chroma (500^2 (df_x - df_y)^2 + 200^2 (df_y - df_z)^2), where
# f is the cube root, straight below a floor. A difference of f is a difference of light times the secant's slope, so
# round by round the nearest mixture is a convex least squares problem with the slopes of the last round; later rounds
# have tangents in the place of secants (Newton, Gauss), which end at the least difference where it is not nought.


class Mixing(NamedTuple):
    """How colours are mixed."""

    spread: float  # share of the variance round the mean that is seen
    floor: float  # below which the cube root is straight
    rounds: int
    tolerance: float  # of the squared difference


class _Room(NamedTuple):
    """What is worked in: made once, since most mixtures take less than the making."""

    best: Any  # (K,), shares
    points: Any  # (K, 3), the colours as seen from a target
    own: Any  # (K,), their squares
    pulls: Any  # (K,), the gradient by their shares
    mean: Any  # (3,), the light of the mixture, with its roots, and their slopes
    root: Any
    rise: Any
    slopes: Any  # (3,), of the cube roots from the target to the mean
    aim: Any  # (3,)


@njit(cache=True, nogil=True, error_model="numpy")
def _room(count):
    three = np.empty((5, 3))
    return _Room(
        np.empty(count), np.empty((count, 3)), np.empty(count), np.empty(count), three[0], three[1], three[2], three[3],
        three[4],
    )  # fmt: skip


@njit(cache=True, nogil=True, error_model="numpy")
def _roots(light, floor, root, rise):
    for c in range(3):
        root[c], rise[c] = _root(light[c], floor)


@njit(cache=True, nogil=True, error_model="numpy")
def _average(shares, colors, mean):
    for c in range(3):
        mean[c] = 0
        for k in range(colors.shape[0]):
            mean[c] += shares[k] * colors[k, c]


@njit(cache=True, nogil=True, error_model="numpy")
def _secants(target, room):
    """Write the slopes of f from a target to the mean, of the tangent where they are the same."""
    light, root, rise, _ = target
    for c in range(3):
        apart = light[c] - room.mean[c]
        room.slopes[c] = rise[c] if abs(apart) < 1e-6 else (root[c] - room.root[c]) / apart


@njit(cache=True, nogil=True, error_model="numpy")
def _to_metric(light, target, slopes, chroma, out):
    """Write a colour as seen from the target, in a space where the squared difference is the squared length."""
    x = slopes[0] * (light[0] - target[0])
    y = slopes[1] * (light[1] - target[1])
    z = slopes[2] * (light[2] - target[2])
    out[0], out[1], out[2] = 116 * y, 500 * chroma * (x - y), 200 * chroma * (y - z)


_MOST_STEPS = 200_000  # of share from colour to colour; some ten as a rule, many where two pull nearly opposite ways


@njit(cache=True, nogil=True, error_model="numpy")
def least_mixture(points, spread, shares, tolerance):
    """Move ``shares`` (K,) to the least (1 - spread) |sum s p|^2 + spread sum s |p|^2; return how far it may be above.

    points (K, 3). Share flows from one point to another, the pair that gains most, by the exact amount; what is left
    to gain is known from the gradient, and less than ``tolerance`` at the end.
    """
    count = points.shape[0]
    return _flow(points, spread, shares, tolerance, np.empty(count), np.empty(count))


@njit(cache=True, nogil=True, error_model="numpy")
def _flow(points, spread, shares, tolerance, own, slope):
    """As `least_mixture`; own (K,) gets the squares of the points, slope (K,) the gradient by the shares."""
    count = points.shape[0]
    x = y = z = 0.0
    for k in range(count):
        own[k] = points[k, 0] ** 2 + points[k, 1] ** 2 + points[k, 2] ** 2
        x += shares[k] * points[k, 0]
        y += shares[k] * points[k, 1]
        z += shares[k] * points[k, 2]
    weight, left = 2 * (1 - spread), np.inf
    for _ in range(_MOST_STEPS):
        to, low, mean = 0, np.inf, 0.0
        for k in range(count):
            pull = points[k, 0] * x + points[k, 1] * y + points[k, 2] * z
            rise = weight * pull + spread * own[k]
            slope[k] = rise
            mean += shares[k] * rise
            if rise < low:
                to, low = k, rise
        left = mean - low
        if left < tolerance:
            break
        best, giver, amount = -1.0, -1, 0.0
        for k in range(count):
            share, gap = shares[k], slope[k] - low
            if share <= 0 or gap <= 0:
                continue
            apart = 0.0
            for c in range(3):
                apart += (points[k, c] - points[to, c]) ** 2
            bend = weight * apart
            step = share if bend * share <= gap else gap / bend
            gain = step * (gap - bend * step / 2)
            if gain > best:
                best, giver, amount = gain, k, step
        if giver < 0:
            break
        shares[to] += amount
        shares[giver] = 0.0 if amount >= shares[giver] else shares[giver] - amount
        x += amount * (points[to, 0] - points[giver, 0])
        y += amount * (points[to, 1] - points[giver, 1])
        z += amount * (points[to, 2] - points[giver, 2])
    return left


@njit(cache=True, nogil=True, error_model="numpy")
def _seen_error(root, other, chroma):
    """Squared difference of two colours as it is seen, from their cube roots."""
    dx, dy, dz = other[0] - root[0], other[1] - root[1], other[2] - root[2]
    return (116 * dy) ** 2 + chroma * chroma * ((500 * (dx - dy)) ** 2 + (200 * (dy - dz)) ** 2)


@njit(cache=True, nogil=True, error_model="numpy")
def _copy(values, out):
    """Write values (K,) to the first places of ``out``: ``out[:K] = values`` takes 1.5 s more to compile."""
    for k in range(values.shape[0]):
        out[k] = values[k]


@njit(cache=True, nogil=True, error_model="numpy")
def _nearest(target, roots):
    """Return the squared error of the colour that is nearest to a target, and its number."""
    _, root, _, chroma = target
    least, alone = np.inf, 0
    for k in range(roots.shape[0]):
        error = _seen_error(root, roots[k], chroma)
        if error < least:
            least, alone = error, k
    return least, alone


@njit(cache=True, nogil=True, error_model="numpy")
def _look(target, colors, turn, room):
    """Write the colours as seen from a target, to whom the mixture so far is known."""
    light, root, _, chroma = target
    for c in range(3):
        room.aim[c] = light[c]
    if turn < 2:
        _secants(target, room)
    else:
        for c in range(3):
            room.slopes[c] = room.rise[c]
            room.aim[c] = room.mean[c] + (root[c] - room.root[c]) / room.slopes[c]
    for k in range(colors.shape[0]):
        _to_metric(colors[k], room.aim, room.slopes, chroma, room.points[k])


@njit(cache=True, nogil=True, error_model="numpy")
def _mix(target, colors, how, shares, least, room):
    """Bring ``shares`` nearer to one colour; return the least squared error, ``least`` if none was less.

    target is light, roots, their slopes and chroma; ``how`` a `Mixing`. ``room`` holds the colours as seen in the
    first round, and gets in ``best`` the shares of the least error.

    The error is what is seen of the mean and ``spread`` of the variance round it: threads do not mix evenly.
    """
    spread, floor, rounds, tolerance = how
    _, root, _, chroma = target
    points = room.points
    for turn in range(rounds):
        if turn > 0:
            _look(target, colors, turn, room)
        _flow(points, spread, shares, tolerance, room.own, room.pulls)
        scatter = 0.0
        v0 = v1 = v2 = 0.0
        for k in range(colors.shape[0]):
            scatter += shares[k] * room.own[k]
            v0 += shares[k] * points[k, 0]
            v1 += shares[k] * points[k, 1]
            v2 += shares[k] * points[k, 2]
        scatter -= v0 * v0 + v1 * v1 + v2 * v2
        _average(shares, colors, room.mean)
        _roots(room.mean, floor, room.root, room.rise)
        error = _seen_error(root, room.root, chroma) + spread * max(scatter, 0.0)
        if error < least:
            least = error
            _copy(shares, room.best)
    return least


@njit(cache=True, nogil=True, error_model="numpy")
def unmix(targets, chroma, colors, how, shares, errors):
    """Write ``shares`` (P, K) of ``colors`` (K, 3) nearest to ``targets`` (P, 3), and the squared ``errors`` (P,).

    No single colour is nearer than the mixture.
    """
    count = colors.shape[0]
    roots, rises, root, rise = np.empty((count, 3)), np.empty((count, 3)), np.empty(3), np.empty(3)
    for k in range(count):
        _roots(colors[k], how.floor, roots[k], rises[k])
    room = _room(count)
    for p in range(targets.shape[0]):
        _roots(targets[p], how.floor, root, rise)
        target = targets[p], root, rise, chroma[p]
        least, alone = _nearest(target, roots)
        for k in range(count):
            shares[p, k] = room.best[k] = 1.0 if k == alone else 0.0
        _copy(colors[alone], room.mean)
        _copy(roots[alone], room.root)
        _look(target, colors, np.int64(0), room)
        errors[p] = _mix(target, colors, how, shares[p], least, room)
        _copy(room.best, shares[p])


@njit(cache=True, nogil=True, error_model="numpy")
def cost(squared, knee):
    """Cost of a squared colour difference: it grows with the square up to about ``knee``, evenly beyond."""
    return squared / (np.sqrt(squared) + knee)


@njit(cache=True, nogil=True, error_model="numpy")
def try_colors(pixels, colors, found, candidates, how, knee, totals):
    """Write to ``totals`` (C,) the cost of every target when one candidate joins ``colors`` (K, 3).

    pixels is targets (P, 3), chroma and weights (P,); found is the shares (P, K) and errors (P,) without a candidate;
    how is a `Mixing`. Where the gradient says that a candidate takes no share of a target, nothing is solved.
    """
    targets, chroma, weights = pixels
    shares, errors = found
    spread, floor = how.spread, how.floor
    count, tried = colors.shape[0], candidates.shape[0]
    joined, roots, rises = np.empty((count + 1, 3)), np.empty((count + tried, 3)), np.empty(3)
    for k in range(count):
        _roots(colors[k], floor, roots[k], rises)
        _copy(colors[k], joined[k])
    for n in range(tried):
        _roots(candidates[n], floor, roots[count + n], rises)
    room = _room(count + 1)
    guess, seen, root, rise = np.empty(count + 1), np.empty((count + 1, 3)), np.empty(3), np.empty(3)
    slopes, v, point = np.empty(3), np.empty(3), seen[count]
    totals[:] = 0
    for p in range(targets.shape[0]):
        _roots(targets[p], floor, root, rise)
        target = targets[p], root, rise, chroma[p]
        _average(shares[p], colors, room.mean)
        _roots(room.mean, floor, room.root, room.rise)
        _secants(target, room)
        _copy(room.slopes, slopes)
        v[:] = 0
        own = 0.0
        for k in range(count):
            _to_metric(colors[k], targets[p], slopes, chroma[p], seen[k])
            if shares[p, k] > 0:
                own += shares[p, k] * (seen[k, 0] ** 2 + seen[k, 1] ** 2 + seen[k, 2] ** 2)
                for c in range(3):
                    v[c] += shares[p, k] * seen[k, c]
        least = 2 * (1 - spread) * (v[0] ** 2 + v[1] ** 2 + v[2] ** 2) + spread * own  # the gradient of what is used
        before, nearest = weights[p] * cost(errors[p], knee), _nearest(target, roots[:count])[0]
        for n in range(tried):
            _to_metric(candidates[n], targets[p], slopes, chroma[p], point)
            pull = point[0] * v[0] + point[1] * v[1] + point[2] * v[2]
            square = point[0] ** 2 + point[1] ** 2 + point[2] ** 2
            if 2 * (1 - spread) * pull + spread * square >= least:
                totals[n] += before
                continue
            _copy(candidates[n], joined[count])
            _copy(shares[p], guess)
            guess[count] = 0.0
            for k in range(count + 1):
                _copy(seen[k], room.points[k])
            alone = _seen_error(root, roots[count + n], chroma[p])
            error = _mix(target, joined, how, guess, min(alone, nearest), room)
            totals[n] += weights[p] * cost(min(error, errors[p]), knee)


@njit(cache=True, nogil=True, error_model="numpy")
def diffuse(light, colors, chosen):
    """Write to ``chosen`` (R, C) the colour (K, 3) of every pixel of ``light`` (R, C, 3), which is spent on the way.

    The error is kept within the light there is, or it would pile up where no colour is near.
    """
    rows, cols, _ = light.shape
    error = np.empty(3)
    for row in range(rows):
        ahead = 1 if row % 2 == 0 else -1
        for step in range(cols):
            col = step if ahead == 1 else cols - 1 - step
            best, least = 0, np.inf
            for k in range(colors.shape[0]):
                apart = 0.0
                for c in range(3):
                    apart += (light[row, col, c] - colors[k, c]) ** 2
                if apart < least:
                    best, least = k, apart
            chosen[row, col] = best
            for c in range(3):
                error[c] = min(max(light[row, col, c], -0.5), 1.5) - colors[best, c]
                if 0 <= col + ahead < cols:
                    light[row, col + ahead, c] += error[c] * 7 / 16
                if row + 1 < rows:
                    light[row + 1, col, c] += error[c] * 5 / 16
                    if 0 <= col - ahead < cols:
                        light[row + 1, col - ahead, c] += error[c] * 3 / 16
                    if 0 <= col + ahead < cols:
                        light[row + 1, col + ahead, c] += error[c] / 16
