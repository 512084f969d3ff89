"""Models of ordered items: kernels, corrections, identification, recovery."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pytest
from scipy import special

from psychometrics.errors import ModelError, ModelSyntaxError
from psychometrics.stats.cfa.completion import complete
from psychometrics.stats.cfa.dependent import complete_slots
from psychometrics.stats.cfa.equality import constrain_groups
from psychometrics.stats.cfa.estimate import maximize_likelihood
from psychometrics.stats.cfa.inference import degrees_of_freedom, infer, jacobian
from psychometrics.stats.cfa.ordinal_assess import assess_ordinal
from psychometrics.stats.cfa.ordinal_batch import (
    drawn_tables,
    resampled_tables,
    samples_of_tables,
)
from psychometrics.stats.cfa.ordinal_kernel import covariance_of, implied_statistics
from psychometrics.stats.cfa.ordinal_residuals import ordinal_residual_errors
from psychometrics.stats.cfa.ordinal_robust import gamma_products, group_slopes, ordinal_robust
from psychometrics.stats.cfa.ordinal_sample import ordinal_sample
from psychometrics.stats.cfa.ordinal_search import least_squares, restricts_thresholds
from psychometrics.stats.cfa.start import start_values
from psychometrics.stats.ordinal_moments import ordinal_moments
from psychometrics.stats.ordinal_replicates import (
    indicator_matrix,
    replicate_statistics,
    weighted_tables,
)
from tests.stats.cfa.ordinal import CUTS, MODEL, answers, fit, latent_answers, two_groups

BOTH = ("thresholds", "loadings")
ITEMS = ("x1", "x2", "x3", "x4", "x5", "x6")
FORMS = ("delta", "theta")


def mixed_answers(n: int = 400) -> np.ndarray:
    """Four ordered items and two continuous variables."""
    values = latent_answers(n, np.random.default_rng(5))
    values[:, :4] = np.digitize(values[:, :4], CUTS)
    return values


CASES = {
    "one group, delta": lambda: fit(answers(400, 3)),
    "one group, theta": lambda: fit(answers(400, 3), form="theta"),
    "equal, delta": lambda: fit(*two_groups(), equal=BOTH),
    "equal, theta": lambda: fit(*two_groups(), equal=BOTH, form="theta"),
    "wu and estabrook": lambda: fit(
        *two_groups(), equal=("thresholds",), form="theta", identification="wu_estabrook",
        std_lv=True,
    ),
    "mixed": lambda: fit(mixed_answers(), ordered=ITEMS[:4]),
    "mixed, theta": lambda: fit(mixed_answers(), ordered=ITEMS[:4], form="theta"),
    "second order": lambda: fit(
        answers(400, 3), model="f =~ x1 + x2\ng =~ x3 + x4\nk =~ x5 + x6\nh =~ f + g + k"
    ),
    "regression": lambda: fit(answers(400, 3), model=MODEL + "\ng ~ f"),
    "linear constraint": lambda: fit(
        answers(400, 3), model="f =~ x1 + a*x2 + b*x3\ng =~ x4 + x5 + x6\na + b == 1.5"
    ),
}  # fmt: skip


@pytest.mark.parametrize("key", CASES)
class TestEveryModel:
    def test_derivatives_are_those_of_the_implied_statistics(self, key: str) -> None:
        found = CASES[key]()
        layout, z = found.layout, found.solved.z
        wanted = jacobian(
            lambda point: implied_statistics(layout, found.data.layout, point).reshape(
                len(point), -1
            ),
            z,
        ).reshape(len(layout.selection), found.data.layout.size, -1)
        for g, own in enumerate(group_slopes(layout, z, found.data)):
            members = layout.plan.blocks.members(g)
            np.testing.assert_allclose(own, wanted[g][:, members], atol=1e-12)
            others = np.setdiff1d(np.arange(layout.n_free), members)
            np.testing.assert_allclose(wanted[g][:, others], 0, atol=1e-14)

    def test_the_gradient_is_that_of_the_objective(self, key: str) -> None:
        found = CASES[key]()
        point = found.solved.z + 0.03
        gradient, arrow = found.data.slopes(found.layout, point[None], observed=False)
        step = 1e-6
        up, down = (
            found.data.objective(found.layout, point + sign * step * np.eye(len(point)))
            for sign in (1, -1)
        )
        np.testing.assert_allclose(gradient[0], (up - down) / (2 * step), rtol=1e-4, atol=1e-3)
        assert np.linalg.eigvalsh(arrow.dense()[0])[0] > 0

    def test_the_search_ends_where_the_gradient_is_zero(self, key: str) -> None:
        found = CASES[key]()
        assert found.solved.optimum.converged.all()
        gradient, arrow = found.data.slopes(found.layout, found.solved.z[None], observed=False)
        fall = gradient[0] @ np.linalg.solve(arrow.dense()[0], gradient[0])
        assert fall < 1e-9

    def test_the_short_way_ends_where_the_long_one_does(self, key: str) -> None:
        found = CASES[key]()
        begin = start_values(found.table, found.layout, found.data)
        long = maximize_likelihood(found.layout, found.data, begin)
        np.testing.assert_allclose(found.solved.z, long.z[0], atol=1e-6)

    def test_corrections_are_those_of_the_full_matrices(self, key: str) -> None:
        found = CASES[key]()
        layout, z, data = found.layout, found.solved.z, found.data
        robust = ordinal_robust(layout, z, data, found.moments.groups)
        n = data.n[0]
        size = data.layout.size
        slopes = np.zeros((len(n) * size, layout.n_free))
        gamma, weight = np.zeros((2, len(n) * size, len(n) * size))
        for g, own in enumerate(group_slopes(layout, z, data)):
            at = slice(g * size, (g + 1) * size)
            slopes[at, layout.plan.blocks.members(g)] = own
            gamma[at, at] = found.moments.groups[g].full() / n[g]
            weight[at, at] = np.diag(data.weight[0, g]) * n[g]
        bread = np.linalg.inv(slopes.T @ weight @ slopes)
        through = weight @ slopes @ bread
        product = (weight - through @ slopes.T @ weight) @ gamma
        np.testing.assert_allclose(robust.trace, np.trace(product), rtol=1e-9)
        np.testing.assert_allclose(robust.trace_square, np.trace(product @ product), rtol=1e-8)
        np.testing.assert_allclose(
            robust.corrected, through.T @ gamma @ through, rtol=1e-7, atol=1e-12
        )

    def test_standard_errors_follow_dependent_parameters(self, key: str) -> None:
        found = CASES[key]()
        layout, z = found.layout, found.solved.z
        inference = infer(found.table, layout, z, found.solved.covariance)
        slots, _ = complete_slots(layout, z[None])
        groups = [row.group for row in found.table.rows]
        np.testing.assert_allclose(inference.estimate, slots[0][groups, layout.row_slots])

        def standardized(point: np.ndarray) -> np.ndarray:
            every, implied = complete_slots(layout, point)
            sd = np.sqrt(np.diagonal(implied.full, axis1=-2, axis2=-1))
            own = every / sd[..., layout.row] ** 2
            return own[:, groups, layout.row_slots]

        slopes = jacobian(standardized, z)
        wanted = np.sqrt(np.einsum("kq,qr,kr->k", slopes, found.solved.covariance, slopes))
        variances = [
            i
            for i, row in enumerate(found.table.rows)
            if row.op == "~~" and row.lhs == row.rhs and row.lhs in found.table.observed
        ]
        np.testing.assert_allclose(inference.standardized_se[variances], wanted[variances], 1e-7)


def test_delta_and_theta_fit_alike() -> None:
    delta, theta = (fit(*two_groups(), equal=BOTH, form=form) for form in FORMS)
    chi2 = [-2 * one.solved.log_likelihood for one in (delta, theta)]
    assert chi2[0] == pytest.approx(chi2[1], rel=1e-9)
    assert delta.solved.ordinal is not None
    assert theta.solved.ordinal is not None
    assert delta.solved.ordinal.trace_square == pytest.approx(theta.solved.ordinal.trace_square)
    seen = [
        infer(one.table, one.layout, one.solved.z, one.solved.covariance) for one in (delta, theta)
    ]
    own = [
        {
            (row.name, row.group): (values.standardized[i], values.standardized_se[i])
            for i, row in enumerate(one.table.rows)
        }
        for one, values in zip((delta, theta), seen, strict=True)
    ]
    assert own[0].keys() == own[1].keys()
    for place, value in own[0].items():
        np.testing.assert_allclose(value, own[1][place], atol=1e-6, err_msg=str(place))


def test_a_model_of_all_correlations_fits_exactly() -> None:
    model = "f =~ x1\ng =~ x2\nh =~ x3"
    values = answers(300, 4)[:, :3]
    counts = dict.fromkeys(("x1", "x2", "x3"), 4)
    table = complete(model, ordered=counts)
    moments = ordinal_moments(values)
    from psychometrics.stats.cfa.solve import solve

    solved = solve(table, ordinal_sample(moments, "WLSMV"), "WLSMV")
    assert degrees_of_freedom(table, solved.layout) == 0
    assert -2 * solved.log_likelihood == pytest.approx(0, abs=1e-12)
    correlations = moments.correlations.correlation[0][np.triu_indices(3, 1)]
    rows = [i for i, row in enumerate(table.rows) if row.op == "~~" and row.lhs != row.rhs]
    estimate = infer(table, solved.layout, solved.z, solved.covariance)
    np.testing.assert_allclose(np.sort(estimate.estimate[rows]), np.sort(correlations), atol=1e-9)
    # The standard errors are those of the correlations themselves.
    own = np.sqrt(moments.groups[0].diagonal()[-3:] / (len(values) - 1))
    np.testing.assert_allclose(np.sort(estimate.se[rows]), np.sort(own), rtol=1e-9)


@pytest.mark.parametrize("n", [30, 400])
def test_gamma_is_multiplied_alike_with_few_people_and_with_many(n: int) -> None:
    group = ordinal_moments(answers(n, 6)).groups[0]
    # With fewer people than statistics the products go through people.
    assert (n < group.layout.size) == (n == 30)
    gamma = group.full()
    rng = np.random.default_rng(1)
    weight, matrix = rng.uniform(0.5, 2, len(gamma)), rng.normal(size=(len(gamma), 3))
    other = rng.normal(size=(15, 15))
    other = other + other.T
    found = gamma_products(group, weight, matrix, other)
    np.testing.assert_allclose(found.times, gamma @ matrix, atol=1e-9)
    product = weight[:, None] * gamma
    assert found.trace == pytest.approx(np.trace(product))
    assert found.square == pytest.approx(np.trace(product @ product))
    assert found.other == pytest.approx(np.trace(other @ gamma[-15:, -15:]))
    np.testing.assert_allclose(found.pair_variances, np.diagonal(gamma)[-15:])
    pairs = product[-15:, -15:]
    assert found.pair_square == pytest.approx(np.trace(pairs @ pairs))


def test_residuals_vary_as_the_full_matrices_say() -> None:
    found = fit(*two_groups(), equal=BOTH)
    layout, z, data = found.layout, found.solved.z, found.data
    n, size = data.n[0], data.layout.size
    slopes = np.zeros((2 * size, layout.n_free))
    gamma, weight = np.zeros((2, 2 * size, 2 * size))
    for g, own in enumerate(group_slopes(layout, z, data)):
        at = slice(g * size, (g + 1) * size)
        slopes[at, layout.plan.blocks.members(g)] = own
        gamma[at, at] = found.moments.groups[g].full() / n[g]
        weight[at, at] = np.diag(data.weight[0, g]) * n[g]
    bread = np.linalg.inv(slopes.T @ weight @ slopes)
    left = np.eye(2 * size) - slopes @ bread @ slopes.T @ weight
    spread = np.sqrt(np.diagonal(left @ gamma @ left.T))
    for g in (0, 1):
        errors = ordinal_residual_errors(layout, z, data, found.moments, g)
        own = spread[g * size : (g + 1) * size][data.layout.covariances]
        np.testing.assert_allclose(errors[data.layout.first, data.layout.second], own, rtol=1e-7)


class TestIdentification:
    COUNTS: ClassVar[dict[str, int]] = {"x1": 4, "x2": 4, "x3": 2, "x4": 3, "x5": 4, "x6": 4}

    def rows(self, equal: tuple[str, ...], form: str = "theta", **more: object) -> dict:
        table = complete(MODEL, n_groups=2, ordered=self.COUNTS, parameterization=form, std_lv=True)
        table = constrain_groups(
            table, equal, more.get("partial", ()), more.get("identification", "wu_estabrook")
        )
        return {row.name: row.free for row in table.rows if row.group == 1}

    def test_equal_thresholds_free_intercepts_and_residuals(self) -> None:
        free = self.rows(("thresholds",))
        assert free["x1~1"]
        assert free["x1~~x1"]
        assert free["x4~1"]
        assert free["x4~~x4"]
        assert not free["f~1"]
        assert not free["f~~f"]

    def test_a_yes_no_item_has_its_intercept_alone(self) -> None:
        free = self.rows(("thresholds",))
        assert free["x3~1"]
        assert not free["x3~~x3"]
        assert not self.rows(("thresholds", "loadings"))["x3~~x3"]
        free = self.rows(("thresholds", "loadings", "intercepts"))
        assert free["x3~~x3"]
        assert not free["x3~1"]

    def test_an_exception_counts_as_a_threshold_less(self) -> None:
        free = self.rows(("thresholds",), partial=["x4|t2"])
        assert free["x4~1"]
        assert not free["x4~~x4"]

    def test_equal_intercepts_free_means(self) -> None:
        free = self.rows(("thresholds", "loadings", "intercepts"))
        assert free["f~1"]
        assert free["f~~f"]
        assert not free["x1~1"]
        assert free["x1~~x1"]

    def test_equal_residuals_stay_one(self) -> None:
        free = self.rows(("thresholds", "loadings", "intercepts", "residuals"))
        assert not free["x1~~x1"]

    def test_lavaan_frees_scales_and_means(self) -> None:
        free = self.rows(BOTH, "delta", identification="lavaan")
        assert free["x1~*~x1"]
        assert free["x3~*~x3"]
        assert free["f~1"]
        assert not free["x1~1"]

    def test_equal_residuals_need_theta(self) -> None:
        with pytest.raises(ModelError, match="use parameterization='theta'"):
            self.rows((*BOTH, "residuals"), "delta")

    @pytest.mark.parametrize("level", range(4))
    def test_every_level_of_the_ladder_is_identified(self, level: int) -> None:
        equal = ("thresholds", "loadings", "intercepts", "residuals")[: level + 1]
        values, group = two_groups()
        values = values.copy()
        values[:, 2] = np.minimum(values[:, 2], 1)
        values[:, 3] = np.minimum(values[:, 3], 2)
        found = fit(
            values, group, equal=equal, form="theta", identification="wu_estabrook", std_lv=True
        )
        assert found.solved.optimum.converged.all()
        assert np.isfinite(found.solved.covariance).all()
        assert (np.diagonal(found.solved.covariance) < 1).all()

    def test_thresholds_of_yes_no_items_alone_restrict_nothing(self) -> None:
        values, group = two_groups()
        values = (values > 1).astype(float)
        options = {"form": "theta", "identification": "wu_estabrook", "std_lv": True}
        free = fit(values, group, **options)
        equal = fit(values, group, equal=("thresholds",), **options)
        assert degrees_of_freedom(free.table, free.layout) == degrees_of_freedom(
            equal.table, equal.layout
        )
        assert free.solved.log_likelihood == pytest.approx(equal.solved.log_likelihood, abs=1e-8)


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("f =~ a + b + c\na | t3", "'a' has 3 categories and so the thresholds t1 to t2"),
            ("f =~ a + b + c\na | low", "thresholds t1 to t2, named from the lowest up"),
            ("f =~ a + b + c\na ~*~ b", "the scale of 'a' is a ~*~ a"),
            ("f =~ a + b + c + d\nd | t1", "belong to ordered items; name 'd' in ordered="),
        ],
    )
    def test_words_that_make_no_sense(self, text: str, message: str) -> None:
        with pytest.raises(ModelSyntaxError) as caught:
            complete(text, ordered={"a": 3, "b": 3, "c": 3})
        assert message in str(caught.value)

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("f =~ a + b + c\na ~~ 0.5*a", "a ~~ a follows from the rest of the model"),
            ("f =~ a + b + c\nf ~ x", "Observed predictors .x. of ordered items"),
            ("f =~ b + c + d\nd ~ a", "a is ordered and predicts something"),
            ("f =~ b + c + d", "ordered names what the model doesn't have: a"),
        ],
    )
    def test_models_that_can_not_be(self, text: str, message: str) -> None:
        with pytest.raises(ModelError, match=message):
            complete(text, ordered={"a": 3, "b": 3, "c": 3})

    def test_estimators_of_continuous_variables(self) -> None:
        with pytest.raises(ModelError, match="MLR is no estimator of models with ordered items"):
            ordinal_sample(ordinal_moments(answers(200, 1)), "MLR")


class TestManySamples:
    def test_a_sample_of_everybody_gives_the_moments_themselves(self) -> None:
        values = answers(300, 11)
        values[:40, 0] = np.nan
        moments = ordinal_moments(values)
        group = moments.groups[0]
        tables = weighted_tables(
            indicator_matrix(group.codes, 4), np.ones((2, len(values))), group.layout.n_categories
        )
        found = replicate_statistics(tables, group.layout)
        np.testing.assert_allclose(found.statistics, [group.statistics] * 2, atol=1e-12)
        np.testing.assert_allclose(found.variances, [group.diagonal()] * 2, rtol=1e-10)

    def test_people_drawn_twice_are_two_people(self) -> None:
        moments = ordinal_moments(answers(200, 12))
        group = moments.groups[0]
        times = np.random.default_rng(1).multinomial(200, np.full(200, 1 / 200)).astype(float)
        tables = weighted_tables(
            indicator_matrix(group.codes, 4), times[None], group.layout.n_categories
        )
        found = replicate_statistics(tables, group.layout)
        again = ordinal_moments(np.repeat(group.codes, times.astype(int), axis=0).astype(float))
        np.testing.assert_allclose(found.statistics[0], again.groups[0].statistics, atol=1e-8)
        np.testing.assert_allclose(found.variances[0], again.groups[0].diagonal(), rtol=1e-6)

    def test_a_category_that_a_sample_lacks_is_hardly_weighed(self) -> None:
        values = answers(100, 13)
        values[values[:, 0] == 3, 0] = 2
        values[0, 0] = 3
        moments = ordinal_moments(values)
        group = moments.groups[0]
        without = np.ones((1, 100))
        without[0, 0] = 0
        tables = weighted_tables(indicator_matrix(group.codes, 4), without, np.full(6, 4))
        data = samples_of_tables(group.layout, [iter([tables])], np.array([100]), weighted=True)
        assert data.statistics[0, 0, 2] == 10
        assert data.weight[0, 0, 2] == pytest.approx(1e-8)
        assert np.isfinite(data.statistics).all()

    def test_samples_drawn_from_a_model_have_its_moments(self) -> None:
        correlation = np.full((3, 3), 0.4) + 0.6 * np.eye(3)
        cuts = [np.array([-0.5, 0.5]), np.array([0.0]), np.array([-1.0, 0.0, 1.0])]
        tables = list(drawn_tables(correlation, cuts, 2000, 60, np.random.default_rng(3)))
        assert sum(len(one.counts) for one in tables) == 60
        layout = ordinal_moments(
            np.column_stack([np.arange(60) % 3, np.arange(60) // 3 % 2, np.arange(60) // 6 % 4])
        ).layout
        found = replicate_statistics(tables[0], layout)
        wanted = np.concatenate([*cuts, [0.4, 0.4, 0.4]])
        mean, se = found.statistics.mean(axis=0), np.sqrt(found.variances / 2000).mean(axis=0)
        assert np.all(np.abs(mean - wanted) < 4 * se / np.sqrt(len(found.statistics)))
        spread = found.statistics.std(axis=0, ddof=1)
        np.testing.assert_allclose(spread, se, rtol=0.45)

    def test_threads_change_nothing(self) -> None:
        group = ordinal_moments(answers(150, 14)).groups[0]
        made = [
            samples_of_tables(
                group.layout,
                [resampled_tables(group, 120, np.random.default_rng(5))],
                np.array([150]),
                weighted=True,
            )
            for _ in range(2)
        ]
        assert np.array_equal(made[0].statistics, made[1].statistics)
        assert made[0].statistics.shape == (120, 1, group.layout.size)


def test_many_samples_recover_the_model() -> None:
    """300 samples of 500: estimates and standard errors, and a test that holds its level."""
    loadings = np.array([0.8, 0.7, 0.6, 0.75, 0.65, 0.55])
    factor = np.kron(np.array([[1, 0.5], [0.5, 1]]), np.ones((3, 3)))
    correlation = factor * np.outer(loadings, loadings)
    np.fill_diagonal(correlation, 1.0)
    cuts = [np.array(CUTS)] * 6
    one = fit(answers(500, 21), std_lv=True)
    tables = drawn_tables(correlation, cuts, 500, 300, np.random.default_rng(8))
    data = samples_of_tables(one.data.layout, [tables], np.array([500]), weighted=True)
    begin = np.repeat(one.solved.optimum.z, 300, axis=0)
    found = least_squares(one.layout, data, begin)
    assert found.converged.all()
    names = [one.table.rows[i].name for i in one.layout.free_rows]
    at = [names.index(f"{'f' if i < 3 else 'g'}=~x{i + 1}") for i in range(6)]
    mean, spread = found.z[:, at].mean(axis=0), found.z[:, at].std(axis=0, ddof=1)
    assert np.all(np.abs(mean - loadings) < 4 * spread / np.sqrt(300) + 0.005)
    own = np.sqrt(np.diagonal(one.solved.covariance))[at]
    np.testing.assert_allclose(own, spread, rtol=0.25)
    # Thresholds are normal quantiles of shares: their spread is that of shares.
    place = names.index("x1|t1")
    share = special.ndtr(CUTS[0])
    height = np.exp(-(CUTS[0] ** 2) / 2) / np.sqrt(2 * np.pi)
    wanted = np.sqrt(share * (1 - share) / 500) / height
    assert found.z[:, place].std(ddof=1) == pytest.approx(wanted, rel=0.15)


class TestBaselineAndIndices:
    def test_robust_baseline_misfit_is_its_mean_under_independence(self) -> None:
        """N times -log|R| of unrelated items is on average the sum of the variances of R."""
        values, group = two_groups()
        one = fit(values, group)
        rng = np.random.default_rng(2)
        sizes = np.array([300, 200])
        tables = [drawn_tables(np.eye(6), [np.array(CUTS)] * 6, n, 200, rng) for n in sizes]
        data = samples_of_tables(one.data.layout, tables, sizes, weighted=True)
        at = one.data.layout.covariances
        apart = -(sizes * np.linalg.slogdet(covariance_of(data.layout, data.statistics))[1])
        drawn = apart.sum(axis=1)
        expected = (1 / data.weight[..., at]).sum(axis=(1, 2))
        # Some 40; in lavaan's way it would be 80.
        assert drawn.mean() == pytest.approx(expected.mean(), rel=0.08)

    def test_indices_are_blank_where_thresholds_are_restricted(self) -> None:
        free, equal = fit(*two_groups()), fit(*two_groups(), equal=BOTH)
        assert not restricts_thresholds(free.layout)
        assert restricts_thresholds(equal.layout)
        robust = assess_ordinal(free.solved, free.data, "WLSMV", 500).robust
        assert robust is not None
        assert 0.9 < robust.cfi_robust <= 1
        robust = assess_ordinal(equal.solved, equal.data, "WLSMV", 500).robust
        assert robust is not None
        assert np.isnan([robust.cfi_robust, robust.tli_robust, robust.rmsea_robust]).all()

    def test_scaled_statistics_have_the_mean_and_variance_of_a_chi_square(self) -> None:
        found = fit(answers(400, 3))
        robust = found.solved.ordinal
        assert robust is not None
        df = degrees_of_freedom(found.table, found.layout)
        slope = np.sqrt(df / robust.trace_square)
        # The mean of the raw statistic is the trace, its variance twice that of the square.
        assert slope * robust.trace + df - slope * robust.trace == pytest.approx(df)
        assert slope**2 * 2 * robust.trace_square == pytest.approx(2 * df)

    def test_a_saturated_model_has_no_test(self) -> None:
        model = "f =~ x1 + x2 + x3\n" + "\n".join(
            f"{a} ~~ {b}" for i, a in enumerate(ITEMS) for b in ITEMS[i + 1 :] if b > "x3"
        )
        found = fit(answers(300, 3), model=model)
        index = assess_ordinal(found.solved, found.data, "WLSMV", 300)
        assert index.indices.df == 0
        assert index.robust is None
        assert np.isnan(index.indices.p_value)
