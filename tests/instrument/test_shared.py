"""Response sets that instruments share: their file, and definitions that take them up."""

from __future__ import annotations

from pathlib import Path

import pytest

from psychometrics.errors import InstrumentError
from psychometrics.instrument import (
    SharedSet,
    check_instrument,
    load_instrument,
    load_shared_set,
    shared_sets,
)
from psychometrics.instrument.messages import SHARED_SETS
from psychometrics.instrument.shared import read_shared
from tests.instrument.small import SMALL, line_of

INLINE = SMALL[SMALL.index("  - key: agree3") : SMALL.index("  - key: hours")]
OPTIONS = "".join(line[4:] for line in INLINE.splitlines(keepends=True)[1:])
SHARED = f"""\
key: agree3
version: "1.0"
title: Agreement in three steps
description: How far a person agrees.
licence: Public domain.
provenance: Written for a test.
source_locale: en
{OPTIONS}"""
USE = '  - use: agree3\n    version: "1.0"\n'
USING = SMALL.replace(INLINE, USE)


def put(folder: Path, shared: str = SHARED, using: str = USING, name: str = "agree3") -> Path:
    """Write a definition and a shared set beside it, and return the definition's file."""
    (folder / "response_sets").mkdir(exist_ok=True)
    (folder / "response_sets" / f"{name}.yaml").write_text(shared, encoding="utf-8")
    file = folder / "small.yaml"
    file.write_text(using, encoding="utf-8")
    return file


def test_the_answers_become_part_of_the_instrument(tmp_path: Path) -> None:
    shared = load_instrument(put(tmp_path))
    (tmp_path / "inline").mkdir()
    file = tmp_path / "inline" / "small.yaml"
    file.write_text(SMALL, encoding="utf-8")
    inline = load_instrument(file)
    assert dict(shared.texts) == dict(inline.texts)
    assert shared.response_sets["agree3"].options == inline.response_sets["agree3"].options
    assert check_instrument(put(tmp_path)) == []
    assert inline.own_texts == inline.texts
    assert {k.split(".")[1] for k in set(shared.texts) - set(shared.own_texts)} == {"agree3"}


def test_version_and_hash_are_recorded_and_part_of_the_definition_hash(tmp_path: Path) -> None:
    first = load_instrument(put(tmp_path))
    taken = first.response_sets["agree3"].shared
    assert taken is not None
    read = read_shared(tmp_path / "response_sets" / "agree3.yaml").value
    assert read is not None
    assert (taken.version, taken.hash) == ("1.0", read.answers_hash)
    text = SHARED.replace("text: Fully", "text: Totally")
    second = load_instrument(put(tmp_path, text))
    assert second.definition_hash != first.definition_hash
    dumped = first.model_dump(mode="json", exclude_defaults=True)
    assert dumped["response_sets"]["agree3"]["shared"] == {"version": "1.0", "hash": taken.hash}


def test_the_hash_is_of_the_answers_and_not_of_remarks(tmp_path: Path) -> None:
    def found(text: str) -> str:
        file = put(tmp_path, text).parent / "response_sets" / "agree3.yaml"
        read = read_shared(file).value
        assert read is not None
        return read.answers_hash

    assert found(SHARED) == found("# a remark\n" + SHARED.replace("Public domain.", "None."))
    assert found(SHARED) != found(SHARED.replace("code: 3", "code: 4"))


def test_the_set_is_a_definition_of_its_own(tmp_path: Path) -> None:
    file = put(tmp_path)
    made = load_shared_set(tmp_path / "response_sets" / "agree3.yaml")
    assert isinstance(made, SharedSet)
    assert (made.id, made.key, made.version) == ("response_sets.agree3", "agree3", "1.0")
    assert made.locales == load_instrument(file).locales
    [derived] = shared_sets(load_instrument(file))
    assert (derived.id, dict(derived.texts)) == (made.id, dict(made.texts))
    assert all(key.split(".")[1] == "agree3" for key in made.texts)


@pytest.mark.parametrize(
    ("code", "shared", "using", "severity", "marker"),
    [
        ("shared_set_unknown", SHARED, USING.replace(": agree3", ": agre3", 1), "error", "agre3"),
        ("shared_set_faulty", SHARED.replace("code: 3", "code: 1"), USING, "error", "use: agree3"),
        ("shared_set_language", SHARED.replace(": en\n", ": de\n"), USING, "error", "use: agree3"),
        ("shared_set_version", SHARED.replace('"1.0"', '"1.1"'), USING, "warning", "use: agree3"),
        ("shared_set_changed", SHARED, USING.replace(USE, f"{USE}    hash: '{'0' * 16}'\n"),
         "warning", "hash: '0"),
        ("field_unknown", SHARED, USING.replace(USE, f"{USE}    range:\n"), "error", "range:"),
        ("field_missing", SHARED, USING.replace('    version: "1.0"\n', "", 1), "error", "use:"),
        ("field_key", SHARED, USING.replace("use: agree3", "use: ../agree3"), "error", "../agree3"),
        ("field_unknown", SHARED, SMALL.replace(
            "  - key: agree3\n", "  - key: agree3\n    shared: {version: '1', hash: abc}\n"
        ), "error", "shared:"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_where_the_set_is_named(
    tmp_path: Path, code: str, shared: str, using: str, severity: str, marker: str
) -> None:
    file = put(tmp_path, shared, using)
    found = [each for each in check_instrument(file) if each.code == code]
    assert found
    assert {each.severity for each in found} == {severity}
    text = file.read_text(encoding="utf-8")
    at = line_of(text, marker) + (code == "shared_set_version")
    assert found[0].where == f"{file}:{at}"


def test_each_sentence_of_shared_sets_is_tried_here() -> None:
    tried = {"shared_set_unknown", "shared_set_faulty", "shared_set_language"}
    tried |= {"shared_set_version", "shared_set_changed"}
    assert set(SHARED_SETS) == tried | {"shared_key_not_file_name", "definition_is_shared_set"}


def test_faults_of_the_set_have_a_line_of_its_own_file(tmp_path: Path) -> None:
    put(tmp_path, SHARED.replace("code: 3", "code: 1"))
    file = tmp_path / "response_sets" / "agree3.yaml"
    [found] = [each for each in check_instrument(file) if each.severity == "error"]
    assert found.code == "duplicate_option_code"
    assert found.where == f"{file}:{line_of(file.read_text('utf-8'), 'Fully')}"
    with pytest.raises(InstrumentError, match="the same code 1"):
        load_shared_set(file)


def test_the_key_is_the_name_of_the_file(tmp_path: Path) -> None:
    put(tmp_path, name="agree4")
    [found] = check_instrument(tmp_path / "response_sets" / "agree4.yaml")
    assert found.code == "shared_key_not_file_name"


def test_a_set_is_no_instrument(tmp_path: Path) -> None:
    put(tmp_path)
    with pytest.raises(InstrumentError, match="Name an instrument that uses it"):
        load_instrument(tmp_path / "response_sets" / "agree3.yaml")


def test_an_edited_set_is_read_again(tmp_path: Path) -> None:
    file = put(tmp_path)
    assert load_instrument(file).text("option.agree3.fully") == "Fully"
    put(tmp_path, SHARED.replace("text: Fully", "text: Wholly and more"))
    assert load_instrument(file).text("option.agree3.fully") == "Wholly and more"


def test_a_yaml_bomb_is_a_finding(tmp_path: Path) -> None:
    put(tmp_path, "a: &a [x, x]\nb: &b [*a, *a]\n" + SHARED)
    codes = {found.code for found in check_instrument(tmp_path / "response_sets" / "agree3.yaml")}
    assert "yaml_alias" in codes
