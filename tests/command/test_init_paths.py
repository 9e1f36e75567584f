#!/usr/bin/python3
"""Tests path units of init as a user sees them: notifybridge-init(1), systemd.path(5)."""

import json
import os
import time

import bridge
import managed


class Paths(managed.Case):
    def setUp(self):
        super().setUp()
        self.spool = self.path("spool")
        os.mkdir(self.spool)
        self.write_unit("default.target", "[Unit]\nWants=job.path\n")

    def write_job(self, command, limits=""):
        self.write_unit(
            "job.service", f"[Unit]\n{limits}\n[Service]\nType=oneshot\nExecStart={command}\n"
        )

    def start_path(self, lines):
        self.write_unit("job.path", f"[Path]\n{lines}\n")
        process = self.start_init()
        self.wait_until_up(process)
        return process

    def put(self, name):
        with open(os.path.join(self.spool, name), "wb"):
            pass

    def until_shown(self, name, value, unit="job.path"):
        bridge.eventually(
            f"{unit} has {name}={value}",
            lambda: self.ctl("show", "-P", name, unit)[1] == value + "\n",
        )

    def test_a_path_starts_its_service(self):
        done = self.path("done")
        self.write_job(f"/bin/mv {self.spool}/file {done}")
        self.start_path(f"DirectoryNotEmpty={self.spool}")
        self.until_shown("SubState", "waiting")
        self.put("file")
        bridge.eventually("the service has run", lambda: os.path.exists(done))
        self.until_shown("SubState", "waiting")

    def test_a_service_that_does_not_empty_the_directory_is_named(self):
        self.write_job("/bin/true", "StartLimitIntervalSec=0")
        process = self.start_path(f"DirectoryNotEmpty={self.spool}\nTriggerLimitBurst=5")
        self.put("file")
        self.until_shown("SubState", "failed")
        said = (
            f"not starting job.service for {self.spool}: "
            "it was started too often (TriggerLimitBurst=)."
        )
        self.assertIn(said, self.ctl("status", "job.path")[1])
        bridge.eventually("it is logged", lambda: said in process.out)

    def test_paths_are_listed_in_their_order(self):
        self.write_job("/bin/true")
        self.write_unit("idle.path", "[Path]\nPathExists=/nowhere\nUnit=job.service\n")
        self.start_path("PathChanged=/srv/b-c\nPathExistsGlob=/srv/b/*\nPathModified=/srv/b-c")
        # systemctl of systemd 257 prints the same text.
        text = (
            "PATH     CONDITION      UNIT     ACTIVATES\n"
            "/srv/b/* PathExistsGlob job.path job.service\n"
            "/srv/b-c PathChanged    job.path job.service\n"
            "/srv/b-c PathModified   job.path job.service\n"
            "\n"
            "3 paths listed.\n"
            "Pass --all to see loaded but inactive paths, too.\n"
        )
        self.assertEqual(self.ctl("list-paths")[1], text)
        self.assertEqual(self.ctl("list-paths", "job")[1], text)
        self.assertEqual(self.ctl("list-paths", "--no-legend", "other*")[1], "")
        self.assertEqual(self.ctl("stop", "job.path")[0], 0)
        self.assertEqual(self.ctl("start", "idle.path")[0], 0)
        rows = json.loads(self.ctl("list-paths", "--all", "--output=json")[1])
        self.assertEqual(
            rows[0],
            {
                "path": "/nowhere",
                "condition": "PathExists",
                "unit": "idle.path",
                "activates": "job.service",
            },
        )
        self.assertEqual(len(rows), 4)

    def test_1000_waiting_paths_do_not_wake_init(self):
        self.write_job("/bin/true")
        names = [f"p{number}.path" for number in range(1000)]
        for name in names:
            self.write_unit(name, f"[Path]\nPathExists={self.spool}/{name}/x\nUnit=job.service\n")
        self.write_unit("default.target", f"[Unit]\nWants={' '.join(names)}\n")
        process = self.start_init()
        self.wait_until_up(process)
        self.until_shown("SubState", "waiting", names[-1])

        def switches():
            with open(f"/proc/{process.pid}/status", encoding="utf-8") as file:
                fields = dict(line.split(":", 1) for line in file if ":" in line)
            return int(fields["voluntary_ctxt_switches"])

        # Earlier work may still wake init at first, so this is tried several times.
        def is_idle():
            before = switches()
            time.sleep(1.2)  # Longer than the polling interval.
            return switches() == before

        bridge.eventually("nothing wakes init", is_idle)

    def test_a_path_that_is_not_absolute_is_named(self):
        self.write_job("/bin/true")
        process = self.start_path("PathExists=relative\nPathExists=/a/../b")
        self.assertEqual(self.ctl("start", "job.path")[0], 1)
        self.assertIn("it is not an absolute path", process.err)
        self.assertIn('it contains ".."', process.err)
        self.assertIn("it does not have a path to watch; set for example PathExists=", process.err)


bridge.main()
