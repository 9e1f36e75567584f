#!/usr/bin/python3
"""The completions of zsh, as an interactive shell of its own offers them."""

import os
import re
import shutil
import sys

import documented

if not shutil.which("zsh"):
    documented.skip("there is no zsh")

SCRIPT = os.path.join(os.path.dirname(os.path.realpath(__file__)), "zsh_offers.zsh")


class Zsh(documented.CompletionCase):
    def offered(self, line):
        out = self.run_shell("zsh", "-f", SCRIPT, documented.COMPLETIONS, line)
        # What is found in two ways is added twice.
        offered = sorted(set(re.findall(r"HIT:([^\r\n]+)", out.split("BEGIN")[-1])))
        if not offered:
            print(f"for {line!r}, zsh showed {out!r}", file=sys.stderr)
        return offered


del documented.CompletionCase
documented.main()
