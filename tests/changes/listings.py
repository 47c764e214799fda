"""SYNTHETIC listings, before and after."""

import pandas as pd

import iopdir as iop

DEMO = iop.demo_directory()
VERMONT = DEMO.select(state="VT")
IDS = list(VERMONT.table.index)


def frame(directory):
    return pd.DataFrame(directory.to_geodataframe().drop(columns="geometry"))


def renamed_source(directory, called, /, **values):
    return iop.Directory.from_frame(frame(directory).assign(source=called, sha256="", **values), name=called)


def changed(rows, directory=VERMONT):
    """The listing with some cells changed: {id: {column: value}}."""
    table = frame(directory)
    for one, cells in rows.items():
        for column, value in cells.items():
            table.at[one, column] = value
    return iop.Directory.from_frame(table)
