"""Photos of every kind that people have, made here as real files; damaged ones are refused in one line."""

import hashlib
import io
import re
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from stringart.errors import MissingExtraError, PhotoError
from stringart.picture import light
from stringart.picture.photo import Photo, check_contrast, crop_to_board, load_photo, outside_of, resample
from stringart.plan.model import Board

EXAMPLES = Path(__file__).parents[3] / "examples"
RAMP = np.arange(0, 256, 5, dtype=np.uint8).reshape(4, 13)
COLORS = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]], [[255, 255, 255], [0, 0, 0], [200, 120, 40]]], np.uint8)


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def refusal(source: Any) -> PhotoError:
    with pytest.raises(PhotoError) as caught:
        load_photo(source)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300
    return caught.value


def gray_photo(values: np.ndarray) -> Photo:
    return load_photo(np.asarray(values, np.uint8))


# --- what is read ---


def test_a_file_is_read_with_its_name_and_hash() -> None:
    path = EXAMPLES / "camera.png"
    photo = load_photo(path)
    assert (photo.name, photo.size_px, photo.notes) == ("camera.png", (512, 512), ())
    assert photo.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    with Image.open(path) as image:
        assert (photo.srgb == np.asarray(image.convert("RGB"))).all()
    assert (load_photo(path.read_bytes(), name="x").srgb == photo.srgb).all()
    assert load_photo(path.read_bytes(), name="x").sha256 == photo.sha256


def test_linear_is_the_light_of_the_pixels() -> None:
    photo = load_photo(COLORS)
    assert photo.linear.dtype == np.float32
    assert np.allclose(photo.linear, light.to_linear(COLORS / 255), atol=1e-6)
    with pytest.raises(ValueError, match="read-only"):
        photo.srgb[0, 0] = 0


def test_arrays_of_every_kind_mean_the_same() -> None:
    want = np.repeat(RAMP[..., None], 3, 2)
    same = [RAMP, RAMP[..., None], want, RAMP / 255, (RAMP / 255).astype(np.float32), RAMP.astype(np.uint16) * 257]
    for values in same:
        assert (load_photo(values).srgb == want).all()
    assert (load_photo(RAMP > 100).srgb == np.where(want > 100, 255, 0)).all()
    assert load_photo(RAMP).sha256 == hashlib.sha256(RAMP.tobytes()).hexdigest()
    assert (load_photo(Image.fromarray(RAMP)).srgb == want).all()


@pytest.mark.parametrize(
    "values",
    [
        np.full((4, 4), np.nan),
        np.array([[0.0, np.inf]]),
        np.array([[0.0, 1.5]]),
        np.array([[-0.1, 1.0]]),
        np.zeros((0, 5)),
        np.zeros((5, 0, 3), np.uint8),
        np.zeros(7, np.uint8),
        np.zeros((3, 3, 2), np.uint8),
        np.zeros((3, 3, 3, 3), np.uint8),
        np.zeros((3, 3), np.int64),
        np.zeros((3, 3), complex),
    ],
    ids=str,
)
def test_arrays_that_are_no_photo_are_refused(values: np.ndarray) -> None:
    said = refusal(values)
    assert "is not a photo" in str(said)
    assert said.hint


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_rotation_is_undone(orientation: int) -> None:
    upright = Image.fromarray(np.arange(0, 240, 10, dtype=np.uint8).reshape(4, 6))
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,  # stored a quarter turn to the left of what is seen
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = upright.transpose(undo[orientation]) if orientation > 1 else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo = load_photo(encoded(stored, "PNG", exif=exif))
    assert (photo.srgb[..., 0] == np.asarray(upright)).all()


def test_damaged_exif_is_said_and_the_photo_kept() -> None:
    broken = b"Exif\0\0M\x0f\0\x2a\0\0\0\x08\0\2\1\x0e\0\2\0\0\0\x0c\0\x34\x26\1\x12\0\3\0\0\0\1\0\6\0\0\0\0"
    photo = load_photo(encoded(Image.fromarray(COLORS), "PNG", exif=broken))
    assert (photo.srgb == COLORS).all()
    assert photo.notes == ("photo: its EXIF data is damaged; it is not turned",)


def test_alpha_shows_the_background_mixed_as_viewers_do() -> None:
    rgba = np.dstack([COLORS, np.full((2, 3), 128, np.uint8)])
    rgba[0, 0, 3], rgba[0, 1, 3] = 0, 255
    photo = load_photo(encoded(Image.fromarray(rgba)), "#204060")
    background = np.array([0x20, 0x40, 0x60])
    alpha = rgba[..., 3:] / 255
    assert abs(photo.srgb - (COLORS * alpha + background * (1 - alpha))).max() <= 1
    assert photo.srgb[0, 0].tolist() == background.tolist()
    assert (load_photo(rgba, "#204060").srgb == photo.srgb).all()


def test_transparency_of_gray_palette_and_color_keys() -> None:
    gray = Image.fromarray(np.dstack([np.full((2, 2), 90, np.uint8), np.array([[0, 255], [0, 255]], np.uint8)]), "LA")
    assert load_photo(encoded(gray), "#ff0000").srgb[0].tolist() == [[255, 0, 0], [90, 90, 90]]
    palette = Image.fromarray(np.array([[0, 1]], np.uint8)).convert("P")
    palette.putpalette([10, 20, 30, 40, 50, 60])
    assert load_photo(encoded(palette, transparency=0), "#ff0000").srgb[0].tolist() == [[255, 0, 0], [40, 50, 60]]
    assert load_photo(encoded(palette, "GIF", transparency=1), "#ff0000").srgb[0, 1].tolist() == [255, 0, 0]
    keyed = encoded(Image.fromarray(COLORS), transparency=(0, 255, 0))
    assert load_photo(keyed, "#123456").srgb[0].tolist() == [[255, 0, 0], [0x12, 0x34, 0x56], [0, 0, 255]]


CHECKS = np.kron(np.array([[0, 255], [255, 0]], np.uint8), np.ones((16, 16), np.uint8))


def files_of_all_modes() -> dict[str, bytes]:
    """A chessboard in every mode that every format can hold."""
    Image.init()
    files = {}
    for mode in ("1", "L", "P", "RGB", "RGBA", "LA", "CMYK", "YCbCr", "I", "F", "I;16"):
        deep = mode in ("I", "I;16")
        image = Image.fromarray(CHECKS.astype(np.uint16) * 257 if deep else CHECKS)
        for kind in ("PNG", "TIFF", "JPEG", "BMP", "WEBP", "PPM", "JPEG2000", "GIF", "AVIF"):
            try:
                files[f"{mode} {kind}"] = encoded(image if mode == "I;16" else image.convert(mode), kind)
            except (OSError, ValueError):
                continue  # the format cannot hold the mode
    return files


FILES = files_of_all_modes()


def test_the_modes_of_the_files_are_many() -> None:
    assert len(FILES) >= 60


@pytest.mark.parametrize("name", FILES)
def test_every_mode_that_a_format_can_hold_is_read(name: str) -> None:
    assert abs(load_photo(FILES[name]).srgb.mean(2) - CHECKS).mean() < 6


def test_sixteen_bit_gray_is_scaled_not_clipped() -> None:
    values = (RAMP.astype(np.uint16) * 257)[:, ::-1].copy()
    for kind in ("PNG", "TIFF"):
        photo = load_photo(encoded(Image.fromarray(values), kind))
        assert (photo.srgb[..., 1] == RAMP[:, ::-1]).all()
    pgm = b"P5\n13 4\n65535\n" + values.astype(">u2").tobytes()
    assert (load_photo(pgm).srgb[..., 1] == RAMP[:, ::-1]).all()


def png_16_bit(values: np.ndarray) -> bytes:
    """A PNG of 16-bit colours, written chunk by chunk: Pillow cannot."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows, cols, _ = values.shape
    body = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    head = struct.pack(">IIBBBBB", cols, rows, 16, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b"")


def test_sixteen_bit_color_is_scaled_not_clipped() -> None:
    values = COLORS.astype(np.uint16) * 257
    assert (load_photo(png_16_bit(values)).srgb == COLORS).all()
    file = io.BytesIO()
    tifffile.imwrite(file, values, photometric="rgb")
    assert (load_photo(file.getvalue()).srgb == COLORS).all()


def test_float_tiff_of_zero_to_one_and_beyond() -> None:
    values = RAMP.astype(np.float32) / 255
    assert (load_photo(encoded(Image.fromarray(values), "TIFF")).srgb[..., 0] == RAMP).all()
    error = refusal(encoded(Image.fromarray(values * 1000), "TIFF"))
    assert "floats from 0 to 1000 is not a photo: 0 to 1 or 0 to 255 can be read" in str(error)
    assert "damaged" not in str(error)


def test_cmyk_without_a_profile_is_ink_on_white() -> None:
    inks = np.array([[[0, 255, 255, 0], [0, 0, 0, 255], [0, 0, 0, 0]]], np.uint8)
    photo = load_photo(encoded(Image.fromarray(inks, "CMYK"), "TIFF"))
    assert photo.srgb.tolist() == [[[255, 0, 0], [0, 0, 0], [255, 255, 255]]]


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_of_an_animation_the_first_frame_is_used_and_that_is_said(kind: str) -> None:
    frames = [Image.new("RGB", (20, 20), color) for color in ("#ff0000", "#00ff00", "#0000ff")]
    photo = load_photo(encoded(frames[0], kind, save_all=True, append_images=frames[1:]), name="dance")
    assert abs(photo.srgb.astype(int) - [255, 0, 0]).max() < 8
    assert photo.notes == (f"dance: it holds 3 {'pages' if kind == 'TIFF' else 'frames'}; only the first is used",)


# --- colour profiles, built by hand ---


def fixed(*values: float) -> bytes:
    return b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def icc(kind: bytes, space: bytes, pcs: bytes, tags: dict[bytes, bytes]) -> bytes:
    name = b"test"
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(name) + 1) + name + b"\0" + b"\0" * 78,
        b"cprt": b"text\0\0\0\0none\0",
        b"wtpt": b"XYZ \0\0\0\0" + fixed(0.9642, 1, 0.8249),
    } | tags
    table, body, at = b"", b"", 128 + 4 + 12 * len(tags)
    for key, value in tags.items():
        value += b"\0" * (-len(value) % 4)
        table += key + struct.pack(">II", at + len(body), len(value))
        body += value
    rest = b"\0\0\0\0\x02\x40\0\0" + kind + space + pcs + b"\x07\xe8\0\1\0\1\0\0\0\0\0\0acsp" + b"\0" * 28
    header = rest + fixed(0.9642, 1, 0.8249) + b"\0" * 48
    tagged = struct.pack(">I", len(tags)) + table + body
    return struct.pack(">I", 128 + len(tagged)) + header + tagged


def gamma_curve(gamma: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))


SRGB_D50 = np.array([[0.43607, 0.22249, 0.01392], [0.38515, 0.71687, 0.09708], [0.14307, 0.06061, 0.7141]]).T
WIDE = {
    "Display P3": np.array([[0.51512, 0.2412, -0.00105], [0.29198, 0.69225, 0.04189], [0.1571, 0.06657, 0.78407]]).T,
    "Adobe RGB": np.array([[0.60974, 0.31111, 0.01947], [0.20528, 0.62567, 0.06087], [0.14919, 0.06322, 0.74457]]).T,
}


def wide_profile(name: str) -> bytes:
    columns = {b"rgb"[k : k + 1] + b"XYZ": b"XYZ \0\0\0\0" + fixed(*WIDE[name][:, k]) for k in range(3)}
    curves = {b"rgb"[k : k + 1] + b"TRC": gamma_curve(2.2) for k in range(3)}
    return icc(b"mntr", b"RGB ", b"XYZ ", columns | curves)


@pytest.mark.parametrize("name", WIDE)
def test_wide_gamuts_become_srgb(name: str) -> None:
    values = np.array([[[200, 100, 50], [60, 130, 200], [128, 128, 128], [90, 160, 80], [255, 255, 255]]], np.uint8)
    photo = load_photo(encoded(Image.fromarray(values), icc_profile=wide_profile(name)))
    want = light.to_srgb((values / 255) ** 2.2 @ WIDE[name].T @ np.linalg.inv(SRGB_D50).T) * 255
    assert abs(photo.srgb - want).max() < 3
    assert abs(photo.srgb.astype(int) - values).max() > 10  # which is something else than leaving them alone
    assert photo.notes == ()


def test_wide_gamut_with_alpha() -> None:
    values = np.dstack([COLORS, np.full((2, 3), 255, np.uint8)])
    profile = wide_profile("Adobe RGB")
    opaque = load_photo(encoded(Image.fromarray(COLORS), icc_profile=profile)).srgb
    assert (load_photo(encoded(Image.fromarray(values), icc_profile=profile)).srgb == opaque).all()


def test_a_gray_profile_is_followed() -> None:
    linear_gray = icc(b"mntr", b"GRAY", b"XYZ ", {b"kTRC": gamma_curve(1.0)})
    photo = load_photo(encoded(Image.fromarray(np.array([[0, 128, 255]], np.uint8)), icc_profile=linear_gray))
    assert abs(photo.srgb[0, :, 0].astype(int) - [0, 188, 255]).max() <= 1


def test_a_cmyk_profile_is_followed() -> None:
    """A made-up press on which full cyan is a middle grey of L* 50 and full black is L* 0."""
    grid = [(100 * (1 - k) * (1 - c / 2), 0, 0) for c in (0, 1) for _ in range(4) for k in (0, 1)]
    table = b"".join(bytes([round(tone * 2.55), 128 + a, 128 + b]) for tone, a, b in grid)
    same = bytes(range(256))
    press = b"mft1\0\0\0\0\4\3\2\0" + fixed(1, 0, 0, 0, 1, 0, 0, 0, 1) + same * 4 + table + same * 3
    inks = np.array([[[0, 0, 0, 0], [255, 0, 0, 0], [0, 0, 0, 255]]], np.uint8)
    profile = icc(b"prtr", b"CMYK", b"Lab ", {b"A2B0": press})
    photo = load_photo(encoded(Image.fromarray(inks, "CMYK"), "TIFF", icc_profile=profile))
    assert abs(photo.srgb[0].astype(int) - [[255] * 3, [119] * 3, [0] * 3]).max() <= 3


@pytest.mark.parametrize("profile", [b"nonsense", wide_profile("Adobe RGB")[:200]])
def test_a_profile_that_cannot_be_used_is_said(profile: bytes) -> None:
    photo = load_photo(encoded(Image.fromarray(COLORS), icc_profile=profile), name="a.png")
    assert (photo.srgb == COLORS).all()
    assert photo.notes == ("a.png: its colour profile cannot be used and is ignored",)


# --- what is refused ---


@pytest.mark.parametrize("name", ["astronaut.jpg", "camera.png"])
@pytest.mark.parametrize("share", [0.001, 0.01, 0.3, 0.9, 0.99])
def test_cut_files_are_refused(name: str, share: float) -> None:
    data = (EXAMPLES / name).read_bytes()
    said = str(refusal(data[: round(len(data) * share)]))
    assert re.search("damaged or cut short|not a picture that can be read", said)


@pytest.mark.parametrize("data", [b"", b"hello", b"\xff\xd8\xff", b"\0" * 100], ids=repr)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    assert re.search("is empty|not a picture that can be read|damaged or cut short", str(refusal(data)))


@given(data=st.data())
def test_damaged_files_are_read_or_refused(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["PNG", "JPEG", "GIF", "TIFF", "WEBP", "BMP", "PPM"]))
    content = bytearray(encoded(Image.fromarray(np.kron(COLORS, np.ones((8, 8, 1), np.uint8))), kind))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        load_photo(bytes(content))
    except PhotoError as error:
        assert error.args[0].count("\n") == 0  # noqa: PT017


def test_missing_files_and_folders_are_refused(tmp_path: Path) -> None:
    assert "does not exist" in str(refusal(tmp_path / "no.jpg"))
    assert "cannot be read" in str(refusal(tmp_path))


def test_a_decompression_bomb_is_refused_before_it_unpacks() -> None:
    small = png_16_bit(COLORS.astype(np.uint16))
    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    bomb = small[:12] + chunk + struct.pack(">I", zlib.crc32(chunk)) + small[33:]
    assert "more than the 357,913,940 pixels" in str(refusal(bomb))


def test_heic_is_read_where_its_package_is(tmp_path: Path) -> None:
    heif = pytest.importorskip("pillow_heif")
    picture = Image.fromarray(np.kron(COLORS, np.ones((32, 32, 1), np.uint8)))
    heif.from_pillow(picture).save(tmp_path / "a.heic", quality=95)
    photo = load_photo(tmp_path / "a.heic")
    assert abs(photo.srgb[16::32, 16::32].astype(int) - COLORS).max() < 25


def test_heic_without_its_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(MissingExtraError) as caught:
        load_photo(b"\0\0\0\x18ftypheic" + b"\0" * 100)
    assert "pip install" in caught.value.hint


def test_skimage_io_is_never_imported() -> None:
    code = (
        "import sys, stringart.picture.photo, stringart.picture.importance; "
        "sys.exit(any(m.startswith('skimage') for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


# --- crop, resample, contrast ---


@pytest.mark.parametrize(
    ("cols", "rows", "width", "height", "crop"),
    [
        (512, 512, 600.0, 600.0, (0, 0, 512, 512)),
        (451, 300, 600.0, 600.0, (75, 0, 375, 300)),
        (300, 451, 600.0, 600.0, (0, 75, 300, 375)),
        (400, 300, 800.0, 600.0, (0, 0, 400, 300)),
        (400, 400, 800.0, 600.0, (0, 50, 400, 350)),
        (1, 1, 800.0, 600.0, (0, 0, 1, 1)),
        (100, 1, 600.0, 600.0, (49, 0, 50, 1)),
    ],
)
def test_the_crop_is_the_largest_in_the_middle(
    cols: int, rows: int, width: float, height: float, crop: tuple[int, int, int, int]
) -> None:
    photo = gray_photo(np.zeros((rows, cols)))
    assert crop_to_board(photo, Board(width_mm=width, height_mm=height)) == crop
    assert outside_of(photo, crop) is None


def test_the_users_crop_may_reach_outside_and_is_filled_with_the_background() -> None:
    photo = load_photo(np.zeros((40, 40), np.uint8), "#ff8000")
    crop = crop_to_board(photo, Board(), (-40, 0, 40, 80))
    assert outside_of(photo, crop) == "#ff8000"
    part = resample(photo, crop, (80, 80))
    assert (part[:37, 43:] == 0).all()
    for filled in (part[:, :37], part[43:]):  # three pixels of the edge between them are both
        assert np.allclose(filled, light.linear_color("#ff8000"), atol=1e-6)


@pytest.mark.parametrize(
    ("crop", "said"),
    [
        ((5, 5, 5, 30), "has no area"),
        ((30, 5, 5, 30), "has no area"),
        ((200, 0, 300, 100), "lies outside the photo of 40 x 40 px"),
        ((0, 0, 30, 20), "has the aspect 1.500, the board 1.000"),
        ((-500, -500, 500, 500), "more than 10 times"),
    ],
)
def test_crops_that_cannot_be_used(crop: tuple[int, int, int, int], said: str) -> None:
    with pytest.raises(PhotoError, match=said):
        crop_to_board(gray_photo(np.zeros((40, 40))), Board(), crop)


def test_resampling_keeps_the_light_of_fine_stripes() -> None:
    stripes = np.zeros((512, 512))
    stripes[::2] = 255
    photo = gray_photo(stripes)
    assert np.allclose(resample(photo, (0, 0, 512, 512), (256, 256)), 0.5, atol=2e-3)


def test_resampling_at_the_same_size_and_of_a_part_keeps_the_picture() -> None:
    photo = load_photo(EXAMPLES / "astronaut.jpg")
    part = resample(photo, (100, 50, 356, 306), (256, 256))
    assert part.shape == (256, 256, 3)
    assert part.dtype == np.float32
    tones, want = (
        light.lightness(light.luminance(part)),
        light.lightness(light.luminance(photo.linear[50:306, 100:356])),
    )
    assert np.abs(tones - want).mean() < 1


def test_resampling_is_near_to_what_a_viewer_shows() -> None:
    """The judge's way: LANCZOS of the sRGB bytes."""
    photo = load_photo(EXAMPLES / "coffee.jpg")
    crop = crop_to_board(photo, Board())
    ours = light.to_srgb(resample(photo, crop, (256, 256)))
    shown = np.asarray(Image.fromarray(photo.srgb).resize((256, 256), Image.Resampling.LANCZOS, box=crop)) / 255
    assert np.abs(ours - shown).mean() < 0.01


@pytest.mark.parametrize("tone", [0, 128, 255])
def test_a_photo_without_contrast_is_refused_with_its_range(tone: int) -> None:
    photo = gray_photo(tone + np.random.default_rng(1).integers(0, 2, (64, 64)) * (1 if tone < 255 else 0))
    with pytest.raises(PhotoError, match=r"has no contrast: L\* goes from [\d.]+ to [\d.]+, a spread of at least 5"):
        check_contrast(photo, (0, 0, 64, 64))


@pytest.mark.parametrize(
    ("tone", "board", "look"), [(255, "#ffffff", "white-on-black"), (0, "#000000", "black-on-white")]
)
def test_a_logo_of_the_boards_own_tone_is_offered_another_board(tone: int, board: str, look: str) -> None:
    logo = np.zeros((64, 64, 4), np.uint8)
    logo[..., :3] = tone
    logo[16:48, 16:48, 3] = 255
    with pytest.raises(PhotoError, match="has no contrast") as refused:
        check_contrast(load_photo(logo, board), (0, 0, 64, 64))
    assert f"--look {look}" in refused.value.hint
    check_contrast(load_photo(logo, "#000000" if tone else "#ffffff"), (0, 0, 64, 64))


def test_colors_of_one_lightness_are_contrast_for_several_threads_only() -> None:
    red, green = light.linear_color("#c86464"), light.linear_color("#3c8e8c")
    green = green * light.luminance(red) / light.luminance(green)
    share = np.linspace(0, 1, 64)[None, :, None]
    picture = light.to_bytes(np.broadcast_to(share * red + (1 - share) * green, (64, 64, 3)))
    photo = load_photo(picture)
    check_contrast(photo, (0, 0, 64, 64), in_color=True)
    with pytest.raises(PhotoError, match="has no contrast") as refused:
        check_contrast(photo, (0, 0, 64, 64))
    assert refused.value.hint == "it differs in colour alone: choose threads with --palette"


def test_a_thin_line_on_white_is_contrast_enough() -> None:
    sheet = np.full((600, 600), 255)
    sheet[300:303] = 0
    check_contrast(gray_photo(sheet), (0, 0, 600, 600))
