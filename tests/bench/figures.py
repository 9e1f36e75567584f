"""Calculates medians, spreads and ratios of figures, and formats them. Pure."""

import math
import statistics


def median(values):
    """Returns the median of the figures. None stands for a round without a figure."""
    there = [value for value in values if value is not None]
    return statistics.median(there) if there else None


def spread(values):
    """Returns the least and the greatest figure."""
    there = [value for value in values if value is not None]
    return (min(there), max(there)) if there else None


def ratios(ours, others):
    """Returns the ratio of each round. So a slow machine affects both figures of a ratio."""
    return [
        mine / theirs
        for mine, theirs in zip(ours, others)
        if mine is not None and theirs and math.isfinite(mine)
    ]


def differences(ours, others):
    return [
        mine - theirs
        for mine, theirs in zip(ours, others)
        if mine is not None and theirs is not None and math.isfinite(theirs)
    ]


def number(value):
    """Returns the number with three significant digits, and with all digits before the point."""
    if value is None:
        return "–"
    if math.isinf(value):
        return "for ever"
    if value == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    shown = f"{value:,.{digits}f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def with_spread(values):
    """Returns the median, and the spread if it differs."""
    low_and_high = spread(values)
    if low_and_high is None:
        return "failed"
    low, high = map(number, low_and_high)
    middle = number(median(values))
    return middle if low == high else f"{middle} ({low}–{high})"
