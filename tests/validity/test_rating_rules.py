"""The rules of ratings: shipped ones hold together, faulty ones are refused."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from psychometrics.errors import DocumentError
from psychometrics.validity.criteria import CRITERIA, rate_structure_sample
from psychometrics.validity.evidence_quality import best, lowered, supports, worst
from psychometrics.validity.rating_rules import cosmin_rules, papers_rules

SHIPPED = files("psychometrics.validity").joinpath("cosmin.yaml").read_text(encoding="utf-8")


def changed(folder: Path, old: str, new: str) -> Path:
    assert old in SHIPPED
    path = folder / "mine.yaml"
    path.write_text(SHIPPED.replace(old, new), encoding="utf-8")
    return path


def test_thresholds_are_those_that_claims_are_held_against() -> None:
    known = {one.statistic: one for one in CRITERIA.values() if "Prinsen" in one.source}
    for one in cosmin_rules().properties:
        for threshold in one.thresholds:
            if threshold.index in known:
                held = known[threshold.index]
                assert (threshold.threshold, threshold.direction) == (
                    held.threshold,
                    held.direction,
                )


@pytest.mark.parametrize("n_obs", [0, 47, 100, 119, 120, 143, 144, 168, 1400])
def test_the_ladder_of_structure_is_that_of_the_claims(n_obs: int) -> None:
    structure = next(one for one in cosmin_rules().properties if one.key == "structural_validity")
    for n_items in (4, 10, 24):
        assert structure.grade_of(n_obs, n_items) == rate_structure_sample(n_obs, n_items)
    assert structure.grade_of(float("nan"), 4) is None


def test_a_copy_with_another_threshold_is_used(tmp_path: Path) -> None:
    path = changed(tmp_path, "index: alpha, direction: at_least, threshold: 0.70",
                   "index: alpha, direction: at_least, threshold: 0.80")  # fmt: skip
    consistency = cosmin_rules(path).properties[2]
    assert consistency.thresholds[0].threshold == 0.8
    assert cosmin_rules(cosmin_rules(path)) == cosmin_rules(path)
    with pytest.raises(TypeError, match="CosminRules is not PapersRules"):
        papers_rules(cosmin_rules())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("threshold: 0.95}", "threshold: high}", "`threshold` must be a number"),
        ("met_by: any", "met_by: some", "`met_by` is 'some'; it must be one of any, all"),
        ("    source: terwee_2018", "    source: terwee", "the source terwee is not under"),
        ("requires: structural_validity", "requires: responsiveness", "must stand before it"),
        ("key: criterion_validity", "key: reliability", "the key reliability comes twice"),
        (", doubtful: 1, inadequate: 2}", "}", "no levels are given for doubtful, inadequate"),
        ("grade:\n", "grades:\n", "has no field `grades`"),
    ],
)
def test_faulty_rules_are_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(DocumentError, match=message):
        cosmin_rules(changed(tmp_path, old, new))


def test_steps_need_their_statistic(tmp_path: Path) -> None:
    path = tmp_path / "papers.yaml"
    path.write_text(
        "edition: e\nsources: {s: r}\ncriteria:\n"
        "  - {key: cost, title: t, domain: pragmatic, source: s, statistic: alpha}\n"
    )
    with pytest.raises(DocumentError, match="cost needs both `statistic:` and `steps:`"):
        papers_rules(path)


@pytest.mark.parametrize(
    ("value", "score"),
    [(-0.2, -1), (0.499, -1), (0.5, 1), (0.699, 1), (0.7, 2), (0.8, 3), (0.9, 4), (1.0, 4)],
)
def test_anchors_of_alpha(value: float, score: int) -> None:
    assert papers_rules().criteria[1].score(value) == score


@pytest.mark.parametrize(
    ("value", "score"), [(-1.0, -1), (0.1, -1), (0.11, 1), (0.2, 1), (0.5, 2), (0.8, 3), (0.81, 4)]
)
def test_anchors_of_effects(value: float, score: int) -> None:
    assert papers_rules().criteria[2].score(value) == score


def test_quality_goes_down() -> None:
    rules = cosmin_rules().grade
    assert worst([]) == best([]) == ""
    assert best(["inadequate", "adequate"]) == "adequate"
    assert lowered(rules, "", n_sites=1, n_obs=None) == "high"
    assert lowered(rules, "very_good", n_sites=1, n_obs=49) == "low"
    assert lowered(rules, "adequate", n_sites=2, n_obs=99, disagree=True) == "low"
    assert lowered(rules, "inadequate", n_sites=1, n_obs=10, disagree=True) == "very_low"
    assert supports("low")
    assert not supports("very_low")
    assert not supports("")
