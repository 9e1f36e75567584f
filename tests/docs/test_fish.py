#!/usr/bin/python3
"""Tests the completions of fish in the way in which fish queries them."""

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
        # fish 4 adds words that contain these letters anywhere. It shows them only if there is
        # nothing better.
        typed = line.split(" ")[-1]
        return [offer for offer in offered if offer.startswith(typed)] or offered


del documented.CompletionCase
documented.main()
