"""Build the data packs: `python datasets/build.py [name ...]` writes Parquet and datapackage.json.

Sources are fetched by package name with the ordinary clients into a cache folder outside the repository and
checked against pinned checksums; the same sources and writer give the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from pack import HERE, Pack
from packs import PACKS
from sources import SourceMissingError

from iopdir.directory.directory import Directory


def write_pack(pack: Pack, folder: Path) -> Path:
    """Make one pack and write it to `folder/<name>/`; give the path of the Parquet file."""
    made = pack.build()
    path = folder / pack.name / f"{pack.name}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(made, Directory):
        made.to_parquet(path)
        frame = pd.DataFrame(made.to_geodataframe().drop(columns="geometry")).reset_index()
    else:
        made.to_parquet(path, index=False, compression="zstd", compression_level=19)
        frame = made
    if list(pack.fields) != list(frame.columns):
        raise RuntimeError(f"{pack.name}: described are {list(pack.fields)}, there are {list(frame.columns)}")
    about = describe(pack, path, len(frame), {name: _type(frame[name]) for name in frame.columns})
    text = json.dumps(about, indent=2, ensure_ascii=False) + "\n"
    (path.parent / "datapackage.json").write_text(text, encoding="utf-8")
    return path


def describe(pack: Pack, path: Path, rows: int, types: Mapping[str, str]) -> dict[str, object]:
    """Say what is in the file, as a Frictionless data package."""
    data = path.read_bytes()
    fields = [
        {"name": name, "type": types[name], "unit": unit, "description": words}
        for name, (unit, words) in pack.fields.items()
    ]
    name = pack.name.replace("_", "-")
    return {
        "profile": "data-package",
        "name": name,
        "title": pack.title,
        "description": pack.description,
        "version": "1.0.0",
        "vintage": pack.vintage,
        "retrieved": pack.retrieved,
        "synthetic": pack.synthetic,
        "licenses": [{"name": licence} for licence in pack.licences],
        "sources": [source if isinstance(source, dict) else source.to_dict() for source in pack.sources],
        "resources": [
            {
                "name": name,
                "path": path.name,
                "format": "parquet",
                "mediatype": "application/vnd.apache.parquet",
                "bytes": len(data),
                "hash": f"sha256:{hashlib.sha256(data).hexdigest()}",
                "rows": rows,
                "schema": {"fields": fields},
            }
        ],
    }


def _type(column: pd.Series) -> str:
    if column.dtype == "geometry":
        return "geojson"
    if column.dtype == object and all(isinstance(cell, list) for cell in column):
        return "array"
    return {"i": "integer", "u": "integer", "f": "number", "b": "boolean"}.get(column.dtype.kind, "string")


def main() -> None:
    """Build the packs named on the command line, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"out of {', '.join(PACKS)}; default all")
    parser.add_argument("--to", type=Path, default=HERE, help="folder to write to (default: this one)")
    parser.add_argument(
        "--where-possible", action="store_true", help="skip packs whose sources are out of reach"
    )
    arguments = parser.parse_args()
    for name in arguments.names or PACKS:
        try:
            path = write_pack(PACKS[name], arguments.to)
        except SourceMissingError as error:
            if not arguments.where_possible:
                raise SystemExit(f"{name}: {error}") from None
            print(f"{name}: kept as it is, {error}")
        else:
            print(f"{name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
