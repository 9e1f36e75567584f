#!/usr/bin/python3
"""Tests the packages of `tests/package --debug`: the executable, and a file with debug information.

Compiling everything with debug information takes minutes, so the test does this only with
NOTIFYBRIDGE_LONG=1. Otherwise it splits WITH_SYMBOLS, which has the objects of the released
executable, and debug information for subcommands/ only. One library shows how tests/package
compiles.
"""

import os
import re
import shutil
import subprocess
import unittest

import bridge
import packages
from packages import read, run

LONG = os.environ.get("NOTIFYBRIDGE_LONG")
WITH_SYMBOLS = os.environ.get("NOTIFYBRIDGE_WITH_SYMBOLS", "")
LIBRARY = "src/base/util/libutil.a"
EXECUTABLE = "usr/bin/notifybridge"
DEBUG = "usr/lib/debug"


def build_id(path):
    return re.search(r"Build ID: ([0-9a-f]+)", run("readelf", "--notes", path))[1]


def sections(path):
    """Returns the name, type, address, offset and size of each section."""
    table = run("readelf", "--wide", "--sections", path)
    row = re.compile(r"^ +\[ *\d+\] (\.\S+) +(\S+) +(\w+) (\w+) (\w+)", re.MULTILINE)
    return {name: (kind, *map(lambda text: int(text, 16), rest)) for name, kind, *rest in row.findall(table)}


def content(path, section):
    _, _, offset, size = sections(path)[section]
    return read(path)[offset : offset + size]


class Debug(packages.Package):
    """Tests for both packages. Subclasses define how the packages are installed."""

    options = ("--debug",)
    executable = None if LONG else WITH_SYMBOLS

    def installed(self):
        """Returns the paths of the installed executable and of its file for debuggers."""
        self.install(*self.packages)
        executable = self.in_root(EXECUTABLE)
        name = build_id(executable)
        return executable, self.in_root(DEBUG, ".build-id", name[:2], name[2:] + ".debug")

    def build_directory(self, output):
        return os.path.join(output, "package-debug")

    def test_debug_information_belongs_to_the_executable(self):
        executable, debug = self.installed()
        self.assertEqual(build_id(debug), build_id(executable))
        code, same_code = sections(executable)[".text"], sections(debug)[".text"]
        self.assertEqual((code[1], code[3]), (same_code[1], same_code[3]))
        self.assertEqual((code[0], same_code[0]), ("PROGBITS", "NOBITS"))
        self.assertIn(".debug_info", sections(debug))
        self.assertEqual([name for name in sections(executable) if re.match(r"\.debug|\.symtab", name)], [])

    @unittest.skipUnless(executable, "what is compiled here says other paths in what it throws")
    def test_the_packaged_executable_is_the_released_executable(self):
        executable, _ = self.installed()
        for section in (".text", ".rodata"):
            self.assertEqual(content(executable, section), content(bridge.EXECUTABLE, section), section)
        status, out, err = self.run_to_end("notifybridge", "--version")
        result = run(executable, "--version")
        self.assertEqual((status, result, err), (0, out, ""))

    def address_of_main(self, debug):
        (address,) = re.findall(r"^(\w+) T main$", run("nm", debug), re.MULTILINE)
        return "0x" + address

    def test_addr2line_names_function_and_line(self):
        _, debug = self.installed()
        address = self.address_of_main(debug)
        function, line = run("addr2line", "--functions", f"--exe={debug}", address).splitlines()
        self.assertEqual(function, "main")
        self.assertRegex(line, r"subcommands/main\.cpp:\d+$")

    @unittest.skipUnless(shutil.which("gdb"), "there is no gdb")
    def test_gdb_finds_debug_files_by_the_executable(self):
        executable, debug = self.installed()
        told = run(
            "gdb", "--batch", "--nx", "-iex", f"set debug-file-directory {self.in_root(DEBUG)}",
            "-ex", f"info symbol {self.address_of_main(debug)}", "-ex", "info line main", executable,
        )  # fmt: skip
        self.assertIn("main in section .text", told)
        self.assertRegex(told, r'Line \d+ of "[^"]*subcommands/main\.cpp"')

    def test_both_packages_are_installed_and_removed_cleanly(self):
        before = self.files()
        executable, debug = self.installed()
        self.assertTrue(os.path.exists(executable) and os.path.exists(debug))
        self.remove("notifybridge", self.name)
        self.assertEqual(set(self.files()) - set(before), set())

    @unittest.skipUnless(LONG, "only with NOTIFYBRIDGE_LONG=1")
    def test_the_debug_package_needs_the_same_version(self):
        older = self.make_older("0.0.1")
        _, debug = self.packages
        needed = rf"notifybridge \(?= {packages.version()}"
        with self.assertRaisesRegex(AssertionError, needed):
            self.install(older, debug)

    @unittest.skipUnless(LONG, "only with NOTIFYBRIDGE_LONG=1")
    def test_builds_in_different_directories_are_identical(self):
        """Makes the packages of one executable, and compiles the executable, in two directories."""
        self.assert_same_once_more()
        here, elsewhere = [self.compile(output) for output in (self.output, self.elsewhere)]
        self.assertTrue(here)
        for name, text in here.items():
            self.assertIn(b"\0/usr/src/notifybridge\0", text, name)
            self.assertNotIn(packages.SOURCE.encode(), text, name)
            self.assertTrue(text == elsewhere[name], name)

    def compile(self, output):
        """Compiles a library in that directory, and returns its objects."""
        directory = self.build_directory(output)
        run(ninja(), "-C", directory, LIBRARY)
        there = os.path.join(directory, f"{LIBRARY}.p")
        return {name: read(os.path.join(there, name)) for name in os.listdir(there) if name.endswith(".o")}

    def test_each_source_is_compiled_with_debug_information(self):
        told = run(ninja(), "-C", self.build_directory(self.output), "-t", "commands", "notifybridge")
        compiled = [line for line in told.splitlines() if " -c " in line]
        self.assertGreater(len(compiled), 10)
        for line in compiled:
            self.assertIn(" -g ", line)
            self.assertRegex(line, " -O[2z] ")
        self.assertNotRegex(told, "--strip|-Wl,-s ")

    def test_an_executable_without_debug_information_is_refused(self):
        result = subprocess.run(
            [os.path.join(packages.SOURCE, "tests", "package"), "--debug"]
            + [f"--executable={bridge.EXECUTABLE}", f"--output={self.dir}", self.kind],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertIn(f"{bridge.EXECUTABLE} has no debug information", result.stderr)


def ninja():
    return shutil.which("ninja") or shutil.which("ninja-build")


class DebugDeb(packages.DebRoot, Debug):
    name = "notifybridge-dbgsym"

    def test_lintian_reports_only_explained_findings(self):
        packages.assert_lintian_finds_nothing(self, *self.packages)


class DebugRpm(packages.RpmRoot, Debug):
    name = "notifybridge-debuginfo"

    def test_rpmlint_reports_only_explained_findings(self):
        packages.assert_rpmlint_finds_nothing(self, *self.packages)


if __name__ == "__main__":
    packages.main({"deb": DebugDeb, "rpm": DebugRpm})
