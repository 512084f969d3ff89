from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from psychometrics import Moments, impute, load_instrument, read_responses, simulate_responses
from psychometrics.errors import DataError
from psychometrics.validity.sample import structural_cells
from tests.validity.small import ITEMS, SCALES, answers, only


def with_gaps(n: int = 150, *, sites: str = "ab", share: float = 0.15) -> pd.DataFrame:
    frame = answers(n, sites=sites)
    rng = np.random.default_rng(7)
    for item in ITEMS:
        frame.loc[rng.random(n) < share, item] = np.nan
    return frame


def run(frame: Any, **settings: Any) -> Any:
    return impute(frame, SCALES, **{"m": 4, "iterations": 3, "group": "site"} | settings)


def test_sets_have_every_answer_and_every_other_column() -> None:
    frame = with_gaps()
    made = run(frame)
    assert len(made) == len(list(made)) == 4
    for one in made:
        assert list(one.columns) == list(frame.columns)
        assert one[list(ITEMS)].notna().all(axis=None)
        assert (one["site"] == frame["site"]).all()
        seen = frame[list(ITEMS)].notna()
        assert one[list(ITEMS)].where(seen).equals(frame[list(ITEMS)].where(seen))
    assert frame[list(ITEMS)].isna().any(axis=None)


def test_answers_stay_as_they_were_asked() -> None:
    """b2 is keyed the other way round; what is imputed is as answered."""
    made = run(with_gaps())
    r = np.corrcoef(made.values[0, :, made.items.index("b2")], made.values[0, :, 3])[0, 1]
    assert r < -0.3


def test_counts_add_up() -> None:
    frame = with_gaps()
    counts = run(frame).counts
    assert (
        counts["n_answered"] + counts["n_imputed"] + counts["n_structural"] + counts["n_left"]
        == counts["n_rows"]
    ).all()
    one = only(counts, item="a1", group="a")
    mine = frame[frame["site"] == "a"]["a1"]
    assert (one["n_rows"], one["n_imputed"]) == (len(mine), mine.isna().sum())
    assert one["share_imputed"] == pytest.approx(mine.isna().mean())


def test_nobody_is_made_up() -> None:
    frame = with_gaps()
    frame.loc[:2, list(ITEMS)] = np.nan
    made = run(frame)
    assert np.isnan(made.values[:, :3]).all()
    (told,) = made.findings
    assert (told.code, told.params["count"]) == ("nothing_to_impute_from", 3)


def test_an_item_that_nobody_at_a_site_answered_stays_missing_there() -> None:
    frame = with_gaps()
    frame.loc[frame["site"] == "b", "a2"] = np.nan
    made = run(frame)
    at = made.items.index("a2")
    assert np.isnan(made.values[:, (frame["site"] == "b").to_numpy(), at]).all()
    assert np.isfinite(made.values[:, (frame["site"] == "a").to_numpy(), at]).all()
    (told,) = made.findings
    assert (told.code, told.key, told.params["count"]) == ("not_imputed_at_site", "a2", 75)
    assert only(made.counts, item="a2", group="b")["n_left"] == 75


def test_the_level_of_a_site_is_kept() -> None:
    frame = answers(400, sites="ab")
    frame.loc[frame["site"] == "b", list(ITEMS)] = (
        frame.loc[frame["site"] == "b", list(ITEMS)].add(3).to_numpy()
    )
    rng = np.random.default_rng(1)
    frame.loc[rng.random(400) < 0.3, "a1"] = np.nan
    made = run(frame, m=10)
    imputed = made.imputed[:, 0]
    here = made.values[:, imputed & (frame["site"] == "b").to_numpy(), 0]
    there = made.values[:, imputed & (frame["site"] == "a").to_numpy(), 0]
    assert here.mean() - there.mean() == pytest.approx(3, abs=0.35)


def test_questions_that_did_not_apply_are_not_imputed() -> None:
    frame = with_gaps()
    mask = np.zeros((len(frame), 6), dtype=bool)
    mask[:10, 0] = True
    frame.loc[:9, "a1"] = np.nan
    made = run(frame, structural=mask)
    assert np.isnan(made.values[:, :10, 0]).all()
    assert only(made.counts, item="a1", pooling="total")["n_structural"] == 10


def test_responses_say_themselves_what_did_not_apply() -> None:
    instrument = load_instrument("peer_support_implementation")
    frame = simulate_responses(instrument, 60, rng=1).frame.drop(columns="row")
    item = next(iter(instrument.items))
    answer_set = instrument.response_sets[instrument.items[item].response_set]
    apart = next(one for one in answer_set.missing if one.structural)
    frame[item] = frame[item].astype(object)
    frame.loc[:4, item] = apart.code
    frame.loc[10:14, item] = None
    responses = read_responses(frame, instrument)
    cannot = structural_cells(responses)
    assert cannot[:, 0].sum() >= 5
    scales = {name: list(one.items) for name, one in instrument.scales.items()}
    made = impute(responses, scales, 3, iterations=2)
    at = made.items.index(item)
    assert np.isnan(made.values[:, :5, at]).all()
    assert np.isfinite(made.values[:, 10:15, at]).all()
    assert set(made.counts["group"].dropna()) == set(responses.sites)
    with pytest.raises(DataError, match="leave structural out"):
        impute(responses, scales, 3, structural=cannot)


def test_auxiliary_columns_help_to_predict() -> None:
    rng = np.random.default_rng(1)
    frame = answers(300)
    frame["age"] = frame["a1"] * 10 + rng.normal(size=300)
    truth = frame["a1"].to_numpy().copy()
    frame.loc[:99, "a1"] = np.nan
    frame.loc[50:60, "age"] = np.nan
    far, near = (
        impute(frame, SCALES, 5, auxiliary=extra, iterations=3).values[:, :100, 0].mean(axis=0)
        for extra in ((), ("age",))
    )
    assert np.corrcoef(near, truth[:100])[0, 1] > 0.9 > np.corrcoef(far, truth[:100])[0, 1]


def test_the_same_seed_gives_the_same_sets() -> None:
    frame = with_gaps()
    assert np.array_equal(run(frame, rng=3).values, run(frame, rng=3).values)
    assert not np.array_equal(run(frame, rng=3).values, run(frame, rng=4).values)


def test_chains_are_judged_where_something_was_imputed() -> None:
    frame = with_gaps()
    frame["a1"] = frame["a1"].fillna(3)
    found = run(frame, iterations=20).convergence
    assert set(found["item"]) == set(ITEMS) - {"a1"}
    assert (found["reduction_mean"] < 1.5).all()


def test_complete_answers_stay_as_they_are() -> None:
    made = run(answers(100, sites="ab"))
    assert not made.imputed.any()
    assert made.convergence.empty


def test_too_few_answers_and_misuse_are_refused() -> None:
    few = answers(15)
    few.loc[:1, "a1"] = np.nan
    with pytest.raises(DataError, match=r"6 predictors an item needs 16 answers.*a1 \(13\)"):
        impute(few, SCALES)
    empty = answers(100).assign(a1=np.nan)
    with pytest.raises(DataError, match="Nobody answered a1"):
        impute(empty, SCALES)
    with pytest.raises(DataError, match="m=1 is too few"):
        impute(answers(), SCALES, 1)
    with pytest.raises(DataError, match=r"donors=2\.5 is no whole number"):
        impute(answers(), SCALES, donors=2.5)  # type: ignore[arg-type]
    with pytest.raises(DataError, match=r"structural has the shape \(2, 2\)"):
        impute(answers(), SCALES, structural=np.zeros((2, 2)))
    with pytest.raises(DataError, match="no column 'country'"):
        impute(answers(), SCALES, group="country")
    with pytest.raises(DataError, match="needs the answers themselves"):
        impute(Moments(np.eye(2), n=9), SCALES)


def test_no_representation_shows_an_answer() -> None:
    made = run(with_gaps())
    assert repr(made).startswith("<Imputations: 4 sets, ")
    assert "share_imputed" in made._repr_html_()


def test_frames_of_other_kinds_are_completed_alike() -> None:
    frame = with_gaps()
    ours, theirs = run(frame), run(pl.from_pandas(frame))
    assert np.array_equal(ours.values, theirs.values)
    assert next(iter(theirs))["site"].tolist() == frame["site"].tolist()
