"""Text, and the numbers that stand in text, the same on pandas 2.3 and on pandas 3."""

from __future__ import annotations

from typing import Any, Final, Literal, TypedDict, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import infer_dtype

__all__ = ["EXACTLY", "TEXT", "numbers", "texts"]

TEXT: Final = pd.StringDtype(na_value=np.nan)
"""What pandas 3 calls `"str"`; to pandas 2 that word means Python objects, and makes a missing value `"nan"`."""


class Reading(TypedDict, total=False):
    """What `read_csv` is told besides."""

    float_precision: Literal["round_trip"]


EXACTLY: Final[Reading] = {"float_precision": "round_trip"} if pd.__version__ < "3" else {}
"""For `read_csv`: pandas 2 reads every seventh number of many digits a little wrong by itself, pandas 3 none."""

Frame = TypeVar("Frame", bound=pd.DataFrame)


def texts(table: Frame) -> Frame:
    """Make text of the columns and of the index that hold nothing but words, as pandas 3 does by itself.

    Parameters
    ----------
    table
        Any; it stays as it is.

    Returns
    -------
    DataFrame
        The same, of the same class. What holds no word at all, or other things besides, keeps its type.

    Examples
    --------
    >>> table = texts(pd.DataFrame({"name": ["a", None], "codes": [("x",), ()]}, index=["i", "j"]))
    >>> [*map(str, table.dtypes), str(table.index.dtype)]
    ['str', 'object', 'str']
    """
    words = [name for name in table if _is_words(table[name])]
    table = table.astype(dict.fromkeys(words, TEXT))
    return table.set_axis(table.index.astype(TEXT)) if _is_words(table.index) else table


def _is_words(cells: pd.Series | pd.Index) -> bool:
    return cells.dtype == object and infer_dtype(cells, skipna=True) == "string"


def numbers(cells: pd.Series[Any]) -> NDArray[np.float64]:
    """Read numbers, also those written as text, to the last bit: `to_numeric` of pandas 2 is not as exact.

    Parameters
    ----------
    cells
        Of any type, shape (n,).

    Returns
    -------
    ndarray
        Shape (n,), NaN where there is no number.

    Examples
    --------
    >>> numbers(pd.Series(["-98.57613955104881", " 5 ", "1e400", "1_000", "", None]))
    array([-98.57613955,   5.        ,          inf,          nan,          nan,
                    nan])
    """
    if cells.dtype.kind != "O":
        return pd.to_numeric(cells, errors="coerce").to_numpy("float64")
    return np.array([_number(cell) for cell in cells.tolist()], dtype=np.float64)


def _number(cell: Any) -> float:  # noqa: ANN401 - cells hold anything
    if isinstance(cell, str) and ("_" in cell or not cell.isascii()):
        return np.nan
    try:
        return float(cell)
    except (TypeError, ValueError, OverflowError):
        return np.nan
