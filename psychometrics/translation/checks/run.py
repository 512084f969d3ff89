"""From catalogs on disk to findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from psychometrics.errors import CatalogError, Finding, InstrumentError, finding
from psychometrics.instrument import Instrument, SharedSet, load_instrument, shared_sets
from psychometrics.translation.catalog import Catalog, Entry, own_catalog
from psychometrics.translation.checks.pair import LocaleTexts, Pair, Term
from psychometrics.translation.checks.rules import check_texts, chosen_codes
from psychometrics.translation.checks.sets import one_source
from psychometrics.translation.files import catalog_file
from psychometrics.translation.locales import Brief, is_adaptation, load_brief
from psychometrics.translation.record import Record, record_of
from psychometrics.translation.source import source_strings
from psychometrics.translation.status import method_of, text_status, texts_of

Instruments = Instrument | str | Path | Iterable[Instrument | str | Path]


def check_translations(
    instrument: Instruments,
    locales: Iterable[str] | str | None = None,
    *,
    translations: Path | None = None,
    rules: Iterable[str] | None = None,
) -> list[Finding]:
    """Check the translations of an instrument, and report everything at once.

    Parameters
    ----------
    instrument : Instrument, str, pathlib.Path, or several of them
        Definitions, ids of shipped ones, or files. With several, a source text that two of them
        share is also expected to have one translation. Response sets that they share are checked
        once.
    locales : iterable of str, optional
        Such as ["de_DE"]; all that the instrument is fielded in if left out.
    translations : pathlib.Path, optional
        Folder of the translations; the shipped one if left out.
    rules : iterable of str, optional
        Names of rules, or codes of findings; all if left out.

    Returns
    -------
    list of Finding
        By locale and instrument, in the order of the catalog. Codes that begin with ``hint_`` come
        from lists of words: much of what they point at will be right. What was waived for a text
        as it stands is left out.

    Raises
    ------
    InstrumentError
        If a definition can't be used, or isn't fielded in a locale that is asked for.
    DataError
        If a rule is not known.

    Examples
    --------
    >>> from pathlib import Path
    >>> from psychometrics import check_translations
    >>> instrument = "peer_support_implementation"
    >>> fault, _ = check_translations(instrument, "de_DE", translations=Path("nowhere"))
    >>> fault.code, fault.severity
    ('catalog_missing', 'error')
    """
    codes = chosen_codes(rules)
    definitions = _with_shared([_loaded(each) for each in _several(instrument)])
    wanted = [locales] if isinstance(locales, str) else None if locales is None else list(locales)
    _refuse_unknown(definitions, wanted)
    found: list[Finding] = []
    for locale in dict.fromkeys(each for one in definitions for each in _locales(one, wanted)):
        found += _check_locale(definitions, locale, translations, codes)
    return found


def _check_locale(
    definitions: list[Instrument], locale: str, translations: Path | None, codes: frozenset[str]
) -> Iterator[Finding]:
    """Yield the findings in the catalogs of one locale, and in what they share."""
    shared: list[Pair] = []
    for definition in definitions:
        if locale not in _locales(definition, None):
            continue
        file = catalog_file(translations, locale, definition.id)
        if not file.is_file():
            told = {"locale": locale, "name_of_locale": locale}
            yield finding("catalog_missing", "error", str(file), **told)
            continue
        try:
            catalog = own_catalog(definition.id, locale, translations=translations)
            brief = load_brief(locale, definition.id, translations=translations)
        except CatalogError as error:
            if not error.findings:
                raise
            yield from error.findings
            continue
        record = record_of(definition, locale, translations=translations)
        yield from record.findings
        texts = catalog_texts(catalog, definition, brief, record)
        yield from (each for each in check_texts(texts, codes) if not record.is_waived(each))
        shared += _firsts(texts)
    if "one_source" in codes:
        yield from one_source(LocaleTexts(locale, tuple(shared)))


def catalog_texts(
    catalog: Catalog, definition: Instrument, brief: Brief | None, record: Record
) -> LocaleTexts:
    """Return the texts of a catalog as the rules look at them."""
    adapted = is_adaptation(catalog.locale, definition.source_locale, brief)
    strings = {each.key: each for each in source_strings(definition)}
    signed = _signed(catalog, definition, brief, record)
    made = []
    for entry in catalog.entries:
        string = strings.get(entry.base_key)
        source = string.text if string else entry.source
        made.append(
            Pair(
                key=entry.key,
                source=source,
                target=entry.text,
                locale=catalog.locale,
                kind=string.kind if string else "",
                relation="adaptation" if adapted else "translation",
                fuzzy=entry.fuzzy,
                previous_source=_previous(entry, source),
                signed=entry.key in signed if signed is not None else None,
                source_locale=definition.source_locale,
                where=f"{catalog.file or catalog.locale}:{entry.line}",
            )
        )
    variants = brief.variant_keys(strings) if brief else {}
    keys = tuple(each for key in strings for each in (key, *variants.get(key, ())))
    terms = {each.term: Term(each.allowed, each.avoid) for each in brief.termbase} if brief else {}
    return LocaleTexts(catalog.locale, tuple(made), keys, terms)


def _signed(
    catalog: Catalog, definition: Instrument, brief: Brief | None, record: Record
) -> set[str] | None:
    """Return the keys that are signed off as they stand; None where no record is kept."""
    if not record.events:
        return None
    try:
        # the texts of shared response sets are checked with the set, and not here
        method = method_of(definition, catalog.locale, brief)[1]
        texts = [
            text_status(key, entry, source, record, method)
            for key, entry, source in texts_of(definition, catalog, brief)
        ]
    except CatalogError:  # a text buried in marks has no fingerprint; the rule too_much names it
        return None
    return {text.key for text in texts if text.state == "signed"}


def _previous(entry: Entry, source: str) -> str | None:
    """Return the source that a translation was made from, where it isn't the present one."""
    if entry.source != source:
        return entry.source
    return entry.previous_source if entry.fuzzy else None


def _firsts(texts: LocaleTexts) -> list[Pair]:
    """Return the first text of each source; the others of an instrument were compared with it."""
    firsts: dict[str, Pair] = {}
    for pair in texts.translated:
        if pair.is_readable:
            firsts.setdefault(" ".join(pair.source.split()), pair)
    return list(firsts.values())


def _several(instrument: Instruments) -> list[Instrument | str | Path]:
    if isinstance(instrument, Instrument | str | Path):
        return [instrument]
    return list(instrument)


def _loaded(instrument: Instrument | str | Path) -> Instrument:
    return instrument if isinstance(instrument, Instrument) else load_instrument(instrument)


def _with_shared(definitions: list[Instrument]) -> list[Instrument]:
    """Return definitions, and behind them the response sets that they share, each once."""
    sets = {each.id: each for each in definitions if isinstance(each, SharedSet)}
    for definition in definitions:
        for one in shared_sets(definition):
            fielded = (sets[one.id].fielded if one.id in sets else ()) + one.fielded
            sets[one.id] = one.model_copy(update={"fielded": tuple(dict.fromkeys(fielded))})
    return [*(each for each in definitions if not isinstance(each, SharedSet)), *sets.values()]


def _locales(definition: Instrument, wanted: list[str] | None) -> list[str]:
    """Return the locales to check: those wanted that the definition has, but for the source."""
    own = [each for each in definition.locales if each != definition.source_locale]
    return own if wanted is None else [each for each in wanted if each in own]


def _refuse_unknown(definitions: list[Instrument], wanted: list[str] | None) -> None:
    known = list(dict.fromkeys(each for one in definitions for each in _locales(one, None)))
    for locale in wanted or ():
        if locale not in known:
            names = ", ".join(one.id for one in definitions)
            raise InstrumentError(
                f"{names} has no locale {locale!r} to check; it has {', '.join(known) or 'none'}."
            )
