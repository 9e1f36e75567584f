"""What is made of figures: medians, spreads, ratios, and how they are shown. All of it is pure."""

import math
import statistics


def median(values):
    """Of the figures that there are: None is a round that came to no figure."""
    there = [value for value in values if value is not None]
    return statistics.median(there) if there else None


def spread(values):
    """The least and the most."""
    there = [value for value in values if value is not None]
    return (min(there), max(there)) if there else None


def ratios(ours, others):
    """Of each round by itself, so that what slowed the machine down for both counts for neither."""
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
    """With three digits that count, or all of those before the point."""
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
    """The median, and the spread where it says more."""
    low_and_high = spread(values)
    if low_and_high is None:
        return "failed"
    low, high = map(number, low_and_high)
    middle = number(median(values))
    return middle if low == high else f"{middle} ({low}–{high})"
