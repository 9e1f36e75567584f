#!/usr/bin/python3
"""Compares the settings of units in the output of `systemctl show --all` and of notifybridge. If
there are differences, ends with an error that contains the files and both texts.

The cases are those of unit_files.py, with the same UNIT_CASES and UNIT_SEED.
"""

import os
import random
import re
import subprocess
import sys

import unit_cases
import unit_chance
import unit_files

BATCH = 200
PROPERTY = re.compile(r"([A-Za-z0-9]+)=")
COMMAND = re.compile(r"Exec(Condition|Start|Reload|Stop)")

# A value that no file sets comes from the manager or the machine. The first unit sets none of these
# properties, so it shows such values.
INHERITED = re.compile("Limit[A-Z]+(Soft)?$|Nice$|OOMScoreAdjust$|TasksMax$")
PLAIN = unit_cases.service("plain-of-show", unit_cases.ALONE + unit_cases.RUNS)

# systemd lists these values in no particular order, and adds the directories of a unit to the
# paths.
SETS = {"Names", "RequiresMountsFor", "IPAddressAllow", "IPAddressDeny", "RestrictNetworkInterfaces"}


def properties(text):
    """Returns (name, value) of each property. A value may have several lines."""
    found = []
    for line in text.split("\n"):
        name = PROPERTY.match(line)
        if name:
            found.append([name[1], line[name.end() :]])
        elif found:
            found[-1][1] += "\n" + line
    return [tuple(pair) for pair in found]


def theirs(names):
    """Returns the output of systemctl for each unit. systemctl ends at bytes that are not UTF-8, so
    such a unit has no result."""
    if not names:
        return []
    done = subprocess.run(
        ["systemctl", "show", "--all", *names], capture_output=True, timeout=120
    )
    text = done.stdout.decode(errors="surrogateescape").rstrip("\n")
    parts = re.split(r"\n\n(?=Type=|BindIPv6Only=|Id=)", text)
    found = [properties(part) for part in parts if part]
    if done.returncode != 0:
        found += [[], *theirs(names[len(found) + 1 :])]
    return found


def ours(names):
    path = ":".join(unit_files.DIRECTORIES[part] for part in ("etc", "run", "lib"))
    done = subprocess.run(
        [os.environ["SHOW_PROPERTIES"], path],
        input="".join(f"{name}\n" for name in names).encode(),
        capture_output=True,
        check=True,
        env={},
    )
    text = done.stdout.decode(errors="surrogateescape")
    return [properties(part) for part in text.removesuffix("\n.\n").split("\n.\n")]


def are_inherited(mine, other, inherited_mine, inherited_other):
    """Returns the names of properties that neither of the two units sets itself."""
    mine, other = dict(mine), dict(other)
    return {
        name
        for name in mine
        if INHERITED.match(name)
        and (mine[name], other.get(name)) == (inherited_mine[name], inherited_other[name])
    }


def normal(pairs, left_out):
    """Returns the properties in a form that can be compared, without those in `left_out`."""
    out = []
    for name, value in pairs:
        if name in SETS:
            words = sorted(value.split())
            if name == "RequiresMountsFor":
                words = [word for word in words if word.startswith(unit_cases.MOUNT)]
            value = " ".join(words)
        if name not in left_out:
            out.append((name, value))
    return out


def differences(mine, other, inherited_mine, inherited_other):
    """Returns the properties that notifybridge and systemd print differently."""
    state = dict(other)["LoadState"]
    if state != "loaded":
        found = dict(mine)["LoadState"]
        return [] if found == state else [f"LoadState: we show {found}, systemctl {state}"]
    known = {name for name, _ in mine} | {name for name, _ in other if COMMAND.match(name)}
    left_out = are_inherited(mine, other, inherited_mine, inherited_other)
    mine = normal(mine, left_out)
    other = normal([pair for pair in other if pair[0] in known], left_out)
    if mine == other:
        return []
    lines = [f"only ours:       {pair}" for pair in mine if pair not in other]
    lines += [f"only systemctl's: {pair}" for pair in other if pair not in mine]
    return lines or ["the order is another"]


def compare(cases, count):
    """Adds to `count` how many units were compared, and how many of them differed."""
    cases = [PLAIN, *cases]
    for case in cases:
        unit_files.write_case(case)
    subprocess.run(["systemctl", "daemon-reload"], check=True)
    names = [name for case in cases for name in case.names]
    owners = [case for case in cases for _ in case.names]
    mine, other = ours(names), theirs(names)
    assert len(mine) == len(other) == len(names), (len(mine), len(other), len(names))
    for name, case, one, two in zip(names, owners, mine, other):
        if not two:
            continue
        found = differences(one, two, dict(mine[0]), dict(other[0]))
        count["units"] += 1
        count["loaded"] += dict(two)["LoadState"] == "loaded"
        if not found or (name, "Description") in unit_cases.MEANT:
            continue
        count["different"] += 1
        print(f"=== {name}")
        for file, content in case.files.items():
            print(f"--- {file}\n{str(content)[:2000]}")
        print("\n".join(line[:500] for line in found), flush=True)


def main():
    for directory in unit_files.DIRECTORIES.values():
        os.makedirs(directory, exist_ok=True)
    long = os.environ.get("NOTIFYBRIDGE_LONG") == "1"
    number = int(os.environ.get("UNIT_CASES", 10000 if long else 300))
    seed = unit_files.seed_of_run()
    print(f"UNIT_SEED={seed} UNIT_CASES={number}", flush=True)
    chance = random.Random(seed)
    cases = list(unit_cases.written())
    cases += [unit_chance.made(chance, each) for each in range(number)]
    count = {"units": 0, "loaded": 0, "different": 0}
    for at in range(0, len(cases), BATCH):
        compare(cases[at : at + BATCH], count)
    print(count)
    return 1 if count["different"] or count["loaded"] * 4 < count["units"] else 0


sys.exit(main())
