"""Every English sentence of the report, whole, by code.

No sentence is put together from parts: a translator gets it as it will be read, with named
places for numbers and names. :func:`say` fills them for plain text, :func:`say_html` for a page.
"""
# ruff: noqa: RUF001 - curly apostrophes and en dashes are how these sentences are to be printed

CAPTIONS: dict[str, str] = {
    "claims": "All claims, with the criterion each was held against",
    "sample": "People and answers, by site",
    "findings": "What was found in the data",
    "items": "Item statistics, {place}",
    "item_rest": "Item–rest correlation, by site",
    "item_mean": "Mean (SD) of each item, by site",
    "reliability": "Reliability of each scale, pooled and by site",
    "fit": "Fit of the measurement model, each index against its own cut-off",
    "factorability": "Whether the correlations can carry factors",
    "loadings": "Standardised loadings, pooled and by site",
    "convergent": "Average variance extracted and composite reliability",
    "correlations": "Correlations with comparators",
    "discriminant": "Pairs of scales, pooled",
    "discriminant_sites": "Latent correlation of each pair of scales, by site",
    "hypotheses": "Hypotheses stated beforehand",
    "known_groups": "Groups that the scales should tell apart",
    "settings": "Settings of this analysis",
}

TABLE_NAMES: dict[str, str] = {
    "sample": "sample",
    "findings": "findings",
    "items": "item statistics",
    "responses": "answers to each item",
    "reliability": "reliability",
    "fit": "model fit",
    "factorability": "factorability",
    "convergent": "loadings, AVE and correlations",
    "htmt": "heterotrait–monotrait ratios",
    "discriminant": "discriminant validity",
    "hypotheses": "hypotheses",
    "known_groups": "known groups",
    "claims": "claims",
    "settings": "settings",
}
"""Names of the tables of a study, as a sentence holds them."""


def say(code: str, **params: object) -> str:
    """Return a sentence as plain text.

    Examples
    --------
    >>> say("withheld.small", minimum=5)
    'Withheld: fewer than 5 people.'
    """
    return SENTENCES[code].format(**params)


def say_html(code: str, **params: object) -> Markup:
    """Return a sentence for a page; whatever is filled in is escaped.

    Examples
    --------
    >>> say_html("withheld.everywhere", sites="<b>")
    Markup('Withheld throughout: &lt;b&gt;.')
    """
    return Markup(escape(SENTENCES[code])).format(**params)


def label(key: object) -> str:
    """Return the label of a column, or the word of a verdict; an unknown key as it is."""
    return LABELS.get(str(key), clean(key))


def bdi(name: object) -> Markup:
    """Return a name for a page, kept apart from the direction of the text around it.

    Examples
    --------
    >>> bdi("A & B")
    Markup('<bdi>A &amp; B</bdi>')
    """
    return Markup("<bdi>{}</bdi>").format(clean(name))


def listed(names: list[str]) -> str:
    """Return names as one list, as a sentence holds it.

    Examples
    --------
    >>> listed(["Ulm", "Pune", "Kampala"])
    'Ulm, Pune, and Kampala'
    """
    from babel.lists import format_list

    return format_list(names, locale="en") if names else ""
