"""The definitions that come with the toolkit, their schema and their documentation."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from psychometrics.instrument import (
    available_instruments,
    check_instrument,
    json_schema,
    load_instrument,
)
from psychometrics.instrument.definition import Head, Instrument
from psychometrics.instrument.fields import NESTED, PARTS
from psychometrics.instrument.parts import Part
from psychometrics.instrument.schema import shared_set_schema
from psychometrics.instrument.shipped import data_folder
from tests.instrument.small import SMALL, spoiled, written

IDS = ("hs1939", "ipip_bfi25", "peer_support_implementation")
GUIDE = Path(__file__).parents[2] / "docs" / "instruments.md"


def plain(text: str) -> Any:
    """Return YAML text as plain data."""
    return YAML(typ="safe", pure=True).load(text)


def shipped_text(name: str) -> str:
    """Return the text of a shipped definition."""
    return (data_folder("instruments") / f"{name}.yaml").read_text(encoding="utf-8")


def test_the_three_definitions_are_there() -> None:
    assert available_instruments() == IDS


@pytest.mark.parametrize("name", IDS)
def test_a_shipped_definition_has_no_findings(name: str) -> None:
    assert check_instrument(name) == []


@pytest.mark.parametrize("name", IDS)
def test_a_shipped_definition_points_editors_to_the_schema(name: str) -> None:
    first = shipped_text(name).split("\n")[0]
    assert first == "# yaml-language-server: $schema=instrument.schema.json"


@pytest.mark.parametrize("name", IDS)
def test_a_shipped_definition_fits_the_schema(name: str) -> None:
    faults = Draft202012Validator(json_schema()).iter_errors(plain(shipped_text(name)))
    assert [fault.message for fault in faults] == []


def test_the_schema_is_one_and_the_written_one_is_in_step() -> None:
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    written_out = (data_folder("instruments") / "instrument.schema.json").read_text("utf-8")
    assert written_out == json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def test_shared_response_sets_have_a_schema_and_fit_it() -> None:
    schema = shared_set_schema()
    Draft202012Validator.check_schema(schema)
    folder = data_folder("instruments") / "response_sets"
    written_out = (folder / "response_set.schema.json").read_text("utf-8")
    assert written_out == json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    for file in folder.glob("*.yaml"):
        text = file.read_text(encoding="utf-8")
        assert text.split("\n")[0] == "# yaml-language-server: $schema=response_set.schema.json"
        assert Draft202012Validator(schema).is_valid(plain(text))
        assert check_instrument(file) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("kind: nominal", "kind: nominl"),
        ("text: I hurry.", "txt: I hurry."),
        ("country: DE", "country: Germany"),
        ("keyed: -1", "keyed: 2"),
        ("    range: {minimum: 0, maximum: 24, unit: hours}\n", ""),
    ],
)
def test_the_schema_refuses_what_an_editor_can_see(old: str, new: str) -> None:
    validator = Draft202012Validator(json_schema())
    assert validator.is_valid(plain(SMALL))
    assert not validator.is_valid(plain(spoiled(old, new)))


def test_every_field_of_the_schema_says_what_it_means() -> None:
    schema = json_schema()
    for model in (schema, *schema["$defs"].values()):
        for name, field in model["properties"].items():
            assert field.get("description"), f"{model['title']}.{name}"


def test_the_home_instrument_asks_six_influences_with_four_items_each() -> None:
    home = load_instrument("peer_support_implementation")
    assert [len(scale.items) for scale in home.scales.values()] == [4] * 6
    assert {item.keyed for item in home.items.values()} == {1}
    assert home.higher_order["role_support"].scales == (
        "training",
        "role_clarity",
        "resourcing",
        "peer_network",
    )
    assert {site.id: site.locales for site in home.sites.values()} == {
        "ulm": ("de_DE",),
        "hamburg": ("de_DE",),
        "pune": ("hi_IN", "en_IN"),
        "beer_sheva": ("he_IL",),
        "dar_es_salaam": ("sw_TZ",),
        "kampala": ("lg_UG",),
    }
    assert home.response_sets["agreement5"].missing_codes[8].structural
    assert home.comparators["employs_peer_workers"].level == "site"
    kinds = [hypothesis.kind for hypothesis in home.hypotheses]
    assert kinds.count("discriminant") >= 2
    assert "not validated" in home.provenance
    assert "10.1007/s00127-019-01739-1" in home.citation


def test_the_items_of_the_home_instrument_are_plain() -> None:
    negation = re.compile(r"\b(not|no|never|none|n't|without|if|unless)\b", re.IGNORECASE)
    for item in load_instrument("peer_support_implementation").items.values():
        assert len(item.text.split()) <= 18, item.key
        assert not negation.search(item.text), item.key
        assert item.text.endswith("."), item.key


def test_the_personality_items_are_keyed_as_published() -> None:
    bfi = load_instrument("ipip_bfi25")
    assert list(bfi.items) == [f"{trait}{n}" for trait in "ACENO" for n in range(1, 6)]
    reversed_items = {key for key, item in bfi.items.items() if item.keyed == -1}
    assert reversed_items == {"A1", "C4", "C5", "E1", "E2", "O2", "O5"}
    assert [site.aliases for site in bfi.sites.values()] == [(str(n),) for n in range(1, 6)]
    assert bfi.columns == {"site": "education"}
    assert bfi.response_range("A1") == (1, 6)


def test_the_ability_tests_are_three_scales_of_three() -> None:
    abilities = load_instrument("hs1939")
    assert abilities.keyed_items == {
        "visual": ["x1", "x2", "x3"],
        "textual": ["x4", "x5", "x6"],
        "speed": ["x7", "x8", "x9"],
    }
    assert abilities.response_range("x8") == (0, 10)
    assert abilities.columns["site"] == "school"


@pytest.mark.parametrize(("name", "data"), [("ipip_bfi25", "bfi"), ("hs1939", "hs")])
def test_the_definition_covers_the_public_answers(name: str, data: str) -> None:
    instrument = load_instrument(name)
    file = Path(__file__).parents[1] / "reference" / "data" / f"{data}.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for key in instrument.items:
        answers = [float(row[key]) for row in rows if row[key] not in ("", "NA")]
        low, high = instrument.response_range(key)
        assert low <= min(answers) <= max(answers) <= high, key
    assert set(instrument.comparators) <= set(rows[0])
    sites = {row[instrument.columns["site"]] for row in rows} - {"", "NA"}
    assert sites == {alias for site in instrument.sites.values() for alias in site.aliases}


def guide_example() -> str:
    """Return the complete example of the guide."""
    return GUIDE.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]


def test_the_example_of_the_guide_is_sound(tmp_path: Path) -> None:
    file = written(tmp_path, guide_example(), "sleep_quality.yaml")
    assert check_instrument(file) == []
    assert Draft202012Validator(json_schema()).is_valid(plain(guide_example()))


def test_the_guide_names_every_field() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    models: list[type[Part]] = [Head, Instrument, *PARTS.values(), *NESTED.values()]
    for model in models:
        for name, info in model.model_fields.items():
            assert f"`{info.alias or name}`" in text, f"{model.__name__}.{name}"
