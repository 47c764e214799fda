"""The words the field uses, as data: levels of care, settings, payments, medications, whom a program is for."""

from typing import TYPE_CHECKING

from iopdir.lazy import names_of

if TYPE_CHECKING:
    from iopdir.vocabulary.codes import CodeInfo as CodeInfo
    from iopdir.vocabulary.codes import describe_code as describe_code
    from iopdir.vocabulary.crisis import CRISIS_LINES as CRISIS_LINES
    from iopdir.vocabulary.crisis import CrisisLine as CrisisLine
    from iopdir.vocabulary.taxonomy import AgeGroup as AgeGroup
    from iopdir.vocabulary.taxonomy import LevelOfCare as LevelOfCare
    from iopdir.vocabulary.taxonomy import Medication as Medication
    from iopdir.vocabulary.taxonomy import Payment as Payment
    from iopdir.vocabulary.taxonomy import Service as Service
    from iopdir.vocabulary.taxonomy import Setting as Setting
    from iopdir.vocabulary.taxonomy import SpecialPopulation as SpecialPopulation
    from iopdir.vocabulary.taxonomy import deciding_codes as deciding_codes

_HOME = {
    "AgeGroup": "taxonomy",
    "CRISIS_LINES": "crisis",
    "CodeInfo": "codes",
    "CrisisLine": "crisis",
    "LevelOfCare": "taxonomy",
    "Medication": "taxonomy",
    "Payment": "taxonomy",
    "Service": "taxonomy",
    "Setting": "taxonomy",
    "SpecialPopulation": "taxonomy",
    "deciding_codes": "taxonomy",
    "describe_code": "codes",
}

__all__ = list(_HOME)

if not TYPE_CHECKING:
    __getattr__, __dir__ = names_of(__name__, _HOME)
