"""``stringart doctor``: folders that cannot be written, licences, and what an uninstall leaves."""

import importlib.metadata
from pathlib import Path

import pytest
from click.testing import CliRunner

from stringart.cli import _doctor_licences
from stringart.cli._doctor_folders import kept, why_not_writable
from stringart.cli.doctor import doctor

OWN = ("STRINGART_CONFIG_DIR", "STRINGART_STATE_DIR", "STRINGART_STUDIO_DIR")


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """All places in one folder, each with a file."""
    for name in OWN:
        monkeypatch.setenv(name, str(tmp_path / name))
        (tmp_path / name / "below").mkdir(parents=True)
        (tmp_path / name / "below" / "file").write_bytes(b"12345678")
    monkeypatch.setattr("stringart.folders.cache_folder", lambda: tmp_path / "cache")
    (tmp_path / "tmp" / "stringart-batch-4194305-x").mkdir(parents=True)
    (tmp_path / "tmp" / "somebody's").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    return tmp_path


def test_each_place_is_asked_for_and_what_is_not_wanted_stays(places: Path) -> None:
    ended = CliRunner().invoke(doctor, ["--clean"], input="n\ny\nn\ny\n")
    assert ended.exit_code == 0, ended.output
    assert ended.output.count("Remove?") == 4  # there is no cache
    assert ended.output.count("CANNOT be made again") == 3
    assert [name for name in OWN if (places / name).exists()] == ["STRINGART_CONFIG_DIR", "STRINGART_STUDIO_DIR"]
    assert [path.name for path in (places / "tmp").iterdir()] == ["somebody's"]


def test_an_answer_that_never_comes_removes_nothing(places: Path) -> None:
    ended = CliRunner().invoke(doctor, ["--clean"], input="")
    assert ended.exit_code == 1
    assert all((places / name).exists() for name in OWN)


def test_what_is_left_is_counted(places: Path) -> None:
    assert [one.size for one in kept()] == [(1, 8), (1, 8), (1, 8), (0, 0), (0, 0)]


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    assert why_not_writable(tmp_path / "not" / "there" / "yet") == ""
    if Path("/proc").is_dir():
        assert why_not_writable(Path("/proc/stringart"))
    (tmp_path / "file").write_bytes(b"")
    assert why_not_writable(tmp_path / "file" / "below")


def test_licences_are_read_from_what_is_installed() -> None:
    ended = CliRunner().invoke(doctor, ["--licences"])
    assert ended.exit_code == 0, ended.output
    said = dict(line.split(": ", 1) for line in ended.output.splitlines())
    version = importlib.metadata.version
    assert said[f"fpdf2 {version('fpdf2')}"] == "LGPL-3.0-only"
    assert said[f"stringart-studio {version('stringart-studio')}"] == "MIT"
    assert not [name for name in said if name.startswith(("pytest", "mypy"))]
    assert "fpdf2" in said["ask more of who hands them on than to name them"]


def test_libraries_in_a_wheel_are_named_with_their_own_licence() -> None:
    """Whatever wheel carries x264 or x265, its own licence does not say so."""

    class Wheel(importlib.metadata.Distribution):
        def read_text(self, filename: str) -> str | None:
            files = "av.libs/libx264-d6533a8d.so.165,,\nav.libs/libSvtAv1Enc-9.so,,\nav/x265.py,,\n"
            return {"RECORD": files, "METADATA": "Name: av\nLicense: BSD\n"}.get(filename)

        def locate_file(self, path: object) -> Path:
            return Path(str(path))

    assert _doctor_licences.libraries_of(Wheel()) == {"x264"}
    assert _doctor_licences.licence_of(Wheel()) == "BSD"
