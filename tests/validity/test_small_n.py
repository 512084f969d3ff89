"""The small-n policy: off by default, and where a rule is set its name is in the row."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from psychometrics import reliability, simulate_responses, validate
from psychometrics.errors import DocumentError
from psychometrics.stats.reliability import cronbach_alpha
from psychometrics.validity.claims import claims
from psychometrics.validity.small_n import SmallN, in_force, put_in_force, small_n
from tests.validity.small import only, same_numbers

TEXT = files("psychometrics.validity").joinpath("small_n.yaml").read_text(encoding="utf-8")
HOME = "hs1939"
SIZES = {"pasteur": 30, "grant_white": 200}


def policy(**fewest: int) -> SmallN:
    """The shipped policy with other numbers of people."""
    content = small_n().model_dump()
    for rule in content["rules"]:
        rule["fewest"] = fewest.pop(rule["key"], rule["fewest"])
    assert not fewest
    return SmallN.model_validate(content)


@pytest.fixture(scope="module")
def answers() -> Any:
    return simulate_responses(HOME, SIZES, rng=4, missing=0.0)


@pytest.fixture
def strict() -> Iterator[SmallN]:
    made = policy(
        alpha_needs_people=50, site_model_needs_people=100, htmt_needs_people=50,
        htmt_verdict_needs_people=1000, structure_verdict_needs_people=1000, small_site=40,
    )  # fmt: skip
    with put_in_force(made):
        yield made


def test_as_it_comes_no_rule_refuses_more_than_arithmetic_does() -> None:
    for rule in small_n().rules:
        if rule.effect in ("no_verdict", "bootstrap"):
            assert rule.fewest == 0
    assert small_n().broken("factor_model", "refuse", "site", 21, n_parameters=21) is None
    assert small_n().refusal("alpha", "site", 3) == ""


def test_only_one_policy_is_in_force_at_a_time() -> None:
    mine = policy(alpha_needs_people=9)
    with put_in_force(mine):
        assert in_force() is mine
    assert in_force() is small_n()


def test_rows_name_the_rule(answers: Any, strict: SmallN) -> None:
    tables = validate(HOME, answers, n_boot=0, small_n=strict).tables
    alpha = only(tables["reliability"], scale="visual", coefficient="alpha", group="pasteur")
    assert np.isnan(alpha.estimate)
    assert alpha.reason == (
        "The small-n rule alpha_needs_people asks for 50 people or more here; there are 30."
    )
    assert alpha.reason.params["n_obs"] == 30  # by which small groups are protected
    fit = only(tables["fit"], group="pasteur")
    assert fit.reason.params["rule"] == "site_model_needs_people"
    pair = only(
        tables["htmt"], scale_a="visual", scale_b="textual", variant="htmt", group="pasteur"
    )
    assert pair.reason.code == "below_small_n"
    for name in ("reliability", "fit", "htmt"):
        assert only(tables[name].head(1), pooling="total").reason == ""


def test_no_claim_rests_on_few_people(answers: Any, strict: SmallN) -> None:
    report = validate(HOME, answers, n_boot=50, small_n=strict)
    table = report.tables["claims"]
    ratio = table[table["criterion"] == "htmt_085"]
    assert set(ratio["verdict"]) == {"unavailable"}
    assert {why.code for why in ratio["reason"]} == {"no_verdict_small_n"}
    assert report.tables["htmt"].query("pooling == 'within'")["estimate"].notna().all()
    structure = only(table, property="structure")
    assert structure.verdict != "unavailable"  # the rule is for sites
    assert structure.sites_unavailable == 2
    with put_in_force(small_n()):
        assert only(claims(report.tables, report.study.instrument),
                    property="structure").sites_unavailable == 1  # fmt: skip
    assert "Fewer than 40 people answered at" in report.to_html()
    settings = report.tables["settings"].set_index("name")["value"]
    assert settings["small_n"] == f"small-n policy 1, {strict.hash}"


def test_a_raised_bar_changes_no_other_number(answers: Any, strict: SmallN) -> None:
    with put_in_force(small_n()):
        usual = validate(HOME, answers, n_boot=0).tables["reliability"]
    raised = validate(HOME, answers, n_boot=0, small_n=strict).tables["reliability"]
    kept = raised["estimate"].notna() & (raised["pooling"] != "meta")
    same_numbers(raised[kept].drop(columns="reason"), usual[kept].drop(columns="reason"), rtol=0)


def test_intervals_of_the_bootstrap(answers: Any) -> None:
    scales = {key: list(one) for key, one in answers.instrument.keyed_items.items()}
    usual = reliability(answers.frame, scales, group="site", coefficients=["alpha"])
    with put_in_force(policy(alpha_by_bootstrap=100)):
        first = reliability(answers.frame, scales, group="site", coefficients=["alpha"])
        second = reliability(answers.frame, scales, group="site", coefficients=["alpha"])
    assert first["low"].equals(second["low"])
    few = first["n_obs"] < 100
    assert set(first.loc[few, "group"]) == {"pasteur"}
    assert (first["estimate"].dropna() == usual["estimate"].dropna()).sum() >= 6
    same_numbers(
        first[~few & (first["pooling"] != "meta")],
        usual[~few & (usual["pooling"] != "meta")],
        rtol=0,
    )
    row = first[few].iloc[0]
    assert row["method"] == (
        "percentile bootstrap of complete rows, 1000 (small-n rule alpha_by_bootstrap); "
        "too narrow for skewed answers of so few people"
    )
    # The same by resampling rows one by one; 2,000 samples leave an error of about 0.01.
    x = answers.frame.loc[answers.frame["site"] == "pasteur", scales["visual"]].to_numpy()
    rng = np.random.default_rng(5)
    drawn = x[rng.integers(0, len(x), size=(2000, len(x)))]
    alphas = [float(cronbach_alpha(np.cov(each, rowvar=False))) for each in drawn]
    low, high = np.quantile(alphas, [0.025, 0.975])
    assert row["low"] == pytest.approx(low, abs=0.04)
    assert row["high"] == pytest.approx(high, abs=0.02)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("effect: caution", "effect: refuse", "the effect refuse is for alpha, congruence"),
        ("    statistic: site\n    effect: caution\n    unit: site\n    fewest: 50",
         "    statistic: htmt\n    effect: refuse\n    per_parameter: 2.0\n    fewest: 50",
         "only factor models have parameters"),
        ("key: small_site", "key: htmt_needs_people", "the key htmt_needs_people comes twice"),
        ("fewest: 50", "fewest: fifty", "`fewest` must be a whole number"),
        ("unit: pooled", "unit: all", "`unit` is 'all'; it must be one of any, site, pooled"),
    ],
)  # fmt: skip
def test_faulty_policies_are_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in TEXT
    path = tmp_path / "policy.yaml"
    path.write_text(TEXT.replace(old, new), encoding="utf-8")
    with pytest.raises(DocumentError, match=message):
        small_n(path)
