"""Write the pages that are made from something else: the reference from the code, notebooks as Markdown.

Run before the site is built (`make docs` does). Plain Markdown comes out, which any generator can read.
"""

from __future__ import annotations

import ast
import json
import re
from importlib import import_module
from pathlib import Path

import iopdir
from iopdir import datasets

DOCS = Path(__file__).parent
ROOT = DOCS.parent


def reference() -> None:
    """Write one page a module that defines public names, every name on it; and the index of all of them."""
    folder = DOCS / "reference"
    pages: dict[str, str | bytes] = {}
    homes: dict[str, list[str]] = {}
    for name, home in iopdir._HOME.items():
        homes.setdefault(home, []).append(name)
    lines = [
        "# Reference",
        "",
        "Every public name, by the module that defines it. Import them from the root:",
        "",
    ]
    lines += ["```python", "import iopdir as iop", "```", ""]
    for home in sorted(homes):
        page = home.replace(".", "-") + ".md"
        words = (import_module(f"iopdir.{home}").__doc__ or "").strip().split("\n\n")
        title = " ".join(words[0].split()).rstrip(".")
        names = [f"`{name}`" for name in sorted(homes[home])]
        lines.append(f"- [{title}]({page}): {', '.join(names)}")
        body = [
            f"# {title}",
            "",
            *[" ".join(part.split()) if "```" not in part else part for part in words[1:]],
            "",
        ]
        for name in sorted(homes[home], key=_position(home)):
            shown = (
                f"iopdir.{home}"
                if home.rpartition(".")[2] == name and _is_module(home, name)
                else f"iopdir.{name}"
            )
            body += [f"::: {shown}", ""]
        pages[page] = "\n".join(body)
    pages["index.md"] = "\n".join(lines) + "\n"
    _lay_down(folder, pages)


def _lay_down(folder: Path, pages: dict[str, str | bytes]) -> None:
    """Write the pages of a folder and remove those of an earlier run; no page is ever missing in between."""
    folder.mkdir(exist_ok=True)
    for name, content in pages.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    for path in folder.iterdir():
        if path.name not in pages:
            path.unlink()


def _is_module(home: str, name: str) -> bool:
    return not hasattr(import_module(f"iopdir.{home}"), name)


def _position(home: str):  # noqa: ANN202 - a sort key
    module = import_module(f"iopdir.{home}")
    tree = ast.parse(Path(module.__file__ or "").read_text(encoding="utf-8"))
    lines = {getattr(node, "name", ""): node.lineno for node in tree.body}
    return lambda name: (lines.get(name, 0), name)


def notebooks() -> None:
    """Turn each notebook into a page, its figures beside it."""
    from nbconvert import MarkdownExporter

    folder = DOCS / "notebooks"
    pages: dict[str, str | bytes] = {}
    lines = [
        "# Notebooks",
        "",
        "One question each, executed; the last cell asserts the numbers of the first paragraph.",
        "",
    ]
    for path in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb")):
        text, resources = MarkdownExporter().from_filename(str(path))
        for name, data in resources["outputs"].items():
            pages[f"{path.stem}_{name}"] = data
            text = text.replace(f"]({name})", f"]({path.stem}_{name})")
        text = re.sub(r"<style scoped>.*?</style>", "", text, flags=re.DOTALL)
        text = text.replace(".ipynb)", ".md)").replace('<table border="1" class="dataframe">', "<table>")
        pages[f"{path.stem}.md"] = text
        first = json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"]
        title = "".join(first).splitlines()[0].lstrip("# ")
        lines.append(f"- [{title}]({path.stem}.md)")
    pages["index.md"] = "\n".join(lines) + "\n"
    _lay_down(folder, pages)


def packs() -> None:
    """Write up the data packs: sources, licence, checksum, fields with units."""
    folder = DOCS / "data"
    folder.mkdir(exist_ok=True)
    lines = ["# Data packs", "", "What is embedded, where it comes from and what to beware of.", ""]
    for name in datasets.list_packs().index:
        about = json.loads((datasets.pack_path(name).parent / "datapackage.json").read_text(encoding="utf-8"))
        resource = about["resources"][0]
        lines += [f"## {name}", "", f"**{about['title']}.** {about['description']}", ""]
        lines += [f"Vintage {about['vintage']}; {resource['rows']:,} rows; {resource['bytes']:,} bytes;"]
        lines += [
            f"licence {', '.join(part['name'] for part in about['licenses'])}; retrieved {about['retrieved']}."
        ]
        lines += [f"`{resource['hash']}`", "", "Sources:", ""]
        lines += [
            f"- {source['title']}: {source['what']} ({source['licence']})" for source in about["sources"]
        ]
        lines += ["", "| field | unit | what it is |", "| --- | --- | --- |"]
        lines += [
            f"| `{f['name']}` | {f['unit']} | {f['description']} |" for f in resource["schema"]["fields"]
        ]
        lines += [""]
    (folder / "packs.md").write_text("\n".join(lines), encoding="utf-8")


def changelog() -> None:
    """Show the changelog as a page."""
    (DOCS / "changelog.md").write_text((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), encoding="utf-8")


if __name__ == "__main__":
    reference()
    notebooks()
    packs()
    changelog()
