"""Simulated answers follow the model that they claim to follow."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from psychometrics.errors import DataError
from psychometrics.instrument import Instrument
from psychometrics.responses import Clusters, NonInvariance, Responses, simulate_responses

N_LARGE = 20_000


def simulated(instrument: Instrument, n: object = N_LARGE, **options: object) -> Responses:
    usual = {"rng": 11, "missing": 0.0, "structural": 0.0, "site_means": 0.0}
    return simulate_responses(instrument, n, **{**usual, **options})  # type: ignore[arg-type]


def test_same_seed_same_answers(tiny: Instrument) -> None:
    one, two = simulate_responses(tiny, 30, rng=5), simulate_responses(tiny, 30, rng=5)
    pd.testing.assert_frame_equal(one.frame, two.frame)
    pd.testing.assert_frame_equal(one.answer_status, two.answer_status)
    other = simulate_responses(tiny, 30, rng=6)
    assert not one.frame["skill_1"].equals(other.frame["skill_1"])


def test_a_generator_gives_one_seed(tiny: Instrument) -> None:
    first, again = np.random.default_rng(1), np.random.default_rng(1)
    one, two = simulate_responses(tiny, 5, rng=first), simulate_responses(tiny, 5, rng=again)
    pd.testing.assert_frame_equal(one.frame, two.frame)
    assert not simulate_responses(tiny, 5, rng=first).frame.equals(one.frame)


def test_a_site_does_not_depend_on_the_others(tiny: Instrument) -> None:
    options = {"rng": 5, "clusters": Clusters(3)}
    both = simulate_responses(tiny, {"pune": 40, "ulm": 10}, **options).by_site()["pune"]
    alone = simulate_responses(tiny, {"pune": 40}, **options)
    assert alone.sites == ("pune",)
    pd.testing.assert_frame_equal(
        both.frame.drop(columns="row").reset_index(drop=True), alone.frame.drop(columns="row")
    )


def test_more_people_are_added_at_the_end(tiny: Instrument) -> None:
    few, many = (
        simulate_responses(tiny, {"ulm": 5}, rng=2),
        simulate_responses(tiny, {"ulm": 9}, rng=2),
    )
    pd.testing.assert_frame_equal(few.frame, many.frame.head(5))


def test_the_frame_is_like_one_that_was_read(tiny: Instrument) -> None:
    made = simulate_responses(tiny, {"ulm": 3, "pune": 200}, rng=1)
    assert list(made.frame.columns) == [
        "row", "site", "language", "respondent", "role", "calm_1", "calm_2", "calm_3", "skill_1",
        "skill_2", "health", "employed", "colour",
    ]  # fmt: skip
    assert made.simulated
    assert made.findings == ()
    assert made.frame["row"].tolist() == list(range(1, 204))
    assert set(made.frame["language"][:3]) == {"de_DE"}
    assert set(made.frame["language"][3:]) == {"hi_IN", "en_IN"}
    assert made.frame["respondent"].is_unique
    assert set(made.frame["calm_1"].dropna()) == {1, 2, 3, 4}
    assert set(made.frame["employed"].dropna()) == {0, 1}
    assert made.frame["skill_1"].dropna().between(0, 20).all()
    assert set(made.frame["role"]) == {"manager", "worker"}


def test_findings_tell_of_sites_that_were_left_out(tiny: Instrument) -> None:
    assert [one.code for one in simulate_responses(tiny, {"ulm": 3}, rng=1).findings] == [
        "empty_site"
    ]


def test_correlations_of_numeric_items_are_the_implied_ones(tiny: Instrument) -> None:
    made = simulated(tiny, {"ulm": N_LARGE}, loading={"skill_1": 0.8, "skill_2": 0.6})
    found = made.frame[["skill_1", "skill_2"]].corr().iloc[0, 1]
    assert found == pytest.approx(0.8 * 0.6, abs=4 / np.sqrt(N_LARGE))
    assert made.frame["skill_1"].mean() == pytest.approx(10, abs=0.1)
    assert made.frame["skill_1"].std() == pytest.approx(20 / 8, rel=0.03)


def test_options_are_chosen_as_often_as_the_thresholds_say(tiny: Instrument) -> None:
    cuts = (-1.0, 0.2, 1.1)
    made = simulated(tiny, {"ulm": N_LARGE}, thresholds=cuts, difficulty={"calm_1": 0.3},
                     factor_correlation=0.0, loading=0.5)  # fmt: skip
    shares = made.frame["skill_1"].notna().mean()
    assert shares == 1.0
    # Half of the people are managers, whose calm is higher, and half workers: a mixture.
    shift = made.truth["group_effects"].set_index("value")["shift"]
    for item, moved in (("calm_2", 0.0), ("calm_1", 0.3)):
        cut = np.array([-np.inf, *cuts, np.inf]) + moved
        expected = np.mean(
            [np.diff(stats.norm.cdf(cut - 0.5 * shift[role])) for role in ("manager", "worker")],
            axis=0,
        )
        found = made.frame[item].value_counts(normalize=True).sort_index()
        np.testing.assert_allclose(found, expected, atol=4 * 0.5 / np.sqrt(N_LARGE))


def test_ordinal_answers_correlate_as_the_latent_ones(tiny: Instrument) -> None:
    free = tiny.model_copy(update={"known_groups": ()})
    made = simulated(free, {"ulm": N_LARGE}, loading=0.8, thresholds=(-1.5, 0, 1.5))
    both = pd.crosstab(made.frame["calm_1"] >= 3, made.frame["calm_2"] >= 3, normalize=True)
    # Two normal variables cut at their mean: share above both is 1/4 + asin(r) / (2 pi).
    assert both.loc[True, True] == pytest.approx(
        0.25 + np.arcsin(0.64) / (2 * np.pi), abs=4 * 0.5 / np.sqrt(N_LARGE)
    )


def test_negatively_keyed_items_are_written_as_answered(tiny: Instrument) -> None:
    made = simulated(tiny, {"ulm": N_LARGE})
    correlations = made.frame[["calm_1", "calm_2", "calm_3"]].corr()
    assert correlations.loc["calm_1", "calm_3"] < -0.3
    assert correlations.loc["calm_1", "calm_2"] == pytest.approx(
        -correlations.loc["calm_1", "calm_3"], abs=6 / np.sqrt(N_LARGE)
    )


def test_comparators_go_with_the_factors_as_expected(tiny: Instrument) -> None:
    free = tiny.model_copy(update={"known_groups": ()})
    made = simulated(free, {"ulm": N_LARGE})
    implied = made.truth["comparator_correlations"]
    assert implied.loc["health", "calm"] == pytest.approx(0.5)  # the minimum 0.3, and a margin
    assert implied.loc["employed", "skill"] == pytest.approx(0.1)  # half the maximum
    items = made.frame[["skill_1", "health"]].corr().iloc[0, 1]
    assert items == pytest.approx(0.7 * implied.loc["health", "skill"], abs=4 / np.sqrt(N_LARGE))


def test_known_groups_differ(tiny: Instrument) -> None:
    made = simulated(tiny, {"ulm": N_LARGE})
    score = made.scores()["calm"]
    groups = score.groupby(made.frame["role"])
    difference = groups.mean()["manager"] - groups.mean()["worker"]
    assert difference / np.sqrt(groups.var().mean()) > tiny.known_groups[0].minimum_d
    effects = made.truth["group_effects"]
    assert effects["shift"].tolist() == pytest.approx([0.35, -0.35])


def test_noninvariant_items_differ_at_their_site_only(tiny: Instrument) -> None:
    free = tiny.model_copy(update={"known_groups": ()})
    odd = [
        NonInvariance("pune", "skill_1", loading=-0.4, shift=0.8),
        NonInvariance("ulm", "calm_1", shift=-5.0),
    ]
    plain, made = simulated(free), simulated(free, noninvariance=odd)
    ulm, pune = made.frame["site"] == "ulm", made.frame["site"] == "pune"
    unit = 20 / 8
    moved = made.frame["skill_1"] - plain.frame["skill_1"]
    assert (moved[ulm] == 0).all()
    assert moved[pune].mean() / unit == pytest.approx(0.8, abs=0.02)
    found = made.frame.loc[pune, ["skill_1", "skill_2"]].corr().iloc[0, 1]
    sd = np.sqrt(0.3**2 + 1 - 0.7**2)
    assert found == pytest.approx(0.3 / sd * 0.7, abs=4 / np.sqrt(N_LARGE))
    assert (made.frame.loc[ulm, "calm_1"] == 1).mean() > 0.99
    pd.testing.assert_series_equal(made.frame["calm_2"], plain.frame["calm_2"])
    assert made.truth["noninvariance"]["item"].tolist() == ["skill_1", "calm_1"]


def test_site_means_are_stated(tiny: Instrument) -> None:
    given = simulated(tiny, site_means={"pune": {"skill": 1.0}})
    means = given.frame.groupby("site")["skill_1"].mean()
    assert (means["pune"] - means["ulm"]) / (20 / 8) == pytest.approx(0.7, abs=0.03)
    drawn = simulated(tiny, 10, site_means=0.5).truth["site_means"]
    assert list(drawn.index) == ["ulm", "pune"]
    assert drawn.to_numpy().std() > 0


def test_answers_are_left_out_at_the_stated_rates(tiny: Instrument) -> None:
    made = simulated(tiny, {"ulm": N_LARGE}, missing=0.1, structural=0.05)
    status = made.answer_status["calm_1"].value_counts(normalize=True)
    assert status["not_applicable"] == pytest.approx(0.05, abs=0.01)
    assert status["blank"] == pytest.approx(0.1 * 0.95, abs=0.01)
    assert made.frame["calm_1"].isna().sum() == (made.answer_status["calm_1"] != "answered").sum()
    assert made.frame["health"].isna().mean() == pytest.approx(0.1, abs=0.01)


def test_clusters_resemble_each_other(tiny: Instrument) -> None:
    made = simulated(tiny, {"ulm": N_LARGE}, clusters=Clusters(size=20, icc=0.4), loading=1.0)
    groups = made.frame.groupby("cluster")["skill_1"]
    assert groups.ngroups == N_LARGE / 20
    between = groups.mean().var() - groups.var().mean() / 20
    assert between / (between + groups.var().mean()) == pytest.approx(0.4, abs=0.05)


def test_higher_order_structure_gives_the_correlations(tiny: Instrument) -> None:
    truth = simulated(tiny, 5, higher_order_loading=0.8).truth["factor_correlations"]
    assert truth.loc["calm", "skill"] == pytest.approx(0.64)
    assert truth.loc["calm", "whole"] == pytest.approx(0.8)
    flat = tiny.model_copy(update={"higher_order": {}})
    assert simulated(flat, 5, factor_correlation=0.3).truth["factor_correlations"].loc[
        "calm", "skill"
    ] == pytest.approx(0.3)


def test_a_whole_matrix_may_be_given(tiny: Instrument) -> None:
    names = ["calm", "skill"]
    wanted = pd.DataFrame([[1.0, 1.0], [1.0, 1.0]], index=names, columns=names)
    made = simulated(tiny, 5, factor_correlation=wanted)
    pd.testing.assert_frame_equal(made.truth["factor_correlations"], wanted)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"n": {"mars": 3}}, "n_per_site: site mars isn't known; known are ulm, pune"),
        ({"n": 0}, "must be 0 or more, and not 0 everywhere"),
        ({"n": {"ulm": -1}}, "must be 0 or more"),
        ({"loading": 1.2}, "can't be larger than 1"),
        ({"loading": {"x": 0.5}}, "loading: item x isn't known"),
        ({"missing": 1.5}, "missing=1.5 must be a share"),
        ({"noninvariance": [NonInvariance("mars", "calm_1")]}, "noninvariance: site mars"),
        ({"noninvariance": [NonInvariance("ulm", "x")]}, "noninvariance: item x"),
        ({"site_means": {"ulm": {"x": 1.0}}}, "site_means: scale x"),
        ({"site_means": {"mars": {}}}, "site_means: site mars"),
        ({"thresholds": (1.0, 0.0, 2.0)}, "must rise"),
        ({"clusters": Clusters(0)}, "size 0 has no members"),
        ({"factor_correlation": pd.DataFrame()}, "must have every scale"),
        ({"higher_order_loading": 1.3}, "contradict each other"),
    ],
)
def test_parameters_that_make_no_sense(
    options: dict[str, object], told: str, tiny: Instrument
) -> None:
    with pytest.raises(DataError, match=told):
        simulated(tiny, **{"n": 5, **options})


def test_an_instrument_without_sites(tiny: Instrument) -> None:
    nowhere = tiny.model_copy(update={"sites": {}})
    made = simulate_responses(nowhere, 4, rng=1)
    assert made.sites == ()
    assert made.frame["respondent"].tolist() == ["00001", "00002", "00003", "00004"]
