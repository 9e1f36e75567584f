#!/usr/bin/python3
"""Compares the values that systemd and notifybridge read from unit files, property by property. If
there are differences, ends with an error that contains the files and both values.

The cases are those of unit_cases.py, and a number of unit_chance.py's. UNIT_CASES is this number
(600; 20,000 with NOTIFYBRIDGE_LONG=1, different ones each time). UNIT_SEED=N repeats a run.
"""

import json
import os
import random
import subprocess
import sys

import unit_cases
import unit_chance
import unit_load_cases
import unit_properties

SCRATCH = os.environ["SYSTEM_TEST"]
DIRECTORIES = {
    "etc": f"{SCRATCH}/units",
    "run": f"{SCRATCH}/units-run",
    "lib": f"{SCRATCH}/units-lib",
    "elsewhere": f"{SCRATCH}/elsewhere",
}
BATCH = 400
USUAL_SEED = 158086772
CAPABILITIES = (1 << 41) - 1  # The capabilities that exist.

# The order of these values has no meaning, or systemd does not keep it. Names that systemd adds
# itself begin differently from the names in the cases.
SETS = {"Names", "RequiresMountsFor"}
DEPENDENCIES = {
    "Requires",
    "Requisite",
    "Wants",
    "BindsTo",
    "Upholds",
    "Conflicts",
    "Before",
    "After",
    "OnSuccess",
    "OnFailure",
    "PropagatesReloadTo",
    "ReloadPropagatedFrom",
    "PropagatesStopTo",
    "StopPropagatedFrom",
    "PartOf",
    "JoinsNamespaceOf",
}


def write(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if isinstance(content, unit_cases.Link):
        os.symlink(content.target, path)
    else:
        with open(path, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())


def write_case(case):
    for name, content in case.files.items():
        part, _, rest = name.partition("/")
        write(f"{DIRECTORIES[part]}/{rest}", content)


def ours(names):
    """Returns the settings that notifybridge reads from the files of these units, and its log about
    them."""
    path = ":".join(DIRECTORIES[part] for part in ("etc", "run", "lib"))
    done = subprocess.run(
        [os.environ["SHOW_UNITS"], path],
        input="".join(f"{name}\n" for name in names).encode(),
        capture_output=True,
        check=True,
    )
    # Boost.JSON copies bytes that are not UTF-8 without changes.
    lines = done.stdout.decode(errors="surrogateescape").splitlines()
    return [json.loads(line) for line in lines], done.stderr.decode(errors="replace")


def command(entry):
    """Returns (path, argv, flags) of an ExecStartEx, or of a socket's ExecStartPre."""
    flags = entry[2] if isinstance(entry[2], list) else ["ignore-failure"] * entry[2]
    return [entry[0], entry[1], sorted(flags)]


def listened(kind, address):
    """Returns an address as systemd writes it."""
    if kind == "Netlink":
        family, *group = address.split()
        address = " ".join([family, *(group or ["0"])])
    if kind in ("Stream", "Datagram") and address.strip("+x").isalnum():
        address = f"[::]:{int(address, 0)}"
    if address.startswith("vsock:4294967295:"):
        address = address.replace("4294967295", "")
    return [kind, address]


def normal(name, value):
    """Returns a property's value in a form that can be compared."""
    if name in DEPENDENCIES:
        return sorted(dep for dep in value if dep.startswith(unit_cases.DEPENDENCY))
    if name == "RequiresMountsFor":
        return sorted(path for path in value if path.startswith(unit_cases.MOUNT))
    if name in SETS:
        return sorted(value)
    if name.startswith("Exec") and name != "ExecSearchPath":
        # For a socket's commands, systemd only reports whether failures are ignored.
        return [command(entry) for entry in value]
    if name in ("Conditions", "Asserts"):
        return sorted(entry[:4] for entry in value)
    if name in ("CapabilityBoundingSet", "AmbientCapabilities"):
        return value & CAPABILITIES
    if name == "Listen":
        return [listened(*entry) for entry in value]
    if name.endswith("Symlink"):
        return [entry[:2] for entry in value]
    return value


def differences(mine, theirs):
    for name, value in mine.items():
        if name not in theirs:
            continue
        expected = normal(name, theirs[name])
        value = normal(name, value)
        if name.startswith("Exec") and not name.endswith("Ex") and name != "ExecSearchPath":
            ignores = [[e[0], e[1], ["ignore-failure"] * ("ignore-failure" in e[2])] for e in value]
            value = ignores
        if value != expected:
            yield name, value, expected


def compare(cases):
    """Returns how many units were compared, and how many differed. Prints the differences."""
    for case in cases:
        write_case(case)
    subprocess.run(["systemctl", "daemon-reload"], check=True)
    names = [name for case in cases for name in case.names]
    owners = [case for case in cases for _ in case.names]
    taken, said = ours(names)
    assert len(taken) == len(names), f"{len(taken)} of {len(names)}"
    failed = loaded = 0
    for name, case, mine, theirs in zip(names, owners, taken, unit_properties.read_units(names)):
        # systemd does not show the defaults of a unit that is not loaded.
        if theirs["LoadState"] != "loaded":
            theirs = {key: theirs[key] for key in ("LoadState",)}
        loaded += theirs["LoadState"] == "loaded"
        found = list(differences(mine, theirs))
        if not found or (name, found[0][0]) in unit_cases.MEANT:
            continue
        failed += 1
        print(f"=== {name}")
        for file, content in case.files.items():
            shown = content.target if isinstance(content, unit_cases.Link) else content
            print(f"--- {file}\n{shown if len(shown) < 4000 else len(shown)}")
        for key, value, expected in found:
            print(f"{key}: we take {value!r}\n{' ' * len(key)}  systemd {expected!r}")
        print("".join(line + "\n" for line in said.splitlines() if name in line))
    return len(names), loaded, failed


def seed_of_run():
    """Returns the seed. Random cases change only in long runs, not for each change of the code."""
    usual = random.randrange(1 << 32) if os.environ.get("NOTIFYBRIDGE_LONG") else USUAL_SEED
    return int(os.environ.get("UNIT_SEED", usual))


def main():
    for directory in DIRECTORIES.values():
        os.makedirs(directory, exist_ok=True)
    long = os.environ.get("NOTIFYBRIDGE_LONG") == "1"
    count = int(os.environ.get("UNIT_CASES", 20000 if long else 600))
    seed = seed_of_run()
    print(f"UNIT_SEED={seed} UNIT_CASES={count}", flush=True)
    chance = random.Random(seed)
    cases = [*unit_cases.written(), *unit_load_cases.written()]
    cases += [unit_chance.made(chance, number) for number in range(count)]
    total = loaded = failed = 0
    for at in range(0, len(cases), BATCH):
        numbers = compare(cases[at : at + BATCH])
        total, loaded, failed = total + numbers[0], loaded + numbers[1], failed + numbers[2]
    print(f"{total} units, {loaded} of them loaded, {failed} with a difference")
    return 1 if failed or loaded * 4 < total else 0


if __name__ == "__main__":
    sys.exit(main())
