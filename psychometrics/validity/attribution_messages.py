"""English sentences about what a difference between versions can and can't be told to be.

The cause of a difference is never named here, and a text is never blamed by what people answered.
"""

from __future__ import annotations

MESSAGES: dict[str, str] = {
    "signal_too_few": (
        "Can't tell: {n_obs} people on one side, and {needed} or more are needed on both."
    ),
    "attribution_equivalent": (
        "The whole interval lies within {smallest:g} standard deviations of the item around zero: "
        "no difference that matters."
    ),
    "attribution_no_estimate": "There is no estimate, so nothing can be said.",
    "attribution_not_shown": (
        "No difference is shown, and these answers don't show that there is none."
    ),
    "attribution_too_wide": (
        "No difference is shown, and the interval holds differences of {smallest:g} standard "
        "deviations of the item or more, so that there may be one."
    ),
    "attribution_nobody": "Nobody is on one of the two sides.",
    "attribution_language_unknown": (
        "Which language was read isn't known, or it was several, in {groups}; compare site and "
        "language together."
    ),
    "attribution_within_site": (
        "Two languages at one site ({site}): a difference between those who chose one and those "
        "who chose the other. Who they are and what they read can't be told apart."
    ),
    "attribution_version": (
        "A difference between versions of the form ({versions} and the others). Language, place "
        "and people differ together: the cause is not identifiable."
    ),
    "attribution_one_site": (
        "A difference between versions of the form. {locale} was answered at {site} alone, so "
        "language, place and people can't be told apart: the cause is not identifiable."
    ),
    "attribution_releases": (
        "The same place answered two wordings at two times. Words and time differ together: the "
        "cause is not identifiable."
    ),
    "attribution_same_words": (
        "Both sites read the same words, so that the words can't be why: a difference between "
        "sites."
    ),
    "attribution_words_differ": (
        "The sites share a language and not all of the words: a difference between versions of the "
        "form. Words and place differ together: the cause is not identifiable."
    ),
    "attribution_words_unknown": (
        "The sites share a language; whether they read the same words isn't known here, because "
        "the texts aren't. A difference between versions of the form."
    ),
    "attribution_left_out": (
        "That an item is left out more often says nothing of how it is answered; the cause is not "
        "identifiable."
    ),
    "attribution_more_left_out": (
        "More could be told by asking people there what they think of when they read it "
        "(debriefing)."
    ),
    "attribution_text_fault": (
        "Apart from the answers, the text of the translation shows a fault of its own: {told}"
    ),
    "attribution_text_confirmed": (
        "Apart from the answers, a bilingual reviewer found fault with this translation: {told}"
    ),
    "attribution_more_people": (
        "More could be told with more people: the interval would be narrower."
    ),
    "attribution_more_language": (
        "More could be told if the answers named the language of each form."
    ),
    "attribution_more_within_site": (
        "More could be told if chance decided who reads which language, or if people who read both "
        "answered both."
    ),
    "attribution_more_same_words": (
        "More could be told by asking at both sites what people think of when they answer "
        "(debriefing), and by what else differs between them: services, roles, how answers were "
        "collected."
    ),
    "attribution_more_words": (
        "More could be told by giving all the same words, or by chance one or the other."
    ),
    "attribution_more_beside": (
        "More could be told by the comparison with {others} at the same site, and by people who "
        "read both languages and answer both versions."
    ),
    "attribution_more_shared": (
        "More could be told by the comparison with {others}, where the language is the same."
    ),
    "attribution_more_bilingual": (
        "More could be told by people who read {locales} and another of the languages and answer "
        "both versions."
    ),
    "attribution_more_second_site": (
        "More could be told by a second site that answers in {locales}, or by people who read both "
        "languages and answer both versions."
    ),
}
