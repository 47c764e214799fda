"""Seeded ways to damage a file: bytes, cells, values of JSON and TOML, columns, archives, folders."""

import contextlib
import decimal
import gzip
import hashlib
import io
import json
import math
import random
import re
import sqlite3
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

TOKENS = [
    b"", b"\0", b"\xff", b"\xef\xbb\xbf", b'"', b"'", b",", b";", b"\t", b"\r", b"\n", b"\x0b", b"\xe2\x80\xa8",
    b"\\ud800", b"{", b"}", b"[", b"]", b"null", b"true", b"-1", b"0", b"1e999", b"NaN", b"9" * 400, b"1" * 5000,
    b"codes", b"defect", b"name", b"NAME1", b"unmapped", b"facility_id", b"geometry", b"lat", b"precision",
    b'{"a": {"b": {}}}', b"[[]]", b"\xf0\x9f\x8f\xa5", b"<", b">", b"XFD1048576", b"A0", b"' t='s", b"2147483648",
    b"[" * 3000, b"x" * 140_000, b"SYNTHETIC",
]  # fmt: skip
VALUES = [
    None, True, -1, 1.5, 1e999, "", "\ud800", "x" * 999, [], {}, [[]], {"type": "Point"}, [None], 10**300,
    "../../x", "0" * 64,
]  # fmt: skip
WORDS = [
    "-1", "0", "1e999", "nan", "-inf", "9" * 400, "1" * 5000, "true", '""', '"x"', '"-1 mi"', '"1e9999 mi"', "[]",
    '["x"]', "[[]]", "{}", "{a = {b = 1}}", "1979-05-27", "00:00:00", "[" * 3000, '"' + "x" * 140_000 + '"',
    "'''", '"\\ud800"', '"\\u0000"',
]  # fmt: skip
STORED = [
    None, -1, 2**62, 1.5, math.inf, "", "x" * 9_999, b"", b"GP\0\1", b"GP\0\1\xe6\x10\0\0\1\1\0\0\0", "NULL", "gpkg",
    4326, 3857, "POLYGON",
]  # fmt: skip
NUMBERS = [-(2**63), -(2**31), -2, -1, 0, 1, 2, 7, 2**31, 2**62, np.nan, np.inf, -np.inf, 1e300, -0.0]


def some_bytes(good, chance):
    """Flip, put, repeat, drop or cut bytes."""
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


def cells(good, chance, comma=b","):
    """Put something else into some cells of a table as text."""
    rows = [line.split(comma) for line in good.splitlines()]
    for _ in range(chance.choice([1, 2, 5])):
        row = chance.choice(rows)
        row[chance.randrange(len(row))] = chance.choice(TOKENS)
    return b"\n".join(map(comma.join, rows))


def tabbed(good, chance):
    return cells(good, chance, b"\t")


def other(value, chance):
    """Put something else at one random place of a JSON value."""
    if isinstance(value, dict) and value and chance.random() < 0.9:
        key = chance.choice(list(value))
        new = chance.choice([key, key, key, "name", "codes", "defect", "", "type", "lat"])
        return value | {new: other(value[key], chance)}
    if isinstance(value, list) and value and chance.random() < 0.9:
        place = chance.randrange(len(value))
        return [*value[:place], other(value[place], chance), *value[place + 1 :]]
    return chance.choice(VALUES)


def json_value(good, chance):
    return json.dumps(other(json.loads(good), chance)).encode()


def manifest_value(good, chance):
    """The same, written as a manifest is."""
    changed = json.dumps(other(json.loads(good), chance), indent=2, sort_keys=True, ensure_ascii=False)
    return (changed + "\n").encode("utf-8", "surrogatepass")


def json_line(good, chance):
    lines = good.split(b"\n")
    place = chance.randrange(len(lines))
    lines[place] = json_value(lines[place], chance)
    return b"\n".join(lines)


def toml_value(good, chance):
    """Put something else where a number, a word or a list stands."""
    text = good.decode()
    places = list(re.finditer(r'(?<== )(\[[^\]]*\]|"[^"\n]*"|[\w.+-]+)', text))
    for place in sorted(
        chance.sample(places, min(len(places), chance.choice([1, 1, 2]))), key=lambda one: -one.start()
    ):
        text = text[: place.start()] + chance.choice(WORDS) + text[place.end() :]
    return text.encode()


def columns(good, chance):
    """Give a Parquet file other columns, rows, types or words about itself."""
    table = pq.read_table(io.BytesIO(good))
    about = dict(table.schema.metadata or {})
    keys = [key for key in about if key.startswith((b"iopdir", b"geo", b"pandas"))]
    if keys and chance.random() < 0.5:
        key = chance.choice(keys)
        about[key] = json.dumps(other(json.loads(about[key]), chance)).encode()
    else:
        place = chance.randrange(table.num_columns)
        name, n = table.column_names[place], table.num_rows
        column = chance.choice(
            [
                pa.nulls(n), pa.array([1] * n), pa.array(["x"] * n), pa.array([[["x"]]] * n), pa.array([["x"]] * n),
                pa.array([1.5] * n), pa.array([b"\xff"] * n), pa.array([{"a": 1}] * n),
                pa.array([2**62] * n), pa.array([True] * n), pa.array([[None]] * n), pa.array([float("inf")] * n),
                pa.array(["x"] * n, pa.large_string()), pa.array(["x"] * n).dictionary_encode(),
                pa.array([decimal.Decimal("1.5")] * n), pa.array([0] * n, pa.timestamp("ns", "UTC")),
                pa.array([0] * n, pa.date32()), pa.array([0] * n, pa.duration("s")), pa.array([0] * n, pa.uint64()),
                pa.array([0.5] * n, pa.float32()), pa.array([[("a", 1)]] * n, pa.map_(pa.string(), pa.int8())),
                pa.array([None, *["x"] * (n - 1)]), pa.array([None, *[["x"]] * (n - 1)]), pa.array([-1] * n),
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
    pq.write_table(table.replace_schema_metadata(about or None), out)
    return out.getvalue()


def inside_zip(good, chance):
    """Damage one file of a workbook."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        victim = chance.choice([name for name in old.namelist() for _ in range(6 if "sheet1" in name else 1)])
        for name in old.namelist():
            data = old.read(name)
            data = chance.choice([some_bytes, tags])(data, chance) if name == victim else data
            new.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)  # without the time
    return out.getvalue()


def tags(good, chance):
    """Write some tags of XML in another way, right or wrong."""
    for _ in range(chance.choice([1, 1, 2, 5])):
        found = list(re.finditer(rb"<([^\s<>/?]+)([^<>]*?)(/?)>", good))
        if not found:
            return good
        tag = chance.choice(found)
        name, said, end = tag.groups()
        quoted = chance.choice([b">", b"<", b"'", b"<c", b"x"])
        place = chance.choice(
            [b"XFD1048576", b"A0", b"ZZ9", b"H" * 60 + b"2", b"A" + b"9" * 30, b"5", b"c9", b""]
        )
        more = chance.choice([b"", b' s="' + quoted + b'"', b' r="' + place + b'"', b' t="s"', b" "])
        new = chance.choice(
            [
                b"<" + name + more + said + end + b">",
                b"<" + name + said + more + end + b">",
                b"<a-b:" + name + said + end + b">",
                b"<" + name + said.replace(b"=", b" = ").replace(b'"', b"'") + end + b">",
                b"<!-- " + tag[0] + b" -->",
                b"<!--" + quoted + b"-->" + tag[0] + b"<!--" + quoted + b"-->",
                b"<![CDATA[" + tag[0] + b"]]>",
                tag[0] * chance.choice([0, 2, 50]),
            ]
        )
        good = good[: tag.start()] + new + good[tag.end() :]
    return good


def records(good, chance):
    """Change a table of SQLite: a value, a name, a whole table."""
    with contextlib.closing(sqlite3.connect(":memory:")) as base:
        base.deserialize(good)
        names = [
            name
            for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        ]
        with contextlib.suppress(sqlite3.Error):  # what cannot be changed further is damaged enough
            for _ in range(chance.choice([1, 1, 3])):
                table, odd = chance.choice(names), chance.randrange(2)
                columns = [row[1] for row in base.execute(f'PRAGMA table_info("{table}")')]
                column = chance.choice(columns or ["fid"])
                new = chance.choice(["codes", "name", "geom", "", "facility_id", "fid"])
                change = chance.choice(
                    [
                        f'DROP TABLE "{table}"',
                        f'ALTER TABLE "{table}" RENAME COLUMN "{column}" TO "{new}"',
                        f'INSERT INTO "{table}" SELECT * FROM "{table}"',  # noqa: S608 - names of the file itself
                        *[f'UPDATE "{table}" SET "{column}" = :value WHERE rowid % 2 = {odd}'] * 3,  # noqa: S608
                    ]
                )
                base.execute(change, {"value": chance.choice(STORED)})
        base.commit()
        return base.serialize()


def inside_gzip(way):
    def damage(good, chance):
        return gzip.compress(way(gzip.decompress(good), chance), mtime=0)

    return damage


def numbers(good, chance):
    """Put other numbers, of another kind or shape, into an array as NumPy saves it."""
    array = np.load(io.BytesIO(good)).copy()
    way = chance.randrange(8)
    if way == 0:
        array = array[: chance.randrange(array.shape[0] + 1)] if array.ndim else array
    elif way == 1:
        array = array.astype(chance.choice(["float64", "int8", "bool", "int64", "uint32"]))
    elif way == 2:
        array = np.repeat(array, 2, axis=-1)
    elif array.size:
        with np.errstate(all="ignore"):
            for _ in range(chance.choice([1, 1, 3, array.size])):
                at = chance.randrange(array.size)
                near = array.flat[at] + chance.choice([-1, 1]) if array.dtype.kind in "if" else 0
                array.flat[at] = np.array(chance.choice([near, *NUMBERS])).astype(array.dtype)
    out = io.BytesIO()
    np.lib.format.write_array(out, np.asarray(array, order="C"), version=(2, 0))
    return out.getvalue()


def inside_bundle(good, chance):
    """Damage one member of a bundle, and give it the hash that it has then."""
    with zipfile.ZipFile(io.BytesIO(good)) as old:
        members = {name: old.read(name) for name in old.namelist()}
    victim = chance.choice(list(members))
    way = json_value if victim == "about.json" else numbers if victim.endswith(".npy") else columns
    with np.errstate(all="ignore"):
        members[victim] = (some_bytes if chance.random() < 0.2 else way)(members[victim], chance)
    if victim != "about.json":
        about = json.loads(members["about.json"])
        about["sha256"][victim] = hashlib.sha256(members[victim]).hexdigest()
        members["about.json"] = json.dumps(about).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as new:
        for name, data in members.items():
            new.writestr(zipfile.ZipInfo(name), data)
    return out.getvalue()


def one_file(good, chance):
    """Damage one file of a folder, most often one with many rows."""
    files = json.loads(good)
    full = [name for name in files if files[name].count("\n") > 1]
    victim = chance.choice([*files, *full, *full])
    if chance.random() < 0.03:
        del files[victim]
        return json.dumps(files).encode()
    data = files[victim].encode("latin-1")
    ways = {"manifest.json": manifest_value, "json": json_value, "csv": cells, "parquet": columns}
    way = ways.get(victim.rpartition("/")[2], ways.get(victim.rpartition(".")[2], some_bytes))
    data = (way if chance.random() < 0.7 else some_bytes)(data, chance)
    return json.dumps(files | {victim: data.decode("latin-1")}).encode()


def mutant(kind, good, seed, ways):
    """Damage a file in one of many ways, the same for the same seed."""
    chance = random.Random(f"{kind} {seed}")  # noqa: S311 - repeatable is what is wanted
    return chance.choice(ways)(good, chance)
