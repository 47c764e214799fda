"""All packs by name, in the order in which they are built: later ones open earlier ones."""

from __future__ import annotations

import drive_packs
import geography_packs
import standard_packs
import survey_packs
import zip_packs
from pack import Pack

PACKS: dict[str, Pack] = {
    pack.name: pack
    for pack in (
        *geography_packs.PACKS,
        *zip_packs.PACKS,
        *survey_packs.PACKS,
        *standard_packs.PACKS,
        *drive_packs.PACKS,
    )
}
