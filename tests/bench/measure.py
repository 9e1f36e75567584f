"""The parts of a measure: contenders, rows of the table, and targets."""

import contextlib
import shutil

import figures
from processes import Failed

OURS = "notifybridge"
MINIMUM = "minimum"


class Contender:
    """A program that is measured. Its role is ours, minimum, peer, or reference if it is not a
    rival."""

    def __init__(self, name, role="peer", program=None):
        self.name = name
        self.role = role
        self.program = program

    def missing(self, bench):
        """Returns why the contender cannot be measured here, or an empty text if it can."""
        if self.program and not shutil.which(self.program):
            return f"{self.program} is not installed"
        return ""


class Command(Contender):
    """A contender that only consists of words before a command."""

    def __init__(self, name, *words, role="peer", **env):
        super().__init__(name, role, words[0] if role == "peer" else None)
        self.words = words
        self.env = env


class Ratio:
    """A target that is a multiple of another contender's figure."""

    def __init__(self, to, most=None, least=None):
        self.to = to
        self.most = most
        self.least = least

    def judge(self, rounds, _unit):
        """Returns the result in words, and whether the target is met. Returns None if there are no
        figures to compare."""
        value = figures.median(figures.ratios(rounds[OURS], rounds.get(self.to, [])))
        return judged(value, f"× {self.to}", self.most, self.least)


class Added:
    """A target that is a maximum for the difference to another contender."""

    def __init__(self, to, most):
        self.to = to
        self.most = most

    def judge(self, rounds, unit):
        value = figures.median(figures.differences(rounds[OURS], rounds.get(self.to, [])))
        return judged(value, f"{unit} over {self.to}", self.most, None)


class Limit:
    """A target that is a maximum, independent of other contenders."""

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
    """A row of the table. KEY is in the figures of a round, and UNIT is its unit of measure."""

    def __init__(self, key, label, unit, *targets):
        self.key = key
        self.label = label
        self.unit = unit
        self.targets = targets


class Measure:
    """The base class of measures. Each measures/NAME.py derives one class, whose docstring
    describes what is measured."""

    order = 0  # the position in the table
    rows = ()
    contenders = ()
    rounds = 5
    quick_rounds = 3  # 0 if --quick leaves the measure out
    only_by_name = False  # True if the measure runs only when it is named

    @contextlib.contextmanager
    def prepared(self, bench, contenders):
        """Returns a context that surrounds all rounds."""
        yield

    def run(self, bench, contender):
        """Measures one contender once. Returns its figures by the keys of the rows."""
        raise NotImplementedError

    def round(self, bench, contenders):
        """Measures all contenders once, in this order. Returns their figures by name. Prints the
        failure of another contender, but raises the failure of notifybridge."""
        found = {}
        for contender in contenders:
            try:
                found[contender.name] = self.run(bench, contender)
            except Failed as failure:
                if contender.role == "ours":
                    raise
                bench.say(f"{contender.name}: {failure}")
        return found
