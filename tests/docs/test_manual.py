#!/usr/bin/python3
"""Checks that the manual pages are well-formed, and describe the existing options."""

import ast
import glob
import os
import re
import shutil
import subprocess
import tempfile
import unittest

import documented

SRC = os.path.join(documented.SOURCE, "src")
# These macros of mdoc occur in the heading of an option.
FLAG, NO_SPACE, ARGUMENT, OPTIONAL = "Fl", "Ns", "Ar", "Op"


def pages():
    found = sorted(glob.glob(os.path.join(documented.MAN, "*.[1-9]")))
    return [page for page in found if not read(page).startswith(".so ")]


def links():
    found = sorted(glob.glob(os.path.join(documented.MAN, "*.[1-9]")))
    return [page for page in found if read(page).startswith(".so ")]


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def section(text, name):
    found = re.search(rf"^\.Sh {name}$(.*?)(?=^\.Sh |\Z)", text, re.MULTILINE | re.DOTALL)
    return found.group(1) if found else ""


def spoken(heading):
    """Returns an option as its heading shows it. "Fl d , Fl -dir Ns = Ns Ar PATH" is "-d,
    --dir=PATH"."""
    out, glue, brackets = "", True, ""
    words = iter(heading.split())
    for word in words:
        if word == NO_SPACE:
            glue = True
            continue
        if word == OPTIONAL:
            out, glue, brackets = out + ("" if glue else " ") + "[", True, "]"
            continue
        if word == ARGUMENT:
            continue
        if word == FLAG:
            word = "-" + next(words)
        elif word == ",":
            glue = True
        out, glue = out + ("" if glue else " ") + word, False
    return out + brackets


def tags():
    """Returns the tags of log messages by their names in the sources."""
    header = read(os.path.join(SRC, "base", "util", "tags.hpp"))
    found = dict(re.findall(r'^inline constexpr Tag (\w+) = "(\[[a-z-]+\])";$', header, re.MULTILINE))
    assert found and len(found) == header.count("constexpr Tag"), "a tag has another form"
    return found


def options_in(page):
    headings = re.findall(r"^\.It (Fl .*)$", section(read(page), "OPTIONS"), re.MULTILINE)
    return [spoken(heading) for heading in headings]


class Manual(unittest.TestCase):
    def setUp(self):
        self.maxDiff = None

    def assert_silent(self, command, **more):
        result = subprocess.run(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, **more
        )
        self.assertEqual(result.stderr, "", command)

    def test_each_subcommand_has_a_page(self):
        for name in documented.subcommands():
            self.assertIn(os.path.join(documented.MAN, f"notifybridge-{name}.1"), pages())

    def test_each_name_of_the_executable_leads_to_its_page(self):
        wanted = {
            os.path.join(documented.MAN, f"{alias}.1"): f".so man1/notifybridge-{name}.1\n"
            for alias, name in documented.ALIASES.items()
        }
        self.assertEqual({page: read(page) for page in links()}, wanted)

    def test_options_are_those_of_the_help(self):
        for name in documented.subcommands():
            with self.subTest(name):
                page = os.path.join(documented.MAN, f"notifybridge-{name}.1")
                self.assertEqual(sorted(options_in(page)), sorted(documented.options_of(name)))

    def test_verbs_of_ctl_are_those_of_the_help(self):
        page = read(os.path.join(documented.MAN, "notifybridge-ctl.1"))
        found = set()
        for heading in re.findall(r"^\.It Cm (.*)$", section(page, "DESCRIPTION"), re.MULTILINE):
            # "start , stop Ar UNIT ..." has two verbs, as has "a Ar X , Cm b Ar Y".
            for part in heading.split(" , Cm "):
                words = re.split(r" (?:Ar|Op) ", part)[0]
                found |= set(words.split(" , "))
        older = {"condreload", "condrestart", "condstop", "force-reload", "reload-or-try-restart"}
        self.assertEqual(found - older, set(documented.verbs()))

    def test_general_options_are_those_of_the_overview(self):
        page = os.path.join(documented.MAN, "notifybridge.1")
        long = [word for word in documented.spellings(options_in(page)) if word.startswith("--")]
        self.assertEqual(sorted(long), sorted(documented.overview_options()))

    def test_the_promises_for_each_key_are_tested(self):
        page = section(read(os.path.join(documented.MAN, "notifybridge.1")), "WHAT IS PROMISED")
        rows = re.findall(r"^\.It Ev (\w+).* Ta (yes|no) Ta (yes|no)$", page, re.MULTILINE)
        tested = os.path.join(documented.SOURCE, "tests", "command", "test_guarantees.py")
        values = {
            step.targets[0].id: ast.literal_eval(step.value)
            for step in ast.parse(read(tested)).body
            if isinstance(step, ast.Assign) and step.targets[0].id in ("KEYS", "STATE", "GONE_WITH_WRAP")
        }
        wanted = {
            (
                re.sub("X_.*", "X_", key),
                "no" if key in values["GONE_WITH_WRAP"] else "yes",
                "yes" if key in values["STATE"] else "no",
            )
            for key in values["KEYS"]
        }
        self.assertEqual(set(rows), wanted)

    def test_facts_of_status_are_those_of_the_sources(self):
        rows = read(os.path.join(SRC, "bridge", "status", "fields.cpp"))
        keys = re.findall(r'^        \{"([\w.]*)",', rows, re.MULTILINE)
        metrics = re.findall(r'\bMetric\((\d+), "(\w+)",', rows)
        self.assertGreater(len(keys), 40)
        self.assertEqual(rows.count("Metric("), len(metrics), "a row has another form")
        self.assertEqual(len({place for place, _ in metrics}), len(metrics), "a place is used twice")
        page = read(os.path.join(documented.MAN, "notifybridge-status.1"))
        told = re.findall(r"[\w]+", section(page, "JSON"))
        self.assertEqual({name for key in keys for name in key.split(".") if name} - set(told), set())
        told = re.findall(r"^\.It (notifybridge_.*)$", section(page, "METRICS"), re.MULTILINE)
        self.assertEqual(
            sorted(name for heading in told for name in heading.split(" , ")),
            sorted(f"notifybridge_{name}" for _, name in metrics),
        )

    def test_container_managers_are_those_of_the_sources(self):
        rows = read(os.path.join(SRC, "bridge", "runtime", "manager.cpp"))
        names = re.findall(r'^        \.name = "(\w+)",$', rows, re.MULTILINE)
        self.assertEqual(rows.count(".name = "), len(names), "a row has another form")
        for page in ("notifybridge.1", "notifybridge-run.1"):
            synopsis = section(read(os.path.join(documented.MAN, page)), "SYNOPSIS")
            self.assertIn(f".Cm {' | '.join(names)}\n", synopsis, page)
        completions = os.path.join(documented.SOURCE, "completions")
        for name in ("_notifybridge", "notifybridge.bash", "notifybridge.fish"):
            self.assertIn(" ".join(names), read(os.path.join(completions, name)), name)

    def test_tags_are_those_of_the_sources(self):
        page = section(read(os.path.join(documented.MAN, "notifybridge-status.1")), "TAGS")
        told = re.findall(r"^\.It Bq ([a-z-]+)$", page, re.MULTILINE)
        self.assertEqual(told, [tag.strip("[]") for tag in tags().values()])

    def test_each_tag_is_written_and_read(self):
        uses = {name: set() for name in tags()}
        for path in glob.glob(os.path.join(SRC, "**", "*.cpp"), recursive=True):
            is_reader = os.path.join("bridge", "diagnosis") in path
            for name in re.findall(r"\btags::(\w+)", read(path)):
                uses.get(name, set()).add("read" if is_reader else "written")
        for name, found in uses.items():
            self.assertEqual(found, {"read", "written"}, name)

    def test_referenced_pages_exist(self):
        there = {os.path.basename(page) for page in pages()}
        for page in pages():
            for name, number in re.findall(r"^\.Xr (notifybridge\S*) (\d)", read(page), re.MULTILINE):
                self.assertIn(f"{name}.{number}", there, page)

    @unittest.skipUnless(shutil.which("man"), "there is no man")
    def test_man_gives_no_warning(self):
        with tempfile.TemporaryDirectory(prefix="notifybridge-test.") as root:
            for page in pages() + links():
                directory = os.path.join(root, f"man{page[-1]}")
                os.makedirs(directory, exist_ok=True)
                shutil.copy(page, directory)
            for page in pages() + links():
                file = os.path.join(f"man{page[-1]}", os.path.basename(page))
                self.assert_silent(
                    ["man", "--warnings", "-l", "-E", "UTF-8", "-Tutf8", "-Z", file],
                    cwd=root,
                    env={**os.environ, "LC_ALL": "C.UTF-8"},
                )

    @unittest.skipUnless(shutil.which("mandoc"), "there is no mandoc")
    def test_mandoc_gives_no_warning(self):
        for page in pages():
            result = subprocess.run(
                ["mandoc", "-Tlint", "-W", "warning", page], stdout=subprocess.PIPE, text=True
            )
            self.assertEqual(result.stdout, "")


if not shutil.which("man") and not shutil.which("mandoc"):
    documented.skip("there is neither man nor mandoc")
documented.main()
