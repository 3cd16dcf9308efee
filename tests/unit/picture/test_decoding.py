"""Pictures of other people's programs: what their numbers mean is in the file, and what is missing is seen."""

import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from stringart.errors import PhotoError
from stringart.picture import light
from stringart.picture.photo import Photo, crop_to_board, load_photo, resample
from stringart.plan.model import Board

CASES = Path(__file__).parents[2] / "cases"
RAMP = np.arange(0, 256, 5, dtype=np.uint8).reshape(4, 13)
NOISE = np.random.default_rng(5).integers(0, 256, (64, 64, 3)).astype(np.uint8)


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def tiff(values: np.ndarray, **options: Any) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, values, **options)
    return file.getvalue()


def png(values: np.ndarray, *chunks: tuple[bytes, bytes]) -> bytes:
    """A grey or coloured PNG, written chunk by chunk: with those that Pillow does not write."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows, cols = values.shape[:2]
    head = struct.pack(">IIBBBBB", cols, rows, 8 * values.itemsize, 0 if values.ndim == 2 else 2, 0, 0, 0)
    body = b"".join(b"\0" + row.astype(f">u{values.itemsize}").tobytes() for row in values)
    parts = (b"IHDR", head), *chunks, (b"IDAT", zlib.compress(body)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def refusal(data: bytes, name: str = "x") -> str:
    with pytest.raises(PhotoError) as caught:
        load_photo(data, name=name)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def gray(photo: Photo) -> np.ndarray:
    assert (np.ptp(photo.srgb, axis=2) == 0).all()
    return photo.srgb[..., 0]


# --- what the numbers mean ---


def test_a_linear_profile_is_followed_whatever_its_name() -> None:
    linear, truth = (load_photo(CASES / f"linear-srgb-profile{end}.png") for end in ("", "-truth"))
    with Image.open(CASES / "linear-srgb-profile.png") as image:
        assert "sRGB" in str(image.info["icc_profile"].replace(b"\0", b""))
    assert linear.srgb.mean() == pytest.approx(114.6, abs=0.1)  # 70.6 where the name is believed
    assert np.abs(linear.srgb.astype(int) - truth.srgb).max() <= 8  # the file's darks are coarse: 8 bits of light


def test_the_profile_of_srgb_itself_moves_nothing() -> None:
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert (load_photo(encoded(Image.fromarray(NOISE), icc_profile=profile)).srgb == NOISE).all()
    grey = load_photo(encoded(Image.fromarray(NOISE[..., 0]), icc_profile=profile))
    assert (grey.notes, np.abs(gray(grey).astype(int) - NOISE[..., 0]).max()) == ((), 0)


def test_white_is_zero_in_the_file_of_another_program() -> None:
    photo = load_photo(CASES / "white-is-zero-16bit.tif")
    assert photo.srgb.mean() == pytest.approx(115.45, abs=0.1)
    as_photo = load_photo(CASES / "photo.jpg").srgb.mean(2)
    small = np.asarray(Image.fromarray(gray(photo)).resize((64, 64))).astype(float)
    assert np.corrcoef(small.ravel(), as_photo.ravel())[0, 1] > 0.9  # a positive


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", ["u1", "u2", "f4"])
def test_white_is_zero_at_any_depth(kind: str, order: str) -> None:
    top = {"u1": 255, "u2": 65535, "f4": 1.0}[kind]
    values = ((255 - RAMP) / 255 * top).astype(kind)
    photo = load_photo(tiff(values, photometric="miniswhite", byteorder=order))
    assert np.abs(gray(photo).astype(int) - RAMP).max() <= 1


@pytest.mark.parametrize("kind", ["u2", "f4", "u1"])
@pytest.mark.parametrize("planes", ["contig", "separate"])
def test_deep_colours_in_either_order_and_apart(kind: str, planes: str) -> None:
    colors = NOISE[:5, :7]
    values = colors.astype(kind) * {"u1": 1, "u2": 257, "f4": np.float32(1 / 255)}[kind]
    values = np.moveaxis(values, -1, 0) if planes == "separate" else values
    for order in "<>":
        photo = load_photo(tiff(values, photometric="rgb", planarconfig=planes, byteorder=order))
        assert np.abs(photo.srgb.astype(int) - colors).max() <= 1


def test_twelve_bits_in_sixteen_are_told_and_scaled_where_the_file_says_so() -> None:
    values = (RAMP.astype(np.uint32) * 4095 // 255).astype(np.uint16)
    said = load_photo(tiff(values, photometric="minisblack", extratags=[(281, 3, 1, 4095, False)]), name="scan.tif")
    assert np.abs(gray(said).astype(int) - RAMP).max() <= 1
    assert said.notes == ("scan.tif: its values go to 4,095, as the file says: that is its full range",)
    unsaid = load_photo(tiff(values, photometric="minisblack"), name="scan.tif")
    assert gray(unsaid).max() == 16
    assert "its largest value is 4,095 of 65,535: if it holds 12 bits in 16" in unsaid.notes[0]
    assert load_photo(tiff(RAMP.astype(np.uint16) * 257, photometric="minisblack")).notes == ()


def test_twelve_packed_bits_have_their_own_white() -> None:
    body = bytes.fromhex("000fff 7ff000".replace(" ", ""))  # 0, 4095, 2047, 0
    tags = ((256, 4), (257, 1), (258, 12), (259, 1), (262, 1), (273, 8 + 2 + 10 * 12 + 4), (277, 1), (278, 1), (279, 6),
            (339, 1))  # fmt: skip
    ifd = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", key, 4, 1, value) for key, value in tags)
    photo = load_photo(b"II*\0" + struct.pack("<I", 8) + ifd + b"\0\0\0\0" + body)
    assert gray(photo)[0].tolist() == [0, 255, 127, 0]


@pytest.mark.parametrize(("scale", "offset"), [(1.0003, 0.0), (1.0, -1e-7), (255.02, -0.01), (1.0, 0.0), (255.0, 0.0)])
def test_floats_beyond_their_range_by_rounding(scale: float, offset: float) -> None:
    values = (RAMP / 255 * scale + offset).astype(np.float32)
    assert np.abs(gray(load_photo(tiff(values))).astype(int) - RAMP).max() <= 1
    if scale < 2:
        assert np.abs(gray(load_photo(values)).astype(int) - RAMP).max() <= 1


@pytest.mark.parametrize("top", [1.5, 4.0, 300.0])
def test_floats_that_are_neither_of_one_nor_of_255_are_refused_with_their_range(top: float) -> None:
    said = refusal(tiff((RAMP / 255 * top).astype(np.float32)))
    assert f"floats from 0 to {top:g} is not a photo: 0 to 1 or 0 to 255 can be read" in said
    assert "damaged" not in said


def test_the_transparent_value_of_deep_grey() -> None:
    values = np.array([[0, 30000, 30001, 65535]], np.uint16)
    photo = load_photo(png(values, (b"tRNS", struct.pack(">H", 30000))), "#ff0000")
    assert photo.srgb[0].tolist() == [[0, 0, 0], [255, 0, 0], [117, 117, 117], [255, 255, 255]]


def test_a_pngs_gamma_is_followed() -> None:
    linear = np.round(light.to_linear(NOISE / 255) * 65535).astype(np.uint16)
    for values, wanted in ((linear, NOISE), (linear[..., 0], NOISE[..., :1].repeat(3, 2))):
        photo = load_photo(png(values, (b"gAMA", struct.pack(">I", 100000))))
        light_found, light_wanted = (light.to_linear(pixels / 255) for pixels in (photo.srgb, wanted))
        assert np.abs(light_found - light_wanted).max() < 0.006  # 8 bits of light
    assert (load_photo(png(NOISE, (b"gAMA", struct.pack(">I", 45455)))).srgb == NOISE).all()
    both = png(NOISE, (b"gAMA", struct.pack(">I", 100000)), (b"sRGB", b"\0"))
    assert (load_photo(both).srgb == NOISE).all()


ADOBE_XY = (0.3127, 0.329, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)
TO_SRGB = np.array([[1.39836, -0.39836, 0], [0, 1, 0], [0, -0.04293, 1.04293]])
"""Adobe RGB (1998), annex: linear to that of sRGB, white D65."""


def from_adobe(values: np.ndarray) -> np.ndarray:
    return np.asarray(light.to_srgb((values / 255) ** (563 / 256) @ TO_SRGB.T) * 255)


def test_a_pngs_primaries_are_followed() -> None:
    chunks = (b"gAMA", struct.pack(">I", 45470)), (b"cHRM", struct.pack(">8I", *(round(v * 1e5) for v in ADOBE_XY)))
    photo = load_photo(png(NOISE, *chunks))
    assert np.abs(photo.srgb - from_adobe(NOISE)).max() < 2


def test_a_cameras_mark_for_adobe_rgb_is_followed() -> None:
    colors = np.kron(np.array([[[60, 200, 60], [200, 90, 90]]], np.uint8), np.ones((16, 16, 1), np.uint8))
    for mark, wanted in ((b"R03", from_adobe(colors)), (b"R98", colors)):
        file = encoded(Image.fromarray(colors), "JPEG", quality=100, subsampling=0, exif=interoperability(mark))
        assert np.abs(load_photo(file).srgb[8, 8::16] - wanted[8, 8::16].astype(float)).max() < 4


def interoperability(mark: bytes) -> bytes:
    """An EXIF block of a camera: colours uncalibrated, and DCF's mark. Pillow does not write the latter."""

    def folder(*fields: tuple[int, int, int, bytes]) -> bytes:
        body = b"".join(
            struct.pack(">HHI", key, kind, count) + value.ljust(4, b"\0") for key, kind, count, value in fields
        )
        return struct.pack(">H", len(fields)) + body + b"\0\0\0\0"

    pointers = [struct.pack(">I", at) for at in (26, 26 + 30)]
    return (
        b"Exif\0\0MM\0*\0\0\0\x08"
        + folder((0x8769, 4, 1, pointers[0]))
        + folder((0xA001, 3, 1, struct.pack(">H", 65535)), (0xA005, 4, 1, pointers[1]))
        + folder((1, 2, 4, mark + b"\0"))
    )


# --- what is missing ---


def files_to_cut() -> dict[str, bytes]:
    heif = pytest.importorskip("pillow_heif")
    heif.register_heif_opener()
    image = Image.fromarray(NOISE).convert("RGB")
    kinds: dict[str, tuple[str, dict[str, Any]]] = {
        "HEIC": ("HEIF", {}), "AVIF": ("AVIF", {}), "WebP": ("WEBP", {}), "lossless WebP": ("WEBP", {"lossless": True}),
        "JPEG": ("JPEG", {}), "progressive JPEG": ("JPEG", {"progressive": True}), "PNG": ("PNG", {}),
        "GIF": ("GIF", {}), "BMP": ("BMP", {}), "TIFF": ("TIFF", {}), "LZW TIFF": ("TIFF", {"compression": "tiff_lzw"}),
        "JPEG 2000": ("JPEG2000", {}), "TGA": ("TGA", {"rle": True}), "PPM": ("PPM", {}), "QOI": ("QOI", {}),
        "DDS": ("DDS", {}), "SGI": ("SGI", {"rle": True}), "PCX": ("PCX", {}), "ICO": ("ICO", {"sizes": [(64, 64)]}),
    }  # fmt: skip
    files = {name: encoded(image, kind, **options) for name, (kind, options) in kinds.items()}
    return files | {"HEIC of a phone": (CASES / "grid-whole.heic").read_bytes()}


@pytest.fixture(scope="module")
def whole_files() -> dict[str, bytes]:
    return files_to_cut()


_PLACES = st.one_of(st.floats(0, 1, exclude_max=True), st.floats(0, 0.1))  # heads are short, and say most


@settings(max_examples=60, deadline=None)
@given(kind=st.integers(0, 100), edits=st.lists(st.tuples(_PLACES, st.integers(0, 255)), min_size=1, max_size=12))
def test_any_bytes_of_a_picture_are_a_photo_or_one_line(
    whole_files: dict[str, bytes], kind: int, edits: list[tuple[float, int]]
) -> None:
    data = bytearray(whole_files[sorted(whole_files)[kind % len(whole_files)]])
    for place, value in edits:
        data[int(place * len(data))] = value
    try:
        assert load_photo(bytes(data)).srgb.size
    except PhotoError as error:
        assert "\n" not in str(error)  # noqa: PT017


def test_a_cut_file_of_every_format_is_refused(whole_files: dict[str, bytes]) -> None:
    wrong = []
    for kind, data in whole_files.items():
        whole = load_photo(data).srgb
        shares = (0.1, 0.5, 0.7, 0.95) if len(data) > 50_000 else np.linspace(0.02, 0.99, 25)
        for end in sorted({int(len(data) * share) for share in shares} | {len(data) - 1, len(data) - 20}):
            try:
                photo = load_photo(data[:end])
            except PhotoError as error:
                said = str(error)
                if not any(words in said for words in ("damaged or cut short", "is cut short", "is not a picture")):
                    wrong.append((kind, end, said))
            else:
                if not (photo.srgb == whole).all():
                    wrong.append((kind, end, "read as something else"))
    assert wrong == []


@pytest.mark.parametrize("kind", ["HEIC of a phone", "AVIF", "WebP", "JPEG", "progressive JPEG"])
def test_a_file_that_ends_in_zeros_is_refused(whole_files: dict[str, bytes], kind: str) -> None:
    data = whole_files[kind]
    assert len(data) > 1500
    for share in (0.3, 0.6, 0.75):
        keep = int(len(data) * share)
        assert "damaged" in refusal(data[:keep] + bytes(len(data) - keep))


UNCHECKED = ("HEIC of a phone", "AVIF", "WebP", "lossless WebP")  # without checksums: rubbish is no worse than pixels
CHECKED = ("JPEG", "deflated TIFF", "PNG")


@pytest.mark.parametrize(
    ("kind", "filler"),
    [*((kind, b"\0") for kind in UNCHECKED + CHECKED), *((kind, b"rubbish") for kind in CHECKED)],
)
def test_a_lost_sector_in_the_middle_is_refused(kind: str, filler: bytes) -> None:
    photo = Image.fromarray(np.kron(NOISE, np.ones((4, 4, 1), np.uint8)))
    options: dict[str, dict[str, Any]] = {
        "AVIF": {"quality": 90}, "WebP": {"quality": 90}, "lossless WebP": {"kind": "WebP", "lossless": True},
        "deflated TIFF": {"kind": "TIFF", "compression": "tiff_adobe_deflate"}, "JPEG": {"quality": 75},
    }  # fmt: skip
    if kind == "HEIC of a phone":
        data = (CASES / "grid-whole.heic").read_bytes()
    else:
        data = encoded(photo, **({"kind": kind} | options.get(kind, {})))
    assert load_photo(data).srgb.size
    middle = len(data) // 2
    assert "damaged" in refusal(data[:middle] + (filler * 1024)[:1024] + data[middle + 1024 :])


def test_a_jpeg_with_some_bytes_after_its_pixels_is_read() -> None:
    """As cameras write them: the picture is all there."""
    data = encoded(Image.fromarray(NOISE), "JPEG")
    assert load_photo(data[:-2] + bytes(8) + data[-2:]).srgb.size


def test_a_jpeg_in_ink_is_checked_too() -> None:
    data = encoded(Image.fromarray(NOISE).convert("CMYK"), "JPEG", quality=90)
    assert load_photo(data).srgb.size
    middle = len(data) // 2
    assert "damaged" in refusal(data[:middle] + b"rubbish" * 40 + data[middle + 280 :])


def test_a_cut_phone_photo_says_how_many_bytes_there_should_be() -> None:
    data = (CASES / "grid-whole.heic").read_bytes()
    said = refusal(data[: len(data) * 7 // 10], "beach.heic")
    assert said == "'beach.heic': it is cut short: it should have 51,367 bytes at least and has 45,915"


# --- what is another kind of file ---

OTHERS = {
    "PDF": b"%PDF-1.7\n",
    "drawing (SVG)": b'<?xml version="1.0"?>\n<!-- made by hand -->\n<svg xmlns="http://www.w3.org/2000/svg"/>',
    "JPEG XL picture": b"\xff\x0a" + b"\1" * 60,
    "Windows metafile (.wmf)": struct.pack("<IHhhhhHIH", 0x9AC6CDD7, 0, 0, 0, 100, 100, 96, 0, 0) + b"\1\0\t\0" * 9,
    "Windows metafile (.emf)": struct.pack("<II8i4sII", 1, 88, 0, 0, 9, 9, 0, 0, 9, 9, b" EMF", 65536, 0) + b"\0" * 60,
    "FITS picture": (b"SIMPLE  =                    T".ljust(80) + b"BITPIX  =                   64".ljust(80)
                     + b"NAXIS   =                    2".ljust(80) + b"NAXIS1  =                    4".ljust(80)
                     + b"NAXIS2  =                    4".ljust(80) + b"END".ljust(80)).ljust(2880) + b"\0" * 2880,
    "raw photo of a camera": b"II*\0\x10\0\0\0CR\2\0" + b"\0" * 64,
    "video": b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\0" * 64,
    "PostScript file": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n",
    "GIMP picture (.xcf)": b"gimp xcf v011\0" + b"\0" * 64,
    "zip archive": b"PK\3\4" + b"\0" * 64,
}  # fmt: skip


@pytest.mark.parametrize("kind", OTHERS)
def test_known_formats_that_are_not_read_are_named_and_not_called_damaged(kind: str) -> None:
    said = refusal(OTHERS[kind], "thing")
    assert said == f"'thing' is a {kind}: that is not read"


def test_a_tiff_of_an_unknown_kind_is_not_called_damaged() -> None:
    said = refusal(tiff(np.zeros((4, 4), np.complex64)))
    assert "TIFF" in said
    assert "damaged" not in said


def test_the_layers_of_a_psd_are_no_frames() -> None:
    """Pillow counts layers as frames; the first one is all of them together."""
    layer = struct.pack(">4iH", 0, 0, 2, 2, 3) + b"".join(struct.pack(">hI", k, 2 + 4) for k in range(3))
    layer += b"8BIMnorm" + b"\xff\0\0\0" + struct.pack(">I", 4 + 4 + 4) + b"\0" * 8 + b"\1a\0\0"
    pixels = (b"\0\0" + bytes([9, 9, 9, 9])) * 3
    info = struct.pack(">h", 2) + layer * 2 + pixels * 2
    info += b"\0" * (len(info) % 2)
    layers = struct.pack(">I", len(info)) + info + struct.pack(">I", 0)
    head = b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, 2, 2, 8, 3) + struct.pack(">II", 0, 0)
    data = head + struct.pack(">I", len(layers)) + layers + b"\0\0" + bytes(range(12))
    assert Image.open(io.BytesIO(data)).n_frames == 2
    photo = load_photo(data)
    assert photo.notes == ()
    assert photo.srgb[0, 0].tolist() == [0, 4, 8]


# --- the largest photos ---

_HUGE = """
import sys
import numpy as np
from PIL import Image
Image.MAX_IMAGE_PIXELS = None
from stringart.picture.photo import load_photo
photo = load_photo(sys.argv[1])
told = dict(line.split(":") for line in open("/proc/self/status"))  # getrusage would count the parent's at its fork
print(int(told["VmHWM"].split()[0]) // 1024, *photo.size_px, *photo.srgb.shape, photo.srgb.mean())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is told in kB on Linux alone")
def test_a_phone_photo_of_200_megapixels_is_read_in_a_quarter_of_its_memory(tmp_path: Path) -> None:
    Image.new("L", (16384, 12288), 90).save(tmp_path / "phone.jpg", quality=40)
    ran = subprocess.run([sys.executable, "-c", _HUGE, str(tmp_path / "phone.jpg")], capture_output=True, text=True)
    peak_mb, *sizes, mean = ran.stdout.split()
    assert [int(size) for size in sizes] == [16384, 12288, 6144, 8192, 3]
    assert float(mean) == pytest.approx(90, abs=1)
    assert int(peak_mb) < 700  # 1,900 where all of it is unpacked


def test_a_reduced_photo_is_cropped_in_the_pixels_of_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    from stringart.picture import decoding

    checks = np.kron(np.random.default_rng(1).integers(0, 256, (30, 41, 3)).astype(np.uint8), np.ones((16, 16, 1)))
    image = Image.fromarray(checks.astype(np.uint8)[:-5, :-3])
    for kind, options in (("JPEG", {"quality": 98, "subsampling": 0}), ("PNG", {}), ("WEBP", {"lossless": True})):
        exif = Image.Exif()
        exif[0x112] = 6
        for data in (encoded(image, kind, **options), encoded(image, kind, **options, exif=exif)):
            whole = load_photo(data)
            monkeypatch.setattr(decoding, "MAX_WHOLE_PIXELS", 30_000)
            small = load_photo(data)
            monkeypatch.undo()
            assert (small.reduced_by, small.size_px, small.sha256) == (4, whole.size_px, whole.sha256)
            board = Board(width_mm=100.0, height_mm=100.0)
            for crop in (crop_to_board(whole, board), (33, 65, 333, 365), (-40, -40, 520, 520)):
                assert np.abs(resample(small, crop, (24, 24)) - resample(whole, crop, (24, 24))).mean() < 0.03


# --- HDR and colours by number ---


def pq_code(nits: float) -> int:
    """The 8-bit PQ value of a light, by SMPTE ST 2084's own equation (the code reads the inverse one)."""
    power = (nits / 10000) ** 0.1593017578125
    return round(255 * ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375)


@pytest.mark.parametrize(("nits", "level"), [(203, 255), (203 * 0.18, 118), (4000, 255), (0, 0)])
def test_a_pq_picture_is_brought_to_paper_white_and_told(nits: float, level: int) -> None:
    values = np.full((6, 6, 3), pq_code(nits), np.uint8)
    photo = load_photo(png(values, (b"cICP", bytes([1, 16, 0, 1]))), name="hdr.png")
    assert abs(int(photo.srgb[0, 0, 1]) - level) <= 4
    assert photo.notes == ("hdr.png: it is HDR (PQ): paper white is 203 cd/m2, what is brighter is white",)


def test_an_hlg_picture_has_its_reference_white_at_three_quarters() -> None:
    photo = load_photo(png(np.full((6, 6, 3), round(0.75 * 255), np.uint8), (b"cICP", bytes([9, 18, 0, 1]))))
    assert (photo.srgb >= 252).all()  # BT.2408: 75 % of the signal is 203 cd/m2
    assert "HLG" in photo.notes[0]


@pytest.mark.parametrize("primaries", [9, 12])
def test_primaries_by_number_are_followed(primaries: int) -> None:
    pure = np.zeros((4, 4, 3), np.uint8)
    pure[..., 1] = 200
    photo = load_photo(png(pure, (b"cICP", bytes([primaries, 13, 0, 1]))))
    assert (photo.srgb[0, 0, 1] > 200, photo.srgb[0, 0, 0], photo.notes) == (True, 0, ())
    grey = np.full((4, 4, 3), 120, np.uint8)
    assert np.abs(load_photo(png(grey, (b"cICP", bytes([primaries, 13, 0, 1])))).srgb.astype(int) - 120).max() <= 1


def test_a_heic_of_a_camera_in_pq_is_no_srgb() -> None:
    import pillow_heif

    pillow_heif.register_heif_opener()
    codes = {"color_primaries": 9, "transfer_characteristics": 16, "matrix_coefficients": 9, "full_range_flag": 1}
    photo = load_photo(encoded(Image.fromarray(np.full((64, 64, 3), pq_code(203 * 0.18), np.uint8)), "HEIF", **codes))
    assert abs(int(photo.srgb[9, 9, 1]) - 118) <= 6  # read as sRGB it would be 96
    assert "HDR (PQ)" in photo.notes[0]


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_twelve_bits_of_colour_in_sixteen_are_told(kind: str) -> None:
    values = (np.arange(48, dtype=np.uint16).reshape(4, 4, 3) * 85).astype(np.uint16)
    data = png(values) if kind == "PNG" else tiff(values, photometric="rgb")
    (note,) = load_photo(data).notes
    assert "holds 12 bits in 16" in note
    assert load_photo(png(values * 16)).notes == ()


def test_a_huge_picture_without_reduced_decoding_is_refused_with_its_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stringart.picture.decoding.MAX_UNPACKED_PIXELS", 4000)
    monkeypatch.setattr("stringart.picture.decoding.MAX_WHOLE_PIXELS", 2000)
    told = refusal(encoded(Image.fromarray(NOISE)), "big.png")
    assert told == (
        "'big.png': its 4,096 pixels are too many for a PNG: 4,000 are unpacked at once, 357,913,940 of a JPEG"
    )
    assert load_photo(encoded(Image.fromarray(NOISE), "JPEG")).reduced_by == 2
    assert load_photo(Image.fromarray(NOISE)).size_px == (64, 64)  # one in memory is there already
