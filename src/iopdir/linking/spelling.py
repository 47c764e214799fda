"""Names and streets as they are compared between two listings: abbreviations written out, filler left away."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from iopdir.intake.identity import fold

__all__ = ["Street", "is_address", "read_street", "read_words"]

_NAME_WORDS: Final = {
    word: full
    for full, words in {
        "abuse": "abs", "addiction": "addict addictions addictive addic", "administration": "admin",
        "alcohol": "alc alcoholism", "american": "amer", "association": "assoc assn", "associates": "associate assocs",
        "behavioral": "behav behavioural behavior beh bhvrl", "center": "ctr cntr centre centers ctrs cent",
        "chemical": "chem", "clinic": "clin clinics", "community": "comm comty cmty",
        "comprehensive": "compr comp",
        "corporation": "corp", "counseling": "couns cnslg counselling", "county": "cnty co", "department": "dept dep",
        "dependency": "depend dependence dependent", "detoxification": "detox", "development": "dev", "division": "div",
        "drug": "drugs", "east": "e", "family": "fam families", "foundation": "found fdn", "health": "hlth",
        "healthcare": "hlthcare", "hospital": "hosp hospitals", "institute": "inst", "intensive": "intens",
        "maintenance": "maint", "management": "mgmt mgt", "medical": "med", "memorial": "mem", "mental": "mntl",
        "methadone": "meth", "mount": "mt", "narcotic": "narc narcotics", "national": "natl", "north": "n no",
        "northeast": "ne", "northwest": "nw", "opioid": "opiate opioids opiates", "opportunity": "opp",
        "organization": "org", "outpatient": "outpt op", "professional": "prof professionals",
        "program": "prog progs programs prg programme", "psychiatric": "psych psychiatry", "recovery": "recov",
        "regional": "reg", "rehabilitation": "rehab", "residential": "resid", "saint": "st ste", "service": "serv svc",
        "services": "servs svcs svs srvs srvcs", "south": "s so", "southeast": "se", "southwest": "sw",
        "substance": "subst sub", "system": "sys systems", "therapeutic": "therap",
        "treatment": "trt trtmt treat trmt tx treatments", "university": "univ", "veterans": "vet vets veteran",
        "west": "w", "youth": "yth", "1": "i one", "2": "ii two", "3": "iii three", "4": "iv four", "5": "v five",
        "6": "vi six", "7": "vii seven", "8": "viii eight", "9": "ix nine",
    }.items()
    for word in words.split()
}  # fmt: skip
_FILLER: Final = frozenset(["a", "an", "and", "at", "by", "dba", "for", "in", "inc", "incorporated", "limited", "llc",
    "llp", "lp", "ltd", "of", "on", "pa", "pc", "pllc", "the", "to"])  # fmt: skip

_STREET_WORDS: Final = {
    word: short
    for short, words in {
        "aly": "alley", "ave": "avenue av aven", "blvd": "boulevard boul", "bldg": "building", "cir": "circle",
        "ct": "court", "ctr": "center centre", "cv": "cove", "dr": "drive", "e": "east", "expy": "expressway",
        "fl": "floor flr", "frk": "fork", "ft": "fort", "fwy": "freeway", "hwy": "highway hway", "jct": "junction",
        "ln": "lane", "loop": "loops", "mt": "mount", "n": "north", "ne": "northeast", "nw": "northwest", "pike": "pk",
        "pkwy": "parkway pky pkway", "pl": "place", "plz": "plaza", "pt": "point", "rd": "road", "rm": "room",
        "rte": "route rt", "s": "south", "se": "southeast", "sq": "square", "st": "street saint str",
        "ste": "suite suites", "sw": "southwest", "ter": "terrace", "tpke": "turnpike tpk", "trl": "trail",
        "unit": "units", "w": "west",
        "xing": "crossing",
        "1st": "first", "2nd": "second", "3rd": "third", "4th": "fourth", "5th": "fifth", "6th": "sixth",
        "7th": "seventh", "8th": "eighth", "9th": "ninth", "10th": "tenth",
    }.items()
    for word in words.split()
}  # fmt: skip
_KINDS: Final = frozenset([
    "aly", "ave", "blvd", "cir", "ct", "cv", "dr", "expy", "fwy", "hwy", "ln", "loop", "pike", "pkwy",
    "pl", "plz", "rd", "rte", "sq", "st", "ter", "tpke", "trl", "way", "xing", "e", "n", "ne", "nw", "s",
    "se", "sw", "w",
])  # fmt: skip
_INSIDE: Final = frozenset(["ste", "unit", "fl", "rm", "bldg", "apt", "basement", "rear"])
_NUMBER: Final = re.compile(r"\d+")
_LONGEST: Final = 9
"""Digits of a house number that count."""


@cache
def read_words(name: str) -> tuple[str, ...]:
    """Words of a name, sorted, each once, abbreviations written out.

    Examples
    --------
    >>> read_words("St. Mary's Trt Ctr, Inc.") == read_words("SAINT MARYS TREATMENT CENTER")
    True
    """
    words = [_NAME_WORDS.get(word, word) for word in fold(name.replace("&", " ")).split()]
    return tuple(sorted({word for word in words if word not in _FILLER} or set(words)))


@dataclass(frozen=True, slots=True)
class Street:
    """An address line as it is compared.

    Parameters
    ----------
    number
        House number, -1 if there is none.
    last
        The last number of a range such as 413-417, else the same.
    name
        The rest, kinds of street and points of the compass left away.
    line
        Number and all of the street, abbreviated.
    suite
        What lies inside the building, as one word a part.
    """

    number: int
    last: int
    name: str
    line: str
    suite: tuple[str, ...]


@cache
def is_address(text: str) -> bool:
    """Whether a line is a house number and a street, and nothing else but a suite.

    Examples
    --------
    >>> is_address("50-B Cooper Square"), is_address("Cooper Square Clinic"), is_address("12 Step Clinic")
    (True, False, False)
    """
    words = _part(_street_words(text))[0]
    return len(words) > 2 and words[0][0].isdigit() and words[-1] in _KINDS


@cache
def read_street(street1: str, street2: str = "", *elsewhere: str) -> Street:
    """Read a street and a suite, wherever the suite stands.

    Where the first line has no house number and the second is an address, that is taken and the first is inside of it;
    where the first is blank or a bare number, the first of the others that is an address.

    Examples
    --------
    >>> read_street("3423-A Melrose Road") == read_street("3423 Melrose Rd.", "Suite A")
    True
    >>> read_street("201 North First Street", "2nd Floor")
    Street(number=201, last=201, name='1st', line='201 n 1st st', suite=('2nd',))
    """
    if not _NUMBER.match("".join(_street_words(street1))) and is_address(street2):
        street1, street2 = street2, street1
    elif not re.search("[^\\W\\d]", street1) and (found := next(filter(is_address, elsewhere), "")):
        street1, street2 = found, f"{street1} {street2}"
    words, inside = _part(_street_words(street1))
    more = [word for word in _street_words(street2) if word not in (*_INSIDE, "and")]
    number = ""
    if words and (digits := _NUMBER.match(words[0])):
        number = digits[0]
        letter = words[0][digits.end() :]
        if letter and letter not in ("st", "nd", "rd", "th"):
            inside = [letter, *inside]
        elif letter:
            number = ""
        words = words[1:] if number else words
        words = words[1:] if number and words[:1] == ["rear"] else words
        if number and len(words) > 1 and len(words[0]) == 1 and words[0] not in _KINDS:
            inside = [words[0], *inside]
            words = words[1:]
    named = [word for word in words if word not in _KINDS] or words
    line = " ".join(filter(None, [number, *words]))
    first = int(number[:_LONGEST] or -1)
    return Street(first, _last_number(street1, first), " ".join(named), line, tuple(sorted({*inside, *more})))


_SCANNED: Final = re.compile(r"^(?=[ilo ]*\d)[\dilo]+(?: [\dilo]+)+(?= \w\w)")
_ORDINAL: Final = re.compile(r"(?<=[a-z] )(?=[ilo ]*\d)([\dilo](?: ?[\dilo])*) ?(st|nd|rd|th)\b")
_DIGITS: Final = str.maketrans("ilo", "110")
_RANGE: Final = re.compile(r"\b(\d+)\s*(?:-|and|&)\s*(\d+)\b")


def _street_words(text: str) -> list[str]:
    plain = _ORDINAL.sub(_as_digits, _SCANNED.sub(_as_digits, text.casefold()))
    plain = _RANGE.sub(_first_number, plain).replace("#", " ste ").replace("&", " ")
    return [_STREET_WORDS.get(word, word) for word in fold(plain).split()]


def _as_digits(found: re.Match[str]) -> str:
    """Read a number as scanners leave it: I 050 or 300 l is 1050 or 3001, 16 I st is 161st."""
    read = found[0].replace(" ", "")
    number = read.rstrip("sthndr")
    return number.translate(_DIGITS) + read[len(number) :]


def _first_number(found: re.Match[str]) -> str:
    """Keep the first of two house numbers, 12-14 or 2175-7; in Queens 37-18 is one."""
    first = found[1]
    return first if _upper(found) else first + found[2] if "-" in found[0] else found[0]


def _upper(found: re.Match[str]) -> int:
    """Read the second of two house numbers, 0 if both make one number."""
    first, last = found[1], found[2]
    upper = int(first[: -len(last)] + last) if len(last) < len(first) else int(last)
    return upper if 0 < upper - int(first) <= 100 else 0


def _last_number(street: str, first: int) -> int:
    found = _RANGE.match(street.casefold())
    return _upper(found) or first if found else first


def _part(words: list[str]) -> tuple[list[str], list[str]]:
    """Cut a street where the suite begins; the whole of it is one that begins so and ends in no kind of street."""
    whole = words[:1] and words[0] in _INSIDE and words[-1] not in _KINDS
    inside = (at for at, word in enumerate(words) if at > (word == "rear") and word in _INSIDE)
    begins = 0 if whole else next(inside, len(words))
    if words[begins:][:1] == ["fl"] and begins > 1 and words[begins - 1][0].isdigit():
        begins -= 1  # 2nd floor
    return words[:begins], [word for word in words[begins:] if word not in (*_INSIDE, "and")]


def first_domain(website: str) -> str:
    """Read the registered part of a website's host, blank if there is none.

    Examples
    --------
    >>> first_domain("https://www.clinic.example.org/page")
    'example.org'
    """
    host = re.sub(r"^[a-z]+://", "", website.casefold()).partition("/")[0].partition(":")[0]
    return ".".join(host.split(".")[-2:]) if "." in host else ""


def digits_of(phone: str) -> str:
    """Read ten digits of a phone number, blank if there are fewer; extensions do not count.

    Examples
    --------
    >>> digits_of("312-555-0100 x7"), digits_of("+1 (312) 555-0100"), digits_of("")
    ('3125550100', '3125550100', '')
    """
    found = "".join(_NUMBER.findall(re.split(r"[xX]|ext", phone)[0]))
    found = found.removeprefix("1") if len(found) == 11 else found
    return found[:10] if len(found) >= 10 else ""
