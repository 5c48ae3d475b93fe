"""Trial files: written in a test, refused by every bank.

Belongs here: what makes a header a trial's, and how it is recognised. Does not belong here: who may write or release
which file (the caller).
"""

from __future__ import annotations

import polars as pl

TRIAL = {"transfer_kind_code": "00", "value_date": "0000", "originator_code": "0000000000", "party_name": "ﾃｽﾄ ｿｳｼﾝﾌｶ"}
"""No 種別コード is 00 (総合振込 is 21) and no day is 0000: each alone makes a bank's intake refuse the whole file.
Source: 全銀協 §8 ヘッダー2, 6."""


def is_trial(header: pl.DataFrame) -> bool:
    """Whether a header is a trial's: its 種別コード is 00."""
    return bool((header["transfer_kind_code"] == TRIAL["transfer_kind_code"]).all())


def trial_header(header: pl.DataFrame) -> pl.DataFrame:
    """A header with the marks of a trial in the place of what a bank would act on."""
    return header.with_columns(pl.lit(value).alias(name) for name, value in TRIAL.items())
