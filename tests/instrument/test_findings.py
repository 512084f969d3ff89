"""Each finding: a definition spoiled in one place, its code, and the line it names."""

from __future__ import annotations

from pathlib import Path

import pytest

from psychometrics.instrument import check_instrument
from psychometrics.instrument.messages import MESSAGES, SHARED_SETS
from tests.instrument.small import SMALL, line_of, spoiled, written

# code, text to replace, replacement, what is on the line that must be named
ERRORS = [
    ("field_missing", "title: Rest and effort\n", "", "id: small"),
    ("field_missing", "    concept: Sleep at night.\n", "", "- key: rest_1"),
    ("field_missing", "{key: day, code: 1, text: Day}", "{key: day, code: 1}", "key: day"),
    ("field_unknown", "concept: Sleep at", "consept: Sleep at", "consept"),
    ("field_unknown", "licence: Pub", "license: Pub", "license"),
    ("field_not_text", 'version: "1.0"', "version: 1.0", "version"),
    ("field_not_text", "text: I hurry.", "text: 12", "text: 12"),
    ("field_not_one_text", "text: I hurry.", "text: [I, hurry]", "[I, hurry]"),
    ("field_not_text_or_code", "higher: 1", "higher: [1]", "higher: [1]"),
    ("field_not_integer", "code: 3, text: Fully", 'code: "3", text: Fully', '"3"'),
    ("field_not_integer", "code: 3, text: Fully", "code: 2.5, text: Fully", "2.5"),
    ("field_not_number", "minimum: 0.3", "minimum: some", "minimum: some"),
    ("field_not_number", "minimum: 0.3", "minimum: true", "minimum: true"),
    ("field_not_number", "minimum: 0.3", "minimum: .nan", "minimum: .nan"),
    ("field_not_boolean", "structural: true", 'structural: "yes"', "structural"),
    ("field_not_list", "[rest_1, rest_2, rest_3]", "rest_1", "items: rest_1"),
    ("field_not_list", "retired_keys: [nap_1]", "retired_keys: nap_1", "retired_keys"),
    ("field_not_mapping", "facts: {rain: much}", "facts: rain", "facts"),
    ("field_not_mapping", "- {key: day, code: 1, text: Day}", "- Day", "- Day"),
    ("field_empty", "text: I hurry.", "text:", "text:\n    concept: In"),
    ("field_empty", "text: I hurry.", 'text: " "', 'text: " "'),
    ("field_empty", "locales: [de_DE]", "locales: []", "locales: []"),
    ("field_choice", "kind: nominal", "kind: nominl", "nominl"),
    ("field_choice", "keyed: -1", "keyed: 2", "keyed: 2"),
    ("field_choice", "keyed: -1", "keyed: true", "keyed: true"),
    ("field_key", "key: rest_sleep", "key: rest-sleep", "rest-sleep"),
    ("field_key", "- key: busy_3", "- key: 3_busy", "3_busy"),
    ("field_country", "country: DE", "country: Germany", "Germany"),
    ("options_or_range", "    range: {minimum: 0, maximum: 24, unit: hours}\n", "", "key: hours"),
    ("duplicate_key", "- key: busy_2", "- key: busy_1", "-"),
    ("duplicate_key", "id: pune", "id: ulm", "name: Pune"),
    ("duplicate_option_code", "code: 3, text: Fully", "code: 2, text: Fully", "Fully"),
    ("duplicate_option_key", "key: fully", "key: partly", "Fully"),
    ("duplicate_option_text", "text: Fully", "text: Partly", "code: 3"),
    ("missing_code_is_option", "code: 8", "code: 3", "Does not apply"),
    (
        "missing_code_in_range",
        "code: 99",
        "code: 9",
        "code: 9, text: No answer, meaning: refused}\n  - key: two",
    ),
    ("range_reversed", "minimum: 0, maximum: 24", "minimum: 24, maximum: 0", "24"),
    (
        "too_few_options",
        "      - {key: night, code: 2, text: Night}\n",
        "",
        "options:\n      - {key: day",
    ),
    (
        "structural_refusal",
        "9, text: No answer, meaning: refused}\n  - key: hours",
        "9, text: No answer, meaning: refused, structural: true}\n  - key: hours",
        "code: 9,",
    ),
    ("unknown_response_set", "response_set: hours", "response_set: hour", "response_set: hour}"),
    ("retired_key_in_use", "retired_keys: [nap_1]", "retired_keys: [rest_1]", "- key: rest_1"),
    ("renamed_from_live", "[work_1]", "[rest_1]", "renamed_from"),
    ("renamed_from_twice", "    keyed: -1\n", "    renamed_from: [work_1]\n", "-"),
    ("name_taken", "- key: rest\n", "- key: sleep\n", "- key: sleep"),
    ("name_taken", "- key: busy_3", "- key: BUSY_1", "BUSY_1"),
    ("name_reserved", "{key: colour", "{key: weight", "weight"),
    ("scale_without_items", "[rest_1, rest_2, rest_3]", "[]", "- key: rest\n    title"),
    ("unknown_item", "[rest_1, rest_2, rest_3]", "[rest_1, rest_2, rets_3]", "rets_3"),
    ("item_twice", "[rest_1, rest_2, rest_3]", "[rest_1, rest_2, rest_2]", "rest_2]"),
    (
        "min_valid_out_of_range",
        "2\n    measurement: reflective\ndist",
        "4\n    measurement: reflective\ndist",
        "min_valid: 4",
    ),
    ("unknown_scale", "scale: rest", "scale: rets", "scale: rets"),
    ("unknown_scale", "b: busy", "b: bussy", "bussy"),
    ("unknown_scale", "scales: [rest]", "scales: [rets]", "scales: [rets]"),
    ("scale_twice", "scales: [rest]", "scales: [rest, rest]", "scales: [rest, rest]"),
    ("unknown_locale", "locales: [de_DE]", "locales: [de-DE]", "de-DE"),
    ("unknown_locale", "locales: [de_DE]", "locales: [qx_QQ]", "qx_QQ"),
    ("unknown_locale", "source_locale: en", "source_locale: english", "english"),
    ("locale_twice", "[hi_IN, en_IN]", "[hi_IN, hi_IN]", "hi_IN"),
    ("unknown_country", "country: DE", "country: UK", "UK"),
    ("alias_twice", 'aliases: ["2"]', 'aliases: ["1"]', "id: pune"),
    ("alias_twice", 'aliases: ["2"]', "aliases: [ulm]", "id: pune"),
    ("alias_twice", 'aliases: ["2"]', "aliases: [ULM]", "id: pune"),
    ("fact_of_respondents", "{rain: much}", "{sleep: much}", "sleep: much"),
    ("unknown_column_target", "site: town", "sitte: town", "sitte"),
    ("column_twice", "  site: town", "  site: town\n  mode: town", "mode: town"),
    ("pair_with_itself", "b: busy", "b: rest", "{a: rest"),
    (
        "pair_twice",
        "comparators:\n",
        "  - {a: busy, b: rest, rationale: Same.}\ncomparators:\n",
        "rationale: Same.",
    ),
    ("comparator_not_binary", "response_set: two", "response_set: agree3", "key: shift"),
    ("expectation_twice", "key: busy_shift", "key: rest_sleep", "-"),
    ("unknown_comparator", "comparator: sleep", "comparator: slep", "slep"),
    ("site_level_comparator", "comparator: sleep", "comparator: rain", "comparator: rain"),
    ("nominal_comparator", "comparator: sleep", "comparator: colour", "comparator: colour"),
    ("convergent_needs_direction", "direction: positive", "direction: none", "direction: none"),
    ("convergent_needs_minimum", "    minimum: 0.3\n", "", "- key: rest_sleep"),
    ("discriminant_needs_maximum", "    maximum: 0.2\n", "", "- key: busy_shift"),
    (
        "discriminant_with_minimum",
        "maximum: 0.2\n",
        "maximum: 0.2\n    minimum: 0.1\n",
        "minimum: 0.1",
    ),
    ("bound_not_correlation", "minimum: 0.3", "minimum: 30", "minimum: 30"),
    ("bounds_reversed", "minimum: 0.3", "minimum: 0.3\n    maximum: 0.2", "minimum: 0.3"),
    ("unknown_group_variable", "variable: shift", "variable: shfit", "shfit"),
    ("site_level_groups", "variable: shift", "variable: rain", "variable: rain"),
    ("same_group", "lower: 2", "lower: 1", "lower: 1"),
    ("unknown_group_value", "lower: 2", "lower: 3", "lower: 3"),
    ("groups_without_scales", "scales: [rest]", "scales: []", "- key: by_shift"),
    ("difference_not_positive", "minimum_d: 0.2", "minimum_d: -0.2", "minimum_d"),
    ("yaml_duplicate_key", "licence: Public domain.", "licence: P.\nlicence: Q.", "licence: Q."),
    ("yaml_alias", "text: I hurry.", "text: &a I hurry.", "&a"),
    ("yaml_alias", "text: I hurry.", "text: *a", "*a"),
    ("yaml_tag", "text: I hurry.", "text: !!python/object:os.system x", "!!python"),
    ("yaml_tag", "text: I hurry.", "text: !other I hurry.", "!other"),
    ("yaml_key_not_text", "  site: town", "  7: town", "7: town"),
    ("yaml_key_not_text", "  site: town", "  [a, b]: town", "[a, b]"),
    ("yaml_tab", "    text: I hurry.", "\ttext: I hurry.", "\ttext"),
    ("yaml_character", "text: I hurry.", "text: I\x07hurry.", "\x07"),
    ("yaml_character", "text: I hurry.", 'text: "I\\ud800hurry."', "ud800"),
    ("yaml_syntax", "text: I hurry.", "text: I: hurry", "I: hurry"),
    ("yaml_syntax", "text: I hurry.", 'text: "I hurry', "never"),
    ("yaml_second_document", "retired_keys: [nap_1]", "---\nid: other", "---"),
    ("yaml_too_deep", "[nap_1]", "[" * 40 + "]" * 40, "retired_keys"),
]
HIGHER = (
    "higher_order:\n  - {key: whole, title: W, description: D, scales: [%s], measurement: %s}\n"
)
WARNINGS = [
    ("not_applicable_not_structural", ", structural: true", "", "Does not apply"),
    ("codes_out_of_order", "code: 3, text: Fully", "code: 0, text: Fully", "options:"),
    (
        "unused_response_set",
        "kind: binary, level: respondent, response_set: two",
        "kind: binary, level: respondent",
        "- key: two",
    ),
    ("duplicate_item_text", "text: I hurry.", "text: I sleep well.", "-"),
    ("item_in_no_scale", "[busy_1, busy_2, busy_3]", "[busy_1, busy_2]", "key: busy_3"),
    ("few_items", "[busy_1, busy_2, busy_3]", "[busy_1, busy_2]", "[busy_1, busy_2]"),
    ("formative_scale", "reflective\ndist", "formative\ndist", "formative"),
    (
        "formative_scale",
        "distinct_pairs:\n",
        HIGHER % ("rest, busy", "formative") + "distinct_pairs:\n",
        "key: whole",
    ),
    (
        "few_scales",
        "distinct_pairs:\n",
        HIGHER % ("rest, busy", "reflective") + "distinct_pairs:\n",
        "key: whole",
    ),
    (
        "mixed_response_sets",
        "concept: In whatever one does.\n    rationale: Hurry shows lack of "
        "time.\n    response_set: agree3",
        "concept: In whatever one does.\n    rationale: Hurry "
        "shows lack of time.\n    response_set: two",
        "[busy_1",
    ),
    ("id_not_file_name", "id: small", "id: other", "id: other"),
]
WHOLE_FILE = {
    "definition_not_found",
    "definition_too_large",
    "definition_not_utf8",
    "definition_bom",
    "definition_empty",
    "definition_not_mapping",
    "unknown_instrument",
}
IN_FIELDS = {"field_refused"}
OF_OTHER_FILES = {
    "document_empty", "document_not_mapping", "document_too_large", "field_not_date",
}  # fmt: skip
"""See test_document.py."""
OF_SHARED_SETS = set(SHARED_SETS)
"""See test_shared.py."""


@pytest.mark.parametrize(("code", "old", "new", "marker"), ERRORS)
def test_an_error_is_found_on_its_line(
    tmp_path: Path, code: str, old: str, new: str, marker: str
) -> None:
    text = spoiled(old, new)
    findings = [f for f in check_instrument(written(tmp_path, text)) if f.code == code]
    assert [f.severity for f in findings] == ["error"] * len(findings)
    assert findings
    named = int(findings[0].where.rpartition(":")[2])
    if marker in text and marker != "-":
        assert named == line_of(text, marker)
    assert 1 <= named <= text.count("\n") + 1


@pytest.mark.parametrize(("code", "old", "new", "marker"), WARNINGS)
def test_a_warning_is_found_and_leaves_the_definition_usable(
    tmp_path: Path, code: str, old: str, new: str, marker: str
) -> None:
    text = spoiled(old, new)
    findings = check_instrument(written(tmp_path, text))
    assert code in {f.code for f in findings}
    assert {f.severity for f in findings} == {"warning"}
    if marker != "-":
        lines = {f.where.rpartition(":")[2] for f in findings if f.code == code}
        assert lines == {str(line_of(text, marker))}


def test_the_small_definition_is_sound(tmp_path: Path) -> None:
    assert check_instrument(written(tmp_path, SMALL)) == []


def test_a_node_without_scales_is_found(tmp_path: Path) -> None:
    text = spoiled("distinct_pairs:\n", HIGHER % ("", "reflective") + "distinct_pairs:\n")
    codes = {f.code for f in check_instrument(written(tmp_path, text))}
    assert codes == {"node_without_scales"}


def test_every_message_has_a_spoiled_definition() -> None:
    tried = {code for code, *_ in (*ERRORS, *WARNINGS)} | {"node_without_scales"}
    assert set(MESSAGES) - WHOLE_FILE - IN_FIELDS - OF_OTHER_FILES - OF_SHARED_SETS == tried


def test_the_message_names_the_closest_word(tmp_path: Path) -> None:
    text = spoiled("[rest_1, rest_2, rest_3]", "[rest_1, rest_2, rets_3]")
    file = written(tmp_path, text)
    [found] = [f for f in check_instrument(file) if f.severity == "error"]
    assert str(found) == (
        f"error: {file}:{line_of(text, 'rets_3')}: The scale rest names the item rets_3, which "
        "does not exist. Did you mean rest_3?"
    )


def test_all_errors_come_at_once_in_the_order_of_the_lines(tmp_path: Path) -> None:
    text = SMALL
    for old, new in [
        ('version: "1.0"', "version: 2"),
        ("code: 8", "code: 3"),
        ("text: I hurry.", "txt: I hurry."),
        ("items: [rest_1, rest_2, rest_3]", "items: [rest_1, rest_9]"),
        ("comparator: sleep", "comparator: rain"),
        ("locales: [de_DE]", "locales: [deutsch]"),
    ]:
        text = text.replace(old, new)
    found = [f for f in check_instrument(written(tmp_path, text)) if f.severity == "error"]
    assert [f.code for f in found] == [
        "field_not_text",
        "missing_code_is_option",
        "field_missing",
        "field_unknown",
        "unknown_item",
        "site_level_comparator",
        "unknown_locale",
    ]
    lines = [int(f.where.rpartition(":")[2]) for f in found]
    assert lines == sorted(lines)


def test_a_faulty_item_is_not_also_told_as_missing_from_its_scale(tmp_path: Path) -> None:
    text = spoiled("text: I hurry.", "text: 7")
    assert [f.code for f in check_instrument(written(tmp_path, text))] == ["field_not_text"]
