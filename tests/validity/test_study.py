"""A whole validation: complete tables, the same numbers as the single calls, hostile answers."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pandas as pd
import pytest

from psychometrics import (
    Instrument,
    Responses,
    cfa,
    convergent_validity,
    cross_loadings,
    discriminant_validity,
    distinctness,
    group_mean_reliability,
    htmt,
    item_analysis,
    load_instrument,
    read_responses,
    reliability,
    reliability_differences,
    simulate_responses,
)
from psychometrics.errors import DataError, Reason
from psychometrics.responses import Clusters
from psychometrics.validity.cfa_tables import FIT_NAMES
from psychometrics.validity.comparability import TABLES
from psychometrics.validity.study import Plan, Study, run_study
from psychometrics.validity.threads import blas_controller, one_blas_thread
from tests.reference.load import FOLDER, load
from tests.validity.small import only, same_numbers

COMMON = ("group", "pooling", "n_obs", "method", "reason")
INTERVAL = ("estimate", "low", "high", "level")
SYNTHESIS = ("n_groups", "tau2", "i2", "prediction_low", "prediction_high")
PAIR = ("scale_a", "scale_b")
# What the report, the plots and whoever reads the CSV files rely on.
COLUMNS: dict[str, tuple[str, ...]] = {
    "quality": ("flag", "group", "pooling", "count", "n_rows", "share", "rule"),
    "quality_items": ("item", "group", "pooling", "n_rows", "n_answered", "n_missing",
                      "n_structural", "share_missing", "n_categories", "n_used"),
    "quality_patterns": ("missing", "n_missing", "count", "share"),
    "quality_scales": ("scale", "group", "pooling", "n_scored", "floor", "floor_low", "floor_high",
                       "ceiling", "ceiling_low", "ceiling_high", "level", "method"),
    "quality_times": ("group", "pooling", "mode", "n_rows", "n_timed", "median_seconds",
                      "q25_seconds", "q75_seconds", "median_seconds_per_answer", "n_fast",
                      "n_faster_than_others"),
    "sample": ("group", "pooling", "n_rows", "n_complete", "n_partial", "n_empty",
               "missing_share", "structural_share"),
    "sample_forms": ("variable", "value", "group", "pooling", "n_rows", "share"),
    "findings": ("code", "severity", "where", "message", "count"),
    "missing": ("model", "group", "pooling", "n_rows", "n_empty", "n_obs", "n_complete", "lost",
                "missing_share", "structural_share", "n_patterns", "scarcest_pair", "statistic",
                "estimate", "width", "estimate_listwise", "width_listwise", "level", "little_chi2",
                "little_df", "little_p", "treatment", "assumption", "reason"),
    "items": ("scale", "group", "pooling", "item", "keyed", "n_obs", "missing", "mean", "sd",
              "skew", "floor", "ceiling", "item_rest", "alpha_if_deleted", "reason"),
    "responses": ("item", "group", "pooling", "code", "option", "count", "share", "n_obs"),
    "reliability": ("scale", *COMMON, "coefficient", *INTERVAL, "n_items", *SYNTHESIS),
    "reliability_differences": ("scale", "coefficient", "comparison", "group_a", "group_b",
                                "difference", "low", "high", "level", "statistic", "df",
                                "p_value", "p_adjusted", "n_obs", "n_groups", "method", "reason"),
    "unidimensionality": ("scale", *COMMON, "alpha", "ecv", "chi2", "df", "cfi", "tli", "rmsea",
                          "srmr", "n_items"),
    "group_means": ("scale", *COMMON, "statistic", "estimate", "low", "high", "n_clusters",
                    "mean_size", "n_items"),
    "retest": ("scale", "statistic", "model", "group", "pooling", "n_targets", *INTERVAL),
    "fit": ("model", *COMMON, *FIT_NAMES, "converged"),
    "factorability": (*COMMON, "kmo", "bartlett_chi2", "bartlett_df", "bartlett_p"),
    "convergent": ("scale", *COMMON, "statistic", "item", "comparator", *INTERVAL, *SYNTHESIS),
    "multitrait": ("scale", *COMMON, "n_items", "own_lowest", "own_highest", "other_lowest",
                   "other_highest", "n_convergent", "n_tests", "definite_success",
                   "probable_success", "probable_error", "definite_error", "scaling_success"),
    "multitrait_items": ("scale", "item", "other", *COMMON, "own", *INTERVAL, "difference",
                         "outcome"),
    "htmt": (*PAIR, *COMMON, "variant", *INTERVAL, *SYNTHESIS),
    "discriminant": (*PAIR, *COMMON, "correlation", "low", "high", "level", "class_", "htmt",
                     "htmt_low", "htmt_high", "htmt2", "htmt2_low", "htmt2_high",
                     "chi2_difference", "df_difference", "p_value", "cutoff", "ave_a", "ave_b",
                     "shared_variance", "fornell_larcker"),
    "distinctness": (*PAIR, *COMMON, "statistic", *INTERVAL, "threshold", "decision"),
    "cross_loadings": ("scale", "item", "other", *COMMON, "loading", "structure", "epc", "mi",
                       "p_value"),
    "formative": ("scale", *COMMON, "statistic", "item", "comparator", *INTERVAL),
    "hypotheses": ("hypothesis", "scale", "comparator", "kind", "direction", "minimum", "maximum",
                   *COMMON, *INTERVAL, "verdict"),
    "known_groups": ("comparison", "scale", "variable", "higher", "lower", "group", "pooling",
                     *INTERVAL, "n_higher", "n_lower", "minimum_d", "verdict", "method", "reason"),
    **TABLES,
    "claims": ("property", "subject", "pooling", "verdict", "estimate", "low", "high",
               "threshold", "criterion", "n_obs", "sites_supported", "sites_not_supported",
               "sites_undecided", "sites_unavailable", "reason"),
    "cosmin": ("property", "subject", "group", "pooling", "rating", "met", "carried_by", "index",
               "estimate", "low", "high", "direction", "threshold", "n_obs", "n_items", "sample",
               "risk_of_bias", "quality", "quality_is", "basis", "by", "date", "source", "reason",
               "note"),
    "papers": ("criterion", "domain", "subject", "group", "pooling", "score", "estimate", "n_obs",
               "basis", "by", "date", "source", "reason", "note"),
    "contrasts": ("contrast", "scale", "group_a", "group_b", "difference", "p_adjusted"),
    "exclusions": ("table", "subject", "statistic", "group", "pooling", "estimate_all",
                   "estimate", "difference"),
    "plan": ("part", "planned", "done", "status", "note"),
    "settings": ("name", "value"),
}  # fmt: skip
# The number of a row, for which there is a reason where it isn't there.
NUMBER = {
    "items": "item_rest", "reliability": "estimate", "fit": "chi2", "factorability": "kmo",
    "convergent": "estimate", "multitrait_items": "estimate", "htmt": "estimate",
    "discriminant": "correlation",
    "hypotheses": "estimate", "known_groups": "estimate", "invariance": "chi2",
    "invariance_parameters": "chi2", "latent_means": "estimate", "congruence": "estimate",
    "alignment": "estimate",
    "cross_loadings": "structure",
}  # fmt: skip
# Their people are those behind a judgement, which may rest on nobody.
RATED = ("claims", "cosmin", "papers")
CLASSES = {"none", "marginal", "moderate", "severe", "unavailable"}


def check_tables(study: Study) -> None:
    """Check columns, types, and that every row has its number or a reason."""
    assert list(study.tables) == list(COLUMNS)
    for name, table in study.tables.items():
        assert set(COLUMNS[name]) <= set(table), name
        assert table.index.equals(pd.RangeIndex(len(table))), name
        if "pooling" in table and name != "claims":
            assert set(table.pooling) <= {"site", "total", "within", "meta", "pair"}, name
            assert (table.group.isna() == (table.pooling != "site")).all(), name
        for column in ("n_obs", "n_rows", "n_higher", "n_lower"):
            if column in table and len(table) and name not in RATED:
                assert pd.api.types.is_integer_dtype(table[column]), (name, column)
        if "reason" in table:
            assert table.reason.map(lambda why: isinstance(why, Reason)).all(), name
        if name in NUMBER:
            there = table[NUMBER[name]].notna() | (table.reason != "")
            assert there.all(), (name, table[~there].to_dict("records"))
            assert pd.api.types.is_float_dtype(table[NUMBER[name]]), name
            assert not np.isinf(table[NUMBER[name]]).any(), name
    assert set(study.tables["discriminant"].class_) <= CLASSES


@pytest.fixture(scope="module")
def bfi_study() -> Study:
    instrument = load_instrument("ipip_bfi25")
    responses = read_responses(FOLDER / "data" / "bfi.csv", instrument, site="education")
    return run_study(instrument, responses, n_boot=100, rng=3)


@pytest.fixture(scope="module")
def hs_responses() -> Responses:
    return read_responses(FOLDER / "data" / "hs.csv", load_instrument("hs1939"), site="school")


@pytest.fixture(scope="module")
def hs_study(hs_responses: Responses) -> Study:
    return run_study(hs_responses.instrument, hs_responses, n_boot=100, rng=3)


class TestRealAnswers:
    def test_tables_are_complete(self, bfi_study, hs_study):
        for study in (bfi_study, hs_study):
            check_tables(study)
            assert not study.simulated

    def test_bfi_is_psychs_and_semtools(self, bfi_study):
        scales = dict(
            zip("ACENO", ["agreeableness", "conscientiousness", "extraversion", "neuroticism",
                          "openness"], strict=True)
        )  # fmt: skip
        table = bfi_study.tables["reliability"]
        for letter, scale in scales.items():
            record = load("reliability")["bfi"]["psych"]["total"][letter]["pairwise"]["total"]
            row = only(table, scale=scale, coefficient="alpha", pooling="total")
            assert row.estimate == pytest.approx(record["raw_alpha"], rel=1e-11)
            omegas = load("all_answers")["scales"]
            row = only(table, scale=scale, coefficient="omega_total", pooling="total")
            assert row.estimate == pytest.approx(omegas["total"][letter]["omega"], abs=2e-6)
        fit = only(bfi_study.tables["fit"], pooling="total")
        record = load("engine_bfi")["one_group"]["FIML"]["fit"]
        assert fit.chi2 == pytest.approx(record["chisq"], rel=1e-8)
        assert fit.cfi_robust == pytest.approx(record["cfi.robust"], abs=1e-6)
        assert fit.rmsea_robust == pytest.approx(record["rmsea.robust"], abs=1e-6)
        assert fit.n_obs == 2800

    def test_complete_rows_if_asked(self, bfi_study):
        instrument = bfi_study.instrument
        responses = read_responses(FOLDER / "data" / "bfi.csv", instrument, site="education")
        made = run_study(instrument, responses, n_boot=0, missing="listwise").tables
        fit = only(made["fit"], pooling="total")
        record = load("bfi")["bfi_five_factor"]["fit"]
        assert fit.chi2 == pytest.approx(record["chisq"], rel=1e-8)
        assert fit.n_obs == 2436
        omega = load("reliability")["bfi"]["one_factor"]["total"]["A"]["omega_implied"]["A"]
        own = {"scale": "agreeableness", "pooling": "total"}
        row = only(made["reliability"], coefficient="omega_total", **own)
        assert row.estimate == pytest.approx(omega, abs=1e-6)
        row = only(made["reliability"], coefficient="alpha", **own)
        assert "complete rows" in row.method
        settings = made["settings"].set_index("name").value
        assert settings["missing_models"] == settings["missing_alpha_and_items"] == "listwise"

    def test_hs_is_lavaans(self, hs_study):
        fit = only(hs_study.tables["fit"], pooling="total")
        assert fit[["chi2", "cfi", "rmsea", "srmr", "log_likelihood"]].astype(float).round(
            3
        ).tolist() == [85.306, 0.931, 0.092, 0.065, -3737.745]
        by_school = hs_study.tables["fit"].set_index("group").chi2
        for site, school in (("pasteur", "Pasteur"), ("grant_white", "Grant-White")):
            expected = load("hs")["hs_by_school"][school]["fit"]["chisq"]
            assert by_school[site] == pytest.approx(expected, rel=1e-8)

    def test_fit_within_counts_a_person_a_site_less(self, hs_study):
        record = load("hs")["hs_within_school"]["unbiased_cov"]["fit"]
        row = only(hs_study.tables["fit"], pooling="within")
        # The record multiplies by N - G, ours by N - G + 1: see docs/analyses.md.
        assert row.chi2 == pytest.approx(record["chisq"] * 300 / 299, rel=1e-8)
        assert row.n_obs == 301

    def test_sites_stand_in_the_definitions_order(self, bfi_study):
        declared = list(bfi_study.instrument.sites)
        for name in ("items", "reliability", "fit", "convergent", "htmt", "discriminant"):
            shown = bfi_study.tables[name].group.dropna().unique().tolist()
            assert shown == declared, name

    def test_rows_without_a_site_are_in_the_total_alone(self, bfi_study):
        sample = bfi_study.tables["sample"].set_index("pooling")
        assert sample.loc["total", "n_rows"] == 2800
        assert sample.loc["site", "n_rows"].sum() == 2800 - 223
        assert 223 in bfi_study.tables["findings"]["count"].tolist()

    def test_same_numbers_as_the_single_calls(self, hs_study, hs_responses):
        frame, scales = hs_responses.frame, hs_responses.instrument.keyed_items
        tables = hs_study.tables
        ranges = {item: hs_responses.instrument.response_range(item)
                  for item in hs_responses.instrument.items}  # fmt: skip
        order = ["pasteur", "grant_white"]

        def in_order(table: pd.DataFrame) -> pd.DataFrame:
            # A single call sorts sites by name, the study takes the definition's order.
            rank = {name: i for i, name in enumerate(order)}
            keys = [c for c in table if c.startswith("scale") or c in (
                "coefficient", "statistic", "item", "variant", "comparator")]  # fmt: skip
            key = table[keys].fillna("").astype(str).agg("|".join, axis=1)
            place = table.pooling.map({"total": 0, "within": 1, "site": 2, "meta": 5})
            place = place + table.group.map(rank).fillna(0)
            return table.assign(k=key, p=place).sort_values(["k", "p"]).drop(columns=["k", "p"])

        for mine, single in (
            (tables["items"], item_analysis(frame, scales, group="site", response_range=ranges)),
            (tables["reliability"], reliability(frame, scales, group="site")),
            (tables["discriminant"],
             discriminant_validity(frame, scales, group="site", n_boot=100, rng=3)),
            (tables["htmt"][tables["htmt"].variant == "htmt2"],
             htmt(frame, scales, group="site", variant="htmt2", n_boot=100, rng=3)),
            (tables["convergent"][tables["convergent"].comparator.isna()],
             convergent_validity(frame, scales, group="site")),
        ):  # fmt: skip
            same_numbers(in_order(mine), in_order(single), rtol=1e-8)
        alone = {
            (row.scale, row.item, row.other): (row.epc, row.mi)
            for row in cross_loadings(frame, scales, group="site").itertuples()
            if row.pooling == "within"
        }
        pooled = tables["cross_loadings"].query("pooling == 'within'")
        for row in pooled.itertuples():
            expected = alone[row.scale, row.item, row.other]
            assert (row.epc, row.mi) == pytest.approx(expected, rel=1e-8)
        single = distinctness(tables["discriminant"], ratios=tables["htmt"])
        same_numbers(tables["distinctness"], single)
        assert tables["distinctness"].method.ne("").all()
        single = reliability_differences(
            frame, scales, "site", coefficients=("alpha", "omega_total")
        )
        mine = tables["reliability_differences"]
        # A single call sorts sites by name: its differences are the other way round.
        assert mine.difference.tolist() == pytest.approx((-single.difference).tolist(), nan_ok=True)
        assert mine.n_obs.tolist() == single.n_obs.tolist()
        for column in ("p_value", "p_adjusted"):
            # Feldt's degrees of freedom fit a ratio of variances, and its inverse not exactly.
            told = pytest.approx(single[column].tolist(), rel=1e-3, nan_ok=True)
            assert mine[column].tolist() == told, column
        whole = cfa(scales, frame).fit_indices
        row = only(tables["fit"], pooling="total")
        for name in FIT_NAMES:
            # The study fixes the factors' variances, cfa() a loading.
            assert row[name] == pytest.approx(whole[name], rel=1e-6 if name == "srmr" else 1e-9)

    def test_settings_say_what_it_takes_to_repeat(self, hs_study, hs_responses):
        settings = hs_study.tables["settings"].set_index("name").value
        assert settings["seed"] == "3"
        assert settings["n_boot"] == "100"
        assert settings["n_rows"] == "301"
        assert settings["instrument"].startswith("hs1939 ")
        assert settings["weights"] == "False"
        assert len(settings["data_hash"]) == 64
        again = run_study(hs_responses.instrument, hs_responses, n_boot=0)
        other = again.tables["settings"].set_index("name").value
        assert other["data_hash"] == settings["data_hash"]
        changed = hs_responses.frame.copy()
        changed.loc[0, "x1"] += 1
        moved = dataclasses.replace(hs_responses, frame=changed)
        other = run_study(moved.instrument, moved, n_boot=0).tables["settings"]
        assert other.set_index("name").value["data_hash"] != settings["data_hash"]


def small(n: int, **changes: Any) -> tuple[Instrument, Responses]:
    responses = simulate_responses("peer_support_implementation", n, rng=1)
    return responses.instrument, dataclasses.replace(responses, **changes)


class TestRuns:
    def test_same_seed_same_tables(self):
        instrument, responses = small(12)
        one, other = (run_study(instrument, responses, n_boot=40, rng=9) for _ in range(2))
        for name in COLUMNS:
            same_numbers(one.tables[name], other.tables[name])
        third = run_study(instrument, responses, n_boot=40, rng=10)
        assert not third.tables["htmt"].low.equals(one.tables["htmt"].low)
        # Another seed draws other samples; what is not resampled stays.
        alphas = (one.tables["reliability"].coefficient == "alpha").to_numpy()
        same_numbers(third.tables["reliability"][alphas], one.tables["reliability"][alphas])

    def test_services_have_their_means_judged(self):
        instrument = load_instrument("peer_support_implementation")
        made = simulate_responses(
            instrument, {"ulm": 40, "hamburg": 47}, rng=1, clusters=Clusters(size=6, icc=0.2)
        )
        table = run_study(instrument, made, n_boot=0).tables["group_means"]
        assert set(table.statistic) == {"icc1", "icc2", "r_wg"}
        assert set(table.scale) == set(instrument.scales)
        ranges = {item: (1, 5) for item in instrument.items}
        alone = group_mean_reliability(
            made.frame, instrument.keyed_items, "cluster", group="site", response_range=ranges
        )
        shown = table[table.group == "ulm"]
        same_numbers(shown[["estimate", "low", "high"]], alone[alone.group == "ulm"][
            ["estimate", "low", "high"]
        ])  # fmt: skip
        nobody = run_study(*small(12), n_boot=0).tables["group_means"]
        assert nobody.empty

    def test_a_generator_is_drawn_from_once(self):
        instrument, responses = small(8)
        study = run_study(instrument, responses, n_boot=10, rng=np.random.default_rng(4))
        again = run_study(instrument, responses, n_boot=10, rng=study.seed)
        same_numbers(study.tables["htmt"], again.tables["htmt"])

    def test_presets(self):
        instrument, responses = small(4)
        assert run_study(instrument, responses, preset="quick").n_boot == 200
        assert run_study(instrument, responses, preset="full").n_boot == 10_000
        assert run_study(instrument, responses, preset="standard", n_boot=5).n_boot == 5

    def test_progress_is_told(self):
        told: list[tuple[str, int, int]] = []
        instrument, responses = small(4)
        run_study(instrument, responses, n_boot=0, progress=lambda *step: told.append(step))
        assert [stage for stage, _, _ in told] == [*COLUMNS, "done"]
        assert [done for _, done, _ in told] == list(range(len(COLUMNS) + 1))
        assert {total for _, _, total in told} == {len(COLUMNS)}

    def test_plan(self):
        instrument, responses = small(40)
        plan = Plan(
            coefficients=("alpha",), alpha_interval="bonett", missing="listwise",
            correlation_cutoff=0.8,
        )  # fmt: skip
        tables = run_study(instrument, responses, n_boot=0, plan=plan).tables
        assert set(tables["reliability"].coefficient) == {"alpha"}
        own = tables["reliability"][tables["reliability"].pooling != "meta"]
        # Small sites are told to be careful.
        told = {method.split(";")[0] for method in own.method}
        assert told == {"Bonett interval, complete rows"}
        assert set(tables["items"].method) == {"complete rows"}
        assert set(tables["discriminant"].cutoff) == {0.8}

    def test_a_plan_that_names_nothing_known(self):
        instrument, responses = small(8)
        with pytest.raises(DataError, match=r"interval='exact' is not known here"):
            run_study(instrument, responses, plan=Plan(alpha_interval="exact"))
        with pytest.raises(DataError, match=r"coefficients='glb' is not known here"):
            run_study(instrument, responses, plan=Plan(coefficients=("glb",)))

    def test_level(self):
        instrument, responses = small(40)
        tables = run_study(instrument, responses, n_boot=40, level=0.8).tables
        for name in ("reliability", "convergent", "htmt", "discriminant"):
            assert set(tables[name].level) == {0.8}, name

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"preset": "slow"}, "preset='slow' is not known here; choose one of 'quick'"),
            ({"level": 95}, r"level=95 is no coverage; give a number between 0 and 1"),
            ({"n_boot": -1}, "n_boot=-1 is no number of samples"),
            ({"n_boot": 1e3}, r"n_boot=1000\.0 is no number of samples"),
            ({"rng": -1}, "rng must be a whole number"),
        ],
    )
    def test_what_cant_be_meant(self, options, message):
        instrument, responses = small(4)
        with pytest.raises(DataError, match=message):
            run_study(instrument, responses, **options)

    def test_one_thread_where_it_can_be_had(self, monkeypatch):
        threadpoolctl = pytest.importorskip("threadpoolctl")

        def threads() -> set[int]:
            return {lib["num_threads"] for lib in threadpoolctl.threadpool_info()
                    if lib["user_api"] == "blas"}  # fmt: skip

        before = threads()
        with one_blas_thread():
            assert threads() == {1}
        assert threads() == before
        monkeypatch.setattr(
            "psychometrics.validity.threads.import_module",
            lambda name: (_ for _ in ()).throw(ModuleNotFoundError(name)),
        )
        blas_controller.cache_clear()
        with one_blas_thread():
            assert threads() == before
        blas_controller.cache_clear()


class TestHostileAnswers:
    @pytest.mark.parametrize("n", [1, 2, 3, 4])
    def test_every_site_under_five_people(self, n):
        instrument, responses = small(n)
        study = run_study(instrument, responses, n_boot=30)
        check_tables(study)
        sites = study.tables["reliability"].pooling == "site"
        assert set(study.tables["reliability"][sites].n_obs) <= set(range(n + 1))
        assert study.simulated

    def test_everything_wrong_at_once(self):
        instrument, responses = small(6)
        frame, items = responses.frame.copy(), list(instrument.items)
        frame[items[5]] = 3.0  # all the same
        frame[items[6]] = frame[items[7]]  # one question twice
        frame.loc[frame.site == "ulm", items] = np.nan  # a site that answered nothing
        frame.loc[frame.site == "kampala", items] = 5.0  # a site that agrees with everything
        frame["site"] = frame["site"].where(frame.site != "pune")  # people of no site
        frame[items[0]] = np.nan  # nobody answered
        study = run_study(instrument, dataclasses.replace(responses, frame=frame), n_boot=30)
        check_tables(study)
        findings = {f.code for f in study.findings}
        assert "scale_without_some_items" in findings
        higher = study.tables["fit"].query("model == 'higher_order'")
        assert not higher.converged.any()

    def test_nobody_answered(self):
        instrument, responses = small(2)
        nobody = dataclasses.replace(
            responses, frame=responses.frame.head(0), answer_status=responses.answer_status.head(0)
        )
        study = run_study(instrument, nobody, n_boot=30)
        check_tables(study)
        assert set(study.tables["claims"].verdict) == {"unavailable"}

    def test_one_site_alone(self):
        instrument, responses = small(30)
        frame = responses.frame[responses.frame.site == "ulm"].reset_index(drop=True)
        status = responses.answer_status[responses.frame.site == "ulm"].reset_index(drop=True)
        one = dataclasses.replace(responses, frame=frame, answer_status=status)
        check_tables(run_study(instrument, one, n_boot=30))

    def test_no_site_column(self):
        instrument, responses = small(30)
        frame = responses.frame.assign(site=None)
        study = run_study(instrument, dataclasses.replace(responses, frame=frame), n_boot=30)
        check_tables(study)
        for name in ("items", "reliability", "convergent", "htmt", "discriminant", "fit"):
            assert set(study.tables[name].pooling) == {"total"}, name

    def test_weights(self):
        instrument, responses = small(30)
        frame = responses.frame.copy()
        frame["weight"] = 1.0 + np.arange(len(frame)) % 3
        weighted = run_study(instrument, dataclasses.replace(responses, frame=frame), n_boot=30)
        check_tables(weighted)
        plain = run_study(instrument, responses, n_boot=30)
        assert not weighted.tables["reliability"].estimate.equals(
            plain.tables["reliability"].estimate
        )
        settings = weighted.tables["settings"].set_index("name").value
        assert settings["weights"] == "True"
        frame["weight"] = np.nan
        empty = run_study(instrument, dataclasses.replace(responses, frame=frame), n_boot=30)
        same_numbers(empty.tables["reliability"], plain.tables["reliability"])
        assert empty.tables["settings"].set_index("name").value["weights"] == "False"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (lambda answers: answers.frame, r"responses is a DataFrame; read it first"),
        (lambda answers: "answers.csv", r"responses is a str; read it first"),
        (lambda answers: None, r"responses is a NoneType"),
        (lambda answers: answers, r"answers to hs1939, and ipip_bfi25 asks for A1, .* too"),
    ],
    ids=["a frame", "a path", "nothing", "another instrument"],
)
def test_what_are_no_answers_to_the_instrument_is_refused(given, told, hs_responses):
    with pytest.raises(DataError, match=told):
        run_study(load_instrument("ipip_bfi25"), given(hs_responses))
