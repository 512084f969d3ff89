"""What a report is told from: a study, its protected tables, and the names readers know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import pandas as pd

from psychometrics.plots.labels import Labels, unique
from psychometrics.plots.numerals import percent
from psychometrics.report.disclosure import Protected, protect
from psychometrics.report.wording import say
from psychometrics.validity.criteria import CRITERIA, Criterion


class Study(Protocol):
    """What a report needs of a study; :func:`psychometrics.validity.study.run_study` makes one."""

    @property
    def instrument(self) -> Any: ...  # noqa: D102 - a protocol names what is read, no more
    @property
    def tables(self) -> dict[str, pd.DataFrame]: ...  # noqa: D102
    @property
    def findings(self) -> tuple[Any, ...]: ...  # noqa: D102
    @property
    def simulated(self) -> bool: ...  # noqa: D102
    @property
    def level(self) -> float: ...  # noqa: D102


@dataclass(frozen=True)
class Source:
    """A study with small groups withheld, and how its keys are called.

    Attributes
    ----------
    study : Study
        The study; its tables are never shown, only those of `protected`.
    protected : Protected
        The tables that may be shown.
    labels : Labels
        Names of the sites in the data, texts of the items, titles of the scales.
    """

    study: Study
    protected: Protected
    labels: Labels

    @property
    def instrument(self) -> Any:
        """The definition."""
        return self.study.instrument

    @property
    def simulated(self) -> bool:
        """Whether the answers were simulated."""
        return bool(self.study.simulated)

    @property
    def criteria(self) -> Mapping[str, Criterion]:
        """What claims were held against, by id."""
        return getattr(self.study, "criteria", CRITERIA)

    @property
    def weighted(self) -> bool:
        """Whether case weights took part where they can."""
        settings = self.frame("settings")
        return bool(((settings["name"] == "weights") & (settings["value"] == "True")).any())

    @property
    def level(self) -> str:
        """Coverage of the intervals, as a percentage."""
        return percent(self.study.level)

    def frame(self, name: str) -> pd.DataFrame:
        """Return a protected table; an empty frame where the study has none."""
        return self.protected.tables.get(name, pd.DataFrame())

    def part(self, name: str, **wanted: str) -> pd.DataFrame:
        """Return the rows of a table that hold the wanted values."""
        frame = self.frame(name)
        for column, value in wanted.items():
            if column not in frame:
                return frame.iloc[0:0]
            frame = frame[frame[column] == value]
        return frame

    @cached_property
    def scales(self) -> tuple[str, ...]:
        """Keys of the scales, in the order of the definition."""
        return tuple(str(key) for key in self.instrument.scales)

    @cached_property
    def reflective_scales(self) -> tuple[str, ...]:
        """Keys of the scales whose items should go together; the others have no coefficients."""
        scales = self.instrument.scales
        return tuple(key for key in self.scales if scales[key].measurement == "reflective")

    @cached_property
    def sites(self) -> tuple[str, ...]:
        """Keys of the sites in the data."""
        return tuple(self.labels.sites)

    def name(self, pooling: object, group: object) -> str:
        """Return the name of a place."""
        return POOLING_NAMES.get(str(pooling)) or self.labels.site(group)

    def answer_texts(self, comparator: str) -> dict[str, str]:
        """Return the texts of a comparator's answers by their code; empty if it has no codes."""
        known = self.instrument.comparators.get(comparator)
        answers = self.instrument.response_sets.get(getattr(known, "response_set", None))
        return {str(option.code): option.text for option in getattr(answers, "options", ())}

    def caption_note(self) -> tuple[str, ...]:
        """Return the sentence that goes under every table of simulated answers."""
        return (say("note.simulated"),) if self.simulated else ()


POOLING_NAMES = {pooling: say(f"name.{pooling}") for pooling in ("within", "total", "meta")}


def read_study(study: Study, minimum_group_size: int) -> Source:
    """Return what a report is told from.

    Parameters
    ----------
    study : Study
        The study.
    minimum_group_size : int
        Groups of fewer people are withheld; 0 withholds none.
    """
    labels = study_labels(study)
    protected = protect(study.tables, minimum_group_size, names=labels.sites)
    return Source(study, protected, labels)


def study_labels(study: Study) -> Labels:
    """Return the names of what occurs in a study, sites in the order of the definition."""
    instrument = study.instrument
    present: set[str] = set()
    order: list[str] = []
    for frame in study.tables.values():
        if "group" in frame and "pooling" in frame:
            here = unique(frame.loc[frame["pooling"] == "site", "group"])
            order += [site for site in here if site not in present]
            present.update(here)
    declared = [str(key) for key in instrument.sites if str(key) in present]
    sites = {key: instrument.sites[key].name for key in declared}
    sites |= {key: key for key in order if key not in sites}
    scales = {str(key): scale.title for key, scale in instrument.scales.items()}
    nodes = getattr(instrument, "higher_order", {}) or {}
    scales |= {str(key): node.title for key, node in nodes.items()}
    items = {str(key): item.text for key, item in instrument.items.items()}
    return Labels(sites=sites, items=items, scales=scales)
