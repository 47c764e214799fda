"""Whom to call in danger, once: every page, message and command takes the numbers from here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

__all__ = ["CRISIS_LINES", "IN_CRISIS", "CrisisLine"]


class CrisisLine(NamedTuple):
    """A number to call.

    Attributes
    ----------
    number
        As it is read.
    link
        As a phone dials it.
    purpose
        What for, in words that harm nobody whose screen is watched.
    source
        Whose it is.
    flag
        How sure: ``S`` seen in a primary text, ``M`` from memory, to be checked before relying on it.
    text
        As a phone writes to it; blank where nobody reads messages.
    """

    number: str
    link: str
    purpose: str
    source: str
    flag: str
    text: str = ""


CRISIS_LINES: Final[Mapping[str, CrisisLine]] = {
    "emergency": CrisisLine("911", "tel:911", "danger to life now", "Emergency number", "M"),
    "crisis": CrisisLine(
        "988", "tel:988", "Suicide & Crisis Lifeline: call, text or chat", "988 Suicide & Crisis Lifeline", "M",
        "sms:988",
    ),
    "helpline": CrisisLine(
        "1-800-662-4357", "tel:+18006624357", "SAMHSA National Helpline", "SAMHSA National Helpline", "S"
    ),
    "home": CrisisLine(
        "1-800-799-7233", "tel:+18007997233", "safety at home: talk to somebody",
        "National Domestic Violence Hotline", "M",
    ),
}  # fmt: skip
"""Name -> line. All stand together and are shown to everybody, so that none tells what somebody answered."""

IN_CRISIS: Final = (
    "In crisis? Call or text {crisis}. Treatment referral, free, day and night: {helpline}. "
    "Safety at home: {home}. Emergency: {emergency}."
).format_map({name: line.number for name, line in CRISIS_LINES.items()})
"""The same in a line."""
