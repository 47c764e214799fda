"""The words the field uses, as data: levels of care, payments, services, status, confidence."""

from typing import TYPE_CHECKING

from iopdir.lazy import names_of

if TYPE_CHECKING:
    from iopdir.vocabulary.crisis import CRISIS_LINES as CRISIS_LINES
    from iopdir.vocabulary.crisis import CrisisLine as CrisisLine
    from iopdir.vocabulary.taxonomy import AgeGroup as AgeGroup
    from iopdir.vocabulary.taxonomy import CodeInfo as CodeInfo
    from iopdir.vocabulary.taxonomy import LevelOfCare as LevelOfCare
    from iopdir.vocabulary.taxonomy import Payment as Payment
    from iopdir.vocabulary.taxonomy import Service as Service
    from iopdir.vocabulary.taxonomy import describe_code as describe_code

_HOME = {
    "AgeGroup": "taxonomy",
    "CRISIS_LINES": "crisis",
    "CodeInfo": "taxonomy",
    "CrisisLine": "crisis",
    "LevelOfCare": "taxonomy",
    "Payment": "taxonomy",
    "Service": "taxonomy",
    "describe_code": "taxonomy",
}

__all__ = list(_HOME)

if not TYPE_CHECKING:
    __getattr__, __dir__ = names_of(__name__, _HOME)
