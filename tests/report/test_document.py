import base64
import hashlib
import inspect
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iopdir.report.document import Markup, assemble, asset, fill, json_text, markup, write_page

FOLDER = Path(inspect.getfile(assemble)).with_name("assets")
ASSETS = sorted(
    path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.suffix in {".js", ".css"}
)
BY_CLICK = {"finder/listing.js": ["https://www.openstreetmap.org/"], "finder/page.js": ["https://${text}"]}
"""Where a person may go by their own click; nothing of it is fetched."""


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda x: st.lists(x) | st.dictionaries(st.text(), x),
    )
)
def test_json_comes_back_whole_and_holds_no_character_that_ends_a_script(value):
    text = json_text(value)
    assert json.loads(text) == value
    assert not set(text) & set("<>&\u2028\u2029")


def test_json_has_null_for_what_it_cannot_say():
    assert json_text({"a": [float("nan"), float("inf"), 1.5]}) == '{"a":[null,null,1.5]}'


@given(st.text())
def test_a_filled_value_is_text_whatever_it_holds(value):
    page = fill('<p title="{{x}}">{{x}}</p>', x=value)
    inner = re.fullmatch(r'<p title="(.*)">(.*)</p>', page, flags=re.DOTALL)
    assert inner is not None
    assert not set(inner[1]) & set("<>\"'")


def test_a_value_that_looks_like_a_slot_is_not_filled_again():
    inner = fill("<b>{{x}}</b>", x="{{y}}")
    assert fill("{{a}} {{y}}", a=inner, y="secret") == "<b>{{y}}</b> secret"


def test_only_markup_goes_in_unescaped():
    assert fill("{{x}}", x="<i>") == "&lt;i&gt;"
    assert fill("{{x}}", x=Markup("<i>")) == "<i>"
    assert fill("{{x}}", x=Markup("<i>") + "<b>") == "&lt;i&gt;&lt;b&gt;", "joining with text gives text"
    assert markup("<li>{{x}}</li>", [{"x": "&"}, {"x": 2}]) == "<li>&amp;</li><li>2</li>"


def test_a_slot_without_a_value_is_an_error():
    with pytest.raises(KeyError, match="x"):
        fill("{{x}}")


@pytest.mark.parametrize("name", ASSETS)
def test_assets_can_stand_inside_their_element_and_name_no_host(name):
    text = asset(name)
    assert "</" not in re.sub(r"`[^`]*`", "", text)
    for known in ("http://www.w3.org/2000/svg", *BY_CLICK.get(name, [])):  # the name of SVG is never fetched
        text = text.replace(known, "")
    assert not re.search(r"https?://|//[a-z]+\.[a-z]|@import|url\((?!#)", text)
    assert "innerHTML" not in text
    assert "{{" not in text


def test_the_policy_names_the_digests_of_what_the_page_holds():
    page = assemble(
        title="<t>",
        body=Markup("<p>b</p>"),
        style="p{}",
        script="1;",
        data={"d": "</script>"},
        synthetic=True,
    )
    for text in ("p{}", "1;"):
        assert base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() in page
    assert "<title>&lt;t&gt;</title>" in page
    assert '<script type="application/json" id="d">"\\u003c/script\\u003e"</script>' in page
    assert '<body data-mark="SYNTHETIC">' in page
    assert "default-src &#x27;none&#x27;" in page


def test_a_page_is_written_whole_into_a_new_folder(tmp_path):
    path = write_page(tmp_path / "a" / "b.html", "x\u2028y\n")
    assert path.read_bytes() == "x\u2028y\n".encode()
    assert [entry.name for entry in path.parent.iterdir()] == ["b.html"]
