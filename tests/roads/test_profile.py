"""The profile: a file that a person changes, and errors that name the line."""

from importlib.resources import files

import pytest

import iopdir as iop
from iopdir.errors import LoadError
from iopdir.roads.profile import car, read_profile

TEXT = (files("iopdir.roads") / "car.toml").read_text(encoding="utf-8")


def line_of(text, words):
    return next(number for number, line in enumerate(text.splitlines(), start=1) if line.startswith(words))


def write(folder, old, new):
    assert old in TEXT
    path = folder / "mine.toml"
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    return path


def test_the_car_that_comes_with_the_package_is_a_file_like_any_other(tmp_path):
    path = tmp_path / "car.toml"
    path.write_text(TEXT, encoding="utf-8")
    assert read_profile(path) == car()


@pytest.mark.parametrize(
    ("old", "new", "at", "expected", "found"),
    [
        ("motorway = 90", "motorway = fast", "motorway = ", "TOML", "line"),
        ("motorway = 90", "motorway = " + "9" * 400, "motorway = ", "a number above zero", "999"),
        ("motorway = 90", "motorway = 0", "motorway = ", "speeds.motorway as a number above zero", "0"),
        ("motorway = 90", 'motorway = "90"', "motorway = ", "a number above zero", "'90'"),
        ("motorway = 90", "motorway = inf", "motorway = ", "a number above zero", "inf"),
        ("around_s = 20.0", "around_s = -1", "around_s = ", "turns.around_s as a number of zero", "-1"),
        ("around_s = 20.0", "arround_s = 20", "arround_s = ", "in [turns] one of", "'arround_s'"),
        ("around_s = 20.0", "", "[turns]", "'around_s' in [turns]", "none"),
        ('gates = ["gate", "lift_gate"]', 'gates = "gate"', "gates = ", "a list of words", "'gate'"),
        ('driving_side = "right"', 'driving_side = "middle"', "driving_side", "'right' or 'left'", "'middle'"),
        ('name = "car"', "name = 5", "name = ", "name as text", "5"),
        ("[walk]", "[stroll]", "[stroll]", "at the top one of", "'stroll'"),
        ("[surface_limits]", "[surface_limits]\nasphalt = true", "asphalt", "surface_limits.asphalt", "True"),
    ],
    ids=str,
)  # fmt: skip
def test_an_error_names_its_line(tmp_path, old, new, at, expected, found):
    path = write(tmp_path, old, new)
    with pytest.raises(LoadError) as caught:
        read_profile(path)
    assert caught.value.line == line_of(path.read_text(encoding="utf-8"), at)
    assert expected in caught.value.expected
    assert found in caught.value.found


def test_a_file_without_a_section_says_which(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('name = "car"\ndriving_side = "left"\n', encoding="utf-8")
    with pytest.raises(LoadError, match="expected 'access' at the top, found none"):
        read_profile(path)


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"], ids=["missing", "bytes"])
def test_a_file_that_cannot_be_read_is_a_load_error(tmp_path, content):
    path = tmp_path / "mine.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(LoadError, match="a profile in TOML"):
        read_profile(path)


def test_a_slower_profile_makes_slower_roads(tmp_path, draw_map, at, seconds):
    path = draw_map({1: (0, 0), 2: (10, 0)}, {1: ([1, 2], {"highway": "residential"})})
    slow = write(tmp_path, "residential = 25", "residential = 5")
    ends = at(a=(1, 0), b=(9, 0))
    quick = seconds(path, ends, ends).loc["a", "b"]
    other = seconds(iop.Roads.read_pbf(path, profile=slow), ends, ends).loc["a", "b"]
    assert other == pytest.approx(5 * quick, rel=0.01)
