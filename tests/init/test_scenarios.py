#!/usr/bin/python3
"""Compares each scenario under systemd and under `notifybridge init`.

    test_scenarios.py [--part=I/N] [NAME…]
    test_scenarios.py --newer [--part=I/N] [NAME…]
    test_scenarios.py --bridged [NAME…]
    test_scenarios.py --systemd-only [--runs=N] [--part=I/N] [NAME…]

A scenario is a bash script in scenarios/ that uses the functions of scenario.sh. It starts and stops
its own units, and prints their states. The driver runs the scenarios one after the other in a lab
under systemd. At the same time, it runs them in another lab under our init, whose `systemctl` is
ours. The output has to be the same.

scenarios.meant lists the differences that are intended, with lines of NAME: REASON. For a known
difference that has to be mended, the reason is "not yet". The scenarios in scenarios.257 run only
under systemd 257, because our init intentionally differs from systemd 252 there.

--newer compares our init with systemd 257: the one that is installed, or else the one in
NEWER_SYSTEMD, a tree that tests/run unpacks. Its intended differences are those in scenarios.meant
and in scenarios.newer. newer_words.py translates the output of systemctl. Without names, it runs a
smaller sample of the scenarios. With NOTIFYBRIDGE_LONG=1, all scenarios run in both cases;
otherwise every other one is left out.

--part=I/N takes every Nth scenario, beginning with the Ith, so that Meson can run the parts in
parallel. --bridged runs the scenarios of scenarios.bridged under systemd twice: as they are, and
with wait and wrap around the main process of each service. --systemd-only helps authors of
scenarios. It prints the output and the time of each scenario. With --runs=N it compares N runs,
whose output has to be the same.
"""

import argparse
import concurrent.futures
import difflib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

import newer_words

HERE = os.path.dirname(os.path.realpath(__file__))
LAB = os.path.join(HERE, "..", "lab", "lab")
SCENARIOS = os.path.join(HERE, "scenarios")
MEANT = os.path.join(HERE, "scenarios.meant")
BRIDGED = os.path.join(HERE, "scenarios.bridged")
SKIPPED = 77
ONLY_NEWER = os.path.join(HERE, "scenarios.257")
NEWER_MEANT = os.path.join(HERE, "scenarios.newer")
NEWER_TREE = os.environ.get("NEWER_SYSTEMD", "")
OLDER, NEWEST = "systemd 252 ", "systemd 257 "  # our init behaves like these releases
# The scenarios in scenarios.257 always run under 257. Of the others, only every SAMPLE_STEP-th does.
SAMPLE_STEP = 18
LONG = os.environ.get("NOTIFYBRIDGE_LONG") == "1"
SCENARIO_LIMIT = int(os.environ.get("SCENARIO_LIMIT", "40"))
UNIT_PATH = ":".join(
    f"/run/systemd/{name}" for name in ("generator.early", "system", "generator", "generator.late")
)
# The lines of ADVICE are left out. The other texts differ between two runs.
ADVICE = re.compile(r"^See .* for details\.$")
VARIABLE_TEXTS = [
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r" See .(?:journalctl|systemctl status).* for details\.$", ""),
        (r"(MainPID|ControlPID|ExecMainPID)=[1-9][0-9]*", r"\1=PID"),
        (r"pid=[1-9][0-9]*", "pid=PID"),
        (r"InvocationID=[0-9a-f]{32}", "InvocationID=ID"),
        (r"(start_time|stop_time)=\[[^]]*\]", r"\1=[TIME]"),
    )
]
BEGIN = re.compile(r"^### (\S+)$")
END = re.compile(r"^### \S+ ended with (\d+) after (\d+) ms$")


class Outcome:
    """Holds the output of one scenario under one manager."""

    def __init__(self):
        self.lines = []
        self.milliseconds = 0
        self.ended = False


def driver(names, path):
    """Returns a script that runs each scenario in its own shell and directory. If a scenario
    hangs, the script ends it, and runs the others."""
    lines = ["#!/bin/bash"]
    if path:
        lines.append(f"export PATH={shlex.quote(path)}:$PATH")
    library = shlex.quote(os.path.join(HERE, "scenario.sh"))
    for name in names:
        scenario = shlex.quote(os.path.join(SCENARIOS, name))
        lines += [
            f"echo '### {name}'",
            'began=${EPOCHREALTIME/./}',
            f'SCENARIO_DIR="$SCENARIOS/{name}" timeout -k 15 {SCENARIO_LIMIT}'
            f" /bin/bash {library} {scenario} </dev/null 2>&1",
            f'echo "### {name} ended with $? after $(((${{EPOCHREALTIME/./}} - began) / 1000)) ms"',
        ]
    return "\n".join(lines) + "\nexit 0\n"


def constant(line, directory):
    """Returns the line with constants for the texts that differ between two runs."""
    line = line.replace(directory, "DIR")
    for pattern, replacement in VARIABLE_TEXTS:
        line = pattern.sub(replacement, line)
    return line


def run_lab(names, manager, bridge, tree):
    """Runs the scenarios in a lab under this manager, and returns their outcomes. An empty manager
    means systemd: that of `tree`, or the installed one if `tree` is empty. `bridge` is put around
    main processes, unless it is empty."""
    limit = 60 + (SCENARIO_LIMIT + 15) * len(names)
    with tempfile.TemporaryDirectory(prefix="notifybridge-scenarios.") as directory:
        os.chmod(directory, 0o755)
        units = os.path.join(directory, "units")
        path = ""
        if manager:
            path = os.path.join(directory, "bin")
            os.mkdir(path)
            shutil.copy(manager, os.path.join(path, "notifybridge"))
            os.symlink("notifybridge", os.path.join(path, "systemctl"))
        script = os.path.join(directory, "driver.sh")
        with open(script, "w", encoding="utf-8") as file:
            file.write(driver(names, path))
        # Keep the driver running when a scenario isolates a target.
        os.makedirs(os.path.join(units, "driver.service.d"))
        with open(os.path.join(units, "driver.service.d", "isolate.conf"), "w") as file:
            file.write("[Unit]\nIgnoreOnIsolate=yes\n")
        scenarios = os.path.join(directory, "scenarios")
        os.mkdir(scenarios)
        done = subprocess.run(
            [LAB, units, script, str(limit)],
            env=dict(
                os.environ,
                SCENARIOS=scenarios,
                UNIT_PATH=UNIT_PATH,
                GENERATOR_PATH="/run/systemd/system-generators",
                BRIDGE=bridge,
                SYSTEMD_TREE=tree,
                MANAGER=os.path.join(path, "notifybridge") if manager else "",
            ),
            stdout=subprocess.PIPE,
            stderr=None,
            text=True,
            errors="replace",
            timeout=limit + 60,
            check=False,
        )
    if done.returncode == SKIPPED:
        sys.exit(SKIPPED)
    if done.returncode:
        print(f"the lab under {manager or 'systemd'} ended with {done.returncode}")
    return outcomes(done.stdout, scenarios)


def outcomes(output, scenarios):
    """Returns the outcomes in the output of a lab, by the names of the scenarios. `scenarios` is the
    parent of their directories."""
    found, current = {}, None
    for line in output.splitlines():
        if begin := BEGIN.match(line):
            current = found.setdefault(begin[1], Outcome())
            directory = os.path.join(scenarios, begin[1])
        elif end := END.match(line):
            current.ended = True
            current.milliseconds = int(end[2])
            if end[1] != "0":
                current.lines.append(f"(the scenario ended with {end[1]})")
        elif current and not ADVICE.match(line):
            current.lines.append(constant(line, directory))
    return found


def run(names, manager="", bridge="", tree=""):
    """Returns the outcomes of all these scenarios. If the manager ends during a scenario, the
    following ones run in another lab."""
    found, left = {}, list(names)
    while left:
        found.update(run_lab(left, manager, bridge, tree))
        done = [name for name in left if name in found]
        if not done:
            break
        if not found[done[-1]].ended:
            found[done[-1]].lines.append("(the lab ended early)")
        left = left[len(done) :]
    return found


def lines_of(found, name):
    return found[name].lines if name in found else ["(did not run)"]


def print_difference(wanted, got, wanted_name, got_name):
    print("\n".join(difflib.unified_diff(wanted, got, wanted_name, got_name, lineterm="")))


def meant_differences(path):
    """Returns the reasons for intended differences, by the names of the scenarios. A reason may be
    empty."""
    with open(path, encoding="utf-8") as file:
        lines = [line.strip() for line in file if line.strip() and not line.startswith("#")]
    return {name: reason.strip() for name, _, reason in (line.partition(":") for line in lines)}


def compare(names, meant, other_name, tree="", translate=list, **other):
    """Runs the scenarios under systemd and under another manager. Prints those that differ after
    `translate`. If `tree` is not empty, both run with the systemd of `tree`."""
    with concurrent.futures.ThreadPoolExecutor() as pool:
        systemd = pool.submit(run, names, tree=tree)
        another = pool.submit(run, names, tree=tree, **other)
        wanted, got = systemd.result(), another.result()
    failed = 0
    for name in names:
        expected = translate(lines_of(wanted, name))
        found = translate(lines_of(got, name))
        same = name in wanted and expected == found
        if meant.get(name) and not same:
            print(f"meant   {name}: {meant[name]}")
            continue
        failed += not same
        print(("ok      " if same else "DIFFERS ") + name)
        if not same:
            print_difference(expected, found, "systemd", other_name)
    print(f"{len(names) - failed} of {len(names)} are the same, or differ as intended")
    return 1 if failed else 0


def write(names, runs):
    """Runs the scenarios under systemd only. Prints those whose output differs between runs, and
    those that were not completed."""
    found, failed = [run(names) for _ in range(runs)], 0
    for name in names:
        first = lines_of(found[0], name)
        times = [one[name].milliseconds for one in found if name in one]
        print(f"### {name}: {max(times, default=0)} ms")
        print("\n".join(first))
        different = [one for one in found if lines_of(one, name) != first]
        bad = [line for line in first if line.startswith(("(", "not within"))]
        failed += bool(different or bad)
        if bad:
            print(f"BAD {name}")
        for one in different:
            print(f"CHANGES {name}")
            print_difference(first, lines_of(one, name), "the first run", "a later run")
    print(f"{len(names) - failed} of {len(names)} are steady in {runs} runs")
    return 1 if failed else 0


def chosen(arguments):
    names = arguments.names or sorted(os.listdir(SCENARIOS))
    if not (arguments.names or arguments.newer or LONG):
        # Neighbours in the list are similar, so every other one is left out.
        names = names[::2]
    first, count = (int(number) for number in arguments.part.split("/"))
    return names[first - 1 :: count]


def sample(names):
    """Returns the names of those in ONLY_NEWER, and of some others."""
    only_newer = meant_differences(ONLY_NEWER)
    always = [name for name in names if name in only_newer]
    others = [name for name in names if name not in always]
    return sorted(always + others[::SAMPLE_STEP])


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


def compare_newer(arguments, manager, installed):
    """Compares our init with systemd 257."""
    tree = "" if installed.startswith(NEWEST) else NEWER_TREE
    if tree and not os.access(os.path.join(tree, "usr/lib/systemd/systemd"), os.X_OK):
        skip(f"there is no newer systemd at NEWER_SYSTEMD={tree}; tests/run unpacks one")
    if not tree and not installed.startswith(NEWEST):
        skip(f"{NEWEST.strip()} is not installed, and NEWER_SYSTEMD is not set")
    meant = meant_differences(MEANT) | meant_differences(NEWER_MEANT)
    names = chosen(arguments)
    if not arguments.names and not LONG:
        names = sample(names)
    translate = newer_words.translated
    return compare(names, meant, "init", tree=tree, translate=translate, manager=manager)


def main():
    parser = argparse.ArgumentParser(description="Runs scenarios under systemd and our init.")
    parser.add_argument("--systemd-only", action="store_true")
    parser.add_argument("--bridged", action="store_true")
    parser.add_argument("--newer", action="store_true")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--part", default="1/1")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    manager = os.environ.get("NOTIFYBRIDGE", "")
    if not arguments.systemd_only and not os.access(manager, os.X_OK):
        sys.exit("NOTIFYBRIDGE must name the executable to test")
    if subprocess.run([LAB, "--check"], check=False).returncode == SKIPPED:
        sys.exit(SKIPPED)
    if arguments.systemd_only:
        return write(chosen(arguments), arguments.runs)
    if arguments.bridged:
        meant = meant_differences(BRIDGED)
        arguments.names = arguments.names or sorted(meant)
        return compare(chosen(arguments), meant, "bridged", bridge=manager)
    version = subprocess.run(["systemctl", "--version"], capture_output=True, text=True, check=True)
    if arguments.newer:
        return compare_newer(arguments, manager, version.stdout)
    if not version.stdout.startswith(OLDER):
        skip(f"{OLDER.strip()} is not installed")
    only_newer = meant_differences(ONLY_NEWER)
    names = [name for name in chosen(arguments) if name not in only_newer]
    return compare(names, meant_differences(MEANT), "init", manager=manager)


sys.exit(main())
