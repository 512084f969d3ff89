"""Keys of texts in catalogs: the instrument's own, and variants of them for a gender or a site."""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

Gender = Literal["f", "m"]
VARIANT: Final = re.compile(
    r"(?P<base>[^\[@]+)(?:\[(?P<gender>[fm])\])?(?:@(?P<site>[a-z][a-z0-9_]*))?"
)


class TextKey(NamedTuple):
    """A key in its parts: "item.calm[f]@ulm" is item.calm, said to a woman, in Ulm."""

    base: str
    gender: str | None = None
    site: str | None = None

    def __str__(self) -> str:
        gender = f"[{self.gender}]" if self.gender else ""
        site = f"@{self.site}" if self.site else ""
        return f"{self.base}{gender}{site}"


def text_key(key: str) -> TextKey:
    """Return a key in its parts; one that has another form is all base.

    Examples
    --------
    >>> text_key("item.calm[f]@ulm")
    TextKey(base='item.calm', gender='f', site='ulm')
    >>> str(TextKey("item.calm", site="ulm"))
    'item.calm@ulm'
    """
    found = VARIANT.fullmatch(key)
    return TextKey(found["base"], found["gender"], found["site"]) if found else TextKey(key)
