"""Intervals of reliability coefficients: which one, from what, the same each time, covering."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from psychometrics import reliability
from psychometrics.errors import DataError
from psychometrics.stats.alpha_variance import alpha_influence
from psychometrics.stats.reliability import cronbach_alpha
from tests.reference.load import BFI_SCALES, bfi, load
from tests.validity.small import SCALES, answers, only, same_numbers

CALM = {"calm": SCALES["calm"]}


def alpha_of(rows: np.ndarray) -> float:
    return float(cronbach_alpha(np.cov(rows.T)))


def row_of(frame, **options) -> pd.Series:
    options.setdefault("coefficients", ["alpha"])
    return reliability(frame, CALM, **options).iloc[0]


class TestChoice:
    def test_defaults(self):
        names = ["alpha", "omega_total", "lambda2", "omega_categorical"]
        few, many = (
            reliability(answers(n), CALM, coefficients=names, n_boot=50).method for n in (60, 200)
        )
        assert [each.split(",")[0] for each in few] == [
            "Feldt interval", "normal-theory bootstrap", "normal-theory bootstrap",
            "percentile bootstrap",
        ]  # fmt: skip
        assert [each.split(",")[0] for each in many] == [
            "Feldt interval", "delta method on the logit", "percentile bootstrap",
            "percentile bootstrap",
        ]  # fmt: skip

    def test_what_is_too_narrow_says_so(self):
        warned = "too narrow for skewed answers of so few people"
        for interval, expected in (("adf", True), ("bca", True), ("feldt", False)):
            row = row_of(answers(30), interval=interval, n_boot=50)
            assert row.method.endswith(warned) is expected
        assert warned not in row_of(answers(60), interval="adf").method

    def test_by_coefficient(self):
        table = reliability(
            answers(), CALM, coefficients=["alpha", "lambda2"],
            interval={"alpha": "bonett", "lambda2": "bca"}, n_boot=50,
        )  # fmt: skip
        assert [each.split(",")[0] for each in table.method] == ["Bonett interval", "BCa bootstrap"]

    def test_names_are_checked(self):
        with pytest.raises(DataError, match=r"interval='exact' is not known here"):
            row_of(answers(), interval="exact")
        with pytest.raises(DataError, match=r"interval='glb' is not known here"):
            row_of(answers(), interval={"glb": "delta"})
        with pytest.raises(DataError, match=r"interval='feldt' takes people as independent"):
            row_of(answers().assign(unit=1), interval="feldt", cluster="unit")

    def test_no_samples_no_interval(self):
        row = row_of(answers(), coefficients=["lambda2"], n_boot=0)
        assert np.isfinite(row.estimate)
        assert row.reason.code == "not_asked_for"
        # Omega falls back on its formula.
        assert "delta" in row_of(answers(50), coefficients=["omega_total"], n_boot=0).method


class TestFormulas:
    @pytest.mark.parametrize("scale", BFI_SCALES)
    def test_adf_is_lavaans_robust_error(self, scale):
        recorded = load("consistency")["free_alpha"][scale]
        table = reliability(
            bfi(), {scale: BFI_SCALES[scale]}, coefficients=["alpha"], interval="adf",
            missing="listwise",
        )  # fmt: skip
        width = stats.norm.isf(0.025) * recorded["se"]
        limits = [recorded["alpha"] - width, recorded["alpha"] + width]
        # n - 1 here, n in lavaan.
        assert table[["low", "high"]].iloc[0].tolist() == pytest.approx(limits, abs=1e-4)

    def test_adf_within_sites_has_their_degrees_of_freedom(self):
        frame = answers(60, sites=[str(i) for i in range(12)])
        row = only(
            reliability(frame, CALM, group="site", coefficients=["alpha"], interval="adf"),
            pooling="within",
        )
        items = SCALES["calm"]
        centred = frame[items] - frame.groupby("site")[items].transform("mean")
        covariance = centred.T @ centred / (60 - 12)
        moved = alpha_influence(centred.to_numpy(), covariance.to_numpy())
        width = stats.norm.isf(0.025) * np.sqrt((moved**2).sum() / 60 / 48)
        assert row.estimate - row.low == pytest.approx(width)

    def test_jackknife_is_done_by_hand(self):
        frame = answers(40)
        rows = frame[SCALES["calm"]].to_numpy()
        left_out = np.array([np.log1p(-alpha_of(np.delete(rows, i, axis=0))) for i in range(40)])
        variance = 39 / 40 * ((left_out - left_out.mean()) ** 2).sum()
        width = stats.t.isf(0.025, 39) * np.sqrt(variance)
        centre = np.log1p(-alpha_of(rows))
        row = row_of(frame, interval="jackknife")
        assert [row.low, row.high] == pytest.approx(
            [1 - np.exp(centre + width), 1 - np.exp(centre - width)]
        )

    def test_bootstraps_are_done_by_hand(self):
        from psychometrics.stats.resampling import stream

        frame = answers(40)
        rows = frame[SCALES["calm"]].to_numpy()
        rows = rows[np.lexsort(rows.T[::-1])]
        drawn = stream(5, "reliability", "rows", "calm", "site ").integers(0, 40, size=(200, 40))
        replicates = np.array([alpha_of(rows[sample]) for sample in drawn])
        row = row_of(frame, interval="bootstrap", n_boot=200, rng=5)
        assert [row.low, row.high] == pytest.approx(np.quantile(replicates, [0.025, 0.975]))
        row = row_of(frame, interval="normal_bootstrap", n_boot=200, rng=5)
        width = stats.norm.isf(0.025) * replicates.std(ddof=1)
        assert [row.low, row.high] == pytest.approx(
            [row.estimate - width, min(row.estimate + width, 1)]
        )


class TestSeeds:
    @pytest.mark.parametrize("interval", ["bootstrap", "bca", "normal_bootstrap"])
    def test_same_seed_same_digits(self, interval):
        names = ["alpha", "omega_total", "omega_categorical", "omega_total_observed"]
        one, two, other = (
            reliability(
                answers(60), CALM, coefficients=names, interval=interval, n_boot=60, rng=seed
            )
            for seed in (1, 1, 2)
        )
        same_numbers(one, two)
        assert (one.low != other.low).all()

    def test_a_generator_is_drawn_from_once(self):
        first = row_of(answers(), interval="bootstrap", rng=np.random.default_rng(3), n_boot=50)
        again = row_of(answers(), interval="bootstrap", rng=np.random.default_rng(3), n_boot=50)
        assert first.low == again.low

    def test_another_site_changes_no_sites_interval(self):
        frame = answers(120, sites=["x", "y", "z"])
        names = ["omega_total", "lambda2"]
        with_z = reliability(frame, SCALES, group="site", coefficients=names, n_boot=60)
        without = reliability(
            frame[frame.site != "z"], SCALES, group="site", coefficients=names, n_boot=60
        )
        for site in ("x", "y"):
            same_numbers(with_z[with_z.group == site], without[without.group == site])

    def test_a_site_is_the_run_of_its_rows_but_for_the_draws(self):
        frame = answers(120, sites=["x", "y"])
        options = {"coefficients": ["lambda2"], "interval": "normal_bootstrap", "n_boot": 2000}
        grouped = reliability(frame, CALM, group="site", **options)
        alone = reliability(frame[frame.site == "x"], CALM, **options)
        site = only(grouped, group="x")
        assert site.estimate == alone.estimate[0]
        assert site.low == pytest.approx(alone.low[0], abs=0.01)


class TestClusters:
    def frame(self, share: float = 0.5, seed: int = 1) -> pd.DataFrame:
        """Return 30 services of six people whose answers are alike in all items."""
        rng = np.random.default_rng(seed)
        service = np.repeat(np.arange(30), 6)
        person = rng.normal(size=180) * np.sqrt(1 - share)
        person += rng.normal(size=30)[service] * np.sqrt(share)
        noise = rng.normal(size=(180, 3))
        # Reliability differs between services: noise is larger in some.
        noise *= np.exp(0.8 * rng.normal(size=30))[service, None]
        frame = pd.DataFrame(person[:, None] + noise, columns=SCALES["calm"])
        return frame.assign(unit=service, site=np.where(service < 15, "x", "y"))

    def test_default_leaves_clusters_out(self):
        row = row_of(self.frame(), cluster="unit")
        assert row.method == "jackknife of clusters, pairwise covariances"

    def test_by_hand(self):
        frame = self.frame()
        left_out = [
            np.log1p(-alpha_of(frame.loc[frame.unit != unit, SCALES["calm"]].to_numpy()))
            for unit in range(30)
        ]
        variance = 29 / 30 * ((np.array(left_out) - np.mean(left_out)) ** 2).sum()
        row = row_of(frame, cluster="unit")
        width = stats.t.isf(0.025, 29) * np.sqrt(variance)
        centre = np.log1p(-row.estimate)
        assert row.low == pytest.approx(1 - np.exp(centre + width))

    @pytest.mark.parametrize("interval", ["auto", "adf", "bootstrap"])
    def test_wider_where_people_are_alike(self, interval):
        # Six people of a service who answer as one are one: intervals are root 6 times as wide.
        services = answers(30)
        frame = services.loc[services.index.repeat(6)].assign(unit=np.repeat(np.arange(30), 6))
        clustered = row_of(frame, cluster="unit", interval=interval, n_boot=2000)
        plain = row_of(frame, interval="adf")
        ratio = (clustered.high - clustered.low) / (plain.high - plain.low)
        assert ratio == pytest.approx(np.sqrt(6), rel=0.2)
        assert clustered.estimate == plain.estimate

    def test_people_alone_in_clusters_are_people(self):
        frame = answers(50).assign(unit=range(50))
        assert row_of(frame, cluster="unit").low == pytest.approx(
            row_of(frame, interval="jackknife").low
        )
        nobody = frame.assign(unit=None)
        assert row_of(nobody, cluster="unit").low == pytest.approx(
            row_of(frame, interval="jackknife").low
        )

    def test_numbered_anew_at_each_site(self):
        frame = self.frame()
        renamed = frame.assign(unit=frame.unit % 15)
        one, other = (
            reliability(f, CALM, group="site", coefficients=["alpha"], cluster="unit")
            for f in (frame, renamed)
        )
        numbers = ["estimate", "low", "high"]
        same_numbers(one[numbers], other[numbers], rtol=1e-12)

    def test_one_cluster_tells_nothing(self):
        row = row_of(answers().assign(unit="a"), cluster="unit")
        assert row.reason.code == "one_cluster"
        assert np.isfinite(row.estimate)

    def test_every_coefficient(self):
        frame = self.frame()
        frame[SCALES["calm"]] = frame[SCALES["calm"]].round().clip(-2, 2)
        names = ["omega_total", "coefficient_h", "omega_categorical", "split_half"]
        table = reliability(frame, CALM, group="site", coefficients=names, cluster="unit")
        assert (table.reason == "").all()
        assert table.method[table.pooling != "meta"].str.startswith("jackknife of clusters").all()

    def test_coverage(self):
        # Services differ a lot: intervals that count people are far too narrow.
        rng = np.random.default_rng(11)
        unit = np.repeat(np.arange(15), 8)
        truth = 4 / 3 * (1 - 8 / 20)
        held = {"people": 0, "clusters": 0}
        for _ in range(200):
            person = np.sqrt(0.7) * rng.normal(size=15)[unit] + np.sqrt(0.3) * rng.normal(size=120)
            frame = pd.DataFrame(person[:, None] + rng.normal(size=(120, 4)), columns=list("abcd"))
            for name, cluster in (("people", None), ("clusters", "unit")):
                row = reliability(
                    frame.assign(unit=unit), {"S": list("abcd")}, coefficients=["alpha"],
                    cluster=cluster,
                ).iloc[0]  # fmt: skip
                held[name] += row.low <= truth <= row.high
        assert held["people"] / 200 < 0.85
        # Three Monte Carlo standard errors are .05.
        assert held["clusters"] / 200 == pytest.approx(0.94, abs=0.05)


class TestCoverage:
    """Coverage with known truth; 300 samples, so three standard errors are .038."""

    @pytest.mark.parametrize("interval", ["adf", "bootstrap", "bca", "normal_bootstrap"])
    def test_of_alpha_with_skewed_items(self, interval):
        rng = np.random.default_rng(7)
        cut = np.array([0.2, 0.9, 1.4])

        def draw(n: int) -> np.ndarray:
            latent = 0.8 * rng.normal(size=(n, 1)) + 0.6 * rng.normal(size=(n, 4))
            return np.searchsorted(cut, latent).astype(float)

        truth = alpha_of(draw(400_000))
        held = []
        for _ in range(300):
            frame = pd.DataFrame(draw(100), columns=list("abcd"))
            row = reliability(
                frame, {"S": list("abcd")}, coefficients=["alpha"], interval=interval, n_boot=300
            ).iloc[0]
            held.append(row.low <= truth <= row.high)
        assert np.mean(held) == pytest.approx(0.95, abs=0.05)


def test_intervals_within_many_small_sites_are_as_wide_as_fresh_samples_make_them() -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=(30, 1)) + rng.normal(size=(30, 4))
    frame = pd.DataFrame(x, columns=list("abcd")).assign(site=np.arange(30) % 6)
    table = reliability(
        frame, {"S": list("abcd")}, group="site", coefficients=["lambda2"],
        interval="normal_bootstrap", n_boot=400, rng=1,
    )  # fmt: skip
    within = table[table["pooling"] == "within"].iloc[0]
    percentile = reliability(
        frame, {"S": list("abcd")}, group="site", coefficients=["lambda2"], interval="bootstrap",
        n_boot=400, rng=1,
    )  # fmt: skip
    plain = percentile[percentile["pooling"] == "within"].iloc[0]
    half = within["estimate"] - within["low"]
    # N / (N - G) is 30 / 24; the percentile interval of the same samples knows nothing of it.
    assert half > 1.05 * (plain["high"] - plain["low"]) / 2
