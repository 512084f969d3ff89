"""The item response view of a fitted model of ordered items."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from scipy import special

from psychometrics import CFAResult, cfa, item_response
from psychometrics.errors import DataError, ModelError
from psychometrics.stats.item_information import GRID, WEIGHTS
from psychometrics.stats.item_response import LOGISTIC
from tests.reference.load import lsat7
from tests.validity.ordered_answers import ITEMS, MODEL, model_behind, two_scales, two_sites


@pytest.fixture(scope="module")
def fit() -> CFAResult:
    return cfa(MODEL, two_scales(), ordered=True)


@pytest.fixture(scope="module")
def by_site() -> CFAResult:
    return cfa(
        MODEL, two_sites(), ordered=True, group="site", group_equal=["thresholds", "loadings"]
    )


def parameter(frame: pd.DataFrame, item: str, name: str, group: str | None = None) -> pd.Series:
    own = frame[(frame["item"] == item) & (frame["parameter"] == name)]
    if group is not None:
        own = own[own["group"] == group]
    assert len(own) == 1
    return own.iloc[0]


def test_parameters_are_the_standardised_solution_in_other_coordinates(fit: CFAResult) -> None:
    found = item_response(fit).items
    standard = fit.parameters.set_index(["lhs", "op", "rhs"])["std_all"]
    for item in ITEMS:
        loading = standard[item[0], "=~", item]
        slope = parameter(found, item, "discrimination")
        assert slope["estimate"] == pytest.approx(loading / np.sqrt(1 - loading**2), rel=1e-12)
        logistic = parameter(found, item, "discrimination_logistic")
        assert logistic["estimate"] == pytest.approx(LOGISTIC * slope["estimate"])
        for c in (1, 2, 3):
            place = parameter(found, item, f"difficulty_{c}")["estimate"]
            assert place == pytest.approx(standard[item, "|", f"t{c}"] / loading, rel=1e-12)
    assert (found["n_obs"] == 600).all()
    assert (found["reason"] == "").all()


def test_standard_errors_are_those_of_the_standardised_loadings_by_hand(fit: CFAResult) -> None:
    found = item_response(fit).items
    for item in ITEMS:
        row = fit.parameters[(fit.parameters["op"] == "=~") & (fit.parameters["rhs"] == item)]
        loading, se = row["std_all"].item(), row["std_se"].item()
        slope = parameter(found, item, "discrimination")
        assert slope["se"] == pytest.approx(se * (1 - loading**2) ** -1.5, rel=1e-8)
        assert slope["high"] - slope["estimate"] == pytest.approx(1.959964 * slope["se"], rel=1e-6)


def test_identification_does_not_matter(fit: CFAResult) -> None:
    first = item_response(fit).items
    for options in ({"parameterization": "theta"}, {"std_lv": True}):
        other = item_response(cfa(MODEL, two_scales(), ordered=True, **options)).items
        # As far as two searches end at the same place.
        assert other["estimate"].to_numpy() == pytest.approx(first["estimate"].to_numpy(), abs=1e-4)
        assert other["se"].to_numpy() == pytest.approx(first["se"].to_numpy(), rel=1e-3)


def test_parameters_cover_those_that_made_the_answers(fit: CFAResult) -> None:
    found = item_response(fit).items
    loading = model_behind().loadings[0].sum(axis=1)
    true = loading / np.sqrt(1 - loading**2)
    own = found[found["parameter"] == "discrimination"]
    inside = (own["low"] <= true) & (true <= own["high"])
    assert inside.sum() >= 7


def test_lsat7_has_nearly_the_published_logistic_parameters() -> None:
    found = item_response(cfa({"f": list(lsat7())}, lsat7(), ordered=True)).items
    # The two-parameter logistic model by marginal maximum likelihood (R's mirt, its own test of
    # LSAT7). Ours is the normal ogive by least squares: what is left is a fraction of the errors.
    slope = np.array([0.988, 1.081, 1.706, 0.7651, 0.7358])
    difficulty = -np.array([1.8561, 0.808, 1.8043, 0.486, 1.8545]) / slope
    own = found[found["parameter"] == "discrimination_logistic"]
    assert own["estimate"].to_numpy() == pytest.approx(slope, rel=0.07)
    assert (np.abs(own["estimate"].to_numpy() - slope) < 0.5 * own["se"].to_numpy()).all()
    places = found[found["parameter"] == "difficulty_1"]["estimate"].to_numpy()
    assert places == pytest.approx(difficulty, rel=0.04)


def test_information_table(fit: CFAResult) -> None:
    found = item_response(fit, theta=[-1.0, 0.0, 1.0])
    own = found.information[found.information["factor"] == "a"]
    assert own["theta"].tolist() == [-1, 0, 1]
    information = own["information"].to_numpy()
    assert own["sem"].to_numpy() == pytest.approx(information**-0.5)
    assert own["posterior_sd"].to_numpy() == pytest.approx((information + 1) ** -0.5)
    assert own["reliability"].to_numpy() == pytest.approx(information / (information + 1))
    assert own["density"].to_numpy()[1] == pytest.approx(1 / np.sqrt(2 * np.pi))
    assert (np.diff(own["expected_score"]) > 0).all()
    single = found.item_information(theta=[-1.0, 0.0, 1.0])
    summed = single[single["factor"] == "a"].groupby("theta")["information"].sum()
    assert summed.to_numpy() == pytest.approx(information)


def test_marginal_reliability_and_its_interval(fit: CFAResult) -> None:
    found = item_response(fit)
    row = found.summary.set_index("factor").loc["a"]
    assert row["low"] < row["marginal_reliability"] < row["high"]
    wide = item_response(fit, theta=GRID).information
    conditional = wide[wide["factor"] == "a"]["reliability"].to_numpy()
    assert row["marginal_reliability"] == pytest.approx(conditional @ WEIGHTS, abs=1e-12)
    assert row["highest_reliability"] == pytest.approx(conditional.max())
    # What EAP scores leave unknown on average is what the scale doesn't measure, and a little less:
    # the other factor tells something too.
    scores = fit.factor_scores()
    reached = 1 - (scores["a_se"] ** 2).mean() / float(
        fit.parameters.query("lhs == 'a' and op == '~~' and rhs == 'a'")["estimate"].iloc[0]
    )
    assert 0 < reached - row["marginal_reliability"] < 0.05


def test_the_interval_of_the_marginal_reliability_is_as_wide_as_samples_differ() -> None:
    reached, spread = [], []
    for seed in range(40):
        row = item_response(cfa(MODEL, two_scales(400, seed), ordered=True)).summary.iloc[0]
        reached.append(row["marginal_reliability"])
        spread.append(row["se"])
    # Of 40 samples a standard deviation has a standard error of 11 %.
    assert np.mean(spread) == pytest.approx(np.std(reached, ddof=1), rel=0.3)


def test_where_a_scale_measures_well(fit: CFAResult) -> None:
    found = item_response(fit, reliable_at=0.6)
    assert sorted(set(found.measures_well["threshold"])) == [0.6, 0.7, 0.8, 0.9]
    row = found.measures_well.query("factor == 'a' and threshold == 0.6").iloc[0]
    assert row["share_of_people"] == pytest.approx(
        special.ndtr(row["high"]) - special.ndtr(row["low"])
    )
    ends = item_response(fit, theta=[row["low"], row["high"]]).information
    ends = ends[ends["factor"] == "a"]
    assert ends["reliability"].to_numpy() == pytest.approx(0.6, abs=1e-4)
    assert ends["expected_score"].to_numpy() == pytest.approx(
        [row["score_low"], row["score_high"]], abs=1e-3
    )
    assert found.summary.query("factor == 'a'")["share_of_people"].item() == pytest.approx(
        row["share_of_people"]
    )
    none = found.measures_well.query("factor == 'a' and threshold == 0.9").iloc[0]
    assert none["share_of_people"] == 0
    assert "nowhere as reliable as 0.90" in none["reason"]


def test_turned_items_point_the_other_way_and_change_nothing_else(fit: CFAResult) -> None:
    turned = item_response(cfa(MODEL, two_scales(turned=("a2",)), ordered=True))
    plain = item_response(fit)
    slope = parameter(turned.items, "a2", "discrimination")["estimate"]
    assert slope == pytest.approx(
        -parameter(plain.items, "a2", "discrimination")["estimate"], abs=1e-4
    )
    first = parameter(turned.items, "a2", "difficulty_1")["estimate"]
    assert first == pytest.approx(
        parameter(plain.items, "a2", "difficulty_3")["estimate"], abs=1e-4
    )
    for column in ("information", "expected_score"):
        assert turned.information[column].to_numpy() == pytest.approx(
            plain.information[column].to_numpy(), abs=1e-3
        )


def test_groups_in_their_own_metric_and_in_a_common_one(by_site: CFAResult) -> None:
    own, common = item_response(by_site), item_response(by_site, reference="ulm")
    for item in ITEMS:
        for name in ("difficulty_1", "difficulty_3"):
            values = [parameter(common.items, item, name, g)["estimate"] for g in ("ulm", "pune")]
            assert values[0] == pytest.approx(values[1], abs=1e-9)
    assert parameter(own.items, "a1", "difficulty_1", "pune")["estimate"] < (
        parameter(own.items, "a1", "difficulty_1", "ulm")["estimate"] - 0.2
    )
    # Reliability, shares of people and scores are about people, whatever the metric.
    for column in ("marginal_reliability", "se", "share_of_people"):
        assert own.summary[column].to_numpy() == pytest.approx(common.summary[column].to_numpy())
    for column in ("share_of_people", "score_low", "score_high"):
        assert own.measures_well[column].to_numpy() == pytest.approx(
            common.measures_well[column].to_numpy(), nan_ok=True
        )
    assert "trait in ulm" in common.metric
    at = common.information.query("factor == 'a' and group == 'pune'")
    mean = (at["theta"] * at["density"]).sum() / at["density"].sum()
    assert mean == pytest.approx(0.5, abs=0.15)


def test_groups_without_equal_parameters_have_no_common_metric() -> None:
    free = cfa(MODEL, two_sites(200), ordered=True, group="site")
    with pytest.raises(DataError, match="no common metric of a, b"):
        item_response(free, reference="ulm")
    assert len(item_response(free).summary) == 4


def test_items_of_several_factors_and_dependent_answers() -> None:
    model = MODEL + " + a4\na1 ~~ a2"
    found = item_response(cfa(model, two_scales(), ordered=True))
    assert parameter(found.items, "a4", "discrimination")["reason"].code == "loads_on_several"
    slopes = found.items.query("item == 'a4' and parameter == 'slope'")
    assert slopes["factor"].tolist() == ["a", "b"]
    assert parameter(found.items, "a4", "mdisc")["estimate"] > 0
    assert parameter(found.items, "a4", "mdiff_2")["factor"] is None
    summary = found.summary.set_index("factor")
    assert summary.loc["a", "reason"].code == "answers_depend"
    assert np.isnan(summary.loc["a", "marginal_reliability"])
    assert summary.loc["b", "left_out"] == "a4"
    assert summary.loc["b", "n_items"] == 4
    assert set(found.information.query("factor == 'a'")["reason"].map(lambda r: r.code)) == {
        "answers_depend"
    }
    with pytest.raises(DataError, match="loads on several factors"):
        found.category_curves("a4")


def test_a_second_order_model_has_the_same_items() -> None:
    rng = np.random.default_rng(5)
    general = rng.normal(size=(800, 1))
    specific = 0.8 * general + 0.6 * rng.normal(size=(800, 3))
    behind = 0.8 * specific.repeat(3, axis=1) + 0.6 * rng.normal(size=(800, 9))
    names = [f"{f}{i}" for f in "abc" for i in (1, 2, 3)]
    frame = pd.DataFrame(np.digitize(behind, [-0.7, 0.2, 1.0]), columns=names)
    first = "\n".join(f"{f} =~ {f}1 + {f}2 + {f}3" for f in "abc")
    plain = item_response(cfa(first, frame, ordered=True))
    higher = item_response(cfa(first + "\ng =~ a + b + c", frame, ordered=True))
    # With three first-order factors both models say the same.
    assert higher.items["estimate"].to_numpy() == pytest.approx(
        plain.items["estimate"].to_numpy(), abs=1e-3
    )
    assert higher.summary.set_index("factor").loc["g", "reason"].code == "no_items_of_its_own"


def test_continuous_items_are_taken_along() -> None:
    frame = two_scales()
    frame["a1"] = frame["a1"] + np.random.default_rng(1).normal(size=len(frame))
    fit = cfa(MODEL, frame, ordered=[item for item in ITEMS if item != "a1"])
    found = item_response(fit)
    assert found.items.query("item == 'a1'")["parameter"].tolist() == [
        "discrimination",
        "discrimination_logistic",
    ]
    assert found.summary.set_index("factor").loc["a", "n_items"] == 4
    with pytest.raises(DataError, match="a1 is continuous"):
        found.category_curves("a1")
    assert fit.factor_scores().notna().all().all()


def test_category_curves_are_probabilities_of_the_answers_as_coded(fit: CFAResult) -> None:
    curves = item_response(fit).category_curves("b2", theta=[-1.0, 0.5])
    assert sorted(set(curves["category"])) == [1, 2, 3, 4]
    assert curves.groupby("theta")["probability"].sum().to_numpy() == pytest.approx(1)
    with pytest.raises(DataError, match="item='z9' is not known"):
        item_response(fit).category_curves("z9")


def test_answers_that_were_joined_count_as_their_mean() -> None:
    frame = two_sites(300)
    frame.loc[(frame["site"] == "ulm") & (frame["a1"] == 4), "a1"] = 3
    fit = cfa(MODEL, frame, ordered=True, group="site", collapse=True)
    curves = item_response(fit).category_curves("a1")
    assert sorted(set(curves["category"])) == [1, 2, 3.5]


def test_what_is_refused(fit: CFAResult) -> None:
    with pytest.raises(DataError, match="needs a model of ordered items"):
        item_response(cfa(MODEL, two_scales()))
    with pytest.raises(DataError, match="level=95"):
        item_response(fit, level=95)
    with pytest.raises(DataError, match="reliable_at=80 is no reliability"):
        item_response(fit, reliable_at=80)
    with pytest.raises(DataError, match="theta holds no trait values"):
        item_response(fit, theta=[])
    with pytest.raises(DataError, match="fitted without groups"):
        item_response(fit, reference="ulm")


def test_text_and_html_name_what_is_shown(by_site: CFAResult) -> None:
    found = item_response(by_site)
    assert "8 items and 2 factors" in str(found)
    html = found._repr_html_()
    assert "<th>marginal_reliability</th>" in html
    assert "pune" in html


def test_scores_of_people(fit: CFAResult) -> None:
    modal, mean = fit.factor_scores("EBM"), fit.factor_scores()
    assert list(mean.columns) == ["a", "b", "a_se", "b_se"]
    assert len(mean) == 600
    assert mean["a"].corr(modal["a"]) > 0.99
    assert mean.std()["a"] > modal.std()["a"] * 0.9
    with pytest.raises(DataError, match="choose 'EAP' or 'EBM'"):
        fit.factor_scores("bartlett")
    with pytest.raises(DataError, match="EAP scores are for ordered items"):
        cfa(MODEL, two_scales()).factor_scores("EAP")


def test_scores_of_groups_are_in_the_place_of_their_rows(by_site: CFAResult) -> None:
    scores = by_site.factor_scores()
    site = two_sites()["site"]
    assert scores["a"][site == "pune"].mean() - scores["a"][site == "ulm"].mean() > 0.25
    shuffled = two_sites().sample(frac=1, random_state=3)
    other = cfa(
        MODEL, pd.concat([shuffled.query("site == 'ulm'"), shuffled.query("site == 'pune'")]),
        ordered=True, group="site", group_equal=["thresholds", "loadings"],
    ).factor_scores()  # fmt: skip
    places = np.concatenate([shuffled.query(f"site == '{s}'").index for s in ("ulm", "pune")])
    assert other["a"].to_numpy() == pytest.approx(scores["a"].to_numpy()[places], abs=1e-4)


def test_incomplete_rows_are_scored_from_what_they_hold() -> None:
    frame = two_scales().astype(float)
    frame.loc[0, ["a1", "a2", "a3"]] = np.nan
    frame.loc[1] = np.nan
    listwise = cfa(MODEL, frame, ordered=True).factor_scores()
    assert listwise.iloc[:2].isna().all().all()
    pairwise = cfa(MODEL, frame, ordered=True, missing="pairwise").factor_scores()
    assert pairwise.iloc[0].notna().all()
    assert pairwise.iloc[1].isna().all()
    assert pairwise["a_se"].iloc[0] > pairwise["a_se"].iloc[2:].median()


def test_where_answers_depend_people_have_means_and_no_modes() -> None:
    fit = cfa(MODEL + "\na1 ~~ a2", two_scales(), ordered=True)
    plain = cfa(MODEL, two_scales(), ordered=True).factor_scores()
    assert fit.factor_scores()["a"].corr(plain["a"]) > 0.99
    with pytest.raises(ModelError, match="Choose EAP"):
        fit.factor_scores("EBM")


def test_predictors_are_refused() -> None:
    frame = two_scales().assign(age=np.random.default_rng(0).normal(size=600))
    names = [*ITEMS]
    fit = cfa(MODEL + "\na ~ age\nage ~~ age", frame, ordered=names)
    with pytest.raises(ModelError, match="age is more than an answer"):
        item_response(fit)


def test_an_improper_solution_says_so() -> None:
    # b goes with a and c far more than they go with each other: its loading would be above 1.
    rng = np.random.default_rng(4)
    ends = rng.multivariate_normal([0, 0], [[1, 0.3], [0.3, 1]], 400)
    behind = np.column_stack([ends[:, 0], ends.sum(axis=1) / 1.6, ends[:, 1]])
    frame = pd.DataFrame(np.digitize(behind, [-0.5, 0.6]), columns=["a", "b", "c"])
    with pytest.warns(UserWarning, match="improper"):
        fit = cfa({"f": list("abc")}, frame, ordered=True)
    found = item_response(fit)
    assert "improper" in str(found)
    row = found.summary.iloc[0]
    assert row["reason"].code == "no_residual_variance"
    heywood = found.items[found.items["reason"] != ""]
    assert len(set(heywood["item"])) == 1
    assert heywood["estimate"].isna().all()
    with pytest.raises(ModelError, match="Heywood"):
        fit.factor_scores()


def test_a_single_item_that_is_its_factor_has_no_curve() -> None:
    fit = cfa("a =~ a1 + a2 + a3 + a4\nb =~ b1", two_scales(), ordered=True)
    found = item_response(fit)
    summary = found.summary.set_index("factor")
    assert summary.loc["b", "reason"].code == "residual_fixed_at_zero"
    assert summary.loc["a", "reason"] == ""
    with pytest.raises(ModelError, match="factor of a single item"):
        fit.factor_scores()


def test_a_view_can_be_stored() -> None:
    found = item_response(cfa(MODEL, two_scales(), ordered=True))
    again = pickle.loads(pickle.dumps(found))
    assert again.summary.equals(found.summary)
    assert again.category_curves("a1").equals(found.category_curves("a1"))
