from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from psychometrics import Moments
from psychometrics.errors import DataError
from psychometrics.validity.agreement import agreement
from tests.reference.load import load
from tests.validity.small import explained, only, same_numbers

SHROUT_FLEISS = np.array(load("agreement")["icc"]["shrout_fleiss"]["ratings"], dtype=float)


def long(values: Any, *, sites: Any = None, raters: Any = None) -> pd.DataFrame:
    values = np.asarray(values)
    n, k = values.shape
    frame = pd.DataFrame(
        {
            "person": np.repeat(np.arange(n), k),
            "rater": np.tile(list(raters or "abcdefgh")[:k], n),
            "score": values.ravel(),
        }
    )
    if sites is not None:
        frame["site"] = np.repeat(sites, k)
    return frame


def many(n: int = 90, k: int = 2, seed: int = 1) -> Any:
    rng = np.random.default_rng(seed)
    return np.round(rng.normal(3, 1, (n, 1)) + rng.normal(scale=0.5, size=(n, k)), 1)


def run(frame: pd.DataFrame, **settings: Any) -> pd.DataFrame:
    return agreement(frame, "person", "rater", "score", **settings)


def test_every_statistic_has_its_rows() -> None:
    table = run(long(SHROUT_FLEISS))
    assert table["statistic"].value_counts().to_dict() == {
        "icc": 6, "smallest_detectable_change": 6, "mean_difference": 6, "lower_limit": 6,
        "upper_limit": 6, "standard_error_of_measurement": 3,
    }  # fmt: skip
    explained(table)
    assert set(table["pooling"]) == {"total"}


def test_models_say_in_words_what_they_are() -> None:
    icc = run(long(SHROUT_FLEISS)).query("statistic == 'icc'").set_index("model")["method"]
    assert icc["ICC(1,1)"].startswith("one-way random, single rating")
    assert icc["ICC(2,1)"].startswith("two-way random, absolute agreement, single rating")
    assert icc["ICC(3,k)"].startswith("two-way mixed, consistency, mean of all raters")


def test_pingouin_gives_the_same_numbers() -> None:
    import pingouin

    frame = long(many(40, 3))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas tells pingouin what it thinks of it
        theirs = pingouin.intraclass_corr(
            frame, targets="person", raters="rater", ratings="score"
        )["ICC"].tolist()  # fmt: skip
    icc = run(frame).query("statistic == 'icc'").set_index("model")["estimate"]
    names = ["ICC(1,1)", "ICC(2,1)", "ICC(3,1)", "ICC(1,k)", "ICC(2,k)", "ICC(3,k)"]
    assert icc[names].tolist() == pytest.approx(theirs, rel=1e-10)


def test_a_smallest_detectable_change_is_a_multiple_of_the_error() -> None:
    table = run(long(many()))
    for form in ("one-way", "agreement", "consistency"):
        error = only(table, statistic="standard_error_of_measurement", model=form)
        one = only(table, statistic="smallest_detectable_change", model=f"{form}, individual")
        mean = only(table, statistic="smallest_detectable_change", model=f"{form}, group mean")
        for column in ("estimate", "low", "high"):
            assert one[column] == pytest.approx(1.959964 * 2**0.5 * error[column], rel=1e-6)
            assert mean[column] == pytest.approx(one[column] / 90**0.5)


def test_two_occasions_errors_and_limits_are_one_standard_deviation() -> None:
    """With two occasions the consistency error is that of the differences over root 2."""
    table = run(long(many()))
    error = only(table, statistic="standard_error_of_measurement", model="consistency")["estimate"]
    ends = [only(table, statistic=s)["estimate"] for s in ("lower_limit", "upper_limit")]
    assert (ends[1] - ends[0]) / 2 == pytest.approx(1.959964 * 2**0.5 * error, rel=1e-6)


def test_incomplete_targets_are_left_out_and_counted() -> None:
    values = many(30, 3)
    values[:4, 0] = np.nan
    frame = long(values)
    table = run(frame)
    icc = only(table, statistic="icc", model="ICC(2,1)")
    assert (icc["n_targets"], icc["n_dropped"]) == (26, 4)
    pair = only(table, statistic="mean_difference", rater_a="b", rater_b="c")
    assert (pair["n_targets"], pair["n_dropped"]) == (30, 0)
    same = run(long(values[4:]))
    assert icc["estimate"] == only(same, statistic="icc", model="ICC(2,1)")["estimate"]
    # A row that isn't there is as good as an empty cell.
    same_numbers(table, run(frame.dropna()))


def test_raters_of_each_site_are_their_own() -> None:
    """Two raters a site: crossed in the site, and anybody in the one-way model of the total."""
    values = many(60)
    sites = np.repeat(["ulm", "pune", "kampala"], 20)
    frame = long(values, sites=sites)
    frame["rater"] = frame["site"] + frame["rater"]
    table = run(frame, group="site")
    assert only(table, statistic="icc", model="ICC(1,1)", pooling="total")["n_targets"] == 60
    lost = only(table, statistic="icc", model="ICC(2,1)", pooling="total")
    assert lost["reason"].code == "too_few_targets"
    assert (lost["n_targets"], lost["n_dropped"]) == (0, 60)
    here = only(table, statistic="icc", model="ICC(2,1)", group="ulm")
    alone = only(run(frame[frame["site"] == "ulm"]), statistic="icc", model="ICC(2,1)")
    assert here["estimate"] == alone["estimate"]
    assert (here["n_targets"], here["n_raters"]) == (20, 2)
    together = only(table, statistic="icc", model="ICC(2,1)", pooling="meta")
    assert together["n_groups"] == 3
    assert together["n_targets"] == 60
    explained(table)


def test_the_same_id_at_two_sites_is_two_people() -> None:
    values = many(20)
    frame = long(values, sites=np.repeat(["a", "b"], 10))
    frame["person"] %= 10
    table = run(frame, group="site")
    assert only(table, statistic="icc", model="ICC(3,1)", pooling="total")["n_targets"] == 20


def test_the_order_of_rows_does_not_matter() -> None:
    frame = long(many(25, 3), sites=np.repeat(["a", "b", "c", "d", "e"], 5))
    same_numbers(
        run(frame, group="site"), run(frame.sample(frac=1, random_state=1), group="site"), 1e-10
    )


def test_kappas_of_pairs_and_of_all() -> None:
    codes = np.clip(np.round(many(80, 3)), 1, 5)
    table = run(long(codes), categorical=True)
    assert table["statistic"].value_counts().to_dict() == {"kappa": 6, "fleiss_kappa": 1}
    explained(table)
    near = only(table, statistic="kappa", model="quadratic", rater_a="a", rater_b="b")["estimate"]
    exact = only(table, statistic="kappa", model="unweighted", rater_a="a", rater_b="b")["estimate"]
    assert near > exact
    linear = run(long(codes), categorical=True, weights="linear")
    assert set(linear.query("statistic == 'kappa'")["model"]) == {"unweighted", "linear"}


def test_texts_are_categories_without_distance() -> None:
    frame = long(np.array([[0, 0], [1, 1], [0, 1], [1, 1], [0, 0]]))
    frame["score"] = frame["score"].map({0: "no", 1: "yes"})
    table = run(frame, categorical=True, weights="unweighted")
    assert only(table, statistic="kappa")["estimate"] == pytest.approx(8 / 13)
    with pytest.raises(DataError, match="no distance for weights='quadratic'"):
        run(frame, categorical=True)
    with pytest.raises(DataError, match="holds text such as 'no'"):
        run(frame)


def test_what_can_not_be_had_has_a_reason() -> None:
    alike = run(long(np.full((6, 2), 3.0)))
    assert set(alike.query("statistic == 'icc'")["reason"].map(lambda r: r.code)) == {
        "ratings_do_not_vary"
    }
    assert only(alike, statistic="mean_difference")["estimate"] == 0
    shifted = run(long(np.array([[1.0, 2.0], [3.0, 4.0], [7.0, 8.0]])))
    perfect = only(shifted, statistic="icc", model="ICC(3,1)")
    assert perfect["estimate"] == 1
    assert perfect["reason"].code == "ratings_without_error"
    single = run(long(np.array([[1.0, 2.0]])))
    assert set(single["reason"].map(lambda r: r.code)) == {"too_few_targets"}
    single = run(long(np.array([[1.0, 2.0]])), categorical=True)
    assert set(single["reason"].map(lambda r: r.code)) == {"too_few_targets"}
    one = run(long(np.full((6, 2), 3.0)), categorical=True)
    assert set(one["reason"].map(lambda r: r.code)) == {"one_category"}


def test_misuse_is_refused_with_all_faults() -> None:
    frame = long(many(5))
    with pytest.raises(DataError, match="rated the same target more than once"):
        run(pd.concat([frame, frame.iloc[[0]]]))
    frame.loc[0, "rater"] = None
    with pytest.raises(DataError, match="1 ratings have no person or no rater"):
        run(frame)
    with pytest.raises(DataError, match="two raters or more"):
        run(long(many(5)).query("rater == 'a'"))
    with pytest.raises(DataError, match="no column 'judge'"):
        agreement(long(many(5)), "person", "judge", "score")
    with pytest.raises(DataError, match="no rows"):
        run(long(many(5)).iloc[:0])
    with pytest.raises(DataError, match="level=95 is no coverage"):
        run(long(many(5)), level=95)
    with pytest.raises(DataError, match="needs the answers themselves"):
        agreement(Moments(np.eye(2), n=9), "person", "rater", "score")


def test_frames_of_other_kinds_give_the_same() -> None:
    frame = long(many(20, 3))
    same_numbers(run(frame), run(pl.from_pandas(frame)), 1e-14)
