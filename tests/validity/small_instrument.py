"""A small instrument with everything an analysis can meet, and answers to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from psychometrics.instrument import Instrument
from psychometrics.responses import Responses, read_responses

AGREE = {
    "key": "agree3",
    "options": [
        {"key": key, "code": code, "text": key}
        for code, key in enumerate(("no", "maybe", "yes"), start=1)
    ],
    "missing": [
        {"key": "na", "code": 8, "text": "Does not apply", "meaning": "not_applicable",
         "structural": True},
        {"key": "refused", "code": 9, "text": "No answer", "meaning": "refused"},
    ],
}  # fmt: skip


def small_instrument(**changes: Any) -> Instrument:
    """Return two scales of two items, three sites, four comparators."""

    def item(key: str, keyed: int = 1) -> dict[str, Any]:
        return {"key": key, "text": key, "concept": key, "rationale": key,
                "response_set": "agree3", "keyed": keyed}  # fmt: skip

    def scale(key: str, items: list[str], measurement: str = "reflective") -> dict[str, Any]:
        return {"key": key, "title": key, "description": key, "items": items,
                "min_valid": len(items), "measurement": measurement}  # fmt: skip

    def comparator(key: str, kind: str, level: str = "respondent") -> dict[str, Any]:
        return {"key": key, "text": key, "kind": kind, "level": level}

    words = {
        "id": "small", "version": "1", "title": "Small", "construct": "c", "citation": "c",
        "licence": "l", "provenance": "p", "source_locale": "en", "instructions": "i",
        "recall_period": "r",
    }  # fmt: skip
    parts: dict[str, Any] = {
        "response_sets": [AGREE],
        "items": [item("a1"), item("a2", -1), item("b1"), item("b2")],
        "scales": [scale("a", ["a1", "a2"]), scale("b", ["b1", "b2"])],
        "comparators": [
            comparator("age", "numeric"), comparator("rank", "ordinal"),
            comparator("colour", "nominal"), comparator("town", "binary", "site"),
        ],
        "hypotheses": [
            {"key": "a_rises", "scale": "a", "comparator": "age", "kind": "convergent",
             "direction": "positive", "minimum": 0.3, "rationale": "r"},
            {"key": "b_flat", "scale": "b", "comparator": "age", "kind": "discriminant",
             "direction": "none", "maximum": 0.3, "rationale": "r"},
        ],
        "known_groups": [
            {"key": "old_hands", "variable": "role", "higher": "old", "lower": "new",
             "scales": ["a", "b"], "minimum_d": 0.3, "rationale": "r"},
        ],
        "sites": [
            {"id": site, "name": site, "country": "DE", "locales": ["en"]}
            for site in ("north", "south", "east")
        ],
    }  # fmt: skip
    return Instrument.model_validate(words | parts | changes)


def small_answers(
    columns: Mapping[str, Any] | None = None, instrument: Instrument | None = None, n: int = 90
) -> Responses:
    """Return answers of `n` people at three sites; `columns` replace the columns of that name."""
    rng = np.random.default_rng(11)
    person = rng.normal(size=n)

    def answer(sign: int = 1) -> Any:
        return np.clip(np.round(2 + sign * person + rng.normal(size=n) * 0.5), 1, 3).astype(int)

    frame = pd.DataFrame(
        {
            "site": np.resize(["north", "south", "east"], n),
            "a1": answer(), "a2": answer(-1), "b1": answer(), "b2": answer(),
            "age": np.round(40 + 8 * person + rng.normal(size=n) * 4),
            "role": np.where(person + rng.normal(size=n) > 0, "old", "new"),
        }
    )  # fmt: skip
    for name, values in (columns or {}).items():
        frame[name] = values
    return read_responses(frame, instrument or small_instrument(), role="role")
