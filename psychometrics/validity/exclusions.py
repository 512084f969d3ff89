"""Leaving people out by rules that were written down before, and counting them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from psychometrics.responses import Responses
from psychometrics.validity.analysis_plan import Exclusion
from psychometrics.validity.quality import data_quality


@dataclass(frozen=True, slots=True)
class Excluded:
    """How many people one rule left out; someone that two rules fit counts for the first.

    Attributes
    ----------
    key : str
        Name of the rule.
    count : int
        People.
    """

    key: str
    count: int


def exclude(
    responses: Responses, rules: Sequence[Exclusion]
) -> tuple[Responses, tuple[Excluded, ...]]:
    """Leave out whom the rules of a plan leave out.

    Parameters
    ----------
    responses : Responses
        The answers.
    rules : sequence of Exclusion
        Applied in order. What was done by hand, before the answers were read, is not counted.
    """
    frame = responses.frame
    items = list(responses.instrument.items)
    share = frame[items].notna().mean(axis=1).to_numpy(dtype=float)
    kept = np.ones(len(frame), dtype=bool)
    counted: list[Excluded] = []
    for rule in rules:
        if rule.rule == "by_hand":
            continue
        if rule.rule == "flagged":
            flags = data_quality(responses, responses.instrument.keyed_items).exclusions
            nobody = np.zeros(len(frame), dtype=bool)
            out = flags.get(rule.flag or "", nobody)
        elif rule.rule == "site":
            out = (frame["site"] == rule.site).to_numpy(dtype=bool)
        else:
            # What a share such as 0.8 means is not to hang on how a computer writes it.
            out = share < (rule.answered or 0.0) - 1e-9
        counted.append(Excluded(rule.key, int((kept & out).sum())))
        kept &= ~out
    if kept.all():
        return responses, tuple(counted)
    rows = frame.loc[kept].reset_index(drop=True)
    status = responses.answer_status.loc[kept].reset_index(drop=True)
    return replace(responses, frame=rows, answer_status=status), tuple(counted)
