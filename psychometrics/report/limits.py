"""What the data can't say, and what is withheld: sentences for the page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from markupsafe import Markup

from psychometrics.errors import CatalogError
from psychometrics.instrument import available_instruments
from psychometrics.plots.labels import records
from psychometrics.plots.numerals import is_missing
from psychometrics.report.claims import Claim
from psychometrics.report.source import Source
from psychometrics.report.wording import TABLE_NAMES, bdi, listed, say, say_html
from psychometrics.translation.status import translation_status
from psychometrics.translation.update import target_locales
from psychometrics.validity.small_n import small_n

TOLD_ELSEWHERE = frozenset({
    "claims", "comparability", "cross_loadings", "distinctness",
    "multitrait_items", "reliability_differences",
    "responses", "sample",
})  # fmt: skip
"""Tables whose reasons are those of another table."""


def limits(source: Source, claims: Sequence[Claim]) -> Iterator[Markup]:
    """Say what these answers leave open."""
    undecided = sum(claim.verdict == "undecided" and "[" in claim.value for claim in claims)
    if undecided:
        yield say_html("limits.undecided", count=undecided)
    yield from _languages(source)
    yield from _drafts(source)
    if len(source.sites) > 1:
        compared = source.part("invariance", grouping="site")
        there = len(compared) > 0 and compared["chi2"].notna().any()
        yield say_html("limits.causes" if there else "limits.comparability")
    yield from _small_sites(source)
    formative = [
        source.labels.scale(key) for key in source.scales if key not in source.reflective_scales
    ]
    if formative:
        yield say_html("limits.formative", scales=_names(formative))
    if source.weighted:
        yield say_html("limits.weights")
    yield from _unavailable(source)
    yield say_html("limits.one_wave")


def _names(names: Sequence[str]) -> Markup:
    """Return names as one list in which each keeps its own direction."""
    return Markup(listed([str(bdi(name)) for name in names]))


def _languages(source: Source) -> Iterator[Markup]:
    """Say where site and language can't be told apart, and where they can."""
    sites = {
        key: source.instrument.sites[key] for key in source.sites if key in source.instrument.sites
    }
    used = Counter(locale for site in sites.values() for locale in site.locales)
    alone = [
        site.name
        for site in sites.values()
        if len(site.locales) == 1 and used[site.locales[0]] == 1
    ]
    if alone and len(used) > 1:
        yield say_html("limits.language", sites=_names(alone))
    for locale, size in used.items():
        if size > 1 and len(used) > 1:
            names = [site.name for site in sites.values() if locale in site.locales]
            yield say_html("limits.shared", locale=locale, sites=_names(names))


def _drafts(source: Source) -> Iterator[Markup]:
    """Name the languages whose texts, as the toolkit has them, nobody has signed off."""
    instrument = source.instrument
    folder: Path | None = getattr(instrument, "translations", None)
    if folder is None and instrument.id not in available_instruments():
        return
    used = {
        locale
        for key in source.sites
        if key in instrument.sites
        for locale in instrument.sites[key].locales
    }
    found = []
    for locale in (each for each in target_locales(instrument) if each in used):
        try:
            status = translation_status(instrument, locale, translations=folder)
        except CatalogError:  # `psychometrics translations check` says what is wrong with it
            continue
        if not status.can_be_fielded:
            found.append(locale)
    if found:
        yield say_html("limits.drafts", locales=_names(found))


def _small_sites(source: Source) -> Iterator[Markup]:
    """Name the sites that are shown and have few people, by each rule of the small-n policy."""
    rows = records(source.part("sample", pooling="site"))
    policy = getattr(source.study, "small_n", None) or small_n()
    found: dict[int, list[str]] = {}
    for row in rows:
        if is_missing(row["n_rows"]) or not row["n_rows"] > 0:
            continue
        rule = policy.broken("site", "caution", "site", row["n_rows"])
        if rule is not None:
            found.setdefault(rule.fewest, []).append(source.labels.site(row["group"]))
    for limit, sites in found.items():
        yield say_html("limits.small", limit=limit, sites=_names(sites))


def _unavailable(source: Source) -> Iterator[Markup]:
    """Say how many results could not be had, by table and reason."""
    minimum = source.protected.minimum
    withheld = {say("withheld.small", minimum=minimum), say("withheld.other", minimum=minimum)}
    for name, frame in source.protected.tables.items():
        if "reason" not in frame or name in TOLD_ELSEWHERE:
            continue
        told = [str(text) for text in frame["reason"] if not is_missing(text)]
        for reason, size in Counter(text for text in told if text not in withheld).items():
            table = TABLE_NAMES.get(name, name)
            yield say_html("limits.unavailable", count=size, table=table, reason=bdi(reason))


def protection(source: Source) -> Iterator[Markup]:
    """Say what is withheld, and why."""
    protected = source.protected
    if protected.minimum <= 1:
        yield say_html("withheld.off")
        return
    if not protected.withheld:
        yield say_html("withheld.none", minimum=protected.minimum)
        return
    yield say_html("withheld.rule", minimum=protected.minimum)
    if protected.sites:
        names = [source.labels.site(site) for site in source.sites if site in protected.sites]
        yield say_html("withheld.everywhere", sites=_names(names))
    if protected.few_without_site:
        yield say_html("withheld.without_site", minimum=protected.minimum)
    single = {entry.site for entry in protected.withheld if entry.site is not None}
    single -= set(protected.sites)
    if single:
        names = [source.labels.site(site) for site in source.sites if site in single]
        yield say_html("withheld.in_places", sites=_names(names))
