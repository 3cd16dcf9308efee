"""Is a picture's file all there? For those formats whose readers fill what is missing, and say nothing."""

import io
import re
import zlib
from collections.abc import Iterator
from typing import Literal

from stringart.errors import PhotoError
from stringart.picture.kinds import is_boxed

_MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])")
_NEEDED_FIELDS, _SIZES_OF_KIND = (258, 273, 279, 324, 325), {3: 2, 4: 4}  # depths, places and sizes of the parts
_NO_LENGTH = frozenset({0x01, 0xD8, *range(0xD0, 0xD8)})
_BLANK_TAIL = 64
"""Zeros at the end of a JPEG that has no end mark: a copy that broke off on a disk that had made room for it."""
_LONG_BLANK_TAIL = 512
"""The same in HEIC, AVIF and WebP, which have no end mark: packed data never holds that many, at no place of it."""
_FEW_LEFT_OVER = 16
"""Bytes after the last pixels of a JPEG that some cameras leave; a scan that lost its step leaves more."""
_LEFT_OVER = re.compile(r"(\d+) extraneous bytes before marker 0xd9")
_DEFLATED = frozenset({8, 32946})
_NOT_PIXELS = (b"Exif", b"<x:xmpmeta", b"<?xpacket")


def check_whole(data: bytes) -> None:
    """Refuse a file that says itself that a part of it is missing.

    Parameters
    ----------
    data : bytes
        HEIC and AVIF: every box, and every extent that the picture's items take, lies within the file. WebP and those:
        no stretch of it is blank; whatever else is wrong in their middle, no decoder notices. JPEG: it does not end in
        zeros, and libjpeg has nothing to say of its scans, which Pillow keeps to itself. TIFF: its list of fields lies
        within the file, and deflated parts fit their checksums. Of the rest the readers see it themselves.

    Raises
    ------
    PhotoError
        With what is missing, in bytes, or wrong.
    """
    is_blank = False
    if is_boxed(data):
        _check_boxes(data)
        is_blank = _is_blank(data, _LONG_BLANK_TAIL) and _last_box(data) == b"mdat"
    elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        is_blank = _is_blank(data, _LONG_BLANK_TAIL)
        _check_chunks(data)
    elif data[:3] == b"\xff\xd8\xff":
        is_blank = _is_blank(data, _BLANK_TAIL) and not _has_end_mark(data)
        if not is_blank:
            _check_scans(data)
    elif data[:4] in (b"II*\0", b"MM\0*"):
        _check_fields(data, "little" if data[0] == 0x49 else "big")
        _check_deflated(data)
    if is_blank:
        raise PhotoError("it is damaged or cut short: it ends in nothing but zeros", "copy it again from where it came")


def _is_blank(data: bytes, size: int) -> bool:
    return len(data) > size and not data[-size:].strip(b"\0")


def _last_box(data: bytes) -> bytes:
    return ([kind for kind, _, _ in _boxes(data, 0, len(data))] or [b""])[-1]


def _boxes(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and end of the content of each box within a stretch of the file."""
    while at + 8 <= end:
        size, kind, head = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8], 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        elif size == 0:
            size = end - at
        if size < head:
            return
        yield kind, at + head, at + size
        at += size


def _check_boxes(data: bytes) -> None:
    for kind, start, end in _boxes(data, 0, len(data)):
        if end > len(data) and re.fullmatch(rb"[ -~]{4}", kind):
            raise _missing(end, len(data))
        if kind == b"meta":
            for inner, first, last in _boxes(data, start + 4, end):
                if inner == b"iloc":
                    _check_extents(data, first, last)


def _missing(wanted: int, found: int) -> PhotoError:
    return PhotoError(
        f"it is cut short: it should have {wanted:,} bytes at least and has {found:,}",
        "copy it again from where it came",
    )


def _check_fields(data: bytes, order: Literal["little", "big"]) -> None:
    """Check where a TIFF's first list of fields, 12 bytes each, ends, and the numbers that it cannot do without."""
    start = int.from_bytes(data[4:8], order)
    first, count = start + 2, int.from_bytes(data[start : start + 2], order)
    ends = [first + 12 * count + 4]
    for at in range(first, ends[0] - 4, 12):
        field, kind = (int.from_bytes(data[at + k : at + k + 2], order) for k in (0, 2))
        many, place = (int.from_bytes(data[at + k : at + k + 4], order) for k in (4, 8))
        size = many * _SIZES_OF_KIND.get(kind, 1)
        if field in _NEEDED_FIELDS and size > 4:
            ends.append(place + size)
    if max(ends) > len(data):
        raise _missing(max(ends), len(data))


class _Numbers:
    """Whole numbers one after another."""

    def __init__(self, data: bytes, at: int, end: int) -> None:
        self._data, self._at, self._end = data, at, end

    def take(self, size: int) -> int:
        """Return the next number of so many bytes."""
        if self._at + size > self._end:
            raise PhotoError("it is damaged: its list of parts is not whole", "copy it again from where it came")
        self._at += size
        return int.from_bytes(self._data[self._at - size : self._at], "big")


def _check_extents(data: bytes, start: int, end: int) -> None:
    """Check the box ``iloc`` (ISO/IEC 14496-12, 8.11.3): where in the file the items of a picture lie."""
    numbers = _Numbers(data, start, end)
    version = numbers.take(1)
    numbers.take(3)
    sizes = numbers.take(2)
    offset_size, length_size, base_size, index_size = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    wide = 4 if version >= 2 else 2
    for _ in range(numbers.take(wide)):
        numbers.take(wide)
        construction = numbers.take(2) & 15 if version >= 1 else 0
        numbers.take(2)
        base = numbers.take(base_size)
        for _ in range(numbers.take(2)):
            if version >= 1:
                numbers.take(index_size)
            first = base + numbers.take(offset_size)
            last = first + numbers.take(length_size)
            if construction == 0 and last > len(data):
                raise _missing(last, len(data))
            if construction == 0:
                _check_packed(data, first, last)


def _has_end_mark(data: bytes) -> bool:
    """Whether a JPEG's last scan is followed by its end mark; that of a preview within it does not count."""
    at = 2
    while match := _MARKER.search(data, at):
        marker, at = match[1][0], match.end()
        if marker == 0xD9:
            return True
        if marker not in _NO_LENGTH:
            at += int.from_bytes(data[at : at + 2], "big")
    return False


def _check_packed(data: bytes, first: int, last: int) -> None:
    """Refuse a stretch of packed pixels with a blank in it: a sector of a card or disk that was lost."""
    place = data.find(bytes(_LONG_BLANK_TAIL), first, last)
    if place >= 0 and not any(mark in data[first : first + 16] for mark in _NOT_PIXELS):
        raise _damaged(f"nothing but zeros from byte {place:,} on, where pixels should be")


def _damaged(what: str) -> PhotoError:
    return PhotoError(f"it is damaged: {what}", "copy it again from where it came, or save it anew in a viewer")


def _check_chunks(data: bytes) -> None:
    """Check the chunks of a WebP that hold pixels."""
    at = 12
    while at + 8 <= len(data):
        kind, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if kind in (b"VP8 ", b"VP8L"):
            _check_packed(data, at + 8, at + 8 + size)
        at += 8 + size + size % 2


def _check_scans(data: bytes) -> None:
    """Decode a JPEG once more, at an eighth of its size, with a reader that passes on what libjpeg warns of."""
    import simplejpeg

    try:
        space = simplejpeg.decode_jpeg_header(data)[2]
        space = "CMYK" if space in ("CMYK", "YCCK") else "GRAY"
        simplejpeg.decode_jpeg(data, space, fastdct=True, fastupsample=True, min_height=1, min_width=1, min_factor=8)
    except ValueError as error:  # a kind that it does not read is Pillow's to judge
        said = str(error)
        few = _LEFT_OVER.search(said)
        if "Corrupt JPEG data" in said and not (few and int(few[1]) <= _FEW_LEFT_OVER):
            raise _damaged(said.removeprefix("Corrupt JPEG data: ")) from None


def _check_deflated(data: bytes) -> None:
    """Unpack the strips of a deflated TIFF: libtiff says on stderr that a checksum is wrong, and goes on."""
    import tifffile

    try:
        with tifffile.TiffFile(io.BytesIO(data)) as file:
            page = file.pages.first
            packed = int(getattr(page, "compression", 1)) in _DEFLATED
            parts = list(zip(page.dataoffsets, page.databytecounts, strict=True)) if packed else []
    except Exception:  # it raises whatever its parts raise; Pillow's reader is the judge of the rest
        return
    for first, size in parts:
        if not size:
            continue  # a part that was never written
        try:
            zlib.decompress(data[first : first + size])
        except zlib.error:
            raise _damaged(f"what is packed from byte {first:,} on does not fit its checksum") from None
