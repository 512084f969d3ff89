"""Items and the scales that they are not on."""

from __future__ import annotations

import numpy as np
import pytest

from psychometrics import cfa, cross_loadings, discriminant_validity
from psychometrics.errors import DataError
from tests.reference.load import HS_SCALES, hs
from tests.validity.small import SCALES, answers, only, unit


def test_score_tests_are_those_of_lavaan() -> None:
    # lavaan 0.6-14 and its tutorial: visual =~ x9, 36.411 with a standardised change of .515.
    table = cross_loadings(hs(), HS_SCALES)
    row = only(table, item="x9", other="visual")
    np.testing.assert_allclose([row["mi"], row["epc"]], [36.411, 0.515], atol=5e-4)
    row = only(table, item="x7", other="visual")
    np.testing.assert_allclose(row["mi"], 18.631, atol=5e-4)
    assert len(table) == 9 * 2
    assert row["n_obs"] == 301


def test_a_structure_coefficient_is_the_loading_times_the_correlation() -> None:
    table = cross_loadings(hs(), HS_SCALES, group="school")
    pairs = discriminant_validity(hs(), HS_SCALES, group="school", n_boot=0)
    for name in ("total", "within", "Pasteur", "Grant-White"):
        row = only(table, item="x4", other="speed", **unit(name))
        r = only(pairs, scale_a="textual", scale_b="speed", **unit(name))["correlation"]
        np.testing.assert_allclose(row["structure"], row["loading"] * r, rtol=1e-10)


def test_each_site_has_its_own_model() -> None:
    frame = hs()
    table = cross_loadings(frame, HS_SCALES, group="school")
    for school in ("Pasteur", "Grant-White"):
        fit = cfa(HS_SCALES, frame[frame["school"] == school])
        there = fit.modification_indices()
        for _, row in table[table["group"] == school].iterrows():
            own = only(there, lhs=row["other"], op="=~", rhs=row["item"])
            np.testing.assert_allclose(row["mi"], own["mi"], rtol=1e-5, atol=1e-6)


def test_reverse_keying_changes_nothing_but_the_item() -> None:
    frame = answers(300)
    plain = cross_loadings(frame.assign(b2=6 - frame["b2"]), {**SCALES, "bold": ["b1", "b2", "b3"]})
    keyed = cross_loadings(frame, SCALES)
    for column in ("loading", "structure", "epc", "mi"):
        np.testing.assert_allclose(plain[column], keyed[column], rtol=1e-6, atol=1e-8)


def test_a_site_without_a_model_says_why_in_every_row() -> None:
    frame = answers(60, sites=("x", "y"))
    frame.loc[frame.index > 6, "site"] = "x"
    table = cross_loadings(frame, SCALES, group="site")
    small = table[table["group"] == "y"]
    assert len(small) == 6
    assert small["mi"].isna().all()
    assert {why.code for why in small["reason"]} == {"fewer_people_than_parameters"}


def test_one_scale_has_no_other() -> None:
    with pytest.raises(DataError, match="two"):
        cross_loadings(answers(50), {"calm": SCALES["calm"]})
