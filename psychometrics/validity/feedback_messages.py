"""English sentences that tell a translator what answers show of a text, and what to look at.

They say what was seen and where to look. They name no cause and blame nobody.
"""

from __future__ import annotations

INTERVAL = "{level:.0%} interval {low:.2f} to {high:.2f}"

MESSAGES: dict[str, str] = {
    "item_worth_a_look": "{told}",
    "shows_lower": (
        "Respondents of {group} answer lower than {others} of the same standing: by {size:.2f} "
        f"standard deviations of the item ({INTERVAL}; {{n_a}} and {{n_b}} people)."
    ),
    "shows_higher": (
        "Respondents of {group} answer higher than {others} of the same standing: by {size:.2f} "
        f"standard deviations of the item ({INTERVAL}; {{n_a}} and {{n_b}} people)."
    ),
    "shows_slope": (
        "In {group} answers follow the standing differently than among {others}: the gap "
        "changes by {size:.2f} standard deviations of the item with each standard deviation of the "
        f"trait ({INTERVAL}; {{n_a}} and {{n_b}} people)."
    ),
    "shows_reversed": (
        "In {group} the item runs against its scale: its correlation with the other items is "
        f"{{estimate:.2f}} ({INTERVAL}; {{n_obs}} people), among the others {{others_r:.2f}}."
    ),
    "shows_consistency": (
        "In {group} answers go together with the rest of the scale less closely: correlation "
        f"{{own:.2f}}, among the others {{others_r:.2f}} (difference, {INTERVAL}). That is also so "
        "where people differ less from each other."
    ),
    "shows_avoided": (
        "In {group} the answer {answer!r} is given more rarely than by others of about the same "
        f"standing: {{own:.0%}} where {{others_r:.0%}} are expected (difference, {INTERVAL})."
    ),
    "shows_piled_up": (
        "In {group} the answer {answer!r} is given more often than by others of about the same "
        f"standing: {{own:.0%}} where {{others_r:.0%}} are expected (difference, {INTERVAL})."
    ),
    "shows_missing": (
        "In {group} the item is left out more often: {own:.0%} of {n_obs} people, among the others "
        f"{{others_r:.0%}} (difference, {INTERVAL})."
    ),
    "shows_no_release": (
        "The answers name no release, and are taken to be about the text as it is now."
    ),
    "shows_simulated": "Nobody gave these answers: they are simulated.",
    "check_reversed": (
        "Negation first: does the text say the opposite of the source, because one was lost, added "
        "or taken twice? Then whether its answers run the other way round."
    ),
    "check_lower": (
        "How strong the words are: an adverb or a quantity that is stronger than the source's "
        "(always, fully, strongly) makes agreement rarer. Then idioms, and the words of the "
        "answers."
    ),
    "check_higher": (
        "How strong the words are: an adverb or a quantity that is weaker than the source's "
        "(sometimes, partly) makes agreement easier. Then idioms, and the words of the answers."
    ),
    "check_slope": (
        "Whether the words can be read in two ways, ask two things, or hold an idiom or a term "
        "that only some know."
    ),
    "check_missing": (
        "Whether the text is understood by all, can be answered by all, and asks for nothing that "
        "isn't said here."
    ),
    "check_answers": "The words of the answers beside this text: {answers}.",
    "check_same_words": (
        "Both sites read these words, so look at how they are understood at each: services, roles, "
        "terms."
    ),
    "beside_same_words": (
        "With the same words, {a} and {b} differ on this item by {size:.2f} standard deviations "
        f"({INTERVAL}). That is one pair of sites, and no measure of what chance does."
    ),
    "feedback_few_items": (
        "No scale has the items that are needed to hold people of the same standing against each "
        "other."
    ),
}
