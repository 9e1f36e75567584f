"""Formats the Markdown table and the lines below it. Pure."""

import figures
from measure import OURS

HEAD = ("measure", "notifybridge", "minimum", "others", "aim")


def cells(row, contenders, rounds):
    """Returns the cells of a row. ROUNDS has the figures of each round by the contender's name."""
    by_role = {}
    for contender in contenders:
        values = rounds.get(contender.name, [])
        if any(value is not None for value in values) or contender.role == "ours":
            by_role.setdefault(contender.role, []).append((contender.name, values))
    ours, minimum = (
        ", ".join(figures.with_spread(values) for _, values in by_role.get(role, [])) or "–"
        for role in ("ours", "minimum")
    )
    others = ", ".join(
        f"{name} {figures.with_spread(values)}"
        for role in ("reference", "peer")
        for name, values in by_role.get(role, [])
    )
    label = f"{row.label}, {row.unit}" if row.unit else row.label
    return label, ours, minimum, others or "–", aim(row, rounds)


def aim(row, rounds):
    """Returns the result for each target, in words. Leaves out targets that cannot be judged."""
    judged = [target.judge(rounds, row.unit) for target in row.targets if OURS in rounds]
    words = [f"{'' if met else '**short** '}{text}" for text, met in filter(None, judged)]
    return ", ".join(words) or "–"


def line(row_cells):
    return "| " + " | ".join(row_cells) + " |"


def table(rows):
    """Formats a list of (row, contenders, rounds)."""
    return "\n".join([line(HEAD), line(["---"] * len(HEAD)), *(line(cells(*row)) for row in rows)])


def left_out(reasons):
    """Lists what is not in the table. REASONS has pairs of a name and a reason."""
    return [f"Left out: {what}: {why}." for what, why in reasons]
