"""Count how often each service code is given: `python count_codes.py National_Directory.xlsx`.

Writes code_shares.csv: national shares of the 2022 National Directory, for programs with intensive outpatient
care and for the others. Totals only; no row of the directory is kept.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from iopdir.datasets import open_pack

HERE = Path(__file__).parent
ASSIGNED = {"SA", "OP", "ORT", "OIT", "ODT", "RES", "HI", "MD", "DT"}
"""Codes that the generator sets from the survey totals or from other codes."""

LEFT_OUT = {"NP", "NOOP", "NMOA", "NAUT", "NMAUT", "DUO", "AUDO", "OUDO"}
"""Codes that deny what others state."""

GROUPS = {
    "medication": (
        "OMB OTP BUM BMW UB UN RPN ULC DB BU NU PMAT ACM DSF BSDM BWN BWON BERI NXN VTRL LFXD CLND PAIN"
    ),
    "ages": "ADLT CHLD SNR YAD",
}
"""Name of a group -> codes that real listings give together or not at all."""

PARENTS = GROUPS | {
    "OP": "OD",
    "RES": "RL RS RD BC",
    "HI": "HIT HID",
    "DT": "ADTX BDTX CDTX MDTX ODTX MDET",
    "OTP": "MU METH MM MMW DM SOTP",
    "FX": "F4 F17 F19 F25 F28 F30 F31 F35 F36 F37 F42 F43 F47 F66 F67 F70 F81 F92 N24 N40",
}
"""Code -> the codes that only make sense beside it."""


def count_codes(path: str | Path) -> pd.DataFrame:
    """Shares of each code, of all rows or of the rows that have its parent code."""
    texts = pd.read_excel(path, sheet_name="Facilities List", dtype=str, engine="calamine")[
        "service_code_info"
    ]
    given = texts.fillna("").str.replace("*", " ").str.split().map(set)
    iop = given.map(lambda codes: "OIT" in codes)
    parent_of = {child: parent for parent, children in PARENTS.items() for child in children.split()}
    codes = open_pack("service_codes").query("edition == '2022'")["code"].drop_duplicates()
    groups = {group: set(members.split()) for group, members in GROUPS.items()}
    given = given.map(lambda have: have | {group for group, members in groups.items() if have & members})
    rows = []
    for code in [*GROUPS, *(code for code in codes if code not in ASSIGNED | LEFT_OUT)]:
        parent = parent_of.get(code, "")
        among = given.map(lambda have, parent=parent: not parent or parent in have)
        has = given.map(lambda have, code=code: code in have)
        shares = [round(float(has[among & group].mean()), 3) for group in (iop, ~iop)]
        rows.append((code, parent, *shares))
    return pd.DataFrame(rows, columns=["code", "given", "share_iop", "share_other"])


if __name__ == "__main__":
    count_codes(sys.argv[1]).to_csv(HERE / "code_shares.csv", index=False, lineterminator="\n")
