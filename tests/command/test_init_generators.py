#!/usr/bin/python3
"""Tests init as process 1 with generators: the manager continues while they run."""

import os
import shutil
import unittest

import bridge
import managed

ALONE = 'mount -t tmpfs tmpfs /run && exec "$0" "$@"'
BEHIND = 'mount -t tmpfs tmpfs /run && touch /run/.containerenv && {}; "$0" "$@"; exit $?'
DRIVER = """[Unit]
DefaultDependencies=no
[Service]
Environment=PATH={1}:/usr/bin:/bin
ExecStart=/bin/bash {0}/driver
WorkingDirectory={0}
"""


@unittest.skipUnless(os.geteuid() == 0 and shutil.which("unshare"), "cannot make namespaces")
class InitGenerators(managed.Case):
    def setUp(self):
        super().setUp()
        for name in ("unshare", "sh"):
            os.symlink(shutil.which(name), os.path.join(self.bin, name))
        self.generators = self.path("generators")
        os.mkdir(self.generators)
        self.write_unit("driver.service", DRIVER.format(self.path(""), self.bin))

    def write_generator(self, name, script):
        path = os.path.join(self.generators, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\ncd {self.path('')}\n{script}")
        os.chmod(path, 0o755)

    def write_driver(self, script):
        with open(self.path("driver"), "w", encoding="utf-8") as file:
            file.write(f"ctl() {{ notifybridge ctl \"$@\"; }}\n{script}ctl exit\n")

    def boot(self):
        """Runs `init` to its end, and returns its process."""
        made = "/run/systemd/generator"
        process = self.start(
            *("unshare", "--pid", "--mount", "--fork", "--kill-child", "--mount-proc"),
            *self.command("sh", "-c", ALONE),
            *self.command("notifybridge", "init", "--unit=driver.service"),
            SHARED_DIR=None,
            SYSTEMD_UNIT_PATH=f"{self.units}:{made}",
            SYSTEMD_GENERATOR_PATH=self.generators,
        )
        process.status = process.wait()
        return process

    def boot_behind(self, prepare):
        """Runs `init` with another process 1, like docker's tini, in a container. Runs the command
        `prepare` before that."""
        process = self.start(
            *("unshare", "--pid", "--mount", "--fork", "--kill-child", "--mount-proc"),
            *self.command("sh", "-c", BEHIND.format(prepare)),
            *self.command("notifybridge", "init", "--unit=driver.service"),
            SHARED_DIR=None,
            SYSTEMD_UNIT_PATH=f"{self.units}:/run/systemd/generator",
            SYSTEMD_GENERATOR_PATH=self.generators,
        )
        process.status = process.wait()
        return process

    def test_a_manager_behind_a_plain_process_1_is_that_of_the_container(self):
        self.write_generator(
            "makes",
            "printf '[Unit]\\nDefaultDependencies=no\\n[Service]\\nType=oneshot\\nExecStart=/bin/true\\n'"
            ' >"$1/made.service"\n',
        )
        self.write_driver(
            "exec >told\nctl start made.service && echo started\n"
            "test -d /run/systemd/system && echo booted\n"
        )
        process = self.boot_behind("true")
        self.assertEqual(process.status, 0, process.err)
        self.assertEqual(self.told(), ["started", "booted"])
        self.assertNotIn("warning", process.err)

    def test_a_manager_beside_systemd_tells_once_what_is_missing(self):
        self.write_generator("app-generator", 'touch "$1/app@1.service"\n')
        self.write_unit("app.service", managed.DONE)
        self.write_driver(
            "exec >told\nctl start app.service; echo $?\nctl is-active app.service\n"
            "test -d /run/systemd/system || echo not booted\n"
        )
        process = self.boot_behind("mkdir /run/systemd; touch /run/systemd/private")
        self.assertEqual(process.status, 0, process.err)
        self.assertEqual(self.told(), ["1", "inactive", "not booted"])
        said = process.out + process.err
        self.assertEqual(said.count("generators do not run, so"), 1, said)
        self.assertIn("refusing app.service: ", said)

    def told(self):
        with open(self.path("told"), encoding="utf-8") as file:
            return file.read().splitlines()

    def test_a_reload_with_a_generator_that_hangs_stops_nothing_else(self):
        self.write_unit("idle.service", "[Unit]\nDefaultDependencies=no\n" + managed.IDLE)
        self.write_generator("hangs", "test -e go || exit 0\necho $$ >pid\nexec sleep infinity\n")
        self.write_generator(
            "makes",
            "test -e go || exit 0\n"
            "printf '[Unit]\\nDefaultDependencies=no\\n[Service]\\nExecStart=/bin/sleep 600\\n' "
            '>"$1/made.service"\n',
        )
        self.write_driver(
            """exec >told
ctl start idle.service
touch go
ctl daemon-reload & reload=$!
until [ -s pid ]; do sleep 0.01; done
ctl is-active idle.service
ctl stop idle.service
ctl is-active idle.service
kill -0 $reload && echo the reload waits
ctl start made.service & start=$!
kill -KILL "$(cat pid)"
wait $reload && echo the reload ended
wait $start && ctl is-active made.service
"""
        )
        process = self.boot()
        self.assertEqual(process.status, 0, process.err)
        self.assertEqual(
            self.told(), ["active", "inactive", "the reload waits", "the reload ended", "active"]
        )
        self.assertIn(
            f"the generator {self.generators}/hangs was killed by SIGKILL; using what it wrote",
            process.err,
        )

    def test_a_reload_during_a_reload_runs_generators_again(self):
        self.write_generator(
            "counts",
            "test -e go || exit 0\necho run >>runs\ntest -e second || { echo $$ >pid; "
            "until [ -e second ]; do sleep 0.01; done; }\n",
        )
        self.write_driver(
            """touch go
ctl daemon-reload & first=$!
until [ -s pid ]; do sleep 0.01; done
ctl daemon-reload & second=$!
ctl show --property=Version >/dev/null
touch second
wait $first $second
cp runs told
"""
        )
        self.assertEqual(self.boot().status, 0)
        self.assertEqual(self.told(), ["run", "run"])

    def test_init_ends_without_waiting_for_a_hanging_generator(self):
        self.write_generator("hangs", "kill -TERM 1\nexec sleep infinity\n")
        self.write_driver("touch told\n")
        process = self.boot()
        self.assertEqual(process.status, 0, process.err)
        self.assertFalse(os.path.exists(self.path("told")))

    def test_output_has_the_name_of_its_generator(self):
        self.write_generator("talks", "echo hello\nprintf 'to \\377 you\\n' >&2\n")
        self.write_driver("")
        process = self.boot()
        self.assertEqual(process.status, 0, process.err)
        self.assertIn("talks: hello\n", process.out)
        self.assertIn("talks: to ", process.out)


bridge.main()
