"""What a person may say about their situation: nothing that identifies, and every question may stay open."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, field_validator

from iopdir.vocabulary.taxonomy import AgeGroup, Payment

__all__ = ["Profile"]


class Profile(BaseModel):
    """A person's situation, as far as they care to say. Nothing identifying is asked; leaving out is fine.

    Every question may stay unanswered: None, or the word ``"unknown"``, means *unknown* and never counts as no.

    In the safety questions True is danger now; ``"managed"`` is a risk that somebody looks after, and ``"unmanaged"``
    one that nobody does yet. What each answer means stands in `questions.toml`.

    Attributes
    ----------
    suicidality
        Thoughts of ending one's life or of hurting oneself?
    harmed
        Does somebody hurt, threaten or frighten the person?
    acute_medical
        A medical problem that cannot wait?
    recent_overdose
        True: in the last days. Some weeks ago: ``"managed"`` in treatment since, ``"unmanaged"`` not.
    withdrawal_risk
        True: withdrawal now, or seizures or delirium from stopping before. Alcohol, benzodiazepines or opioids on most
        days: ``"managed"`` by a taper or a steady dose that a doctor guides, ``"unmanaged"`` not.
    acute_psychiatric
        A mental health crisis now?
    pregnancy
        True: yes or perhaps, and in no care for it; ``"managed"``: in care.
    support
        People who help: strong, some, none.
    home_stable
        A steady place to live?
    home_supportive
        Does home help, or at least not make it hard not to use?
    physically_stable, mentally_stable
        Health steady, or treated and under control?
    use_intensity
        How often: low (fewer than 5 days a month), moderate, high (most days).
    use_length
        Without a long break: short (less than a year), medium (one year or two), long (three years or more).
    previous_treatment
        In treatment before? Asked since the document mentions it; it does not count.
    can_attend, can_travel
        Time to come several times a week, and a way to get there? Practical: neither is a reason for more or less care.
    medication
        For alcohol or opioid use: none, buprenorphine, methadone, other.
    age_group
        Finds places and words that fit.
    memory
        Trouble with memory or thinking?
    court_ordered
        Does a court ask for treatment?
    veteran
        Served in the military?
    asking_for
        Oneself, a child, or somebody else.
    payment
        How treatment would be paid; only used to find places.

    Examples
    --------
    >>> import iopdir as iop
    >>> iop.Profile(home_stable=True).suicidality is None
    True
    >>> iop.Profile(suicidality="unknown") == iop.Profile()
    True
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    suicidality: bool | None = None
    harmed: bool | None = None
    acute_medical: bool | None = None
    recent_overdose: bool | Literal["managed", "unmanaged"] | None = None
    withdrawal_risk: bool | Literal["managed", "unmanaged"] | None = None
    acute_psychiatric: bool | None = None
    pregnancy: bool | Literal["managed"] | None = None
    support: Literal["strong", "some", "none"] | None = None
    home_stable: bool | None = None
    home_supportive: bool | None = None
    physically_stable: bool | None = None
    mentally_stable: bool | None = None
    use_intensity: Literal["low", "moderate", "high"] | None = None
    use_length: Literal["short", "medium", "long"] | None = None
    previous_treatment: bool | None = None
    can_attend: bool | None = None
    can_travel: bool | None = None
    medication: Literal["none", "buprenorphine", "methadone", "other"] | None = None
    age_group: AgeGroup | None = None
    memory: bool | None = None
    court_ordered: bool | None = None
    veteran: bool | None = None
    asking_for: Literal["self", "child", "other"] | None = None
    payment: Payment | None = None

    @field_validator("*", mode="before")
    @classmethod
    def _unknown_is_a_value(cls, answer: object) -> object:
        return None if answer == "unknown" else answer
