"""The catalogues of real threads."""

import re

import pytest

from stringart.errors import PaletteError
from stringart.threads import catalogues


@pytest.mark.parametrize("key", catalogues.catalogue_names())
def test_every_catalogue_is_whole(key):
    catalogue = catalogues.load_catalogue(key)
    codes = [entry.code for entry in catalogue.entries]
    assert len(codes) == len(set(codes)) > 0
    assert all(re.fullmatch("#[0-9a-f]{6}", entry.color) for entry in catalogue.entries)
    assert all(entry.name == entry.name.strip() != "" for entry in catalogue.entries)
    assert "Source" in catalogue.source
    names = [thread.name for thread in catalogue.threads(0.25)]
    assert len(names) == len(set(names))


def test_dmc_has_the_shade_card():
    dmc = catalogues.load_catalogue("dmc")
    assert len(dmc.entries) == 489
    known = {"310": ("Black", "#000000"), "666": ("Bright Red", "#e31d42"), "820": ("Royal Blue Very Dark", "#0e365c")}
    for code, (name, color) in known.items():
        assert (dmc.find(code).name, dmc.find(code).color) == (name, color)
    assert dmc.find("snow white").code == "B5200"
    assert [entry.name for entry in dmc.entries if re.search(r"\b(Vy|Lt|Dk|Md|Med|Grn|Ult)\b", entry.name)] == []


def test_the_nearest_thread_of_a_colour():
    assert catalogues.load_catalogue("dmc").near("#010101").code == "310"
    assert catalogues.load_catalogue("dmc").near("#e41e41").code == "666"


def test_a_new_catalogue_is_one_new_file(tmp_path, monkeypatch):
    (tmp_path / "acme.csv").write_text("# title: Acme\n# Source: a leaflet.\ncode,name,color\n7,Sky,#88ccff\n")
    monkeypatch.setattr(catalogues, "_FOLDER", tmp_path)
    for cached in (catalogues.catalogue_names, catalogues.load_catalogue):
        cached.cache_clear()
    try:
        assert catalogues.catalogue_names() == ("acme",)
        assert catalogues.load_catalogue("acme").threads(0.3)[0].name == "ACME 7 Sky"
        with pytest.raises(PaletteError, match="no thread catalogue 'dmc'"):
            catalogues.load_catalogue("dmc")
    finally:
        monkeypatch.undo()
        for cached in (catalogues.catalogue_names, catalogues.load_catalogue):
            cached.cache_clear()


def test_a_thread_is_like_one_that_a_shop_has_unless_it_is_one():
    assert catalogues.like("rust", "#e41e41") == "like DMC 666"
    assert catalogues.like("black", "#000000") == "like DMC 310"
    assert catalogues.like("DMC 310 Black", "#000000") == ""


def test_a_thread_without_a_name_is_told_as_people_name_its_colour():
    assert catalogues.like("#fa5900", "#fa5900") == "bright orange, like DMC 946"
    assert catalogues.like("rust", "#fa5900") == "like DMC 946"
