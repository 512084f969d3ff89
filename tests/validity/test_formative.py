"""A scale that its items make gets no coefficients, and changes nobody else's."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from psychometrics import (
    Instrument,
    Responses,
    convergent_validity,
    htmt,
    load_instrument,
    reliability,
    simulate_responses,
)
from psychometrics.report import ValidityReport
from psychometrics.validity.claims import claims
from psychometrics.validity.formative import formative_scales, higher_order_factors
from psychometrics.validity.study import Plan, Study, run_study
from tests.validity.small import same_numbers

FORMATIVE = "resourcing"
OF_THE_SCALE = {
    "reliability": ("scale",), "htmt": ("scale_a", "scale_b"),
    "discriminant": ("scale_a", "scale_b"),
}  # fmt: skip


def changed(**measurement: str) -> Instrument:
    """The home instrument with another measurement of some scales."""
    definition = load_instrument("peer_support_implementation").model_dump(by_alias=True)
    for scale, kind in measurement.items():
        definition["scales"][scale]["measurement"] = kind
    return Instrument.model_validate(definition)


def answers(instrument: Instrument) -> Responses:
    made = simulate_responses(load_instrument("peer_support_implementation"), 40, rng=3)
    return Responses(instrument, made.frame, made.answer_status, (), "made", True)


@pytest.fixture(scope="module")
def study() -> Study:
    instrument = changed(**{FORMATIVE: "formative"})
    return run_study(instrument, answers(instrument), n_boot=50, rng=1)


def about_it(table: pd.DataFrame, columns: tuple[str, ...]) -> Any:
    return (table[list(columns)] == FORMATIVE).any(axis=1)


def test_no_coefficient_is_computed_for_it_and_a_reason_is_given(study: Study) -> None:
    for name, columns in OF_THE_SCALE.items():
        mine = study.tables[name][about_it(study.tables[name], columns)]
        value = "correlation" if name == "discriminant" else "estimate"
        assert len(mine)
        assert mine[value].isna().all(), name
        assert {why.code for why in mine["reason"]} == {"not_for_formative"}, name
    convergent = study.tables["convergent"].query(f"scale == '{FORMATIVE}'")
    inside = convergent[convergent["comparator"].isna()]
    assert inside["estimate"].isna().all()
    assert convergent.query("statistic == 'correlation'")["estimate"].notna().all()
    items = study.tables["items"].query(f"scale == '{FORMATIVE}'")
    assert items["item_rest"].isna().all()
    assert items.query("pooling == 'total'")["mean"].notna().all()


def test_others_have_the_numbers_that_they_have_without_it() -> None:
    instrument = changed(**{FORMATIVE: "formative"})
    # The single calls use complete rows, so the study does too.
    plan = Plan(missing_models="listwise")
    study = run_study(instrument, answers(instrument), n_boot=50, rng=1, plan=plan)
    scales = {key: items for key, items in instrument.keyed_items.items() if key != FORMATIVE}
    frame = answers(instrument).frame
    alone = htmt(frame, scales, group="site", n_boot=50, rng=1)
    mine = study.tables["htmt"].query("variant == 'htmt'")
    mine = mine[~about_it(mine, ("scale_a", "scale_b"))]
    order = ["scale_a", "scale_b", "pooling", "group"]
    same_numbers(mine.sort_values(order), alone.sort_values(order), rtol=1e-8)
    for name, call in (("reliability", reliability), ("convergent", convergent_validity)):
        keys = ["scale", "pooling", "group", "coefficient" if name == "reliability" else "item"]
        mine = study.tables[name].query(f"scale != '{FORMATIVE}'")
        if name == "convergent":
            mine = mine.query("statistic == 'loading'")
        samples = {"n_boot": 50, "rng": 1} if name == "reliability" else {}
        one = call(frame, scales, group="site", **samples)
        one = one.query("statistic == 'loading'") if name == "convergent" else one
        same_numbers(mine.sort_values(keys), one.sort_values(keys), rtol=1e-8)
    fit = study.tables["fit"].query("model == 'correlated_factors' and pooling == 'total'")
    assert fit["df"].item() == 160  # five factors of four items


def test_the_sample_is_rated_by_the_items_of_the_model(study: Study) -> None:
    made = claims(study.tables, study.instrument)
    note = made.query("property == 'structure'")["note"].iloc[0]
    assert note.params["n_items"] == 20


def test_a_report_can_be_made_of_it_alone_and_of_nothing_else(study: Study) -> None:
    page = ValidityReport(study).to_html()
    assert "Resourcing are declared formative" in page.replace("<bdi>", "").replace("</bdi>", "")
    assert "Reliability of Resourcing" not in page
    nothing = changed(**dict.fromkeys(study.instrument.scales, "formative"))
    tables = run_study(nothing, answers(nothing), n_boot=50).tables
    assert tables["reliability"]["estimate"].isna().all()
    fits = tables["fit"].set_index("model")["reason"]
    assert {why.code for why in fits["correlated_factors"]} == {"no_factors"}
    assert {why.code for why in fits["higher_order"]} == {"too_few_scales"}


def test_a_construct_of_two_reflective_scales_has_no_factor() -> None:
    instrument = changed(training="formative", role_clarity="formative")
    assert list(formative_scales(instrument)) == ["training", "role_clarity"]
    _, why = higher_order_factors(instrument)["role_support"]
    assert why == ("A higher-order factor needs 3 reflective scales or more; role_support has 2.")
    table = run_study(instrument, answers(instrument), n_boot=0).tables["fit"]
    reasons = table.query("model == 'higher_order'")["reason"]
    assert {reason.code for reason in reasons} == {"too_few_scales"}
