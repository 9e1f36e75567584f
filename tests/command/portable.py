#!/usr/bin/python3
"""Checks that the sources have the same meaning for each supported compiler and C library."""

import os
import re
import shlex
import subprocess
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("src", "subcommands")

# This pattern matches a function in a namespace, which is not indented, up to the end of its
# parameters.
FUNCTION = re.compile(
    r"^(?P<template>template <[^\n]*>\n)?"
    r"(?!using |namespace |return |struct |class |enum |static_assert|#|//)"
    r"[A-Za-z\[][^\n;={}()]*?[ &*](?P<name>[a-z_0-9]+)\((?P<parameters>[^;{}]*?)\)[^;{}()]*[;{]",
    re.MULTILINE,
)
# These types are numbers. They belong to no namespace, so a call with them does not search std.
NUMBER = r"(?:u?int\d+_t|size_t)\b"
ALIAS = re.compile(rf"^using (\w+) = std::(?!{NUMBER})", re.MULTILINE)

# In std, these functions take numbers, and our functions with these names never take only numbers.
HARMLESS = {"log", "to_string"}


def sources():
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.[ch]pp")):
            yield path.relative_to(ROOT), path.read_text()


def functions_of_std(compiler, names):
    """Returns which of the names are functions in namespace std, in any header."""
    lines = ["#include <bits/stdc++.h>"]
    # A class may share its name with functions, but with nothing else.
    lines += [
        f"namespace n{number} {{ struct {name}; using std::{name}; }}"
        for number, name in enumerate(names)
    ]
    answer = subprocess.run(
        [*compiler, "-std=c++20", "-w", "-fsyntax-only", "-x", "c++", "-"],
        input="\n".join(lines),
        env={**os.environ, "LC_ALL": "C"},
        capture_output=True,
        text=True,
        timeout=250,
    )
    refused = {int(line) - 2 for line in re.findall(r"<stdin>:(\d+):\d+: error", answer.stderr)}
    return {name for number, name in enumerate(names) if number not in refused}


class Portable(unittest.TestCase):
    def test_no_function_is_ambiguous_with_a_function_of_std(self):
        # A call without a namespace also searches the namespaces of its arguments. Our function may
        # have the name of a function in std and a parameter of std. Another compiler may then call
        # the function in std, depending on the included headers.
        aliases = {alias for _, text in sources() for alias in ALIAS.findall(text)}
        std = re.compile(rf"std::(?!{NUMBER})|\b({'|'.join(sorted(aliases))})\b")
        declared = {}
        for path, text in sources():
            for function in FUNCTION.finditer(text):
                if function["template"] or std.search(function["parameters"]):
                    declared.setdefault(function["name"], path)
        self.assertGreater(len(declared), 300)
        # The first and the last answer are known, which shows that the compiler has answered all.
        known = {"quoted", "not_in_std"}
        names = ["quoted", *sorted(declared.keys() - known), "not_in_std"]
        found = functions_of_std(shlex.split(os.environ["CXX"]), names)
        self.assertEqual(found & known, {"quoted"})
        taken = (found & declared.keys()) - HARMLESS
        self.assertEqual({name: str(declared[name]) for name in taken}, {})

    def test_no_source_reads_numbers_with_the_c_library(self):
        # From glibc 2.38 on, these functions accept the prefix 0b.
        reader = re.compile(r"\b(strto[a-z]+|ato[ifl]+|v?f?sscanf|std::sto[a-z]{1,3})\((?!3\))")
        found = [f"{path}: {match[1]}" for path, text in sources() for match in reader.finditer(text)]
        self.assertEqual(found, [])

    def test_nothing_uses_the_streams_of_iostream(self):
        # The executable does not create these streams, as base/system/streams explains.
        stream = re.compile(r"^#include <iostream>|\bstd::w?(?:cin|cout|cerr|clog)\b", re.MULTILINE)
        found = [f"{path}: {match[0]}" for path, text in sources() for match in stream.finditer(text)]
        self.assertEqual(found, [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv, verbosity=2)
