#!/usr/bin/python3
"""Tests the verbs of ctl that show how long the boot and its units took: systemd-analyze(1)."""

import re
import xml.etree.ElementTree

import bridge
import managed

SLEEP = "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sleep {}\n"
SPAN = r"\d+ms|\d\.\d{3}s"
HEADER = (
    'The time when unit became active or started is printed after the "@" character.\n'
    'The time the unit took to start is printed after the "+" character.\n\n'
)


class BootTimes(managed.Case):
    def setUp(self):
        super().setUp()
        self.write_unit("slow.service", SLEEP.format(0.3))
        self.write_unit("next.service", "[Unit]\nAfter=slow.service\n" + SLEEP.format(0.1))
        self.write_unit("early.service", SLEEP.format(0.01))
        names = "slow.service next.service early.service"
        self.write_unit("default.target", f"[Unit]\nWants={names}\nAfter={names}\n")

    def boot(self):
        self.wait_until_up(self.start_init())

    def analyze(self, *words):
        """Returns the output, with # in the place of each time span."""
        status, output, _ = self.ctl(*words)
        self.assertEqual(status, 0)
        return re.sub(SPAN, "#", output)

    def test_ctl_time_shows_the_length_of_the_boot(self):
        self.boot()
        self.assertEqual(
            self.analyze("time"),
            "Startup finished in # (userspace) \n"
            "default.target reached after # in userspace.\n",
        )

    def test_ctl_blame_lists_the_longest_start_first(self):
        self.boot()
        lines = self.ctl("blame")[1].splitlines()
        self.assertEqual(
            [line.split()[-1] for line in lines],
            ["slow.service", "next.service", "early.service"],
        )
        for line in lines:
            self.assertRegex(line, rf"^ *({SPAN}) \S+$")
        self.assertEqual(len({line.rindex(" ") for line in lines}), 1)

    def test_ctl_critical_chain_follows_the_last_unit(self):
        self.boot()
        chain = (
            "default.target @#\n"
            "└─next.service @# +#\n"
            "  └─slow.service @# +#\n"
            "    └─sysinit.target @#\n"
        )
        self.assertEqual(self.analyze("critical-chain"), HEADER + chain)
        self.assertEqual(
            self.analyze("critical-chain", "slow", "missing.service"),
            HEADER + "slow.service +#\n└─sysinit.target @#\n",
        )

    def test_the_option_fuzz_also_shows_earlier_units(self):
        self.boot()
        self.assertEqual(
            self.analyze("critical-chain", "--fuzz=10s", "default.target"),
            HEADER + "default.target @#\n"
            "├─next.service @# +#\n"
            "│ ├─slow.service @# +#\n"
            "│ │ └─sysinit.target @#\n"
            "│ └─sysinit.target @#\n"
            "│   └─...\n"
            "├─slow.service @# +#\n"
            "│ └─...\n"
            "└─early.service @# +#\n"
            "  └─sysinit.target @#\n"
            "    └─...\n",
        )
        status, _, errors = self.ctl("critical-chain", "--fuzz=soon")
        self.assertNotEqual(status, 0)
        self.assertIn("Failed to parse --fuzz= parameter: soon", errors)

    def test_ctl_plot_draws_a_bar_for_each_unit(self):
        self.boot()
        picture = xml.etree.ElementTree.fromstring(self.ctl("plot")[1].encode())
        space = "{http://www.w3.org/2000/svg}"
        self.assertEqual(picture.tag, f"{space}svg")
        texts = [re.sub(SPAN, "#", text.text) for text in picture.iter(f"{space}text")]
        for text in "slow.service (#)", "default.target", "Startup finished in # (userspace) ":
            self.assertIn(text, texts)
        width = int(picture.get("width").removesuffix("px"))
        for bar in picture.iter(f"{space}rect"):
            if bar.get("class") != "background":
                self.assertLessEqual(float(bar.get("x")) + float(bar.get("width")), width)

    def test_ctl_shows_no_times_before_the_end_of_the_boot(self):
        self.write_unit("slow.service", SLEEP.format(60))
        self.start_init()
        bridge.eventually(
            "the boot has begun",
            lambda: self.ctl("show", "-P", "ActiveState", "slow.service")[1] == "activating\n",
        )
        for verb in "time", "blame", "critical-chain", "plot":
            status, output, errors = self.ctl(verb)
            self.assertEqual((status, output), (1, ""))
            self.assertIn("Bootup is not yet finished", errors)


bridge.main()
