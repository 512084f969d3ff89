"""Numbers as readers see them. Rounding happens here and nowhere before."""

from __future__ import annotations

import math

NOTHING = "—"


def is_missing(value: object) -> bool:
    """Say whether a cell of a frame holds no value (None, NaN, NA or an empty text)."""
    if value is None or (isinstance(value, str) and value == ""):
        return True
    try:
        return math.isnan(value)  # type: ignore[arg-type]
    except TypeError:
        return str(value) in {"<NA>", "NaT"}


def number(value: object, decimals: int = 2) -> str:
    """Return a number with a fixed count of decimals and a true minus sign.

    Examples
    --------
    >>> number(0.8139), number(-0.4), number(-0.001), number(float("nan")), number(float("inf"))
    ('0.81', '−0.40', '0.00', '—', '∞')
    """
    if is_missing(value):
        return NOTHING
    amount = float(value)  # type: ignore[arg-type]
    if math.isinf(amount):
        return "∞" if amount > 0 else "−∞"
    shown = f"{amount:.{decimals}f}"
    if float(shown) == 0:
        shown = f"{0:.{decimals}f}"
    return shown.replace("-", "−")


def interval(estimate: object, low: object, high: object, decimals: int = 2) -> str:
    """Return "estimate [low, high]", or the estimate alone where it has no interval.

    Examples
    --------
    >>> interval(0.7, 0.6852, 0.72), interval(0.7, None, None), interval(None, None, None)
    ('0.70 [0.69, 0.72]', '0.70', '—')
    """
    if is_missing(estimate) or (is_missing(low) and is_missing(high)):
        return number(estimate, decimals)
    return f"{number(estimate, decimals)} {bounds(low, high, decimals)}"


def bounds(low: object, high: object, decimals: int = 2) -> str:
    """Return "[low, high]".

    Examples
    --------
    >>> bounds(0.6852, 0.72)
    '[0.69, 0.72]'
    """
    return f"[{number(low, decimals)}, {number(high, decimals)}]"


def count(value: object) -> str:
    """Return a whole number with a comma between thousands.

    Examples
    --------
    >>> count(2800.0), count(None)
    ('2,800', '—')
    """
    return NOTHING if is_missing(value) else f"{round(float(value)):,}"  # type: ignore[arg-type]


def percent(share: object, decimals: int = 0) -> str:
    """Return a share as a percentage.

    Examples
    --------
    >>> percent(0.4567), percent(0.0312, 1)
    ('46%', '3.1%')
    """
    if is_missing(share):
        return NOTHING
    return f"{number(100 * float(share), decimals)}%"  # type: ignore[arg-type]


def p_value(value: object) -> str:
    """Return a p-value with three decimals, never as zero.

    Examples
    --------
    >>> p_value(0.0421), p_value(2.3e-19)
    ('0.042', '<0.001')
    """
    if is_missing(value):
        return NOTHING
    return "<0.001" if float(value) < 0.001 else number(value, 3)  # type: ignore[arg-type]
