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

    def complete(self, line):
        return self.run_shell("fish", "-c", f"complete --do-complete={shlex.quote(line)}")

    def test_a_subcommand_has_its_whole_description(self):
        offers = dict(offer.split("\t") for offer in self.complete("notifybridge ").splitlines())
        self.assertEqual(offers, documented.summaries())

    def offered(self, line):
        out = self.complete(line)
        offered = [offer.split("\t")[0] for offer in out.splitlines()]
        # fish 4 adds what has these letters somewhere, which it shows only where nothing is better.
        typed = line.split(" ")[-1]
        return [offer for offer in offered if offer.startswith(typed)] or offered


del documented.CompletionCase
documented.main()
