#!/usr/bin/python3
"""compare.py SUITE RESULTS [AGAIN] [--files]

Prints the tests of SUITE whose results differ between the ways that they were run in. RESULTS and
AGAIN are directories with a file for each way, which tests/exams.d/in_lab wrote. If a test is in
AGAIN, only a difference in both counts. Exits with 1 if there is a difference that the file `known`
does not list. --files prints only the names of the files that have such a difference.
"""

import collections
import os
import sys

WAYS = ["plain", "passed-on", "wrapped"]
KNOWN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "known")


def read_results(directory):
    """Returns the result of each test in each way: {(file, name): {way: result}}."""
    results = collections.defaultdict(dict)
    for way in WAYS:
        with open(os.path.join(directory, way), encoding="utf-8", errors="replace") as lines:
            for line in lines:
                fields = line.rstrip("\n").split("\t")
                if len(fields) == 3:
                    results[tuple(fields[:2])][way] = fields[2]
    return results


def read_known(path):
    """Returns the sentence for each known difference: {(suite, way, file, name): sentence}."""
    known, sentence, is_open = {}, "", False
    with open(path, encoding="utf-8") as lines:
        for line in map(str.rstrip, lines):
            if not line or line.startswith("#"):
                continue
            if line.startswith("    "):
                suite, way, file, name = line.split(maxsplit=3)
                known[suite, way, file, name] = sentence
                is_open = False
            else:
                sentence = f"{sentence} {line}" if is_open else line
                is_open = True
    return known


def reason(known, suite, item):
    """Returns the sentence for a difference, or None. "*" in `known` stands for all files or all
    tests of a file."""
    way, file, name = item
    for choice in [(file, name), ("*", name), (file, "*")]:
        if (suite, way, *choice) in known:
            return known[suite, way, *choice]
    return None


def differences(results):
    """Returns {(way, file, name)} for each test whose result differs from its result in the way
    plain."""
    return {
        (way, *test)
        for test, result in results.items()
        for way in WAYS[1:]
        if result.get(way, "missing") != result.get("plain", "missing")
    }


def print_table(results, found):
    rows = [("file", "test", *WAYS)]
    for test in sorted({item[1:] for item in found}):
        rows.append((*test, *(results[test].get(way, "missing") for way in WAYS)))
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def main():
    words = [word for word in sys.argv[1:] if word != "--files"]
    suite, first, again = (words + [None])[:3]
    results = read_results(first)
    found = differences(results)
    known = read_known(KNOWN)
    if again:
        second = read_results(again)
        found = {item for item in found if item[1:] not in second} | (found & differences(second))
    unknown = {item for item in found if not reason(known, suite, item)}
    if "--files" in sys.argv:
        print(*sorted({item[1] for item in unknown}), sep="\n")
        return 0

    good = sum(result.get("plain") == "ok" for result in results.values())
    print(f"{suite}: {len(results)} tests, {good} are ok with the real runtime")
    if found:
        print_table(results, found)
    reasons = collections.Counter(reason(known, suite, item) for item in found - unknown)
    for sentence, count in reasons.items():
        print(f"known ({count}): {sentence}")
    for item in sorted(unknown):
        print(f"not known: {' '.join(item)}")
    for way in WAYS[1:]:
        count = sum(item[0] == way for item in found)
        print(f"{suite} {way}: {count} differ, {sum(item[0] == way for item in unknown)} not known")
    return 1 if unknown or not good else 0


if __name__ == "__main__":
    sys.exit(main())
