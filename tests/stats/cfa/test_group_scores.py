"""Score tests of equalities over groups, for many samples at once."""

from __future__ import annotations

import numpy as np
import pytest

from psychometrics.stats.cfa.completion import complete
from psychometrics.stats.cfa.equality import constrain_groups
from psychometrics.stats.cfa.fit import fit_moments
from psychometrics.stats.cfa.group_scores import group_scores
from psychometrics.stats.cfa.kernel import slot_values
from psychometrics.stats.cfa.layout import lay_out
from psychometrics.stats.cfa.score_tests import released_equalities
from tests.reference.load import HS_ITEMS, HS_SCALES, array, labels


def schools(n_parts: int):
    """Moments of the pupils in parts by school and row."""
    rows = array("hs", HS_ITEMS)
    part = (labels("hs", "school") == "Pasteur") * (n_parts - 1) * 1
    part = np.where(part > 0, np.arange(len(rows)) % (n_parts - 1), n_parts - 1)
    own = [rows[part == g] for g in range(n_parts)]
    return (
        np.array([np.cov(x.T) for x in own]),
        np.array([x.mean(axis=0) for x in own]),
        np.array([float(len(x)) for x in own]),
    )


def fitted(n_parts: int, kinds, std_lv: bool):
    covariance, mean, n = schools(n_parts)
    table = complete(HS_SCALES, std_lv=std_lv, mean_structure=True, n_groups=n_parts)
    table = constrain_groups(table, kinds)
    return fit_moments(table, covariance[None], n[None], mean[None])


@pytest.mark.parametrize("std_lv", [True, False])
@pytest.mark.parametrize("kinds", [("loadings",), ("loadings", "intercepts")])
@pytest.mark.parametrize("n_parts", [2, 4])
def test_the_same_as_freeing_one_label_in_a_wider_model(n_parts, kinds, std_lv):
    fits = fitted(n_parts, kinds, std_lv)
    layout, table = fits.layout, fits.table
    chosen = layout.plan.blocks.shared
    found = group_scores(layout, fits.optimum.z, fits.data, chosen)
    name = {table.rows[layout.free_rows[int(p)]].name: k for k, p in enumerate(chosen)}
    tests = released_equalities(table, fits.optimum.z[0], fits.data)
    assert len(tests) >= 6
    for test in tests:
        row = table.rows[test.row]
        at = (0, row.group, name[row.name])
        assert found.statistic[at] == pytest.approx(test.statistic, rel=1e-6, abs=1e-8)
        assert found.change[at] == pytest.approx(test.change, rel=1e-6, abs=1e-8)


def test_two_groups_have_one_way_to_differ():
    fits = fitted(2, ("loadings", "intercepts"), True)
    found = group_scores(fits.layout, fits.optimum.z, fits.data, fits.layout.plan.blocks.shared)
    np.testing.assert_allclose(found.statistic[0, 0], found.statistic[0, 1], rtol=1e-6)
    np.testing.assert_allclose(found.together[0], found.statistic[0, 0], rtol=1e-6)
    np.testing.assert_allclose(found.change[0, 0], -found.change[0, 1], rtol=1e-5, atol=1e-8)


def test_releasing_in_all_groups_is_the_score_test_of_the_wider_model():
    narrow = fitted(3, ("loadings",), True)
    layout = narrow.layout
    chosen = layout.plan.blocks.shared
    found = group_scores(layout, narrow.optimum.z, narrow.data, chosen)
    table = complete(HS_SCALES, std_lv=True, mean_structure=True, n_groups=3)
    slots = slot_values(layout, narrow.optimum.z)[0]
    value = {
        (row.name, row.group): slots[row.group, at]
        for row, at in zip(narrow.table.rows, layout.row_slots, strict=True)
    }
    for k, parameter in enumerate(chosen):
        name = narrow.table.rows[layout.free_rows[int(parameter)]].name
        wider = constrain_groups(table, ("loadings",), (name,))
        wide = lay_out(wider)
        rows = [wider.rows[at] for at in wide.free_rows]
        point = np.array([[value[row.name, row.group] for row in rows]])
        gradient, arrow = narrow.data.slopes(wide, point, observed=False)
        wanted = gradient[0] @ np.linalg.solve(arrow.dense()[0], gradient[0])
        assert found.together[0, k] == pytest.approx(wanted, rel=1e-6, abs=1e-8)


def test_samples_side_by_side_are_those_one_by_one():
    fits = fitted(3, ("loadings", "intercepts"), True)
    chosen = fits.layout.plan.blocks.shared[:5]
    z = np.repeat(fits.optimum.z, 3, axis=0)
    data = fits.data.take(np.zeros(3, dtype=int))
    alone = group_scores(fits.layout, fits.optimum.z, fits.data, chosen)
    many = group_scores(fits.layout, z, data, chosen)
    np.testing.assert_array_equal(many.statistic, np.repeat(alone.statistic, 3, axis=0))


def test_an_undefined_sample_does_not_touch_the_others():
    fits = fitted(2, ("loadings",), True)
    chosen = fits.layout.plan.blocks.shared
    z = np.concatenate([fits.optimum.z, np.full_like(fits.optimum.z, np.nan)])
    data = fits.data.take(np.zeros(2, dtype=int))
    found = group_scores(fits.layout, z, data, chosen)
    assert np.isfinite(found.statistic[0]).all()
    assert np.isnan(found.statistic[1]).all()
