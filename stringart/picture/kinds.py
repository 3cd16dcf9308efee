"""What a file is, by its first bytes: pictures that are not read are named, not called damaged."""

import re

from stringart.errors import PhotoError

_ELSEWHERE = "save it as JPEG, PNG or TIFF"
_RAW = "raw photo of a camera"
_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "PDF"),
    (b"\xff\x0a", "JPEG XL picture"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL picture"),
    (b"II\xbc\x01", "JPEG XR picture"),
    (b"BPG\xfb", "BPG picture"),
    (b"AT&TFORM", "DjVu document"),
    (b"gimp xcf", "GIMP picture (.xcf)"),
    (b"\x76\x2f\x31\x01", "OpenEXR picture"),
    (b"#?RADIANCE", "Radiance HDR picture"),
    (b"#?RGBE", "Radiance HDR picture"),
    (b"\xd7\xcd\xc6\x9a", "Windows metafile (.wmf)"),
    (b"SIMPLE  =", "FITS picture"),
    (b"%!PS", "PostScript file"),
    (b"\xc5\xd0\xd3\xc6", "PostScript file"),
    (b"FUJIFILMCCD-RAW", _RAW),
    (b"IIRO", _RAW),
    (b"IIRS", _RAW),
    (b"MMOR", _RAW),
    (b"IIU\0", _RAW),
    (b"\0MRM", _RAW),
    (b"FOVb", _RAW),
    (b"\x1aE\xdf\xa3", "video"),
    (b"\0\0\x01\xba", "video"),
    (b"\0\0\x01\xb3", "video"),
    (b"FLV\x01", "video"),
    (b"GRIB", "GRIB file"),
    (b"BUFR", "BUFR file"),
    (b"\x89HDF\r\n\x1a\n", "HDF5 file"),
    (b"\x1f\x8b", "gzip archive"),
    (b"7z\xbc\xaf", "7z archive"),
    (b"Rar!", "RAR archive"),
    (b"PK\x03\x04", "zip archive"),
)
_BRANDS: tuple[tuple[bytes, str], ...] = (
    (b"crx ", _RAW),
    (b"jxl ", "JPEG XL picture"),
    (b"isom", "video"),
    (b"iso2", "video"),
    (b"iso4", "video"),
    (b"iso5", "video"),
    (b"iso6", "video"),
    (b"mp41", "video"),
    (b"mp42", "video"),
    (b"M4V ", "video"),
    (b"qt  ", "video"),
    (b"3gp", "video"),
)
_READ: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"8BPS", "PSD"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"qoif", "QOI"),
    (b"DDS ", "DDS"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
)
_UNSUPPORTED = re.compile(
    r"unsupport|not support|unknown|unrecogni[sz]ed(?! data stream)|unimplement|cannot find loader|no decoder|"
    r"not available|unable to locate|decoder .* not",
    re.IGNORECASE,
)
HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs", b"mif1", b"msf1")


class UnknownKindError(Exception):
    """A file of a format that is read, of a kind that is not; readers of others raise NotImplementedError for it."""


def is_boxed(data: bytes) -> bool:
    """Return whether it is made of the boxes of ISO base media: HEIC, AVIF, videos of phones."""
    return data[4:8] == b"ftyp"


def is_heic(data: bytes) -> bool:
    """Return whether HEIC's optional package has to read it."""
    return is_boxed(data) and data[8:12] in HEIF_BRANDS and b"avif" not in data[8:64]


def read_kind(data: bytes) -> str:
    """Return the name of a format that is read, by its first bytes; empty for others."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP"
    if is_boxed(data) and (data[8:12] in HEIF_BRANDS or data[8:12] in (b"avif", b"avis")):
        return "AVIF" if b"avi" in data[8:64] else "HEIC"
    return next((name for start, name in _READ if data.startswith(start)), "")


def other_kind(data: bytes) -> str:
    """Return the name of a known format that is not read; empty for others."""
    if is_boxed(data):
        return next((name for brand, name in _BRANDS if data[8:].startswith(brand)), "")
    if data[40:44] == b" EMF":
        return "Windows metafile (.emf)"
    if data[:4] == b"RIFF" and data[8:12] == b"AVI ":
        return "video"
    if data[:2] in (b"II", b"MM") and (data[8:10] == b"CR" or b"HEAPCCDR" in data[:16]):
        return _RAW
    if data[:100].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and re.search(rb"<(\w+:)?svg[\s/>]", data[:4096]):
        return "drawing (SVG)"
    return next((name for start, name in _STARTS if data.startswith(start)), "")


def refusal(data: bytes, name: str, error: Exception | None, *, was_opened: bool) -> PhotoError:
    """Return why a picture cannot be read: of a kind that is not read, damaged, or no picture at all.

    Parameters
    ----------
    data : bytes
        Of the file, as many as there are.
    name : str
        Of the file.
    error : Exception, optional
        What its reader raised.
    was_opened : bool
        Whether a reader knew it for its own.
    """
    reason = "" if error is None else " ".join(str(error).split())[:120] or type(error).__name__
    other, kind = other_kind(data), read_kind(data)
    if other and (error is None or "truncated" not in reason):
        return PhotoError(f"'{name}' is a {other}: that is not read", _ELSEWHERE)
    if error is not None and (isinstance(error, UnknownKindError | NotImplementedError) or _UNSUPPORTED.search(reason)):
        return PhotoError(f"'{name}' is a {kind or 'picture'} of a kind that is not read: {reason}", _ELSEWHERE)
    if was_opened or kind:
        told = f": {reason}" if reason else ""
        return PhotoError(f"'{name}' is damaged or cut short{told}", "open and save it anew in a viewer")
    return PhotoError(f"'{name}' is not a picture that can be read", _ELSEWHERE)
