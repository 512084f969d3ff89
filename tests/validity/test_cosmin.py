"""COSMIN ratings: what the numbers say, what the rules make of it, what people say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from psychometrics import Instrument, Responses, cosmin, load_instrument, papers, simulate_responses
from psychometrics.report import ValidityReport, validate
from psychometrics.validity.cosmin_versions import by_version
from psychometrics.validity.formative_evidence import inflation
from psychometrics.validity.papers import cohens_d
from psychometrics.validity.rating_rules import cosmin_rules
from psychometrics.validity.study import Study, run_study
from tests.validity.small import only

HOME = "peer_support_implementation"
SIGNED = "    by: rater_1\n    date: 2026-11-02\n    reason: Eight interviews.\n"


@pytest.fixture(scope="module")
def study() -> Study:
    sizes = {"ulm": 110, "hamburg": 110, "kampala": 400}
    answers = simulate_responses(HOME, sizes, rng=2, missing=0.0, structural=0.0)
    return run_study(answers.instrument, answers, n_boot=0)


def of(table: pd.DataFrame, **values: Any) -> pd.Series:
    return only(table, **values)


def test_the_numbers_are_those_of_the_tables(study: Study) -> None:
    table = cosmin(study)
    for scale in study.instrument.scales:
        alpha = of(study.tables["reliability"], scale=scale, coefficient="alpha", pooling="within")
        row = of(table, property="internal_consistency", subject=scale, pooling="within")
        assert (row.estimate, row.low, row.high, row.n_obs) == (
            alpha.estimate, alpha.low, alpha.high, alpha.n_obs
        )  # fmt: skip
        assert row.rating == ("+" if alpha.estimate >= 0.7 else "-")
    fit = of(study.tables["fit"], model="correlated_factors", pooling="within")
    row = of(table, property="structural_validity", subject="correlated_factors", pooling="within")
    assert row.n_items == 24
    assert row.carried_by == "cfi, tli, rmsea, srmr"
    assert f"CFI {fit.cfi:.3f} (above 0.95)" in row.note


def test_consistency_needs_low_evidence_of_structure(study: Study) -> None:
    table = cosmin(study)
    at_site = {"subject": "training", "pooling": "site"}
    ulm = of(table, property="internal_consistency", group="ulm", **at_site)
    assert (ulm.rating, ulm.met, ulm.quality) == ("?", True, "")
    assert ulm.reason.code == "requires_structure"
    structure = of(table, property="structural_validity", subject="correlated_factors", group="ulm")
    assert (structure["sample"], structure.quality) == ("inadequate", "very_low")
    kampala = of(table, property="internal_consistency", group="kampala", **at_site)
    assert (kampala.rating, kampala.quality, kampala.quality_is) == ("+", "high", "upper_limit")


def test_versions_are_the_sites_of_a_language(study: Study) -> None:
    table = cosmin(study).query("pooling == 'version'")
    assert list(dict.fromkeys(table["group"])) == ["de_DE", "lg_UG", "*"]
    uganda = of(table, property="internal_consistency", subject="training", group="lg_UG")
    assert uganda.rating == "+"
    together = of(table, property="internal_consistency", subject="training", group="*")
    alphas = study.tables["reliability"].query(
        "scale == 'training' and coefficient == 'alpha' and pooling == 'site'"
    )
    assert together.n_obs == alphas["n_obs"].sum()


def made_up(*ratings: tuple[str, str, bool | None, str, float]) -> pd.DataFrame:
    """Rows of sites: property, site, met, risk of bias, n."""
    shape = dict.fromkeys(
        ("carried_by", "index", "direction", "sample", "quality", "by", "date"), ""
    )
    rows = [
        {**shape, "property": name, "subject": "correlated_factors", "group": site,
         "pooling": "site", "rating": {None: "?", True: "+", False: "-"}[met], "met": met,
         "n_obs": n, "risk_of_bias": bias, "quality_is": "upper_limit", "basis": "data",
         "reason": "", "note": ""}
        for name, site, met, bias, n in ratings
    ]  # fmt: skip
    return pd.DataFrame(rows).assign(met=pd.Series([row["met"] for row in rows], dtype=object))


@pytest.mark.parametrize(
    ("first", "second", "rating", "quality"),
    [
        ((True, "inadequate"), (True, "inadequate"), "+", "low"),
        ((True, "inadequate"), (None, ""), "+", "very_low"),
        ((True, "very_good"), (False, "inadequate"), "±", "moderate"),
        ((False, "adequate"), (False, "adequate"), "-", "high"),
        ((None, ""), (None, ""), "?", ""),
    ],
)
def test_sites_together(first: Any, second: Any, rating: str, quality: str) -> None:
    name = "structural_validity"
    frame = made_up((name, "ulm", *first, 90.0), (name, "hamburg", *second, 90.0))
    made = by_version(frame, load_instrument(HOME), cosmin_rules())
    row = of(made, group="de_DE")
    assert (row.rating, row.quality) == (rating, quality)


def test_people_rate_what_numbers_can_not(study: Study, tmp_path: Path) -> None:
    path = tmp_path / "judgements.yaml"
    path.write_text(
        f'cosmin:\n  - property: content_validity\n    rating: "+"\n{SIGNED}'
        f"  - property: internal_consistency\n    risk_of_bias: doubtful\n{SIGNED}"
        f'  - property: structural_validity\n    rating: "+"\n    risk_of_bias: adequate\n'
        f"    site: ulm\n{SIGNED}"
        f"numbers:\n  - property: reliability\n    index: icc\n    estimate: 0.66\n    low: 0.5\n"
        f"    high: 0.8\n    n_obs: 42\n    scale: training\n{SIGNED}"
        f"papers:\n  - criterion: cost\n    score: 4\n{SIGNED}",
        encoding="utf-8",
    )
    table = cosmin(study, judgements=path)
    content = of(table, property="content_validity")
    assert (content.rating, content.basis, content.by) == ("+", "people", "rater_1")
    assert content.note == "Eight interviews."
    icc = of(table, property="reliability")
    assert (icc.rating, icc.estimate, icc.quality, icc.basis) == ("-", 0.66, "low", "entered")
    alpha = of(table, property="internal_consistency", subject="training", pooling="within")
    assert (alpha.risk_of_bias, alpha.quality, alpha.quality_is) == ("doubtful", "low", "judged")
    # Somebody says that the structure is known at Ulm, so alpha counts there.
    ulm = of(table, property="internal_consistency", subject="training", group="ulm")
    assert ulm.rating == "+"
    assert of(papers(study, judgements=path), criterion="cost").score == 4
    report = validate(study.instrument, simulate_responses(HOME, 12, rng=1), n_boot=0,
                      judgements=path)  # fmt: skip
    assert of(report.tables["cosmin"], property="content_validity").rating == "+"
    assert "rater_1, 2026-11-02" in report.to_html()


def changed(**measurement: str) -> Instrument:
    definition = load_instrument(HOME).model_dump(by_alias=True)
    for scale, kind in measurement.items():
        definition["scales"][scale]["measurement"] = kind
    definition["comparators"]["readiness"]["global_rating_of"] = ["resourcing"]
    return Instrument.model_validate(definition)


def test_a_formative_scale_has_evidence_of_its_own() -> None:
    instrument = changed(resourcing="formative")
    made = simulate_responses(HOME, 60, rng=3)
    answers = Responses(instrument, made.frame, made.answer_status, (), "made", True)
    study = run_study(instrument, answers, n_boot=0, missing="listwise")
    table = cosmin(study)
    mine = table[(table["subject"] == "resourcing") & (table["rating"] == "not_applicable")]
    assert list(mine["property"]) == [
        "structural_validity", "internal_consistency", "measurement_invariance"
    ]  # fmt: skip
    assert {why.code for why in mine["reason"]} == {"not_for_formative"}
    items = list(instrument.scales["resourcing"].items)
    complete = made.frame[items].dropna()
    for item in items:
        others = complete[[one for one in items if one != item]].assign(one=1.0)
        fitted = others @ np.linalg.lstsq(others, complete[item], rcond=None)[0]
        explained = fitted.var() / complete[item].var()
        row = of(study.tables["formative"], statistic="vif", item=item, pooling="total")
        assert row.estimate == pytest.approx(1 / (1 - explained), rel=1e-9)
        assert row.n_obs == len(complete)
    largest = study.tables["formative"].query("statistic == 'vif' and pooling == 'total'")
    row = of(table, property="indicator_collinearity", pooling="total")
    assert row.estimate == largest["estimate"].max()
    row = of(table, property="redundancy", pooling="within")
    correlation = of(study.tables["convergent"], scale="resourcing", comparator="readiness",
                     statistic="correlation", pooling="within")  # fmt: skip
    assert (row.estimate, row.low) == (correlation.estimate, correlation.low)
    assert row.rating == ("+" if row.estimate >= 0.7 else "-")
    page = ValidityReport(study).to_html()
    assert "Collinearity of the indicators" in page
    assert "not applicable" in page


def test_collinear_indicators_have_a_reason_and_no_factor() -> None:
    instrument = changed(resourcing="formative")
    made = simulate_responses(HOME, 60, rng=3)
    frame = made.frame.assign(resourcing_2=made.frame["resourcing_1"])
    answers = Responses(instrument, frame, made.answer_status, (), "made", True)
    study = run_study(instrument, answers, n_boot=0)
    vif = study.tables["formative"].query("statistic == 'vif' and pooling == 'total'")
    assert {why.code for why in vif["reason"]} == {"covariance_singular"}
    row = of(cosmin(study), property="indicator_collinearity", pooling="total")
    assert (row.rating, row.reason.code) == ("?", "covariance_singular")
    assert inflation(np.eye(3)).tolist() == [1.0, 1.0, 1.0]


def test_undecided_hypotheses_count_for_neither_side(study: Study) -> None:
    tables = dict(study.tables)
    rows = [
        {"scale": "training", "pooling": "total", "group": None, "verdict": verdict, "n_obs": 50}
        for verdict in ("confirmed", "undecided", "undecided", "refuted")
    ]
    columns = study.tables["hypotheses"].columns
    tables["hypotheses"] = pd.DataFrame(rows).reindex(columns=columns)
    tables["known_groups"] = study.tables["known_groups"].iloc[:0]
    open_ = cosmin(Study(**{**vars(study), "tables": tables}))
    row = of(open_, property="hypotheses_testing", subject="training")
    assert (row.rating, row.estimate, row.high) == ("?", 0.25, 0.75)
    tables["hypotheses"].loc[1, "verdict"] = "refuted"
    row = of(cosmin(Study(**{**vars(study), "tables": tables})), property="hypotheses_testing")
    assert row.rating == "-"


def test_a_measure_without_sites_has_no_versions() -> None:
    made = simulate_responses("hs1939", 60, rng=1)
    frame = made.frame.assign(site=None)
    answers = Responses(made.instrument, frame, made.answer_status, (), "made", True)
    report = validate(made.instrument, answers, n_boot=0)
    assert set(cosmin(report)["pooling"]) == {"total"}
    assert "COSMIN ratings, all together" in report.to_html()


def test_papers_scores(study: Study) -> None:
    table = papers(study)
    alphas = study.tables["reliability"].query("coefficient == 'alpha' and pooling == 'within'")
    row = of(table, criterion="internal_consistency", subject="", pooling="within")
    assert row.estimate == alphas["estimate"].min()
    assert row.score == (2 if row.estimate < 0.8 else 3)
    assert of(table, criterion="norms").reason.code == "not_scored"
    assert of(table, criterion="brevity").score == 3
    assert cohens_d(-0.3) == pytest.approx(-0.628971, abs=1e-6)
    assert cohens_d(1.0) == np.inf


def test_another_threshold_in_a_file(study: Study, tmp_path: Path) -> None:
    text = (Path(cosmin.__code__.co_filename).parent / "cosmin.yaml").read_text(encoding="utf-8")
    path = tmp_path / "strict.yaml"
    path.write_text(text.replace("index: alpha, direction: at_least, threshold: 0.70",
                                 "index: alpha, direction: at_least, threshold: 0.99"))  # fmt: skip
    table = cosmin(study, criteria=path).query("property == 'internal_consistency'")
    assert set(table.query("pooling == 'within'")["rating"]) == {"-"}
