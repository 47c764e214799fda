"""Run what a page shows and put beneath it what comes out: text, tables, pictures. A hook of the site's builder.

Every block of Python runs, one after another in one namespace a page, and every block of the console that calls only
`iopdir`; what fails, fails the build. Before a block, `<!-- not run: why -->` leaves it out, and `<!-- file: name -->`
lays it down as a file for those that follow.
"""

from __future__ import annotations

import ast
import contextlib
import io
import os
import re
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from html import escape
from pathlib import Path

import altair as alt
import pandas as pd
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

RUN = ("index.md", "gallery.md", "tutorials/", "how-to/")
"""Pages, and folders of pages, whose blocks run."""

_BLOCK = re.compile(
    r"(?:<!-- (?P<mark>not run|file): (?P<word>[^>]+) -->\n)?^(?P<fence>```(?P<kind>\w+)\n(?P<code>.*?)^```\n)",
    re.MULTILINE | re.DOTALL,
)
_ROWS = 8


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Give the page with its outputs."""
    source = page.file.src_uri
    if not source.startswith(RUN):
        return markdown
    names: dict[str, object] = {"__name__": source}
    pictures = 0

    def shown(block: re.Match[str]) -> str:
        nonlocal pictures
        parts = [block["fence"]]
        if block["mark"] == "file":
            Path(block["word"]).write_text(block["code"], encoding="utf-8")
        if block["kind"] == "console" and not block["mark"]:
            parts.append(_of_commands(block["code"]))
        if block["kind"] != "python" or block["mark"]:
            return "".join(parts)
        for value in _run(block["code"], source, names):
            if isinstance(value, alt.TopLevelMixin):
                pictures += 1
                name = f"{source.removesuffix('.md')}-{pictures}.png"
                files.append(File.generated(config, name, content=_picture(value)))
                words = value.to_dict(validate=False).get("description", "figure")
                parts.append(f"\n![{words}]({name.rsplit('/', 1)[-1]}){{ .shown }}\n")
            else:
                parts.append(_text(value))
        return "".join(parts)

    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        return _BLOCK.sub(shown, markdown)


def _run(code: str, source: str, names: dict[str, object]) -> Iterator[object]:
    """Run statements and give what each expression is worth, and what was printed, in order."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for statement in ast.parse(code, source).body:
            printed = io.StringIO()
            value = None
            with contextlib.redirect_stdout(printed):
                if isinstance(statement, ast.Expr):
                    value = eval(compile(ast.Expression(statement.value), source, "eval"), names)  # noqa: S307
                else:
                    exec(compile(ast.Module([statement], []), source, "exec"), names)  # noqa: S102
            if printed.getvalue():
                yield printed.getvalue()
            if value is not None:
                yield value


def _picture(chart: alt.TopLevelMixin) -> bytes:
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        chart.save(file.name, scale_factor=1.5)
        return Path(file.name).read_bytes()


def _text(value: object) -> str:
    """Write a value as a notebook would: a table as HTML, anything else as text."""
    if isinstance(value, pd.Series):
        value = value.to_frame()
    if isinstance(value, pd.DataFrame):  # the index's name in the corner, not on a line of its own
        value = value.rename_axis(index=None, columns=value.index.name)
    with pd.option_context(
        "display.max_rows", _ROWS, "display.float_format", _number, "display.max_colwidth", 60
    ):
        page = value._repr_html_() if hasattr(value, "_repr_html_") else None
    if page is None:
        words = value if isinstance(value, str) else repr(value)
        return f'\n<pre class="shown" tabindex="0">{escape(words.rstrip())}</pre>\n'
    page = re.sub(r"<style scoped>.*?</style>|\s(border|class|style)=\"[^\"]*\"", "", page, flags=re.DOTALL)
    page = re.sub(r"\n\s*", " ", page)
    return f'\n<div class="shown">{page}</div>\n'


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _of_commands(code: str) -> str:
    """Run the commands of a block, if all are ours, and give what they print."""
    lines = code.replace("\\\n", " ").replace(".venv/bin/", "").splitlines()
    if not all(line.startswith("iopdir ") for line in lines if line):
        return ""
    beside = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    told = {"PATH": beside, "COLUMNS": "100", "IOPDIR_STORE": "", "NO_COLOR": "1"}
    done = subprocess.run(  # noqa: S602 - our own pages
        "\n".join(["set -e", *lines]),
        shell=True,
        env=os.environ | told,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{code}{done.stderr}")
    said = done.stdout.rstrip()
    return f'\n<pre class="shown" tabindex="0">{escape(said)}</pre>\n' if said else ""
