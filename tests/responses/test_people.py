"""Sites, languages, ids and weights."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from psychometrics.instrument import Instrument
from psychometrics.responses import read_responses
from tests.responses.tiny import Read, codes, only


@pytest.mark.parametrize("cell", ["ulm", "ULM", " Ulm ", "Ulm/Donau", "1", "01", "1.0", "1,0"])
def test_a_site_is_recognised(cell: str, read: Read) -> None:
    assert read(f'site;calm_1\n"{cell}";1\npune;2\n').sites == ("ulm", "pune")


@pytest.mark.parametrize("cell", ["ulm / donau", "Ulmm", "3"])
def test_a_site_is_not_guessed(cell: str, read: Read) -> None:
    responses = read(f"site;calm_1\n{cell};1\npune;2\n")
    assert only(responses.findings, "unknown_site").params["rows"] == (1,)


def test_rows_of_no_site_stay(read: Read) -> None:
    responses = read("site,calm_1\nulm,1\n,2\nmars,3\n")
    assert responses.n_obs == 3
    assert responses.sites == ("ulm",)
    assert {site: part.n_obs for site, part in responses.by_site().items()} == {"ulm": 1}


def test_undeclared_sites_become_sites(read: Read) -> None:
    text = "site,calm_1\nZagreb,1\npune,2\nMars,3\n mars ,3\nZAGREB,1\n"
    responses = read(text, allow_undeclared_sites=True)
    assert responses.frame["site"].tolist() == ["Zagreb", "pune", "Mars", "Mars", "Zagreb"]
    assert responses.sites == ("pune", "Mars", "Zagreb")
    assert only(responses.findings, "undeclared_site").params["n_values"] == 2


def test_a_name_of_two_sites_is_unknown(tiny: Instrument) -> None:
    sites = {key: one.model_copy(update={"aliases": ("X",)}) for key, one in tiny.sites.items()}
    twins = tiny.model_copy(update={"sites": sites})
    responses = read_responses(pd.DataFrame({"site": ["x", "ulm"], "calm_1": [1, 2]}), twins)
    assert responses.frame["site"].tolist() == [None, "ulm"]
    assert "unknown_site" in codes(responses)


def test_a_site_may_be_called_like_a_blank(tiny: Instrument) -> None:
    named = tiny.sites["ulm"].model_copy(update={"aliases": ("NA",)})
    instrument = tiny.model_copy(update={"sites": {**tiny.sites, "ulm": named}})
    frame = pd.DataFrame({"site": ["NA", "", None], "calm_1": [1, 2, 3]})
    assert read_responses(frame, instrument).frame["site"].tolist() == ["ulm", None, None]


def test_languages(read: Read) -> None:
    cells = ["de-DE", "DE_de", "de", "hi", "en", "tlh", ""]
    text = "site,calm_1,language\n" + "".join(f"ulm,1,{cell}\n" for cell in cells)
    # "en" is the source language, and also short for en_IN: the exact name wins.
    found = read(text)
    assert found.frame["language"].tolist() == ["de_DE"] * 3 + ["hi_IN", "en", "tlh", None]


def test_other_roles_are_kept_as_texts(read: Read) -> None:
    text = "site,calm_1,role,cluster,mode,form_version,wave\nulm,1, nurse ,007,web,1.0,\n"
    frame = read(text).frame
    assert frame.loc[0, ["role", "cluster", "mode", "form_version", "wave"]].tolist() == [
        "nurse", "007", "web", "1.0", None,
    ]  # fmt: skip
    assert list(frame.columns[:8]) == [
        "row", "site", "form_version", "mode", "cluster", "wave", "role", "calm_1",
    ]  # fmt: skip


def test_weights(read: Read) -> None:
    responses = read('site,calm_1,w\nulm,1,0\nulm,2,"1,5"\npune,3,inf\npune,4,\n', weight="w")
    np.testing.assert_array_equal(responses.frame["weight"], [0, 1.5, np.nan, np.nan])
    assert only(responses.findings, "bad_weight").params["rows"] == (3, 4)


# Repetitions


HEAD = "site,respondent,wave,calm_1\n"


@pytest.mark.parametrize(
    ("rows", "code", "found_rows"),
    [
        ("ulm,a,1,1\nulm,a,2,1\nulm,b,1,2\n", None, ()),
        ("ulm,a,1,1\nulm,a,1,2\n", "duplicate_respondent", (1, 2)),
        ("ulm,a,,1\nulm,a,,2\nulm,a,1,2\n", "duplicate_respondent", (1, 2)),
        ("ulm,a,1,1\npune,a,1,2\n", "respondent_at_several_sites", (1, 2)),
        ("ulm,a,1,1\n,a,1,2\n", "duplicate_respondent", (1, 2)),
        ("ulm,a,1,1\npune,a,1,2\npune,a,1,3\n", "duplicate_respondent", (1, 2, 3)),
        ("ulm,,1,1\nulm,,1,2\n", None, ()),
    ],
)
def test_repetitions(rows: str, code: str | None, found_rows: tuple[int, ...], read: Read) -> None:
    responses = read(HEAD + rows)
    about = [
        one
        for one in responses.findings
        if one.code in ("duplicate_respondent", "respondent_at_several_sites")
    ]
    assert [(one.code, one.params["rows"]) for one in about] == (
        [(code, found_rows)] if code else []
    )
    assert responses.n_obs == rows.count("\n")


def test_identical_rows_matter_only_without_ids(read: Read) -> None:
    with_ids = read("site,respondent,calm_1\nulm,a,1\nulm,b,1\n")
    assert "identical_rows" not in codes(with_ids)
    empty = read("site,calm_1,calm_2\n,,\n,,\nulm,1,2\n")
    assert "identical_rows" not in codes(empty)
