#!/usr/bin/python3
"""Tests the completions of zsh, as a separate interactive shell offers them."""

import os
import re
import shutil
import sys
import tempfile

import documented

if not shutil.which("zsh"):
    documented.skip("there is no zsh")

SCRIPT = os.path.join(os.path.dirname(os.path.realpath(__file__)), "zsh_offers.zsh")


# This script shows the subcommands with their descriptions, without a line editor.
DESCRIBED = """
_call_program () { eval "${@[2,-1]}" }
_describe () { print -rl -- ${(P)4} }
words=(notifybridge '') CURRENT=2 PREFIX=
source $1
"""


class Zsh(documented.CompletionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        directory = tempfile.TemporaryDirectory(prefix="nb-zsh.")
        cls.addClassCleanup(directory.cleanup)
        cls.dump = os.path.join(directory.name, "dump")

    def test_a_subcommand_has_its_whole_description(self):
        function = os.path.join(documented.COMPLETIONS, "_notifybridge")
        out = self.run_shell("zsh", "-f", "-c", DESCRIBED, "zsh", function)
        described = dict(line.split(":", maxsplit=1) for line in out.splitlines())
        self.assertEqual(described, documented.summaries())

    def offered(self, line):
        out = self.run_shell("zsh", "-f", SCRIPT, documented.COMPLETIONS, self.dump, line)
        # zsh adds a word twice if it finds it in two ways.
        offered = sorted(set(re.findall(r"HIT:([^\r\n]+)", out.split("BEGIN")[-1])))
        if not offered:
            print(f"for {line!r}, zsh showed {out!r}", file=sys.stderr)
        return offered


del documented.CompletionCase
documented.main()
