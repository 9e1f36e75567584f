"""What a measure is made of: contenders, rows of the table, and what is aimed at."""

import contextlib
import shutil

import figures
from processes import Failed

OURS = "notifybridge"
MINIMUM = "minimum"


class Contender:
    """Somebody who is measured. Roles: ours, minimum, peer, and reference for what is no rival."""

    def __init__(self, name, role="peer", program=None):
        self.name = name
        self.role = role
        self.program = program

    def missing(self, bench):
        """Why it cannot be measured here, or nothing."""
        if self.program and not shutil.which(self.program):
            return f"{self.program} is not installed"
        return ""


class Command(Contender):
    """One that is no more than the words in front of a command."""

    def __init__(self, name, *words, role="peer", **env):
        super().__init__(name, role, words[0] if role == "peer" else None)
        self.words = words
        self.env = env


class Ratio:
    """What is aimed at is so many times the figure of another contender."""

    def __init__(self, to, most=None, least=None):
        self.to = to
        self.most = most
        self.least = least

    def judge(self, rounds, _unit):
        """What came of it in words, and whether it is met; nothing where it cannot be said."""
        value = figures.median(figures.ratios(rounds[OURS], rounds.get(self.to, [])))
        return judged(value, f"× {self.to}", self.most, self.least)


class Added:
    """The difference to another contender is at most so much."""

    def __init__(self, to, most):
        self.to = to
        self.most = most

    def judge(self, rounds, unit):
        value = figures.median(figures.differences(rounds[OURS], rounds.get(self.to, [])))
        return judged(value, f"{unit} over {self.to}", self.most, None)


class Limit:
    """It is at most so much, whoever else does what."""

    def __init__(self, most):
        self.most = most

    def judge(self, rounds, unit):
        return judged(figures.median(rounds[OURS]), unit, self.most, None)


def judged(value, words, most, least):
    if value is None:
        return None
    met = value <= most if least is None else value >= least
    bound = f"≤ {figures.number(most)}" if least is None else f"≥ {figures.number(least)}"
    return f"{figures.number(value)} {words}".strip() + f" ({bound})", met


class Row:
    """A line of the table: KEY in what a round returns, in UNIT."""

    def __init__(self, key, label, unit, *targets):
        self.key = key
        self.label = label
        self.unit = unit
        self.targets = targets


class Measure:
    """Derive from it in measures/NAME.py, once; the docstring says what is measured."""

    order = 0  # its place in the table
    rows = ()
    contenders = ()
    rounds = 5
    quick_rounds = 3  # 0: not with --quick
    only_by_name = False  # True: not in a run that names no measure

    @contextlib.contextmanager
    def prepared(self, bench, contenders):
        """Around all rounds."""
        yield

    def run(self, bench, contender):
        """Measures one contender once: returns its figures by the keys of the rows."""
        raise NotImplementedError

    def round(self, bench, contenders):
        """One round of all of them, in this order: returns their figures by name. What another one
        cannot do is said; what we cannot is a failure."""
        found = {}
        for contender in contenders:
            try:
                found[contender.name] = self.run(bench, contender)
            except Failed as failure:
                if contender.role == "ours":
                    raise
                bench.say(f"{contender.name}: {failure}")
        return found
