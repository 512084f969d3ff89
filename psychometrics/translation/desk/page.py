"""What the pages of the desk share: escaping, languages, fonts, and that nothing foreign runs."""

from __future__ import annotations

import base64
import hashlib
from typing import Final
from unicodedata import bidirectional

from markupsafe import Markup

FONTS: Final = (
    "system-ui, 'Noto Sans', 'DejaVu Sans', 'Noto Sans Devanagari', 'Noto Sans Hebrew', sans-serif"
)
STYLE: Final = f"""
* {{ box-sizing: border-box }}
body {{ font: 1rem/1.5 {FONTS}; margin: 0 auto; padding: 1rem; color: #1d1c1a; background: #fff }}
:lang(hi) {{ font-family: 'Noto Sans Devanagari', 'Lohit Devanagari', Mukta, {FONTS} }}
:lang(he) {{ font-family: 'Noto Sans Hebrew', 'DejaVu Sans', Arial, {FONTS} }}
h1 {{ font-size: 1.3rem; margin: .5rem 0 }}
h2 {{ font-size: 1.1rem; margin: 1.2rem 0 .3rem }}
h1, h2, p, td, th, label, textarea {{ overflow-wrap: anywhere; white-space: pre-line }}
.draft {{ border: 2px solid #a33; color: #a33; padding: .4rem .7rem; border-radius: .3rem }}
"""


def html_lang(locale: str) -> str:
    """Return a locale as pages write it.

    Examples
    --------
    >>> html_lang("he_IL")
    'he-IL'
    """
    return locale.partition("@")[0].replace("_", "-")


def prose_direction(text: str, direction: str) -> str:
    """Return the direction of prose that may hold words of another language: "auto" if it doesn't.

    An English remark that begins with a Hebrew word is still an English remark.

    Parameters
    ----------
    text : str
        Any text.
    direction : {"ltr", "rtl"}
        That of the language in which the prose is written.

    Examples
    --------
    >>> prose_direction("הצוות, singular", "ltr"), prose_direction("הצוות", "ltr")
    ('ltr', 'auto')
    """
    found = {bidirectional(letter) for letter in text}
    return direction if "L" in found and found & {"R", "AL"} else "auto"


def page(
    *,
    title: str,
    lang: str,
    direction: str,
    body: Markup,
    style: str,
    script: str = "",
    pictures: bool = False,
) -> str:
    """Return a page that runs its own script and nothing else, and asks nothing of the network.

    Parameters
    ----------
    title, lang, direction : str
        Of the page.
    body : markupsafe.Markup
        What is on it; everything in it is escaped already.
    style, script : str
        Written by us; no text of anybody else goes into them.
    pictures : bool
        Whether pictures that lie in the page itself are shown; as a picture nothing in them runs.
    """
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
    allowed = f"'sha256-{digest}'" if script else "'none'"
    policy = (
        f"default-src 'none'; {'img-src data:; ' if pictures else ''}style-src 'unsafe-inline'; "
        f"script-src {allowed}; base-uri 'none'; form-action 'none'"
    )
    made = Markup(
        '<!DOCTYPE html>\n<html lang="{lang}" dir="{direction}">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n{body}\n{script}"
        "</body>\n</html>\n"
    ).format(
        lang=lang,
        direction=direction,
        policy=policy,
        title=title,
        style=Markup(STYLE + style),
        body=body,
        script=Markup(f"<script>{script}</script>\n") if script else "",
    )
    return str(made)
