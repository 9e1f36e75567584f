#!/usr/bin/python3
"""linked.py RECORD: prints which source packages of this system an executable contains, in the form of
the field Static-Built-Using (deb-control(5)).

RECORD is the linker's list of its input. Prints nothing if there is no record, or no dpkg.
"""

import os
import re
import subprocess
import sys


def libraries(record):
    """Returns the paths of the libraries and objects that did not come from our sources."""
    try:
        with open(record, encoding="utf-8") as file:
            rule = file.read().split("\n\n")[0].replace("\\\n", " ")
    except FileNotFoundError:
        return []
    inputs = rule.split(":", 1)[1].split()
    return sorted({os.path.normpath(path) for path in inputs if os.path.isabs(path)})


def query(*words):
    try:
        result = subprocess.run(
            ["dpkg-query", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        return []
    return result.stdout.splitlines()


def sources(paths):
    """Returns the names of these files by source package, which is (name, version). Returns the same for
    the files that no package owns."""
    # A line of the answer is "PACKAGE: PATH".
    lines = query("--search", *paths) if paths else []
    owner_of = {path: owner for owner, path in (line.split(": ") for line in lines)}
    wanted = "--showformat=${binary:Package} ${source:Package} ${source:Version}\n"
    lines = query("--show", wanted, *sorted(set(owner_of.values()))) if owner_of else []
    source_of = {name: tuple(source) for name, *source in map(str.split, lines)}
    owned, others = {}, {}
    for path in paths:
        source = source_of.get(owner_of.get(path))
        group = owned if source else others
        group.setdefault(source or named_by_path(path), []).append(os.path.basename(path))
    return owned, others


def named_by_path(path):
    """Returns the name and version of a library that no package owns. An example is Boost, which
    tests/package.d/cross.sh unpacks."""
    directory, name = os.path.split(path)
    header = os.path.join(directory, "..", "include", "boost", "version.hpp")
    if name.startswith("libboost_") and os.path.exists(header):
        with open(header, encoding="utf-8") as file:
            version = re.search(r'BOOST_LIB_VERSION "(.*)"', file.read())[1]
        return "boost", version.replace("_", ".")
    return name, "NOASSERTION"


def main():
    owned, _ = sources(libraries(sys.argv[1]))
    print(", ".join(f"{name} (= {version})" for name, version in sorted(owned)))


if __name__ == "__main__":
    main()
