"""The small-n policy: what is estimated, judged and told with how few people, as data.

One policy is in force at a time: the one that comes along, or that of a validation while it runs.
Analyses ask it where they decide; none of them holds a number of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.resources import files
from os import PathLike
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, StrictInt, model_validator

from psychometrics.errors import NO_REASON, Reason, reason
from psychometrics.instrument.document import load_document
from psychometrics.instrument.parts import Frozen, Key, Number, Part, Text
from psychometrics.validity.rating_rules import refuse_repeated
from psychometrics.validity.selection import SITE

WHAT = "a small-n policy"

Statistic = Literal[
    "alpha", "factor_model", "htmt", "correlation", "known_groups", "fit", "omega_total", "ave",
    "latent_correlation", "site", "invariance", "congruence",
]  # fmt: skip
Effect = Literal["refuse", "no_verdict", "bootstrap", "caution"]

CAN: dict[str, frozenset[str]] = {
    "refuse": frozenset(
        {
            "alpha",
            "factor_model",
            "htmt",
            "correlation",
            "known_groups",
            "invariance",
            "congruence",
        }
    ),
    "no_verdict": frozenset({"alpha", "omega_total", "ave", "latent_correlation", "htmt", "fit"}),
    "bootstrap": frozenset({"alpha"}),
    "caution": frozenset({"site"}),
}
"""Statistics that each effect can have."""


class Rule(Part):
    """One rule: what happens to a statistic of fewer people."""

    key: Key = Field(description="Stable name; reasons name it.")
    statistic: Statistic = Field(description="What it is about.")
    effect: Effect = Field(description="What happens below `fewest`.")
    unit: Literal["any", "site", "pooled"] = Field(default="any", description="Where it holds.")
    fewest: StrictInt = Field(description="People from which nothing happens; 0 is off.")
    per_parameter: Number = Field(
        default=0.0, description="People for each free parameter, for factor models."
    )
    source: Text = Field(description="Whose rule it is.")
    why: Text = Field(description="What speaks for it.")

    @model_validator(mode="after")
    def _can_be_applied(self) -> Self:
        """Refuse what no analysis asks for."""
        if self.statistic not in CAN[self.effect]:
            known = ", ".join(sorted(CAN[self.effect]))
            raise ValueError(f"the effect {self.effect} is for {known}")
        if self.per_parameter and self.statistic not in ("factor_model", "invariance"):
            raise ValueError("only factor models have parameters")
        return self

    def holds(self, statistic: str, effect: str, pooling: str) -> bool:
        """Tell whether the rule is about a statistic in a unit."""
        where = self.unit == "any" or (self.unit == "site") == (pooling == SITE)
        return (self.statistic, self.effect) == (statistic, effect) and where


class SmallN(Frozen):
    """A small-n policy."""

    edition: Text = Field(description="Which policy this is.")
    rules: tuple[Rule, ...] = Field(description="In the order in which they are asked.")

    @model_validator(mode="after")
    def _once(self) -> Self:
        """Refuse two rules of one name."""
        refuse_repeated([rule.key for rule in self.rules])
        return self

    def broken(
        self, statistic: Statistic, effect: Effect, pooling: str, n: float, *, n_parameters: int = 0
    ) -> Rule | None:
        """Return the first rule that so few people break; None where none is.

        Examples
        --------
        >>> rule = small_n().broken("site", "caution", "site", 30)
        >>> rule.key, rule.fewest
        ('small_site', 50)
        """
        for rule in self.rules:
            if rule.holds(statistic, effect, pooling):
                if n < rule.fewest or n < rule.per_parameter * n_parameters:
                    return rule
        return None

    def refusal(
        self, statistic: Statistic, pooling: str, n: float, *, n_parameters: int = 0
    ) -> Reason:
        """Say why a unit of so few people gets no number; empty if it gets one."""
        rule = self.broken(statistic, "refuse", pooling, n, n_parameters=n_parameters)
        if rule is None:
            return NO_REASON
        needed = max(rule.fewest, int(-(-rule.per_parameter * n_parameters // 1)))
        return reason("below_small_n", n_obs=int(n), needed=needed, rule=rule.key)

    def silence(self, statistic: Statistic, pooling: str, n: float) -> Reason:
        """Say why no claim rests on a number of so few people; empty if one may."""
        rule = self.broken(statistic, "no_verdict", pooling, n)
        if rule is None:
            return NO_REASON
        told = {"n_obs": int(n), "needed": rule.fewest, "rule": rule.key}
        return reason("no_verdict_small_n", **told)


def small_n(given: SmallN | str | PathLike[str] | None = None) -> SmallN:
    """Return a policy: the one that comes along, that of a file, or as it is.

    Raises
    ------
    DocumentError
        If the file has faults.
    """
    if isinstance(given, SmallN):
        return given
    return _shipped() if given is None else load_document(given, SmallN, WHAT)


@cache
def _shipped() -> SmallN:
    return load_document(Path(str(files("psychometrics.validity") / "small_n.yaml")), SmallN, WHAT)


_IN_FORCE: ContextVar[SmallN | None] = ContextVar("small_n", default=None)


def in_force() -> SmallN:
    """Return the policy that analyses go by at the moment."""
    return _IN_FORCE.get() or _shipped()


@contextmanager
def put_in_force(policy: SmallN) -> Iterator[None]:
    """Let analyses go by a policy, here and in whatever is called from here."""
    token = _IN_FORCE.set(policy)
    try:
        yield
    finally:
        _IN_FORCE.reset(token)
