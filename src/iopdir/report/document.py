"""One HTML file that needs no network: templates, data and scripts put together so that data stays text.

Three defences, each enough alone: values are escaped when a template is filled, data travels as JSON in which
no character can end a script, and a content security policy lets only this file's own scripts run and
forbids every request.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import math
import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

from iopdir.atomic import make_folder, replacing
from iopdir.vocabulary.crisis import CRISIS_LINES

__all__ = [
    "Markup",
    "assemble",
    "asset",
    "crisis_lines",
    "fill",
    "json_text",
    "markup",
    "write_page",
]

_SLOT: Final = re.compile(r"\{\{(\w+)\}\}")
_UNSAFE_IN_SCRIPT: Final = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


class Markup(str):
    """HTML that this package wrote. Anything else is escaped when a template is filled."""

    __slots__ = ()


def crisis_lines() -> Markup:
    """Give the crisis lines as list items with phone links."""
    lines = ({"name": name} | line._asdict() for name, line in CRISIS_LINES.items())
    return markup(asset("crisis_line.html"), lines)


@cache
def asset(name: str) -> str:
    """Read a template, style sheet or script that ships beside this module."""
    return resources.files("iopdir.report").joinpath("assets", name).read_text(encoding="utf-8")


def fill(template: str, **values: object) -> Markup:
    """Put values into the `{{slots}}` of a template, escaping all that is not `Markup`.

    Raises
    ------
    KeyError
        If a slot has no value.

    Examples
    --------
    >>> fill("<p>{{name}}</p>", name="<script>")
    '<p>&lt;script&gt;</p>'
    """

    def put(slot: re.Match[str]) -> str:
        value = values[slot[1]]
        return value if isinstance(value, Markup) else html.escape(str(value), quote=True)

    return Markup(_SLOT.sub(put, template))


def markup(template: str, rows: Iterable[Mapping[str, object]]) -> Markup:
    """Fill the same template once for each row and join.

    Examples
    --------
    >>> markup("<li>{{x}}</li>", [{"x": 1}, {"x": "a&b"}])
    '<li>1</li><li>a&amp;b</li>'
    """
    return Markup("".join(fill(template, **row) for row in rows))


def _plain(value: object) -> object:
    """Give NaN and infinity as null, which is what JSON has."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def json_text(value: object) -> Markup:
    r"""Write JSON that may stand inside a script element: no `<`, `>`, `&` or line separator is left.

    Examples
    --------
    >>> print(json_text({"name": "</script>", "share": float("nan")}))
    {"name":"\u003c/script\u003e","share":null}
    """
    text = json.dumps(_plain(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Markup(text.translate(_UNSAFE_IN_SCRIPT))


def _digest(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def assemble(
    *,
    title: str,
    body: Markup,
    style: str,
    script: str,
    data: Mapping[str, Any],
    synthetic: bool,
    lang: str = "en",
) -> str:
    """Make the whole page.

    Parameters
    ----------
    title
        Of the window; escaped.
    body
        Content of the body.
    style, script
        Own style sheet and script; only they may act, by their digest.
    data
        Element id -> value, embedded as JSON.
    synthetic
        Whether to lay the word SYNTHETIC over the page.
    lang
        Language of the page, as HTML names it.

    Returns
    -------
    str
        An HTML document.
    """
    policy = (
        f"default-src 'none'; script-src {_digest(script)}; style-src {_digest(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    blocks = (
        fill('<script type="application/json" id="{{id}}">{{json}}</script>\n', id=key, json=json_text(value))
        for key, value in data.items()
    )
    return fill(
        asset("page.html"),
        lang=lang,
        mark=Markup(' data-mark="SYNTHETIC"') if synthetic else "",
        policy=policy,
        title=title,
        style=Markup(style),
        body=body,
        data=Markup("".join(blocks)),
        script=Markup(script),
    )


def assemble_chart(*, title: str, spec: Mapping[str, Any]) -> str:
    """Make a page of one Vega-Lite chart, its libraries embedded.

    Vega compiles expressions, so this page lets inline scripts run and evaluate; it still forbids every
    request, and the chart travels as JSON in which no character can end a script.
    """
    from vl_convert import javascript_bundle

    return fill(
        asset("chart.html"),
        title=title,
        library=Markup(javascript_bundle("window.vegaEmbed = vegaEmbed;").replace("</script", "<\\/script")),
        spec=json_text(spec),
    )


def write_page(path: str | Path, text: str) -> Path:
    """Write a page as a whole, so that no reader meets half of one; make its folder if need be."""
    target = Path(path)
    make_folder(target.parent)
    with replacing(target) as draft:
        draft.write_text(text, encoding="utf-8", newline="\n")
    return target
