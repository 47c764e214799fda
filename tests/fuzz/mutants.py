"""Small SYNTHETIC files of every format, and seeded ways to damage them."""

import io
import json
import random
import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd

import iopdir as iop

FORMATS = (
    "csv",
    "xlsx",
    "json",
    "locator",
    "ndjson",
    "geojson",
    "gpkg",
    "parquet",
    "saved",
    "hsds",
    "package",
)
FRAME = pd.DataFrame(
    {
        "name1": ["SYNTHETIC One", "SYNTHETIC Zwei, “Ñ”", "SYNTHETIC One", "SYNTHETIC 希望"],
        "name2": ["", "Youth", "", ""],
        "street1": ["1 Example St", "2 Example St", "1 Example St", ""],
        "city": ["Chicago", "Boston", "Chicago", "Montpelier"],
        "state": ["IL", "MA", "il", "Vermont"],
        "zip": ["60614", "02108", "60614", "5602"],
        "phone": ["312-555-0101", "", "(312) 555-0101 x7", "802.555.0102"],
        "latitude": ["41.92", "", "41.92", "44.26"],
        "longitude": ["-87.65", "", "-87.65", "-72.58"],
        "service_code_info": ["SA * OP OIT * MD", "SA * OP", "SA * OIT", "QQ"],
        "beds": [1, 2, 3, 4],
    }
)
TOKENS = [
    b"", b"\0", b"\xff", b"\xef\xbb\xbf", b'"', b"'", b",", b";", b"\t", b"\r", b"\n", b"\x0b", b"\xe2\x80\xa8",
    b"\\ud800", b"{", b"}", b"[", b"]", b"null", b"true", b"-1", b"0", b"1e999", b"NaN", b"9" * 400, b"1" * 5000,
    b"codes", b"defect", b"name", b"NAME1", b"unmapped", b"facility_id", b"geometry", b"lat", b"precision",
    b'{"a": {"b": {}}}', b"[[]]", b"\xf0\x9f\x8f\xa5", b"<", b">", b"XFD1048576", b"A0", b"' t='s", b"2147483648",
    b"[" * 3000, b"x" * 140_000, b"SYNTHETIC",
]  # fmt: skip


def seeds(folder: Path) -> dict[str, bytes]:
    """Write one good file of each format."""
    numbers = FRAME.assign(**{name: pd.to_numeric(FRAME[name]) for name in ("latitude", "longitude")})
    points = gpd.GeoDataFrame(
        FRAME.drop(columns=["latitude", "longitude"]),
        geometry=gpd.points_from_xy(numbers["longitude"], numbers["latitude"]),
        crs="EPSG:4326",
    )
    records = FRAME.to_dict("records")
    labels = [{"f1": "Settings", "f2": "SET", "f3": "Outpatient; Intensive Outpatient treatment"}]
    rows = [record | {"typeFacility": "SA", "services": labels} for record in records]
    FRAME.to_csv(folder / "csv", index=False)
    with pd.ExcelWriter(folder / "xlsx", engine="xlsxwriter") as book:
        numbers.to_excel(book, index=False)
    (folder / "json").write_text(json.dumps({"facilities": records, "more": 1}))
    (folder / "locator").write_text(json.dumps({"page": 1, "totalPages": 1, "recordCount": 4, "rows": rows}))
    (folder / "ndjson").write_text("\n".join(map(json.dumps, records)))
    points.to_file(folder / "points.geojson", driver="GeoJSON")
    points.to_file(folder / "points.gpkg", driver="GPKG")
    numbers.to_parquet(folder / "parquet")
    directory = iop.read_facilities(FRAME, name="SYNTHETIC")
    directory.to_parquet(folder / "saved")
    iop.write_hsds(directory, folder / "written")
    package = {
        path.name: path.read_bytes().decode("latin-1")
        for path in sorted((folder / "written").iterdir())
        if path.suffix == ".csv" or path.name == "datapackage.json"
    }
    (folder / "package").write_text(json.dumps(package))
    ending = {"geojson": "points.geojson", "gpkg": "points.gpkg", "hsds": "written/organizations.json"}
    return {name: (folder / ending.get(name, name)).read_bytes() for name in FORMATS}


def mutant(kind: str, good: bytes, seed: int) -> bytes:
    """Damage a file in one of many ways, the same for the same seed."""
    chance = random.Random(f"{kind} {seed}")  # noqa: S311 - repeatable is what is wanted
    if kind == "xlsx" and chance.random() < 0.9:
        return _inside_zip(good, chance)
    if kind == "package":
        return _one_of_package(good, chance)
    if kind in ("json", "locator", "geojson", "ndjson", "hsds") and chance.random() < 0.6:
        lines = good.split(b"\n") if kind == "ndjson" else [good]
        place = chance.randrange(len(lines))
        lines[place] = json.dumps(_other(json.loads(lines[place]), chance)).encode()
        return b"\n".join(lines)
    if kind == "saved" and chance.random() < 0.6:
        return _other_saved(good, chance)
    if kind == "csv" and chance.random() < 0.5:
        return _other_cells(good, chance)
    return _bytes(good, chance)


def _bytes(good: bytes, chance: random.Random) -> bytes:
    data = bytearray(good)
    for _ in range(chance.choice([1, 1, 2, 5, 20])):
        at = chance.randrange(len(data) + 1)
        end = min(len(data), at + chance.choice([0, 1, 4, 40, 400]))
        way = chance.randrange(5)
        if way == 0 and data:
            data[at % len(data)] ^= 1 << chance.randrange(8)
        elif way == 1:
            data[at:end] = chance.choice(TOKENS)
        elif way == 2:
            data[at:at] = data[at:end] * chance.choice([1, 3, 50])
        elif way == 3:
            del data[at:end]
        elif chance.random() < 0.2:
            del data[at:]
    return bytes(data)


def _other_cells(good: bytes, chance: random.Random) -> bytes:
    rows = [line.split(b",") for line in good.splitlines()]
    for _ in range(chance.choice([1, 2, 5])):
        row = chance.choice(rows)
        row[chance.randrange(len(row))] = chance.choice(TOKENS)
    return b"\n".join(map(b",".join, rows))


def _other(value: object, chance: random.Random) -> object:
    """Put something else at one random place of a JSON value."""
    odd = [
        None,
        True,
        -1,
        1.5,
        1e999,
        "",
        "\ud800",
        "x" * 999,
        [],
        {},
        [[]],
        {"type": "Point"},
        [None],
        10**300,
    ]
    if isinstance(value, dict) and value and chance.random() < 0.9:
        key = chance.choice(list(value))
        new = chance.choice([key, key, key, "name", "codes", "defect", "", "type", "lat"])
        return value | {new: _other(value[key], chance)}
    if isinstance(value, list) and value and chance.random() < 0.9:
        place = chance.randrange(len(value))
        return [*value[:place], _other(value[place], chance), *value[place + 1 :]]
    return chance.choice(odd)


def _inside_zip(good: bytes, chance: random.Random) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        victim = chance.choice([name for name in old.namelist() for _ in range(6 if "sheet1" in name else 1)])
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, _bytes(data, chance) if name == victim else data)
    return out.getvalue()


def _one_of_package(good: bytes, chance: random.Random) -> bytes:
    """Damage one file of an HSDS package, most often one whose rows a facility is made of."""
    files = json.loads(good)
    full = [name for name in files if files[name].count("\n") > 1]
    victim = chance.choice([*files, *full, *full])
    data = files[victim].encode("latin-1")
    if victim == "datapackage.json" and chance.random() < 0.8:
        data = json.dumps(_other(json.loads(data), chance)).encode()
    else:
        data = _other_cells(data, chance) if chance.random() < 0.6 else _bytes(data, chance)
    return json.dumps(files | {victim: data.decode("latin-1")}).encode()


def _other_saved(good: bytes, chance: random.Random) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(io.BytesIO(good))
    key = b"iopdir.directory"
    about = json.loads(table.schema.metadata[key])
    if chance.random() < 0.5:
        about = _other(about, chance)
    else:
        place = chance.randrange(table.num_columns)
        name, n = table.column_names[place], table.num_rows
        column = chance.choice(
            [
                pa.nulls(n), pa.array([1] * n), pa.array(["x"] * n), pa.array([[["x"]]] * n), pa.array([["x"]] * n),
                pa.array([1.5] * n), pa.array([b"\xff"] * n), pa.array([{"a": 1}] * n),
                pa.array([2**62] * n), pa.array([True] * n), pa.array([[None]] * n),
                pa.array([None, *["x"] * (n - 1)]), pa.array([None, *[["x"]] * (n - 1)]),
            ]
        )  # fmt: skip
        way = chance.randrange(3)
        if way == 0:
            table = table.set_column(place, name, column)
        elif way == 1:
            table = table.append_column(chance.choice([name, "geometry", "extra", "index"]), column)
        else:
            table = chance.choice(
                [table.remove_column(place), pa.concat_tables([table, table]), table.slice(0, 0)]
            )
    out = io.BytesIO()
    pq.write_table(table.replace_schema_metadata({key: json.dumps(about).encode()}), out)
    return out.getvalue()
