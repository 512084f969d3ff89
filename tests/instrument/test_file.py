"""Finding, reading and refusing definition files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from psychometrics.errors import InstrumentError
from psychometrics.instrument import available_instruments, check_instrument, load_instrument
from tests.instrument.small import SMALL, spoiled, written

FUZZED = settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # each example writes its own file
    deadline=None,
)
ODD = ":-{}[],&*!|>'\"%@`#?~ \n\tax1é\x00\u2028"


def codes(file: Path) -> list[str]:
    """Return the codes of what is found in a file."""
    return [found.code for found in check_instrument(file)]


def test_load_by_path_and_by_id(tmp_path: Path) -> None:
    assert load_instrument(written(tmp_path, SMALL)).id == "small"
    assert load_instrument(str(written(tmp_path, SMALL))).id == "small"
    for name in available_instruments():
        assert load_instrument(name).id == name


def test_an_unknown_id_lists_the_ids() -> None:
    with pytest.raises(InstrumentError, match=r"no definition 'bfi25'.*There are: hs1939, ipip_bf"):
        load_instrument("bfi25")
    with pytest.raises(InstrumentError, match="Did you mean peer_support_implementation"):
        load_instrument("peer_support")
    with pytest.raises(InstrumentError, match="no definition ''"):
        load_instrument("")


def test_a_missing_file_and_a_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(InstrumentError, match=r"none\.yaml:1: There is no such file"):
        load_instrument(tmp_path / "none.yaml")
    assert codes(tmp_path) == ["definition_not_found"]


def test_the_error_lists_every_finding_with_its_line(tmp_path: Path) -> None:
    text = spoiled("comparator: sleep", "comparator: slep").replace("code: 8", "code: 3")
    with pytest.raises(InstrumentError, match=r"has 2 errors:\n  .*:20: .*\n  .*:86: ") as caught:
        load_instrument(written(tmp_path, text))
    found = [(f.code, f.severity) for f in caught.value.findings]
    assert found == [("missing_code_is_option", "error"), ("unknown_comparator", "error")]


def test_an_edited_file_is_read_again(tmp_path: Path) -> None:
    file = written(tmp_path, SMALL)
    before = load_instrument(file)
    written(tmp_path, spoiled("title: Rest and effort", "title: Rest, and effort too"))
    os.utime(file, ns=(1, 1))
    assert load_instrument(file).title != before.title


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", ["definition_empty"]),
        (b"# only a comment\n---\n", ["definition_empty"]),
        (b"- id: small\n", ["definition_not_mapping"]),
        (b"just a sentence\n", ["definition_not_mapping"]),
        (b"~\n", ["definition_not_mapping"]),
        (SMALL.encode("utf-16"), ["definition_not_utf8"]),
        (SMALL.replace("Rest and", "Ruhe für").encode("latin-1"), ["definition_not_utf8"]),
        (b"\xef\xbb\xbf" + SMALL.encode(), ["definition_bom"]),
        (b"\x00\x01\x02", ["yaml_character"]),
        (b"[" * 100_000, ["yaml_too_deep"]),
        (b"- " * 100_000, ["yaml_too_deep"]),
        (b"{a: " * 50_000, ["yaml_too_deep"]),
        (b"# " + b"x" * 5_000_000, ["definition_too_large"]),
        (b'"\\UFFFFFFFF": 1\n', ["yaml_syntax"]),
        (b"- - 1\n  - 2\n", ["definition_not_mapping"]),
    ],
)
def test_hostile_and_broken_files_are_told(
    tmp_path: Path, content: bytes, expected: list[str]
) -> None:
    file = tmp_path / "small.yaml"
    file.write_bytes(content)
    assert codes(file) == expected


def test_a_byte_order_mark_is_no_obstacle(tmp_path: Path) -> None:
    file = tmp_path / "small.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + SMALL.encode())
    assert load_instrument(file) == load_instrument(written(tmp_path / "..", SMALL, "s2.yaml"))


def test_the_line_of_a_wrong_byte_is_named(tmp_path: Path) -> None:
    file = tmp_path / "small.yaml"
    file.write_bytes(b"id: small\ntitle: f\xfcr\n")
    assert check_instrument(file)[0].where == f"{file}:2"


def test_a_bomb_of_aliases_is_refused_at_once(tmp_path: Path) -> None:
    rows = ["a0: &a0 [x, x]"]
    rows += [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}]" for n in range(1, 40)]
    found = codes(written(tmp_path, "\n".join(rows)))
    assert "yaml_alias" in found
    assert len(found) < 400


def test_line_ends_of_windows_change_nothing(tmp_path: Path) -> None:
    file = tmp_path / "small.yaml"
    file.write_bytes(SMALL.replace("\n", "\r\n").encode())
    assert codes(file) == []
    assert (
        load_instrument(file).definition_hash
        == load_instrument(written(tmp_path, SMALL, "other.yaml")).definition_hash
    )


@pytest.mark.parametrize(("written_as", "read_as"), [("no", "no"), ("off", "off"), ("1_0", "1_0")])
def test_words_of_older_yaml_stay_words(tmp_path: Path, written_as: str, read_as: str) -> None:
    instrument = load_instrument(
        written(tmp_path, spoiled("title: Rest and effort", f"title: {written_as}"))
    )
    assert instrument.title == read_as


def test_a_heading_with_nothing_under_it_is_empty(tmp_path: Path) -> None:
    text = SMALL + "higher_order:\n"
    assert codes(written(tmp_path, text)) == []
    assert load_instrument(written(tmp_path, text)).higher_order == {}


@FUZZED
@given(
    at=st.integers(0, len(SMALL) - 1),
    length=st.integers(0, 40),
    new=st.text(alphabet=st.sampled_from(ODD), max_size=8),
)
def test_no_damage_leads_to_a_traceback_of_another_library(
    tmp_path: Path, at: int, length: int, new: str
) -> None:
    file = written(tmp_path, SMALL[:at] + new + SMALL[at + length :])
    findings = check_instrument(file)
    lines = (file.read_text(encoding="utf-8").count("\n")) + 1
    assert all(1 <= int(found.where.rpartition(":")[2]) <= lines for found in findings)
    if any(found.severity == "error" for found in findings):
        with pytest.raises(InstrumentError, match=r"small\.yaml has"):
            load_instrument(file)
    else:
        assert load_instrument(file).items


@FUZZED
@given(content=st.binary(max_size=60))
def test_no_bytes_lead_to_a_traceback_of_another_library(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "small.yaml"
    file.write_bytes(content)
    assert {found.severity for found in check_instrument(file)} >= {"error"}


def test_the_import_stays_cheap() -> None:
    code = (
        "import sys, psychometrics.instrument;"
        "heavy = {'babel', 'pandas', 'scipy', 'numpy', 'ruamel.yaml', 'polib', 'jsonschema'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
