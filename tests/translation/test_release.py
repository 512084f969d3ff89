"""Releases: frozen once, drafts marked for ever, changes found out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from psychometrics.errors import CatalogError
from psychometrics.translation.release import (
    differing,
    load_release,
    make_release,
    release_file,
    release_names,
)
from tests.translation.test_record import Project, project, signed

__all__ = ["project", "signed"]


def release(project: Project, version: str = "1.0", **told):
    return make_release(
        project.instrument, version, when=project.now(), translations=project.translations, **told
    )


def test_signed_text_is_released(signed: Project) -> None:
    made = release(signed)
    assert (made.name, made.draft) == ("1.0", False)
    read = load_release("mood", "1.0", translations=signed.translations)
    assert read == made
    form = read.form("de_DE")
    assert list(form.texts)[:4] == ["title", "instructions", "recall_period", "item.calm"]
    assert form.texts["item.code_word"] == "ABC-1"
    assert next(iter(form.codes["often3"].items())) == ("never", 1)
    assert (form.direction, form.signed) == ("ltr", True)
    assert form.form_hash == signed.status.form_hash
    assert read.form("en").texts["item.calm"] == "I feel calm."


def test_drafts_are_released_only_if_asked_for_and_say_so(project: Project) -> None:
    project.translate()
    with pytest.raises(CatalogError, match="Only signed texts are released"):
        release(project)
    made = release(project, allow_draft=True)
    assert (made.name, made.draft, made.form("de_DE").signed) == ("1.0-draft", True, False)


def test_signed_text_is_no_draft_though_drafts_are_allowed(signed: Project) -> None:
    assert release(signed, allow_draft=True).name == "1.0"


def test_a_form_with_nothing_to_read_is_not_released(project: Project) -> None:
    with pytest.raises(CatalogError, match="not translated"):
        release(project, allow_draft=True)


def test_a_version_is_released_once(signed: Project) -> None:
    first = release(signed)
    assert release(signed).when == first.when
    signed.step("proofreading", "P1", texts={"item.calm": "Neu."})
    signed.sign("item.calm")
    with pytest.raises(CatalogError, match="Nobody has signed off the whole form"):
        release(signed)
    made = release(signed, allow_draft=True)
    assert made.name == "1.0-draft"
    assert differing(made.form("de_DE"), first.form("de_DE")) == ("item.calm",)
    assert release_names("mood", translations=signed.translations) == ("1.0", "1.0-draft")
    signed.step("proofreading", "P1", texts={"item.calm": "Noch neuer."})
    with pytest.raises(CatalogError, match="released before with other words"):
        release(signed, allow_draft=True)


@pytest.mark.parametrize(
    "change",
    [
        lambda told: told["locales"]["de_DE"]["texts"].update({"item.calm": "Anders."}),
        lambda told: told.update(draft=True),
        lambda told: told["locales"]["de_DE"].update(
            texts=dict(reversed(told["locales"]["de_DE"]["texts"].items()))
        ),
        lambda told: told.pop("hash"),
        lambda told: told.update(name="2.0"),
    ],
)
def test_a_release_that_was_changed_is_refused(signed: Project, change) -> None:
    release(signed)
    file = release_file("mood", "1.0", signed.translations)
    told = json.loads(file.read_text(encoding="utf-8"))
    change(told)
    file.write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(CatalogError, match=r"was changed after it was made|This is no release"):
        load_release("mood", "1.0", translations=signed.translations)


@pytest.mark.parametrize("name", ["../1.0", "1.0/../../x", "draft", "", "1.0-final", "1" * 9])
def test_a_version_is_no_path(signed: Project, name: str) -> None:
    with pytest.raises(CatalogError, match="is no version"):
        release(signed, version=name)
    with pytest.raises(CatalogError, match="is no version"):
        load_release("mood", name, translations=signed.translations)


def test_a_release_that_is_not_there(signed: Project, tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="there are: none"):
        load_release("mood", "3.0", translations=signed.translations)
