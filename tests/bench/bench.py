#!/usr/bin/python3
"""Measures notifybridge against its peers and against the minimum. tests/bench/run starts it.

Prints a Markdown table on standard output, and the progress on standard error. Writes all figures
to a file.
"""

import argparse
import contextlib
import importlib
import itertools
import json
import os
import shutil
import signal
import sys
import tempfile
import time

import laboratory
import machine
import table
from measure import OURS, Measure
from processes import Failed

HERE = os.path.dirname(os.path.realpath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))

# Keep journals in memory, like a shared directory in /run, if there is room for the journals of a
# million messages.
MEMORY = "/dev/shm"
ROOM = 512 * 1024 * 1024

STOPPING = (signal.SIGTERM, signal.SIGINT)


class Stopped(BaseException):
    """Raised when a signal requests the end. The report contains the figures that exist by then."""

    def __init__(self, number):
        super().__init__(f"stopped by {signal.Signals(number).name}")
        self.number = number


def say(text):
    print(text, file=sys.stderr, flush=True)


class Bench:
    """The programs, fresh directories and labs for measures. `quick` is whether the run is
    quick."""

    def __init__(self, build, quick, stack):
        self.build = build
        self.quick = quick
        self.notifybridge = os.path.join(build, "notifybridge")
        self._stack = stack
        self._work = stack.enter_context(_temporary_directory(_place_with_room()))
        self._fresh_names = itertools.count()
        self.left_out = []
        self._lab = None
        # Write the pages of new executables to disk. Before this, the pages would count as private
        # memory of a process.
        for name in (self.notifybridge, *map(self.program, os.listdir(f"{build}/tests/bench"))):
            if os.path.isfile(name):
                with open(name, "rb") as file:
                    os.fsync(file.fileno())

    say = staticmethod(say)

    def program(self, name):
        """Returns the path of a program of the benchmark, with the name in meson.build."""
        return os.path.join(self.build, "tests", "bench", name)

    def pick(self, full, quick):
        return quick if self.quick else full

    @contextlib.contextmanager
    def directory(self):
        """Creates a directory, in memory if there is room. Its path is short, because a socket's
        path may have 107 bytes."""
        path = os.path.join(self._work, str(next(self._fresh_names)))
        os.mkdir(path, 0o755)
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)

    def directory_on_disk(self):
        return _temporary_directory(None)

    def leave_out(self, what, why):
        """Records why there are no figures of `what`, for a line below the table."""
        self.left_out.append((what, why))

    def missing_in_lab(self, program=None):
        """Returns why a lab with this program cannot run, or an empty text if it can."""
        if program and not shutil.which(program):
            return f"{program} is not installed"
        return laboratory.missing()

    def lab(self):
        """Returns the lab that all measures share. Boots it at the first call."""
        if not self._lab:
            self._lab = self._stack.enter_context(self.fresh_lab())
        return self._lab

    @contextlib.contextmanager
    def fresh_lab(self, manager=""):
        """Boots a separate lab, with systemd or the named manager."""
        with self.directory() as directory:
            lab = laboratory.Lab(directory, self.build, manager)
            try:
                yield lab
            finally:
                lab.end()


@contextlib.contextmanager
def _temporary_directory(parent):
    path = tempfile.mkdtemp(prefix="nb-bench.", dir=parent)
    os.chmod(path, 0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _place_with_room():
    try:
        there = os.statvfs(MEMORY)
    except OSError:
        return None
    has_room = there.f_bavail * there.f_frsize >= ROOM and os.access(MEMORY, os.W_OK)
    return MEMORY if has_room else None


def load_measures():
    """Returns all measures by name. Each file in measures/ defines one Measure."""
    found = {}
    for file in sorted(os.listdir(os.path.join(HERE, "measures"))):
        if file.endswith(".py"):
            name = file.removesuffix(".py")
            module = importlib.import_module(f"measures.{name}")
            (kind,) = (
                value
                for value in vars(module).values()
                if isinstance(value, type) and value.__module__ == module.__name__
                and issubclass(value, Measure)
            )
            found[name] = kind()
    return dict(sorted(found.items(), key=lambda item: item[1].order))


def present(bench, name, measure):
    """Returns the contenders that can run here. Returns none if notifybridge itself cannot be
    measured."""
    missing = {each.name: each.missing(bench) for each in measure.contenders}
    if missing[OURS]:
        bench.leave_out(name, missing[OURS])
        return []
    for each, reason in missing.items():
        if reason:
            bench.leave_out(each, reason)
    return [each for each in measure.contenders if not missing[each.name]]


def run_rounds(bench, name, measure, contenders, figures):
    """Adds the figures of all rounds, by row and contender. Each round measures every contender,
    and begins with a different one."""
    count = bench.pick(measure.rounds, measure.quick_rounds) or 1
    with measure.prepared(bench, contenders):
        for number in range(count):
            say(f"{name}: round {number + 1} of {count}")
            first = number % len(contenders)
            found = measure.round(bench, contenders[first:] + contenders[:first])
            for key, by_name in figures.items():
                for each, values in by_name.items():
                    values.append(found.get(each, {}).get(key))


def run_measure(bench, name, measure, rows):
    """Adds the rows of a measure to the table, without rows that have no figures. If the measure
    fails, keeps the figures of earlier rounds."""
    started = time.monotonic()
    contenders = present(bench, name, measure)
    if not contenders:
        return
    figures = {row.key: {each.name: [] for each in contenders} for row in measure.rows}
    try:
        run_rounds(bench, name, measure, contenders, figures)
    finally:
        rows += [
            (name, row, contenders, figures[row.key])
            for row in measure.rows
            if any(value is not None for values in figures[row.key].values() for value in values)
        ]
    say(f"{name}: took {time.monotonic() - started:.0f} s")


def wanted(bench, measures, chosen):
    """Returns the chosen measures. If none is chosen, returns the usual measures, and records why
    the others are left out."""
    if chosen:
        return [name for name in measures if name in chosen]
    names = []
    for name, measure in measures.items():
        if measure.only_by_name:
            bench.leave_out(name, "runs only if it is named")
        elif bench.quick and not measure.quick_rounds:
            bench.leave_out(name, "not with --quick")
        else:
            names.append(name)
    return names


def run_measures(bench, measures, names):
    """Returns all rows, and an exit status that shows whether each measure was completed."""
    rows, status = [], 0
    for at, name in enumerate(names):
        try:
            run_measure(bench, name, measures[name], rows)
        except Failed as failure:
            bench.leave_out(name, str(failure))
            status = 1
        except Stopped as stopped:
            say(stopped)
            bench.leave_out(name, f"{stopped} before its last round")
            for rest in names[at + 1 :]:
                bench.leave_out(rest, f"not measured, {stopped}")
            return rows, 128 + stopped.number
    return rows, status


def as_json(about, quick, rows, left_out):
    return {
        "machine": about,
        "quick": quick,
        "left_out": [{"what": what, "why": why} for what, why in left_out],
        "rows": [
            {
                "measure": name,
                "key": row.key,
                "label": row.label,
                "unit": row.unit,
                "aim": table.aim(row, rounds),
                "contenders": [
                    {"name": each.name, "role": each.role, "rounds": _finite(rounds[each.name])}
                    for each in contenders
                ],
            }
            for name, row, contenders, rounds in rows
        ],
    }


def _finite(values):
    """Replaces infinity, which JSON does not have. Infinity means that a send() never returned."""
    return ["for ever" if value == float("inf") else value for value in values]


def parse(measures):
    parser = argparse.ArgumentParser(
        prog="tests/bench/run", description="Measures notifybridge against its peers."
    )
    parser.add_argument("--quick", action="store_true", help="a minute instead of ten")
    parser.add_argument("--json", metavar="FILE", help="write all figures here (BUILD/bench.json)")
    parser.add_argument("--list", action="store_true", help="list the measures")
    parser.add_argument("--build", default=os.path.join(SOURCE, "build"), help=argparse.SUPPRESS)
    parser.add_argument("measures", nargs="*", metavar="MEASURE", help="measure only these")
    options = parser.parse_args()
    if unknown := [name for name in options.measures if name not in measures]:
        parser.error(f"there is no measure {', '.join(unknown)}; see --list")
    return options


def main():
    measures = load_measures()
    options = parse(measures)
    if options.list:
        for name, measure in measures.items():
            named = " (runs only if it is named)" if measure.only_by_name else ""
            print(f"{name:<12} {sys.modules[measure.__module__].__doc__.splitlines()[0]}{named}")
        return 0
    for number in STOPPING:
        signal.signal(number, stop)
    try:
        return measured(options, measures)
    except Stopped as stopped:
        return 128 + stopped.number


def measured(options, measures):
    """Runs the measures and prints the report. Returns the exit status."""
    with contextlib.ExitStack() as stack:
        bench = Bench(os.path.realpath(options.build), options.quick, stack)
        about = machine.describe(SOURCE, bench.notifybridge)
        names = wanted(bench, measures, options.measures)
        rows, status = run_measures(bench, measures, names)
        # Report before ending the processes: a caller that stops the benchmark may not wait for
        # them.
        report(options, about, rows, sorted(set(bench.left_out)))
    return status


def stop(number, _frame):
    """Raises Stopped. Ignores further signals, because the processes must still be ended."""
    for each in STOPPING:
        signal.signal(each, signal.SIG_IGN)
    raise Stopped(number)


def report(options, about, rows, left_out):
    print(table.table([row[1:] for row in rows]))
    print()
    for words in [machine.in_words(about), *table.left_out(left_out)]:
        print(words, flush=True)
    path = options.json or os.path.join(options.build, "bench.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(as_json(about, options.quick, rows, left_out), file, indent=1)
        file.write("\n")
    say(f"All figures are in {path}.")


if __name__ == "__main__":
    sys.exit(main())
