"""A definition as text: everything but the notes for translators."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psychometrics.instrument import Instrument
    from psychometrics.instrument.definition import Hypothesis

Text = Callable[[str], str]


def definition_lines(definition: Instrument, text: Text) -> Iterator[str]:
    """Yield a definition line by line.

    Parameters
    ----------
    definition : Instrument
        What is shown.
    text : callable
        From the key of a text to the text, in the language that was asked for.
    """
    yield f"{text('title')} ({definition.id} {definition.version})"
    yield definition.measured.strip()
    yield f"Cite: {definition.citation.strip()}"
    yield f"Licence: {definition.licence.strip()}"
    yield f"Where it comes from: {definition.provenance.strip()}"
    yield f"Instructions: {text('instructions').strip()}"
    yield f"Recall period: {text('recall_period').strip()}"
    yield from _scales(definition, text)
    yield ""
    yield from _answers(definition, text)
    yield from _expectations(definition, text)
    for site in definition.sites.values():
        yield f"Site {site.id}: {site.name}, {site.country} ({', '.join(site.locales)})"


def _scales(definition: Instrument, text: Text) -> Iterator[str]:
    for scale in definition.scales.values():
        title = text(f"scale.{scale.key}")
        yield ""
        yield f"{title} ({scale.key}, {scale.measurement}, {scale.score} of answers)"
        for key in scale.items:
            keyed = "" if definition.items[key].keyed == 1 else " (reversed)"
            yield f"  {key:<12} {text(f'item.{key}')}{keyed}"
    for node in definition.higher_order.values():
        yield ""
        yield f"{text(f'scale.{node.key}')} ({node.key}, {node.measurement}, of scales)"
        yield f"  {', '.join(node.scales)}"


def _answers(definition: Instrument, text: Text) -> Iterator[str]:
    for key, answers in definition.response_sets.items():
        told = [f"{each.code} {text(f'option.{key}.{each.key}')}" for each in answers.options]
        if answers.range is not None:
            told = [f"a number, {answers.minimum:g} to {answers.maximum:g}"]
        told += [f"{each.code} {text(f'missing.{key}.{each.key}')}" for each in answers.missing]
        yield f"Answers {key}: {', '.join(told)}"


def _expectations(definition: Instrument, text: Text) -> Iterator[str]:
    for comparator in definition.comparators.values():
        about = f"{comparator.kind}, {comparator.level}"
        yield f"Comparator {comparator.key} ({about}): {text(f'comparator.{comparator.key}')}"
    for pair in definition.distinct_pairs:
        yield f"Distinct: {pair.a} and {pair.b}"
    for one in definition.hypotheses:
        yield f"Hypothesis {one.key}: {one.scale} with {one.comparator}, {_expected(one)}"
    for groups in definition.known_groups:
        scales = ", ".join(groups.scales)
        yield (
            f"Known groups {groups.key}: {scales}, {groups.variable} {groups.higher} above "
            f"{groups.lower}, d of at least {groups.minimum_d:.2f}"
        )


def _expected(one: Hypothesis) -> str:
    """Return the size that a hypothesis expects of a correlation."""
    if one.kind == "discriminant":
        return f"at most {one.maximum or 1.0:.2f} in size"
    return f"{one.direction}, at least {one.minimum or 0.0:.2f} in size"
