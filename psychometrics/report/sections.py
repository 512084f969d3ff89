"""The sections of the page, from the sample to the references."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from psychometrics.plots.labels import records
from psychometrics.report import section_tables as told
from psychometrics.report import validity_tables as validity
from psychometrics.report.blocks import (
    Block,
    Section,
    details,
    downloads,
    figures,
    section,
    table,
    words,
)
from psychometrics.report.claims import Claim
from psychometrics.report.comparability import comparability_section
from psychometrics.report.criteria import (
    Criteria,
    criterion_words,
    fit_cutoffs,
    passes,
)
from psychometrics.report.cross_loadings import (
    cross_loadings_sites_table,
    cross_loadings_table,
    cross_loadings_told,
)
from psychometrics.report.differences import differences_table, differences_told, pairs_table
from psychometrics.report.distinctness import (
    distinctness_sites_table,
    distinctness_table,
    distinctness_told,
)
from psychometrics.report.figures import (
    htmt_figure,
    loading_figures,
    reliability_figures,
    response_figures,
)
from psychometrics.report.limits import limits, protection
from psychometrics.report.missing import missing_table, missing_words
from psychometrics.report.multitrait import scaling_figure, scaling_table
from psychometrics.report.plan import plan_section
from psychometrics.report.quality import quality_section
from psychometrics.report.ratings import ratings_section
from psychometrics.report.source import POOLING_NAMES, Source
from psychometrics.report.wording import bdi, label, say, say_html
from psychometrics.validity.criteria import Criterion
from psychometrics.validity.model_fit import judged_indices

POOLED = ("within", "total", "meta")
"""Ways of pooling, the one that leads first."""


def all_sections(source: Source, claims: Sequence[Claim], criteria: Criteria) -> list[Section]:
    """Return the sections after the first screen, in order; empty ones are left out."""
    made = [
        _sample(source),
        quality_section(source),
        _items(source),
        _reliability(source, criteria),
        _structure(source),
        _convergent(source),
        _discriminant(source),
        _hypotheses(source),
        comparability_section(source),
        ratings_section(source),
        plan_section(source),
        section("limits", [words(say("lead.limits")), words(*limits(source, claims))]),
        _methods(source),
        section("references", [words(*map(_reference, criteria.used))]),
    ]
    return [part for part in made if part.blocks]


def _reference(criterion: Criterion) -> Markup:
    """Return a criterion with its caveat and the full reference."""
    return say_html(
        "criterion.reference",
        criterion=criterion_words(criterion),
        note=criterion.note,
        reference=criterion.source,
    )


def _sample(source: Source) -> Section:
    findings = told.findings_table(source)
    seen: list[Block | None] = [table(findings)]
    if findings is None or not findings.rows:
        seen = [words(say("lead.no_findings"))]
    return section(
        "sample",
        [
            words(say("lead.sample")),
            table(told.sample_table(source)),
            table(told.forms_table(source)),
            words(*protection(source)),
            *seen,
            words(*missing_words(source)),
            details(say("table.missing"), [table(missing_table(source))]),
            downloads(source, *_held(source, "sample", "sample_forms"), "findings", "missing"),
        ],
    )


def _held(source: Source, *names: str) -> list[str]:
    """Return the tables that hold something."""
    return [name for name in names if not source.frame(name).empty]


def _items(source: Source) -> Section:
    bars = list(response_figures(source))
    by_site = [table(told.item_rest_table(source))]
    return section(
        "items",
        [
            words(say("lead.items" if bars else "lead.items_numeric")),
            figures(bars),
            table(told.items_table(source)),
            details(say("table.by_site"), by_site),
            downloads(source, "items", "responses"),
        ],
    )


def _reliability(source: Source, criteria: Criteria) -> Section:
    threshold, name = criteria.reliability_line()
    drawn = list(reliability_figures(source, threshold, name))
    return section(
        "reliability",
        [
            words(say("lead.reliability")),
            figures(drawn),
            details(
                say("table.all"),
                [table(told.reliability_table(source)), table(told.heterogeneity_table(source))],
            ),
            *_differences(source),
            *_one_factor(source),
            *_group_means(source),
            table(validity.retest_table(source)),
            downloads(
                source,
                "reliability",
                "reliability_differences",
                "unidimensionality",
                "group_means",
                *_held(source, "retest"),
            ),
        ],
    )


def _differences(source: Source) -> list[Block | None]:
    """Return whether sites differ in reliability; nothing where there are no two sites."""
    made = differences_table(source)
    if made is None or not made.rows:
        return []
    return [
        words(say("lead.differences")),
        words(*differences_told(source)),
        table(made),
        details(say("table.pairs"), [table(pairs_table(source))]),
    ]


def _one_factor(source: Source) -> list[Block | None]:
    """Return how well one factor accounts for each scale; nothing where no table says so."""
    made = validity.unidimensionality_table(source)
    return [words(say("lead.unidimensionality")), table(made)] if made is not None else []


def _group_means(source: Source) -> list[Block | None]:
    """Return what the means of services tell; nothing where people don't come in services."""
    made = validity.group_means_table(source)
    return [words(say("lead.group_means")), table(made)] if made is not None else []


def _structure(source: Source) -> Section:
    return section(
        "structure",
        [
            words(say("lead.structure")),
            words(*_carried(source)),
            table(validity.fit_table(source)),
            words(say("lead.loadings")),
            figures(list(loading_figures(source))),
            details(
                say("table.all"),
                [
                    table(validity.loadings_table(source)),
                    table(validity.factorability_table(source)),
                ],
            ),
            downloads(source, "fit", "factorability"),
        ],
    )


def _carried(source: Source) -> list[Markup]:
    """Say which fit indices are within their cut-offs, for every model, pooled."""
    frame, sentences = judged_indices(source.frame("fit")), []
    order = {pooling: at for at, pooling in enumerate(POOLING_NAMES)}
    rows = [row for row in records(frame) if row["pooling"] in order]
    for row in sorted(rows, key=lambda row: order[row["pooling"]]):
        met = {
            index: passes(one, row[index]) for index, one in fit_cutoffs(source.criteria).items()
        }
        if None in met.values():
            continue
        passed = [index.upper() for index, meets in met.items() if meets]
        failed = [index.upper() for index, meets in met.items() if not meets]
        code = "fit.carried" if passed and failed else ("fit.all" if passed else "fit.none")
        sentences.append(
            say_html(
                code,
                model=label(row["model"]),
                place=source.name(row["pooling"], row["group"]).lower(),
                passed=", ".join(passed),
                failed=", ".join(failed),
            )
        )
    return sentences


def _convergent(source: Source) -> Section:
    return section(
        "convergent",
        [
            words(say("lead.convergent")),
            table(validity.convergent_table(source, sites=False)),
            table(validity.correlations_table(source)),
            *_scaling(source),
            details(
                say("table.by_site"),
                [
                    table(validity.convergent_table(source, sites=True)),
                    table(scaling_table(source, sites=True)),
                ],
            ),
            downloads(source, "convergent", "multitrait", "multitrait_items"),
        ],
    )


def _scaling(source: Source) -> list[Block | None]:
    """Return whether each item goes with its own scale, and more so than with others."""
    if source.frame("multitrait").empty:
        return []
    return [
        words(say("lead.multitrait")),
        figures(list(scaling_figure(source))),
        table(scaling_table(source, sites=False)),
    ]


def _discriminant(source: Source) -> Section:
    present = set(source.frame("discriminant").get("pooling", []))
    headline = _headline(source)
    others = [key for key in POOLED if key in present and key not in headline]
    return section(
        "discriminant",
        [
            words(say("lead.discriminant")),
            figures([made for key in headline for made in htmt_figure(source, key)]),
            table(validity.discriminant_table(source, headline, "tab-discriminant", tests=True)),
            details(
                say("table.all"),
                [
                    table(
                        validity.discriminant_table(
                            source, others, "tab-discriminant-others", tests=False
                        )
                    ),
                    table(validity.discriminant_sites_table(source)),
                ],
            ),
            *_decisions(source, headline),
            *_cross_loadings(source, headline),
            downloads(source, "discriminant", "htmt", "distinctness", "cross_loadings"),
        ],
    )


def besides(source: Source) -> list[str]:
    """Return what a summary says beside the claims: differences of sites, items that stand out."""
    headline = _headline(source)
    told = [*differences_told(source), *(cross_loadings_told(source, key) for key in headline)]
    return [sentence for sentence in told if sentence]


def _headline(source: Source) -> list[str]:
    """Return the way of pooling that leads in discriminant validity; none without rows."""
    present = set(source.frame("discriminant").get("pooling", []))
    return [key for key in POOLED if key in present][:1]


def _decisions(source: Source, headline: Sequence[str]) -> list[Block | None]:
    """Return which pairs are distinct; nothing where there are no pairs."""
    if source.frame("distinctness").empty:
        return []
    pooled = [table(distinctness_table(source, pooling)) for pooling in headline]
    return [
        words(say("lead.distinctness")),
        words(*(distinctness_told(source, pooling) for pooling in headline)),
        *pooled,
        details(say("table.by_site"), [table(distinctness_sites_table(source))]),
    ]


def _cross_loadings(source: Source, headline: Sequence[str]) -> list[Block | None]:
    """Return which items may belong to another scale; nothing where there is no other scale."""
    if source.frame("cross_loadings").empty:
        return []
    return [
        words(say("lead.cross_loadings")),
        words(*(cross_loadings_told(source, pooling) for pooling in headline)),
        *(table(cross_loadings_table(source, pooling)) for pooling in headline),
        details(say("table.by_site"), [table(cross_loadings_sites_table(source))]),
    ]


def _hypotheses(source: Source) -> Section:
    by_site = [
        table(validity.hypotheses_table(source, sites=True)),
        table(validity.known_groups_table(source, sites=True)),
    ]
    pooled = [
        table(validity.hypotheses_table(source, sites=False)),
        table(validity.known_groups_table(source, sites=False)),
    ]
    if not any(pooled) and not any(by_site):
        return section("hypotheses", [words(say("lead.no_hypotheses"))])
    return section(
        "hypotheses",
        [
            words(say("lead.hypotheses")),
            *pooled,
            details(say("table.by_site"), by_site),
            downloads(source, "hypotheses", "known_groups"),
        ],
    )


def _methods(source: Source) -> Section:
    instrument = source.instrument
    about = [
        say_html("provenance", provenance=bdi(instrument.provenance)),
        say_html("citation", citation=bdi(instrument.citation)),
        say_html("licence", licence=bdi(instrument.licence)),
    ]
    return section(
        "methods",
        [
            words(say("lead.methods")),
            table(told.settings_table(source)),
            words(*about),
            words(say("note.unrounded")),
            downloads(source, "settings", "claims"),
        ],
    )
