"""The steps from a draft to a text that may be fielded, by the method that is followed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, StrictBool, StrictInt

from psychometrics.errors import CatalogError
from psychometrics.instrument.parts import Key, Part, Text
from psychometrics.instrument.rules import did_you_mean
from psychometrics.instrument.yaml_tree import read_tree
from psychometrics.translation.events import EventKind, Origin


class Step(Part):
    """One step of a workflow.

    Examples
    --------
    >>> [step.key for step in workflow("trapd").steps]
    ['translation', 'review', 'adjudication', 'pretest', 'documentation']
    """

    key: Key = Field(description="Stable name.")
    title: Text = Field(description="What is done.")
    event: EventKind = Field(description="The event that records it.")
    level: Literal["text", "once"] = Field(
        description="text: done for each text; once: for a whole locale."
    )
    binds: Literal["source", "target"] = Field(
        default="target", description="Which wording it must have been done on."
    )
    people: StrictInt = Field(default=1, description="How many different people must do it.")
    origins: tuple[Origin, ...] = Field(
        default=(), description="Where its texts may come from; anywhere if left out."
    )
    differs: tuple[Key, ...] = Field(
        default=(), description="Earlier steps whose people can't do this one."
    )
    blind: StrictBool = Field(
        default=False, description="Whether it counts only where the source was not seen."
    )


class Workflow(Part):
    """A method of translation: its steps in order, and who can't sign."""

    title: Text = Field(description="Name of the method.")
    citation: Text = Field(description="Where it is described.")
    sign_off_differs: tuple[Key, ...] = Field(
        default=(), description="Steps whose people can't sign the text off."
    )
    steps: tuple[Step, ...] = Field(description="The steps, in order.")

    def step(self, key: str) -> Step:
        """Return a step by its key."""
        return next(step for step in self.steps if step.key == key)


@cache
def workflows() -> Mapping[str, Workflow]:
    """Return the workflows by name."""
    tree = read_tree(Path(__file__).parent / "data" / "workflows.yaml")
    return {name: Workflow.model_validate(raw) for name, raw in tree.data.items()}


def workflow(name: str) -> Workflow:
    """Return a workflow by its name.

    Raises
    ------
    CatalogError
        If there is none of that name.
    """
    known = workflows()
    if name not in known:
        raise CatalogError(f"There is no workflow {name!r}.{did_you_mean(name, known)}")
    return known[name]
