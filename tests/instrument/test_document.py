"""Other files than definitions: right ones are read, faulty ones say everything by line."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import Field, StrictInt

from psychometrics.errors import DocumentError
from psychometrics.instrument import yaml_tree
from psychometrics.instrument.document import load_document, read_document
from psychometrics.instrument.parts import Key, Number, Part, Text


class Step(Part):
    name: Key = Field(description="Its name.")
    size: Number | None = Field(default=None, description="How large.")


class Walk(Part):
    title: Text = Field(description="What it is called.")
    steps: tuple[Step, ...] = Field(default=(), description="One after the other.")
    rests: dict[str, StrictInt] = Field(default_factory=dict, description="Minutes.")
    first: Step | None = Field(default=None, description="The first.")


def written(folder: Path, text: str) -> Path:
    path = folder / "walk.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_what_a_file_holds(tmp_path: Path) -> None:
    text = "title: To the sea\nsteps:\n  - {name: one, size: 2}\nrests: {noon: 10}\n"
    walk = load_document(written(tmp_path, text), Walk, "a walk")
    assert walk == Walk(title="To the sea", steps=(Step(name="one", size=2),), rests={"noon": 10})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("titel: x\n", [
            "1: The file has no `title`. Add it: What it is called.",
            "1: The file has no field `titel`. Did you mean title?",
        ]),
        ("title: x\nsteps:\n  - name: One\n    size: big\n", [
            "3: `name` is 'One'; keys are small letters",
            "4: `size` must be a number without quotes, and here it is 'big'.",
        ]),
        ("title: x\nsteps:\n  - size: 1\n", ["3: Entry 1 of `steps` has no `name`. Add it: Its"]),
        ("title: x\nfirst:\n  names: a\n", [
            "2: `first` has no `name`",
            "3: `first` has no field `names`. Did you mean name?",
        ]),
        ("title: x\nsteps: one\n", ["2: `steps` must be a list"]),
        ("title: x\nrests:\n  noon: soon\n", ["3: `noon` must be a whole number"]),
        ("title: x\ntitle: y\n", ["2: `title` was already given on line 1"]),
        ("- title\n", ["1: The file should hold a walk, as `field: value` lines; here it is a"]),
        ("# nothing\n", ["1: The file holds nothing. It should hold a walk."]),
        ("~\n", ["1: The file holds nothing. It should hold a walk."]),
        ("title: &a x\n", ["1: Anchors and aliases"]),
        ("title: !!python/object x\n", ["1: The tag"]),
    ],
)  # fmt: skip
def test_every_fault_is_told_by_line(tmp_path: Path, text: str, told: list[str]) -> None:
    path = written(tmp_path, text)
    findings = read_document(path, Walk, "a walk").findings
    assert len(findings) == len(told), [str(found) for found in findings]
    for found, start in zip(findings, told, strict=True):
        assert str(found).startswith(f"error: {path}:{start}"), str(found)
    with pytest.raises(DocumentError, match=r"has (one error|2 errors)") as raised:
        load_document(path, Walk, "a walk")
    assert len(raised.value.findings) == len(told)


def test_a_file_that_is_not_there_or_too_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DocumentError, match="There is no such file"):
        load_document(tmp_path / "none.yaml", Walk, "a walk")
    monkeypatch.setattr(yaml_tree, "MOST_BYTES", 3)
    with pytest.raises(DocumentError, match="3 are the most for a walk"):
        load_document(written(tmp_path, "title: x\n"), Walk, "a walk")
