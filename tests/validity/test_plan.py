"""The frozen plan: read, checked, followed, and every deviation told."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from psychometrics import load_instrument, simulate_responses, validate
from psychometrics.cli import app
from psychometrics.errors import DataError, DocumentError
from psychometrics.validity.analysis_plan import AnalysisPlan, check_plan, read_plan
from psychometrics.validity.criteria import CRITERIA
from psychometrics.validity.deviations import deviations
from psychometrics.validity.exclusions import exclude
from psychometrics.validity.plan_template import plan_template
from psychometrics.validity.planned_contrasts import contrast_table
from tests.validity.small import only

HOME = "peer_support_implementation"
RUN = CliRunner()
EXCLUSIONS = """exclusions:
  - {key: sparse, rule: few_answers, answered: 0.9, reason: Little said.}
  - {key: late, rule: site, site: kampala, reason: Started late.}
  - {key: minors, rule: by_hand, reason: Under 18.}
"""


def filled(**changes: str) -> str:
    """The template of the home instrument, filled in; `changes` replace whole lines."""
    text = plan_template(load_instrument(HOME))
    lines = {
        "date:": "date: 2026-03-01", "by:": "by: planner_1", "n_boot: 2000": "n_boot: 20",
        "  reliability:": "  reliability: .05", "  correlation:": "  correlation: 0.1",
        "  standardised_difference:": "  standardised_difference: 0.2",
    } | {old: new for old, new in changes.items()}  # fmt: skip
    return "\n".join(lines.get(line, line) for line in text.splitlines()) + "\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "plan.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_template_asks_for_what_nobody_can_choose(tmp_path: Path) -> None:
    for name in ("hs1939", "ipip_bfi25", HOME):
        text = plan_template(load_instrument(name))
        found = check_plan(written(tmp_path, text), load_instrument(name))
        lines = text.splitlines()
        about = [lines[int(each.where.rpartition(":")[2]) - 1].strip() for each in found]
        assert about == [
            "date:", "by:", "reliability:", "correlation:", "standardised_difference:"
        ]  # fmt: skip


def test_a_filled_template_is_a_plan_of_what_is_usual(tmp_path: Path) -> None:
    plan = read_plan(written(tmp_path, filled()), load_instrument(HOME))
    assert plan.criteria() == dict(CRITERIA)
    assert plan.date == date(2026, 3, 1)
    assert plan.definition_hash == load_instrument(HOME).definition_hash


def test_the_hash_is_of_the_content(tmp_path: Path) -> None:
    home = load_instrument(HOME)
    plan = read_plan(written(tmp_path, filled()), home)
    bare = [line for line in filled().splitlines() if not line.lstrip().startswith("#")]
    moved = "\n".join(sorted_sections(bare))
    same = moved.replace("level: 0.95", "level: 9.5e-1").replace("n_boot: 20", "n_boot: 20 # few")
    assert read_plan(written(tmp_path, same), home).hash == plan.hash
    without_default = "\n".join(line for line in bare if line != "family: holm")
    assert read_plan(written(tmp_path, without_default), home).hash == plan.hash
    other = read_plan(written(tmp_path, filled(**{"level: 0.95": "level: 0.9"})), home)
    assert other.hash != plan.hash
    assert plan.hash == read_plan(plan, home).hash


def sorted_sections(lines: list[str]) -> list[str]:
    """Return the lines with the top-level fields in alphabetical order."""
    sections: list[list[str]] = []
    for line in filter(None, lines):
        if line.startswith(" "):
            sections[-1].append(line)
        else:
            sections.append([line])
    return [line for section in sorted(sections) for line in section]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (f"instrument: {HOME}", "instrument: hs1939", "The plan is for hs1939, and the measure is"),
        ("thresholds:", "thresholds: {alpha_07: 0.8}", r"There is no alpha_07\. Did you mean al"),
        ("level: 0.95", "level: 95", "`level` is 95; it must be from 0.5 to 0.999"),
        ("seed: 0", "seed: -1", "`seed` is -1; it must be from 0"),
        ("model: correlated_factors", "model: bifactor", "`model` is 'bifactor'; it must be one"),
        ("coefficients: [alpha, omega_total]", "coefficients: [alpha, alpha]", "alpha stands here"),
        ("contrasts:", "contrasts: [{key: x, a: ulm, b: ulm, rationale: r}]", "same site on both"),
        ("contrasts:", "contrasts: [{key: x, a: ulm, b: wien, rationale: r}]", "There is no wien"),
        ("exclusions:", "exclusions: [{key: x, rule: site, reason: r}]", "needs `site:`"),
        ("exclusions:", "exclusions: [{key: x, rule: by_hand, site: ulm, reason: r}]",
         "takes no `site:`"),
        ("exclusions:", "exclusions: [{key: x, rule: few_answers, answered: 90, reason: r}]",
         "`answered` is 90; it must be from 0 to 1"),
        ("  correlation:", "  correlation: 0", "`correlation` is 0; it must be from 0.001"),
    ],
)  # fmt: skip
def test_faults_are_told_by_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = filled(**{old: new})
    line = text.splitlines().index(new) + 1
    path = written(tmp_path, text)
    with pytest.raises(DocumentError, match=message):
        read_plan(path, load_instrument(HOME))
    [found] = check_plan(path, load_instrument(HOME))
    assert found.where == f"{path}:{line}"


def test_all_faults_come_at_once_in_the_order_of_the_lines(tmp_path: Path) -> None:
    text = filled(**{
        f"instrument: {HOME}": "instrument: hs1939", "date: 2026-03-01": "date: soon",
        "date:": "date: soon", "level: 0.95": "level: 95", "thresholds:": "thresholds: {alfa: 0.8}",
        "  correlation:": "  correlation: big",
    })  # fmt: skip
    path = written(tmp_path, text)
    found = check_plan(path, load_instrument(HOME))
    assert [each.code for each in found] == [
        "plan_of_another_measure", "field_not_date", "plan_number_out_of_range", "plan_unknown",
        "field_not_number",
    ]  # fmt: skip
    with pytest.raises(DocumentError, match="5 errors") as raised:
        read_plan(path, load_instrument(HOME))
    assert len(raised.value.findings) == 5


def test_no_higher_order_model_where_there_is_none() -> None:
    plan = AnalysisPlan.model_validate({
        "instrument": "hs1939", "version": "1.0", "date": "2026-03-01", "by": "p",
        "analyses": ["structure"], "model": "higher_order",
        "smallest_effects": {"reliability": 0.1, "correlation": 0.1,
                             "standardised_difference": 0.2},
    })  # fmt: skip
    with pytest.raises(DocumentError, match="Plan correlated_factors"):
        read_plan(plan, load_instrument("hs1939"))


def test_exclusions_are_applied_in_order_and_counted(tmp_path: Path) -> None:
    plan = read_plan(
        written(tmp_path, filled(**{"exclusions:": EXCLUSIONS})), load_instrument(HOME)
    )
    answers = simulate_responses(HOME, 20, rng=1, missing=0.1)
    kept, counted = exclude(answers, plan.exclusions)
    share = answers.frame[list(answers.instrument.items)].notna().mean(axis=1)
    sparse = share < 0.9
    late = answers.frame["site"] == "kampala"
    assert [(one.key, one.count) for one in counted] == [
        ("sparse", sparse.sum()), ("late", (late & ~sparse).sum())
    ]  # fmt: skip
    assert kept.n_obs == (~sparse & ~late).sum()
    assert len(kept.answer_status) == kept.n_obs
    assert exclude(answers, ())[0] is answers


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    text = filled(**{
        "exclusions:": EXCLUSIONS, "thresholds:": "thresholds: {alpha_070: 0.8, kmo_060: 0.5}",
        "level: 0.95": "level: 0.9", "coefficients: [alpha, omega_total]": "coefficients: [alpha]",
        "contrasts:": "contrasts: [{key: german, a: ulm, b: hamburg, rationale: One language.}]",
        "  - discriminant": "", "seed: 0": "seed: 7",
    })  # fmt: skip
    path = written(tmp_path_factory.mktemp("plan"), text)
    answers = simulate_responses(HOME, 40, rng=1)
    report = validate(answers.instrument, answers, plan=path, collected="2026-03-02")
    return report, read_plan(path, answers.instrument)


def test_what_can_be_followed_is_followed(followed: Any) -> None:
    report, plan = followed
    settings = report.tables["settings"].set_index("name")["value"]
    assert settings["plan_hash"] == plan.hash
    assert (settings["n_boot"], settings["seed"], settings["level"]) == ("20", "7", "0.9")
    assert set(report.tables["reliability"]["coefficient"]) == {"alpha"}
    assert "kampala" not in set(report.tables["sample"].query("n_rows > 0")["group"])
    alpha = report.tables["claims"].query("criterion == 'alpha_070'")
    assert set(alpha["threshold"]) == {0.8}
    table = report.tables["plan"]
    assert only(table, part="threshold alpha_070").status == "followed"
    assert only(table, part="date").status == "followed"
    assert only(table, part="exclusion late").status == "followed"
    assert only(table, part="exclusion minors").status == "unknown"


def test_planned_contrasts_are_made_and_adjusted_together(followed: Any) -> None:
    report, _ = followed
    assert only(report.tables["plan"], part="contrast german").status == "followed"
    made = report.tables["contrasts"]
    assert set(zip(made["group_a"], made["group_b"], strict=True)) == {("ulm", "hamburg")}
    assert len(made) == made["scale"].nunique()
    p = made["p_value"].sort_values()
    assert made["p_adjusted"].min() == pytest.approx(min(1.0, len(p) * p.iloc[0]))
    assert "Comparisons of sites that were planned" in report.to_html()


def test_a_contrast_may_be_the_other_way_round(followed: Any) -> None:
    report, plan = followed
    turned = plan.model_copy(
        update={"contrasts": (plan.contrasts[0].model_copy(update={"a": "hamburg", "b": "ulm"}),)}
    )
    made = contrast_table(turned, report.tables["reliability_differences"])
    np.testing.assert_allclose(made["difference"], -report.tables["contrasts"]["difference"])
    np.testing.assert_allclose(made["low"], -report.tables["contrasts"]["high"])
    assert contrast_table(None, report.tables["reliability_differences"]).empty


def test_deviations_are_listed(followed: Any) -> None:
    report, _ = followed
    found = deviations(report.tables["plan"]).set_index("part")
    assert dict(found["status"]) == {
        "discriminant": "not_planned", "threshold kmo_060": "not_done",
    }  # fmt: skip
    page = report.to_html()
    assert "What was not done as planned" in page
    assert "frozen on 2026-03-01 by <bdi>planner_1</bdi>" in page
    assert "at least 0.80 (The plan of this validation, frozen on 2026-03-01.)" in page


def test_the_call_may_do_otherwise_and_is_told_of_it(tmp_path: Path) -> None:
    changed = filled(**{
        f"definition_hash: {load_instrument(HOME).definition_hash}": "definition_hash: abc",
        "model: correlated_factors": "model: higher_order",
    })  # fmt: skip
    path = written(tmp_path, changed)
    answers = simulate_responses(HOME, 8, rng=1)
    report = validate(
        answers.instrument, answers, plan=path, level=0.8, n_boot=0, rng=3, collected="2026-02-28"
    )
    found = deviations(report.tables["plan"]).set_index("part")
    expected = dict.fromkeys(("level", "n_boot", "seed", "date", "definition_hash"), "deviation")
    expected["model"] = "not_done"
    assert expected.items() <= dict(found["status"]).items()
    assert found.loc["date", "note"].code == "plan_after_data"
    assert found.loc["model", "note"] != ""


def test_without_a_plan_there_is_no_section() -> None:
    answers = simulate_responses("hs1939", 30, rng=1)
    report = validate(answers.instrument, answers, n_boot=0)
    assert report.tables["plan"].empty
    assert "What was not done as planned" not in report.to_html()
    with pytest.raises(DataError, match=r"'May' is no date; write it as in 2026-03-05"):
        validate(answers.instrument, answers, n_boot=0, collected="May")


def test_the_commands(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    done = RUN.invoke(app, ["plan", "init", HOME, "--out", str(path)])
    assert done.exit_code == 0
    assert path.read_text(encoding="utf-8") == plan_template(load_instrument(HOME))
    again = RUN.invoke(app, ["plan", "init", HOME, "--out", str(path)])
    assert again.exit_code == 3
    empty = RUN.invoke(app, ["plan", "check", str(path)])
    assert empty.exit_code == 1
    assert "5 errors in" in empty.output
    written(tmp_path, filled())
    right = RUN.invoke(app, ["plan", "check", str(path)])
    assert right.exit_code == 0
    assert read_plan(path, load_instrument(HOME)).hash in right.output
    other = RUN.invoke(app, ["plan", "check", str(path), "--instrument", "hs1939"])
    assert other.exit_code == 1
    assert RUN.invoke(app, ["plan", "check", str(tmp_path / "none.yaml")]).exit_code == 3
    csv = tmp_path / "a.csv"
    simulate_responses(HOME, 10, rng=1).to_csv(csv)
    out = tmp_path / "report.html"
    command = ["validate", HOME, str(csv), "--plan", str(path), "--out", str(out), "--quiet"]
    assert RUN.invoke(app, [*command, "--collected-from", "2026-03-05"]).exit_code in (0, 1)
    assert "The plan, and what was done otherwise" in out.read_text(encoding="utf-8")
    told = RUN.invoke(app, [*command[:-1], "--level", "0.8", "--json", "--bootstrap", "20"])
    assert [row["part"] for row in json.loads(told.stdout)["deviations"]] == [
        "level", "comparability", "model"  # 10 people a site can't carry the planned model
    ]  # fmt: skip
    assert "Deviations from the plan: 3" in told.stderr
