"""How a rule sorts counties: by density, by people, by name, or by the county types of CMS."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from iopdir.geography.boundaries import county_list
from iopdir.geography.classes import CountyType, county_types

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["BY_COUNTY_TYPE", "ByCountyType", "ByDensity", "ByName", "ByPopulation", "CountyClasses"]

_BY_PEOPLE: Final = ("zcta", "zcta_county", "counties")
"""Packs that people and land areas of counties come from."""


class CountyClasses(Protocol):
    """A way to sort counties into classes. A new way is a new class with these."""

    @property
    def names(self) -> tuple[str, ...]:
        """Of the classes."""

    @property
    def packs(self) -> tuple[str, ...]:
        """Names of the embedded packs that it takes counties from."""

    def sort(self, vintage: int) -> pd.Series[str]:
        """Give every county of a year its class, blank where it has none, by `county_fips`."""


@dataclass(frozen=True, slots=True)
class ByCountyType:
    """The county types of CMS, as [`county_types`][iopdir.geography.county_types] gives them."""

    @property
    def packs(self) -> tuple[str, ...]:
        """Names of the embedded packs that it takes counties from."""
        return _BY_PEOPLE

    @property
    def names(self) -> tuple[str, ...]:
        """Of the classes."""
        return tuple(CountyType)

    def sort(self, vintage: int) -> pd.Series[str]:
        """Give every county of a year its type."""
        types: pd.Series[str] = county_types(vintage)["county_type"]
        return types


BY_COUNTY_TYPE: Final = ByCountyType()
"""The way of CMS."""


@dataclass(frozen=True, slots=True)
class _ByThreshold:
    """Classes by the least of an amount; a county belongs to the highest that it reaches.

    Parameters
    ----------
    least
        Name of the class -> least amount, inclusive; one of them 0, so that every county has a class.

    Raises
    ------
    ValueError
        If no class starts at 0, two start at one amount, or an amount is negative.
    """

    least: Mapping[str, float]

    @property
    def packs(self) -> tuple[str, ...]:
        """Names of the embedded packs that it takes counties from."""
        return _BY_PEOPLE

    def __post_init__(self) -> None:
        amounts = sorted(self.least.values())
        if (
            not amounts
            or amounts[0] != 0
            or len(set(amounts)) < len(amounts)
            or not np.isfinite(amounts).all()
        ):
            raise ValueError(f"one class must start at 0, the others above, not {dict(self.least)}")

    @property
    def names(self) -> tuple[str, ...]:
        """Of the classes."""
        return tuple(self.least)

    def _sort(self, amounts: pd.Series[float]) -> pd.Series[str]:
        order = sorted(self.least, key=self.least.__getitem__)
        edges = [self.least[name] for name in order]
        found = np.searchsorted(edges, amounts.to_numpy(), side="right") - 1
        import pandas as pd

        from iopdir.text import TEXT

        return pd.Series(np.array(order)[found], index=amounts.index, dtype=TEXT)


@dataclass(frozen=True, slots=True)
class ByDensity(_ByThreshold):
    """Classes by people per square mile of land.

    Parameters
    ----------
    least
        Name of the class -> least density, inclusive; one of them 0.

    Raises
    ------
    ValueError
        If no class starts at 0, or two start at one density.

    Examples
    --------
    Wake County, with Raleigh in it, and Hyde County, mostly water and wood:

    >>> ByDensity({"urban": 250, "rural": 0}).sort(2023)[["37183", "37095"]].tolist()
    ['urban', 'rural']
    """

    def sort(self, vintage: int) -> pd.Series[str]:
        """Give every county of a year its class."""
        return self._sort(county_types(vintage)["people_per_mi2"])


@dataclass(frozen=True, slots=True)
class ByPopulation(_ByThreshold):
    """Classes by how many people live in the county, rounded to whole ones.

    Parameters
    ----------
    least
        Name of the class -> least number of people, inclusive; one of them 0.

    Raises
    ------
    ValueError
        If no class starts at 0, or two start at one number.

    Examples
    --------
    >>> ByPopulation({"large": 600_000, "small": 0}).sort(2023)[["06037", "06003"]].tolist()
    ['large', 'small']
    """

    def sort(self, vintage: int) -> pd.Series[str]:
        """Give every county of a year its class."""
        return self._sort(county_types(vintage)["people"].round())


@dataclass(frozen=True, slots=True)
class ByName:
    """Classes of counties that are named one by one.

    Parameters
    ----------
    counties
        Name of the class -> five-digit codes of its counties.
    others
        Class of every other county; blank for none.

    Raises
    ------
    ValueError
        If a county stands in two classes, or a code has not five digits.

    Examples
    --------
    >>> classes = ByName({"Maricopa and Pima": ["04013", "04019"]}, others="other counties")
    >>> classes.sort(2023)[["04013", "04001"]].tolist()
    ['Maricopa and Pima', 'other counties']
    """

    counties: Mapping[str, Collection[str]]
    others: str = ""

    @property
    def packs(self) -> tuple[str, ...]:
        """Names of the embedded packs that it takes counties from."""
        return ("counties",)

    def __post_init__(self) -> None:
        codes = [code for some in self.counties.values() for code in some]
        if len(set(codes)) < len(codes):
            raise ValueError(f"county {max(codes, key=codes.count)} stands in two classes")
        for code in codes:
            if not re.fullmatch("[0-9]{5}", code):
                raise ValueError(f"{code!r} is no county code of five digits, as text")

    @property
    def names(self) -> tuple[str, ...]:
        """Of the classes."""
        return (*self.counties, *([self.others] if self.others else []))

    def sort(self, vintage: int) -> pd.Series[str]:
        """Give every county of a year its class."""
        import pandas as pd

        from iopdir.text import TEXT

        index = county_list(vintage).index
        table = pd.Series(self.others, index=index, dtype=TEXT)
        for name, codes in self.counties.items():
            table[index.isin(list(codes))] = name
        return table
