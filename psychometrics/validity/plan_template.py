"""A plan to fill in: every decision of a validation, with the usual choice and what it means."""

from __future__ import annotations

from collections.abc import Iterator

from psychometrics.instrument import Instrument
from psychometrics.validity.analysis_plan import ANALYSES, AnalysisPlan
from psychometrics.validity.criteria import CRITERIA


def plan_template(instrument: Instrument) -> str:
    """Return the text of a plan for a measure, commented, with the usual choices.

    What nobody can choose for you is left empty: the date, who froze it, and what is too small
    to matter. Until it is filled in, ``psychometrics plan check`` says so.

    Parameters
    ----------
    instrument : Instrument
        The measure.

    Examples
    --------
    >>> from psychometrics import load_instrument
    >>> print(plan_template(load_instrument("hs1939")).splitlines()[5])
    instrument: hs1939
    """
    return "\n".join(_lines(instrument)) + "\n"


def _lines(instrument: Instrument) -> Iterator[str]:
    usual = AnalysisPlan.model_fields
    yield f"# Plan of analysis for: {_one_line(instrument.title)}"
    yield "# Fill it in before you see the answers, check it (psychometrics plan check), and put it"
    yield "# where its date can be shown. A report says what was done otherwise."
    yield "# What is expected (hypotheses, known groups) stands in the definition of the measure."
    yield ""
    yield f"instrument: {instrument.id}"
    yield f'version: "{instrument.version}"'
    yield "# The definition as it is now, with its hypotheses; a change shows as a deviation."
    yield f"definition_hash: {instrument.definition_hash}"
    yield "# When it was frozen, as in 2026-03-01, and by whom: a pseudonym."
    yield "date:"
    yield "by:"
    yield ""
    yield "# What is planned. Delete what isn't; a report calls it exploratory."
    yield "analyses:"
    yield from (f"  - {name}" for name in _possible(instrument))
    yield ""
    yield from _choice("model", "correlated_factors", _models(instrument))
    yield "# Coefficients, the primary one first: alpha, omega_total."
    yield "coefficients: [alpha, omega_total]"
    yield from _choice("alpha_interval", str(usual["alpha_interval"].default), "feldt, bonett")
    yield from _choice("missing", str(usual["missing"].default), "pairwise, listwise")
    yield from _choice("missing_models", str(usual["missing_models"].default), "fiml, listwise")
    yield "# Coverage of intervals, bootstrap samples, seed."
    for name in ("level", "n_boot", "seed"):
        yield f"{name}: {usual[name].default}"
    yield "# Latent correlation that discriminant validity is tested against."
    yield f"correlation_cutoff: {usual['correlation_cutoff'].default}"
    yield ""
    yield "# What answers are compared over: site, language, form_version, mode, wave, role."
    yield "groupings: [site]"
    yield ""
    yield "# Cut-offs of claims. Those below are the usual ones; take the # away to change one."
    yield "thresholds:"
    yield from (f"#  {one.id}: {one.threshold:g}" for one in CRITERIA.values())
    yield ""
    yield "# Sites to be compared, and how their p-values are adjusted together:"
    yield "# holm, benjamini_hochberg or none."
    yield "contrasts:"
    yield from _example_contrast(instrument)
    yield "family: holm"
    yield ""
    yield "# Who is left out, and why. rule: few_answers (answered: share of items),"
    yield "# flagged (flag: straight_line, fast, ...: those of data quality), site, by_hand."
    yield "exclusions:"
    yield "#  - key: hardly_answered"
    yield "#    rule: few_answers"
    yield "#    answered: 0.5"
    yield "#    reason: Half of a questionnaire says little about the rest."
    yield ""
    yield "# What is too small to matter. Samples are planned for it (psychometrics precision)."
    yield "smallest_effects:"
    yield "  # distance of a reliability from its threshold, such as 0.05"
    yield "  reliability:"
    yield "  # distance of a correlation from its threshold, such as 0.10"
    yield "  correlation:"
    yield "  # difference between groups in standard deviations, such as 0.20"
    yield "  standardised_difference:"


def _one_line(text: str) -> str:
    """Return a text that stays within its comment."""
    return " ".join(text.split())


def _choice(name: str, value: str, choices: str) -> Iterator[str]:
    yield f"# {AnalysisPlan.model_fields[name].description!s} {choices[0].upper()}{choices[1:]}."
    yield f"{name}: {value}"


def _models(instrument: Instrument) -> str:
    above = any(one.measurement == "reflective" for one in instrument.higher_order.values())
    return "correlated_factors, higher_order" if above else "correlated_factors"


def _possible(instrument: Instrument) -> Iterator[str]:
    """Yield the analyses that the definition gives something to do."""
    for name in ANALYSES:
        there = {
            "hypotheses": bool(instrument.hypotheses),
            "known_groups": bool(instrument.known_groups),
            "comparability": len(instrument.sites) > 1,
        }
        if there.get(name, True):
            yield name


def _example_contrast(instrument: Instrument) -> Iterator[str]:
    sites = list(instrument.sites)
    if len(sites) > 1:
        yield f"#  - {{key: {sites[0]}_{sites[1]}, a: {sites[0]}, b: {sites[1]}, rationale: Why.}}"
