#!/usr/bin/python3
"""The completions of fish, asked as fish asks them."""

import os
import shlex
import shutil

import documented

if not shutil.which("fish"):
    documented.skip("there is no fish")


class Fish(documented.CompletionCase):
    def setUp(self):
        super().setUp()
        completions = os.path.join(self.dir, "fish", "completions")
        os.makedirs(completions)
        for name in os.listdir(documented.COMPLETIONS):
            if name.endswith(".fish"):
                shutil.copy(os.path.join(documented.COMPLETIONS, name), completions)

    def offered(self, line):
        out = self.run_shell("fish", "-c", f"complete --do-complete={shlex.quote(line)}")
        return [offer.split("\t")[0] for offer in out.splitlines()]


del documented.CompletionCase
documented.main()
