"""Rules for what is asked: response sets, items, scales, sites and columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from psychometrics.instrument.rules import (
    COLUMN_ROLES,
    Draft,
    Path,
    Problem,
    Rule,
    did_you_mean,
)

if TYPE_CHECKING:
    from psychometrics.instrument.parts import MissingAnswer, Option, ResponseSet

RESERVED: Final = ("row", *COLUMN_ROLES)


def response_sets(draft: Draft) -> Iterator[Problem]:
    """Options and missing answers that can't be told apart; ranges the wrong way round."""
    for key, answers in draft.response_sets.items():
        owner, path = f"the response set {key}", ("response_sets", key)
        yield from _twins(answers, owner, path)
        yield from _missing_codes(answers, owner, path)
        if answers.range and answers.range.minimum >= answers.range.maximum:
            bounds = {"low": answers.range.minimum, "high": answers.range.maximum}
            yield Problem("range_reversed", (*path, "range"), {"owner": owner, **bounds})
        if len(answers.options) == 1:
            yield Problem("too_few_options", (*path, "options"), {"owner": _start(owner)})
        if list(answers.codes) not in (sorted(answers.codes), sorted(answers.codes)[::-1]):
            told = {"owner": owner, "codes": ", ".join(map(str, answers.codes))}
            yield Problem("codes_out_of_order", (*path, "options"), told, "warning")


def _twins(answers: ResponseSet, owner: str, path: Path) -> Iterator[Problem]:
    """Yield answers of one set that share a code, a key or a text."""
    listed: list[tuple[str, int, Option | MissingAnswer]] = [
        *(("options", at, option) for at, option in enumerate(answers.options)),
        *(("missing", at, answer) for at, answer in enumerate(answers.missing)),
    ]
    codes: dict[int, str] = {}
    keys: set[str] = set()
    texts: dict[str, str] = {}
    options = {option.code for option in answers.options}
    for part, at, answer in listed:
        here = (*path, part, at)
        told = {"owner": owner, "b": answer.key}
        if answer.key in keys:
            found = {"owner": _start(owner), "found": answer.key}
            yield Problem("duplicate_option_key", (*here, "key"), found)
        # a missing answer with the code of an option is told by its own rule
        if answer.code in codes and not (part == "missing" and answer.code in options):
            found = {**told, "a": codes[answer.code], "found": str(answer.code)}
            yield Problem("duplicate_option_code", (*here, "code"), found)
        if answer.text in texts:
            found = {**told, "a": texts[answer.text], "found": answer.text}
            yield Problem("duplicate_option_text", (*here, "text"), found)
        keys.add(answer.key)
        codes.setdefault(answer.code, answer.key)
        texts.setdefault(answer.text, answer.key)


def _missing_codes(answers: ResponseSet, owner: str, path: Path) -> Iterator[Problem]:
    """Yield missing answers whose code is an answer, or whose meaning contradicts `structural`."""
    options = {option.code: option.key for option in answers.options}
    for at, answer in enumerate(answers.missing):
        here = (*path, "missing", at)
        told = {"owner": owner, "key": answer.key, "found": answer.code}
        if answer.code in options:
            found = {**told, "other": options[answer.code]}
            yield Problem("missing_code_is_option", (*here, "code"), found)
        if answers.range and answers.range.minimum <= answer.code <= answers.range.maximum:
            found = {**told, "low": answers.range.minimum, "high": answers.range.maximum}
            yield Problem("missing_code_in_range", (*here, "code"), found)
        meaning = {**told, "meaning": answer.meaning}
        if answer.structural and answer.meaning in ("refused", "dont_know"):
            yield Problem("structural_refusal", (*here, "structural"), meaning)
        if not answer.structural and answer.meaning in ("not_applicable", "not_asked"):
            yield Problem("not_applicable_not_structural", here, meaning, "warning")


def response_set_use(draft: Draft) -> Iterator[Problem]:
    """Response sets that are used and not defined, or defined and not used."""
    users = [("items", key, item.response_set) for key, item in draft.items.items()]
    for key, comparator in draft.comparators.items():
        if comparator.response_set is not None:
            users.append(("comparators", key, comparator.response_set))
    known = draft.declared["response_sets"]
    for section, key, used in users:
        if used not in known:
            told = {"owner": f"The {section[:-1]} {key}", "key": used}
            told["known"] = did_you_mean(used, known)
            yield Problem("unknown_response_set", (section, key, "response_set"), told)
    # with a faulty item or comparator about, nobody can tell whether a set is unused
    whole = len(draft.items) == len(draft.declared["items"])
    if whole and len(draft.comparators) == len(draft.declared["comparators"]):
        for key in set(known) - {used for _, _, used in users}:
            yield Problem("unused_response_set", ("response_sets", key), {"key": key}, "warning")


def items(draft: Draft) -> Iterator[Problem]:
    """Items with the same text, items in no scale, earlier names that are still in use."""
    texts: dict[str, str] = {}
    former: dict[str, str] = {}
    scored = {key for scale in draft.scales.values() for key in scale.items}
    whole = len(draft.scales) == len(draft.declared["scales"])
    for key, item in draft.items.items():
        if item.text in texts:
            told = {"a": texts[item.text], "b": key}
            yield Problem("duplicate_item_text", ("items", key, "text"), told, "warning")
        texts.setdefault(item.text, key)
        if whole and key not in scored:
            yield Problem("item_in_no_scale", ("items", key), {"key": key}, "warning")
        for at, old in enumerate(item.renamed_from):
            here: Path = ("items", key, "renamed_from", at)
            told = {"owner": f"The item {key}", "key": old}
            if old in draft.declared["items"]:
                yield Problem("renamed_from_live", here, {**told, "other": "an item"})
            elif old in former:
                told["other"] = f"the item {former[old]}"
                yield Problem("renamed_from_twice", here, told)
            former.setdefault(old, key)


def names(draft: Draft) -> Iterator[Problem]:
    """Names that are used for two things, reserved, or retired."""
    sections = ("items", "comparators", "scales", "higher_order")
    kinds = dict(zip(sections, ("item", "comparator", "scale", "construct"), strict=True))
    taken: dict[str, str] = {}
    for section, kind in kinds.items():
        for key in draft.declared[section]:
            owner, path = f"the {kind} {key}", (section, key)
            # scores and answers share a frame, and many readers ignore case in column names
            other = taken.setdefault(key.lower(), owner)
            if other is not owner:
                yield Problem("name_taken", path, {"owner": _start(owner), "other": other})
            if key.lower() in RESERVED:
                told = {"owner": _start(owner), "roles": ", ".join(RESERVED)}
                yield Problem("name_reserved", path, told)
    for section in (*sections, "response_sets"):
        for key in draft.declared[section]:
            if key in draft.retired_keys:
                yield Problem("retired_key_in_use", (section, key), {"key": key})


def scales(draft: Draft) -> Iterator[Problem]:
    """Scales that name items wrongly, or ask for more answers than they have items."""
    known = draft.declared["items"]
    for key, scale in draft.scales.items():
        path: Path = ("scales", key)
        for at, item in enumerate(scale.items):
            told = {"owner": key, "key": item}
            if item not in known:
                told["known"] = did_you_mean(item, known)
                yield Problem("unknown_item", (*path, "items", at), told)
            if item in scale.items[:at]:
                yield Problem("item_twice", (*path, "items", at), told)
        n_items = len(scale.items)
        if not n_items:
            yield Problem("scale_without_items", path, {"key": key})
        elif not 1 <= scale.min_valid <= n_items:
            told_size = {"key": key, "n_items": n_items, "found": scale.min_valid}
            yield Problem("min_valid_out_of_range", (*path, "min_valid"), told_size)
        if scale.measurement == "formative":
            owner = {"owner": f"The scale {key}"}
            yield Problem("formative_scale", (*path, "measurement"), owner, "warning")
        elif n_items in FEW:
            count = "one item" if n_items == 1 else f"{n_items} items"
            few = {"key": key, "count": count, "consequence": FEW[n_items]}
            yield Problem("few_items", (*path, "items"), few, "warning")


FEW: Final = {
    1: "Alpha, omega and factor models need more than one.",
    2: "A factor of its own can't be estimated for two; alpha can.",
}


def scale_ranges(draft: Draft) -> Iterator[Problem]:
    """Scales that join answers of different ranges."""
    for key, scale in draft.scales.items():
        used = [draft.items[item].response_set for item in scale.items if item in draft.items]
        ranges = {
            (answers.minimum, answers.maximum): name
            for name in used
            if (answers := draft.response_sets.get(name))
        }
        if len(ranges) > 1:
            told = {"key": key, "sets": ", ".join(sorted(ranges.values()))}
            yield Problem("mixed_response_sets", ("scales", key, "items"), told, "warning")


def higher_order(draft: Draft) -> Iterator[Problem]:
    """Higher-order constructs that name scales wrongly, or too few of them."""
    for key, node in draft.higher_order.items():
        owner, path = f"The construct {key}", ("higher_order", key)
        yield from scale_names(draft, node.scales, owner, (*path, "scales"))
        if not node.scales:
            yield Problem("node_without_scales", path, {"owner": owner})
        if node.measurement == "formative":
            told = {"owner": owner}
            yield Problem("formative_scale", (*path, "measurement"), told, "warning")
            continue
        # a scale that was faulty itself gets the benefit of the doubt
        formative = {k for k, scale in draft.scales.items() if scale.measurement == "formative"}
        n_scales = len(set(node.scales) - formative)
        if node.scales and n_scales < 3:
            few = {"owner": owner, "n_scales": n_scales}
            yield Problem("few_scales", (*path, "scales"), few, "warning")


def scale_names(
    draft: Draft, named: Iterable[str], owner: str, path: Path, *, constructs: bool = False
) -> Iterator[Problem]:
    """Yield names of scales that do not exist or come twice in one list."""
    known = draft.declared["scales"] + (draft.declared["higher_order"] if constructs else ())
    seen: set[str] = set()
    for at, key in enumerate(named):
        told = {"owner": owner, "key": key}
        if key not in known:
            yield Problem("unknown_scale", (*path, at), {**told, "known": did_you_mean(key, known)})
        if key in seen:
            yield Problem("scale_twice", (*path, at), told)
        seen.add(key)


def sites(draft: Draft) -> Iterator[Problem]:
    """Sites that one value of a data file could both mean, and facts that are none of a site.

    Readers pass over case and white space, so that is how values are compared.
    """
    stands_for = {_folded(key): key for key in draft.declared["sites"]}
    for key, site in draft.sites.items():
        stands_for.setdefault(_folded(site.name), key)
    for key, site in draft.sites.items():
        owner = f"The site {key}"
        for at, alias in enumerate(site.aliases):
            other = stands_for.setdefault(_folded(alias), key)
            if other != key or alias in site.aliases[:at]:
                told = {"owner": owner, "alias": alias, "other": other}
                yield Problem("alias_twice", ("sites", key, "aliases", at), told)
        for fact in site.facts:
            comparator = draft.comparators.get(fact)
            if comparator and comparator.level == "respondent":
                about = {"owner": owner, "key": fact}
                yield Problem("fact_of_respondents", ("sites", key, "facts", fact), about)


def _folded(text: str) -> str:
    """Return a value as readers compare it."""
    return " ".join(text.casefold().split())


def columns(draft: Draft) -> Iterator[Problem]:
    """Usual column names for things that don't exist, or for two things at once."""
    known = (*COLUMN_ROLES, *draft.declared["items"], *draft.declared["comparators"])
    taken: dict[str, str] = {}
    for key, column in draft.columns.items():
        if key not in known:
            told = {"key": key, "roles": ", ".join(COLUMN_ROLES), "known": did_you_mean(key, known)}
            yield Problem("unknown_column_target", ("columns", key), told)
        if column in taken:
            both = {"a": taken[column], "b": key, "column": column}
            yield Problem("column_twice", ("columns", key), both)
        taken.setdefault(column, key)


def locales(draft: Draft) -> Iterator[Problem]:
    """Locales and countries that Unicode's locale data don't know."""
    if draft.source_locale is not None:
        yield from _locale(draft.source_locale, "The definition", ("source_locale",))
    for key, site in draft.sites.items():
        owner = f"The site {key}"
        for at, locale in enumerate(site.locales):
            path: Path = ("sites", key, "locales", at)
            yield from _locale(locale, owner, path)
            if locale in site.locales[:at]:
                yield Problem("locale_twice", path, {"owner": owner, "locale": locale})
        if (known := _unknown_country(site.country)) is not None:
            told = {"owner": owner, "country": site.country, "known": known}
            yield Problem("unknown_country", ("sites", key, "country"), told)


def _locale(locale: str, owner: str, path: Path) -> Iterator[Problem]:
    """Yield a problem if a locale is not known, or not written the usual way."""
    from babel.core import Locale, UnknownLocaleError
    from babel.localedata import locale_identifiers

    told = {"owner": owner, "locale": locale}
    try:
        usual = str(Locale.parse(locale.replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        close = did_you_mean(locale.replace("-", "_"), locale_identifiers(), cutoff=0.75)
        yield Problem("unknown_locale", path, {**told, "known": close})
        return
    if usual != locale:
        yield Problem("unknown_locale", path, {**told, "known": f" Did you mean {usual}?"})


def _unknown_country(country: str) -> str | None:
    """Return what to say of a country that isn't known, or None for one that is."""
    from babel import Locale

    known: Mapping[str, str] = Locale.parse("en").territories
    if country in known and country != "ZZ":
        return None
    common = {"UK": "GB", "EN": "GB", "SP": "ES", "SW": "TZ"}
    return f" Did you mean {common[country]}?" if country in common else ""


def _start(owner: str) -> str:
    """Return a phrase as the start of a sentence."""
    return owner[0].upper() + owner[1:]


RULES: Final[tuple[Rule, ...]] = (
    response_sets,
    response_set_use,
    items,
    names,
    scales,
    scale_ranges,
    higher_order,
    sites,
    columns,
    locales,
)
