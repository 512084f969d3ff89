"""Expected interval widths: those of the analyses, at a declared truth, whatever the order."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from psychometrics import (
    cfa,
    discriminant_validity,
    load_instrument,
    precision,
    reliability,
    simulate_responses,
)
from psychometrics.cli import app
from psychometrics.errors import DataError
from psychometrics.stats.cfa.completion import complete
from psychometrics.stats.interval_width import (
    alpha_limits,
    correlation_limits,
    loading_limits,
    omega_limits,
)
from psychometrics.validity.analysis_plan import AnalysisPlan, SmallestEffects
from tests.validity.small import only

FOUR = {"a": 4, "b": 4}


def test_widths_are_those_that_the_analyses_give() -> None:
    answers = simulate_responses("hs1939", 80, rng=5, missing=0.0).frame
    scales = {"visual": ["x1", "x2", "x3"], "textual": ["x4", "x5", "x6"]}
    items = [*scales["visual"], *scales["textual"]]
    covariance = np.cov(answers[items].to_numpy(), rowvar=False)[None]
    n = len(answers)
    table = reliability(answers, scales)
    for coefficient, limits in (
        ("alpha", alpha_limits(covariance[:, :3, :3], n, 0.95)),
        ("omega_total", omega_limits(complete({"f": items[:3]}, std_lv=True),
                                     covariance[:, :3, :3], n, 0.95)),
    ):  # fmt: skip
        row = only(table, scale="visual", coefficient=coefficient)
        assert float(limits.low[0]) == pytest.approx(row.low, abs=1e-6)
        assert float(limits.high[0]) == pytest.approx(row.high, abs=1e-6)
    pairs = discriminant_validity(answers, scales, n_boot=0)
    pair = only(pairs, pooling="total")
    assert "Huber-White" in pair.method
    both = complete({"f": items[:3], "g": items[3:]}, std_lv=True)
    rows = (answers[items] - answers[items].mean()).to_numpy(dtype=float)
    # Samples are fitted side by side, and must not be mixed up.
    drawn = np.stack([rows[::-1] * 2.0, rows])
    limits = correlation_limits(both, drawn, 0.95)
    assert limits.low == pytest.approx([pair.low, pair.low], abs=1e-6)
    assert limits.high == pytest.approx([pair.high, pair.high], abs=1e-6)
    limits = loading_limits(complete({"f": items[:3]}, std_lv=True), rows[None, :, :3], 0.95)
    model = "f =~ a*x1 + x2 + x3\nx1 ~~ t*x1\nstandardised := a / sqrt(a^2 + t)"
    fit = cfa(model, answers, estimator="MLR", std_lv=True)
    row = only(fit.parameters, lhs="standardised")
    assert float(limits.low[0]) == pytest.approx(row.low, abs=1e-6)
    assert float(limits.high[0]) == pytest.approx(row.high, abs=1e-6)


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return precision(FOUR, [5, 12, 30, 93], n_sim=400, rng=1)


def test_more_people_narrow_every_interval(table: pd.DataFrame) -> None:
    for _, part in table.groupby("statistic"):
        kept = part.dropna(subset="half_width")
        assert kept["half_width"].is_monotonic_decreasing
        assert len(kept) >= 2
        wide = kept[kept["n_per_site"] >= 30]
        # About as 1 / sqrt(n).
        scaled = wide["half_width"] * np.sqrt(wide["n_per_site"])
        assert scaled.max() / scaled.min() < 1.25


def test_truths_are_the_smallest_effect_from_their_thresholds(table: pd.DataFrame) -> None:
    known = table.groupby("statistic")[["truth", "threshold"]].first()
    assert known.loc["alpha"].tolist() == [0.75, 0.7]
    assert known.loc["latent_correlation"].tolist() == [0.8, 0.9]
    assert known.loc["htmt"].tolist() == [0.75, 0.85]
    assert 0.6 < known.loc["loading", "truth"] < 0.7
    assert np.isnan(known.loc["loading", "threshold"])
    effects = SmallestEffects(reliability=0.1, correlation=0.2, standardised_difference=0.2)
    wider = precision(FOUR, 30, statistics=["alpha", "htmt"], smallest_effects=effects, n_sim=100)
    assert wider["truth"].tolist() == [0.8, 0.65]
    plan = AnalysisPlan(
        instrument="x", version="1", date=date(2026, 3, 1), by="p", analyses=(),
        smallest_effects=effects,
    )  # fmt: skip
    again = precision(FOUR, 30, statistics=["alpha", "htmt"], smallest_effects=plan, n_sim=100)
    pd.testing.assert_frame_equal(again, wider)


def test_the_needed_number_of_people_gives_the_target(table: pd.DataFrame) -> None:
    for statistic in ("alpha", "loading", "latent_correlation", "icc"):
        row = table[table["statistic"] == statistic].iloc[0]
        n = int(row["n_needed"])
        there = precision(FOUR, n, statistics=[statistic], n_sim=400, rng=9).iloc[0]
        spread = 0.05 * row["n_needed_error"] / (2 * n)
        assert abs(there["half_width"] - 0.05) < 4 * np.hypot(there["mc_error"], spread)


def test_what_can_not_be_had_is_counted(table: pd.DataFrame) -> None:
    five = table[table["n_per_site"] == 5].set_index("statistic")
    assert five.loc["omega_total", "failed"] == 1
    assert np.isnan(five.loc["omega_total", "half_width"])
    assert five.loc["omega_total", "decided"] == 0
    twelve = table[table["n_per_site"] == 12].set_index("statistic")
    assert 0.1 < twelve.loc["omega_total", "failed"] < 0.7
    assert twelve.loc["alpha", "failed"] == 0
    assert table[table["statistic"] == "htmt"]["decided"].isna().all()


def test_the_same_seed_gives_the_same_numbers_alone_or_together(table: pd.DataFrame) -> None:
    alone = precision(FOUR, [93, 30], statistics=["alpha"], n_sim=400, rng=1)
    mine = table[(table["statistic"] == "alpha") & (table["n_per_site"] >= 30)]
    assert alone["half_width"].tolist() == mine["half_width"].tolist()[::-1]
    other = precision(FOUR, 93, statistics=["alpha"], n_sim=400, rng=2)
    assert other["half_width"].iloc[0] != mine["half_width"].iloc[1]


def test_scales_of_one_shape_share_a_row() -> None:
    made = precision({"a": 4, "b": ["x", "y", "z"], "c": 4}, 40, n_sim=100,
                     statistics=["alpha", "latent_correlation"])  # fmt: skip
    assert made["subject"].tolist() == ["a, c", "b", "a, c", "a, c | b"]
    home = precision("peer_support_implementation", 40, n_sim=100, statistics=["alpha"])
    assert len(home) == 1
    assert precision(load_instrument("hs1939"), 40, n_sim=100, statistics=["alpha"]).shape[0] == 1


def test_answers_are_as_skewed_as_they_are_said_to_be() -> None:
    even = precision({"a": 4}, 200, statistics=["alpha"], n_sim=300).iloc[0]
    skewed = precision({"a": 4}, 200, statistics=["alpha"], n_sim=300,
                       thresholds=(-2.5, -2.0, -1.5, -1.0)).iloc[0]  # fmt: skip
    assert even["truth"] == skewed["truth"]
    assert skewed["half_width"] != even["half_width"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_per_site": 2}, "n_per_site=2 is no number of people"),
        ({"n_per_site": []}, r"n_per_site=\[\] is no number of people"),
        ({"n_sim": 10}, "n_sim=10 is too few samples"),
        ({"target": 0}, "target=0 is no half-width"),
        ({"statistics": ["beta"]}, "statistics='beta' is not known here"),
        ({"level": 2}, "level"),
        ({"thresholds": (1.0, 0.0, 2.0, 3.0)}, "must be 4 rising numbers"),
        ({"n_categories": 1}, "n_categories=1 must be from 2 to 20"),
    ],
)
def test_what_can_not_be_meant_is_refused(settings: dict, message: str) -> None:
    with pytest.raises(DataError, match=message):
        precision(FOUR, **{"n_per_site": 30, "statistics": ["alpha"], **settings})


def test_measures_without_what_it_takes_are_refused() -> None:
    with pytest.raises(DataError, match="None of these statistics can be had"):
        precision({"a": 4}, 30, statistics=["htmt"])
    high = SmallestEffects(reliability=0.29, correlation=0.1, standardised_difference=0.2)
    with pytest.raises(DataError, match=r"can't have an alpha of 0\.99"):
        precision({"a": 2}, 30, statistics=["alpha"], smallest_effects=high, n_categories=2)


def test_progress_is_told() -> None:
    told: list[tuple[str, int, int]] = []
    precision(FOUR, 30, statistics=["alpha", "icc"], n_sim=100,
              progress=lambda *step: told.append(step))  # fmt: skip
    assert told == [("alpha", 0, 2), ("icc", 1, 2), ("done", 2, 2)]


def test_the_command(tmp_path) -> None:
    run = CliRunner()
    out, plot = tmp_path / "p.csv", tmp_path / "p.svg"
    common = ["precision", "hs1939", "--n", "12,30", "--samples", "100", "--quiet"]
    done = run.invoke(app, [*common, "--statistics", "alpha,icc", "--out", str(out),
                            "--plot", str(plot)])  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "alpha (visual, textual, speed): true value 0.75, to be at least 0.70" in done.output
    assert list(pd.read_csv(out)["statistic"]) == ["alpha"] * 2 + ["icc"] * 2
    assert "<svg" in plot.read_text(encoding="utf-8")
    json = run.invoke(app, [*common, "--statistics", "alpha", "--json"])
    assert '"n_needed":' in json.output
    assert run.invoke(app, [*common[:2], "--n", "12;30"]).exit_code == 3
    assert run.invoke(app, [*common, "--plot", str(tmp_path / "p.doc")]).exit_code == 3
