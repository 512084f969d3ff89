"""The instrument as an object: what it gives, and what it refuses."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from psychometrics.errors import CatalogError, InstrumentError
from psychometrics.instrument import (
    Instrument,
    Item,
    NumericRange,
    Option,
    ResponseSet,
    Scale,
    load_instrument,
)
from tests.instrument.small import SMALL, spoiled, written


@pytest.fixture
def small(tmp_path: Path) -> Instrument:
    return load_instrument(written(tmp_path, SMALL))


def made(**changes: Any) -> Instrument:
    """Return an instrument made in Python: two items on a numeric range, one scale."""
    item = {"concept": "c", "rationale": "r", "response_set": "points"}
    fields: dict[str, Any] = {
        **dict.fromkeys(("title", "construct", "citation", "licence", "provenance"), "x"),
        **{"id": "own", "version": "1", "source_locale": "en"},
        **dict.fromkeys(("instructions", "recall_period"), "x"),
        "response_sets": [ResponseSet(key="points", range=NumericRange(minimum=0, maximum=9))],
        "items": [Item(key="a", text="A", **item), Item(key="b", text="B", keyed=-1, **item)],
        "scales": [
            Scale(
                key="s",
                title="S",
                description="d",
                items=("b", "a"),
                min_valid=1,
                measurement="reflective",
            )
        ],
    }
    return Instrument(**fields | changes)


def test_sections_are_ordered_mappings_by_key(small: Instrument) -> None:
    assert list(small.items) == ["rest_1", "rest_2", "rest_3", "busy_1", "busy_2", "busy_3"]
    assert list(small.sites) == ["ulm", "pune"]
    assert small.items["rest_3"].keyed == -1
    assert small.sites["pune"].facts == {"rain": "much"}
    assert small.construct == "How rested and how busy a person is."


def test_locales_start_with_the_source(small: Instrument) -> None:
    assert small.locales == ("en", "de_DE", "hi_IN", "en_IN")


def test_response_sets_tell_codes_and_range(small: Instrument) -> None:
    agree, hours = small.response_sets["agree3"], small.response_sets["hours"]
    assert (agree.codes, agree.minimum, agree.maximum) == ((1, 2, 3), 1, 3)
    assert (hours.codes, hours.minimum, hours.maximum) == ((), 0, 24)
    assert agree.missing_codes[8].structural
    assert not agree.missing_codes[9].structural
    assert small.response_range("rest_1") == (1, 3)
    with pytest.raises(InstrumentError, match=r"no item 'rest_9'\. Did you mean rest_"):
        small.response_range("rest_9")


def test_keyed_items_carry_a_minus(small: Instrument) -> None:
    assert small.keyed_items == {
        "rest": ["rest_1", "rest_2", "-rest_3"],
        "busy": ["busy_1", "busy_2", "busy_3"],
    }


def test_the_model_starts_each_factor_with_a_positive_item() -> None:
    assert made().model() == "s =~ a + b"


def test_formative_parts_are_no_factors(tmp_path: Path) -> None:
    text = spoiled("reflective\ndist", "formative\ndist").replace(
        "distinct_pairs:\n",
        "higher_order:\n"
        "  - {key: g, title: G, description: G, scales: [rest, busy], measurement: reflective}\n"
        "  - {key: f, title: F, description: F, scales: [rest, busy], measurement: formative}\n"
        "distinct_pairs:\n",
    )
    instrument = load_instrument(written(tmp_path, text))
    assert instrument.model() == "rest =~ rest_1 + rest_2 + rest_3"
    assert instrument.model(higher_order=True).splitlines()[1:] == ["g =~ rest"]


def test_texts_have_a_key_each(small: Instrument) -> None:
    assert small.text("item.rest_1") == "I sleep well."
    assert small.text("option.agree3.fully", "en") == "Fully"
    assert small.text("missing.agree3.off") == "Does not apply"
    assert small.text("scale.rest") == "Rest"
    assert small.text("unit.hours") == "hours"
    assert small.text("comparator.sleep") == "Hours of sleep"
    assert small.text("site.ulm") == "Ulm"
    assert small.text("instructions") == "How much do you agree?"
    with pytest.raises(InstrumentError, match=r"no text 'item\.rest_9'.*Did you mean item\.rest_"):
        small.text("item.rest_9")


CATALOG = """
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgctxt "item.rest_1"
msgid "I sleep well."
msgstr "Ich schlafe gut."

#, fuzzy
msgctxt "item.rest_2"
msgid "I feel fresh."
msgstr "Ich fühle mich kalt."

msgctxt "item.rest_3"
msgid "I was tired."
msgstr "Ich war müde."

msgctxt "item.busy_1"
msgid "I have much to do."
msgstr ""
"""


def test_translated_texts_come_from_the_catalog(small: Instrument, tmp_path: Path) -> None:
    folder = tmp_path / "de_DE" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    written(folder, CATALOG, "small.po")
    assert small.text("item.rest_1", "de_DE", translations=tmp_path) == "Ich schlafe gut."
    for key in ("item.rest_2", "item.busy_1", "item.busy_2"):
        with pytest.raises(CatalogError, match="de_DE has no finished translation of"):
            small.text(key, "de_DE", translations=tmp_path)
    with pytest.raises(CatalogError, match=r"only an outdated translation of 'item\.rest_3'"):
        small.text("item.rest_3", "de_DE", translations=tmp_path)
    with pytest.raises(CatalogError, match="no catalog for hi_IN"):
        small.text("item.rest_1", "hi_IN", translations=tmp_path)
    with pytest.raises(CatalogError, match="no catalog for de_DE"):
        small.text("item.rest_1", "de_DE")


def test_what_is_not_to_be_translated_stays(tmp_path: Path) -> None:
    text = spoiled("text: I hurry.", "text: I hurry.\n    translatable: false")
    instrument = load_instrument(written(tmp_path, text))
    assert instrument.text("item.busy_3", "de_DE") == "I hurry."


def test_the_file_and_its_dump_make_the_same_instrument(small: Instrument) -> None:
    for again in (
        Instrument.model_validate(small.model_dump()),
        Instrument.model_validate_json(small.model_dump_json()),
        pickle.loads(pickle.dumps(small)),
    ):
        assert again == small
        assert list(again.items) == list(small.items)
        assert again.definition_hash == small.definition_hash


def test_the_hash_is_of_the_content_not_of_its_writing(tmp_path: Path, small: Instrument) -> None:
    moved = SMALL.replace("title: Rest and effort\n", "") + "title: >-\n  Rest and\n  effort\n"
    spelled = moved.replace(
        "    response_set: agree3\n    keyed: -1", "    keyed: -1\n    response_set: agree3"
    ).replace("I hurry.", "I hurry.\n    keyed: 1")
    assert load_instrument(written(tmp_path, spelled)).definition_hash == small.definition_hash
    assert len(small.definition_hash) == 64


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("text: I hurry.", "text: I hurry!"),
        ("[rest_1, rest_2, rest_3]", "[rest_2, rest_1, rest_3]"),
        ("minimum: 0.3", "minimum: 0.4"),
    ],
)
def test_the_hash_tells_content_apart(
    tmp_path: Path, small: Instrument, old: str, new: str
) -> None:
    changed = load_instrument(written(tmp_path, spoiled(old, new)))
    assert changed.definition_hash != small.definition_hash


def test_the_order_of_items_is_content() -> None:
    one = made()
    other = made(items=list(one.items.values())[::-1])
    assert one.definition_hash != other.definition_hash


def test_parts_are_frozen(small: Instrument) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        small.items["rest_1"].text = "x"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"sites": [{"id": "x", "name": "X", "country": "DE", "locales": ["qq"]}]}, "not known"),
        ({"retired_keys": ("a",)}, "is retired"),
        ({"columns": {"b": "y", "c": "z"}}, "names c"),
        ({"items": []}, "names the item b"),
    ],
)
def test_an_instrument_made_in_python_is_checked_too(changes: Mapping[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        made(**changes)


def test_two_parts_of_one_key_are_refused() -> None:
    item = made().items["a"]
    with pytest.raises(ValidationError, match="a is there twice"):
        made(items=[item, item])


def test_a_response_set_has_options_or_a_range() -> None:
    option = Option(key="o", code=1, text="O")
    with pytest.raises(ValidationError, match="options or range"):
        ResponseSet(key="r")
    with pytest.raises(ValidationError, match="options or range"):
        ResponseSet(key="r", options=(option,), range=NumericRange(minimum=0, maximum=1))


def test_the_repr_for_notebooks_is_short_and_escaped() -> None:
    shown = made(title="Rest & <effort>")._repr_html_()
    assert "Rest &amp; &lt;effort&gt;" in shown
    assert "2 items, 1 scales" in shown
    assert len(shown) < 1000


@given(signs=st.lists(st.sampled_from([1, -1]), min_size=2, max_size=8))
def test_the_model_names_every_item_of_the_scale_once(signs: list[int]) -> None:
    item = {"concept": "c", "rationale": "r", "response_set": "points"}
    items = [Item(key=f"i{n}", text=f"T{n}", keyed=sign, **item) for n, sign in enumerate(signs)]
    scale = made().scales["s"].model_copy(update={"items": tuple(i.key for i in items)})
    instrument = made(items=items, scales=[scale])
    named = instrument.model().removeprefix("s =~ ").split(" + ")
    assert sorted(named) == sorted(instrument.items)
    assert [k.removeprefix("-") for k in instrument.keyed_items["s"]] == list(scale.items)
    if 1 in signs:
        assert instrument.items[named[0]].keyed == 1
