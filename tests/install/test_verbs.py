#!/usr/bin/python3
"""What `ctl` says and does about unit files where systemctl is no norm, or needs a manager: cat,
verify, and what follows where a manager answers. CTL_FILES names the executable of ctl_files.cpp.
"""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import unittest

LIB = "usr/lib/systemd/system"
ETC = "etc/systemd/system"
RUNS = "[Service]\nType=oneshot\nExecStart=/bin/prog\n"


class Manager:
    """Takes calls, and answers that all was done."""

    def __init__(self, root):
        os.makedirs(f"{root}/run/notifybridge")
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(f"{root}/run/notifybridge/control")
        self.listener.listen()
        self.calls = []
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                self.calls.append(json.loads(connection.recv(65536)))
                connection.send(b'{"end":true}')

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()


class Verbs(unittest.TestCase):
    def setUp(self):
        self.root = tempfile.mkdtemp(prefix="notifybridge-verbs-")
        self.addCleanup(shutil.rmtree, self.root)
        self.write("bin/prog", "#!/bin/sh\n")
        os.chmod(f"{self.root}/bin/prog", 0o755)

    def write(self, path, text):
        os.makedirs(os.path.dirname(f"{self.root}/{path}"), exist_ok=True)
        with open(f"{self.root}/{path}", "w", encoding="utf-8") as file:
            file.write(text)

    def ctl(self, *arguments):
        """(status, output, errors), the root directory left out of both."""
        done = subprocess.run(
            [os.environ["CTL_FILES"], f"--root={self.root}", *arguments],
            capture_output=True,
            text=True,
            timeout=60,
        )
        return (
            done.returncode,
            done.stdout.replace(self.root, ""),
            done.stderr.replace(self.root, ""),
        )

    # cat

    def test_cat_prints_the_file_and_its_drop_ins(self):
        self.write(f"{LIB}/a.service", RUNS)
        self.write(f"{ETC}/a.service.d/x.conf", "[Service]\nNice=3")
        text = f"# /{LIB}/a.service\n{RUNS}\n# /{ETC}/a.service.d/x.conf\n[Service]\nNice=3\n"
        self.assertEqual(self.ctl("cat", "a"), (0, text, ""))

    def test_cat_prints_the_template_of_an_instance(self):
        self.write(f"{LIB}/t@.service", RUNS)
        self.assertEqual(self.ctl("cat", "t@x"), (0, f"# /{LIB}/t@.service\n{RUNS}", ""))

    def test_cat_of_several_has_an_empty_line_between_them(self):
        self.write(f"{LIB}/a.service", RUNS)
        self.write(f"{LIB}/b.target", "[Unit]\n")
        text = f"# /{LIB}/a.service\n{RUNS}\n# /{LIB}/b.target\n[Unit]\n"
        self.assertEqual(self.ctl("cat", "a", "b.target"), (0, text, ""))
        self.assertEqual(self.ctl("cat", "*"), (0, text, ""))

    def test_cat_says_what_has_no_files_and_what_is_masked(self):
        self.write(f"{LIB}/a.service", RUNS)
        os.makedirs(f"{self.root}/{ETC}")
        os.symlink("/dev/null", f"{self.root}/{ETC}/a.service")
        self.assertEqual(self.ctl("cat", "a"), (0, "# Unit a.service is masked.\n", ""))
        self.assertEqual(self.ctl("cat", "n"), (1, "", "No files found for n.service.\n"))

    # verify

    def test_verify_is_silent_about_a_unit_without_faults(self):
        self.write(f"{LIB}/a.service", RUNS)
        self.assertEqual(self.ctl("verify", "a"), (0, "", ""))

    def test_verify_warns_of_what_is_ignored(self):
        self.write(f"{LIB}/a.service", RUNS + "Nicee=3\n")
        status, _, errors = self.ctl("verify", "a.service")
        self.assertEqual(status, 0)
        self.assertIn(f"/{LIB}/a.service:4: ", errors)
        self.assertIn("Nice= is near", errors)

    def test_verify_fails_where_a_unit_would_be_refused(self):
        self.write(f"{LIB}/a.service", "[Service]\nType=simple\n")
        status, _, errors = self.ctl("verify", "a.service")
        self.assertEqual(status, 1)
        self.assertIn(f"/{LIB}/a.service", errors)

    def test_verify_fails_where_a_program_is_missing_and_its_failure_is_not_ignored(self):
        self.write(f"{LIB}/a.service", "[Service]\nExecStart=/bin/other\n")
        self.write(f"{LIB}/b.service", RUNS + "ExecStopPost=-/bin/other\n")
        status, _, errors = self.ctl("verify", "a.service")
        self.assertEqual(status, 1)
        self.assertIn("/bin/other", errors)
        self.assertEqual(self.ctl("verify", "b.service"), (0, "", ""))

    def test_verify_takes_files_from_anywhere(self):
        self.write("opt/a@.service", RUNS)
        self.assertEqual(self.ctl("verify", "/opt/a@.service"), (0, "", ""))

    def test_verify_fails_for_what_is_not_there_or_masked(self):
        self.write(f"{LIB}/a.service", "")
        self.assertEqual(self.ctl("verify", "a")[0], 1)
        self.assertEqual(self.ctl("verify", "n")[0], 1)

    # What follows

    def test_a_manager_that_answers_reads_the_files_again(self):
        self.write(f"{LIB}/a.service", RUNS + "[Install]\nWantedBy=x.target\n")
        manager = Manager(self.root)
        self.addCleanup(manager.stop)
        self.assertEqual(self.ctl("enable", "a")[0], 0)
        self.assertEqual([call["call"] for call in manager.calls][-1], "daemon-reload")

    def test_now_starts_what_is_enabled_and_stops_what_is_disabled_or_masked(self):
        self.write(f"{LIB}/a.service", RUNS + "[Install]\nWantedBy=x.target\n")
        manager = Manager(self.root)
        self.addCleanup(manager.stop)
        for verb, job in (("enable", "start"), ("disable", "stop"), ("mask", "stop")):
            self.assertEqual(self.ctl(verb, "--now", "a")[0], 0)
            call = manager.calls[-1]
            self.assertEqual(
                (call["call"], call["type"], call["units"]), ("enqueue", job, ["a.service"])
            )

    def test_a_failure_leaves_the_manager_alone(self):
        manager = Manager(self.root)
        self.addCleanup(manager.stop)
        self.assertEqual(self.ctl("enable", "--now", "n")[0], 1)
        self.assertEqual(manager.calls, [])

    def test_now_without_a_manager_is_said(self):
        self.write(f"{LIB}/a.service", RUNS + "[Install]\nWantedBy=x.target\n")
        status, _, errors = self.ctl("enable", "--now", "--quiet", "a")
        self.assertEqual(status, 0)
        self.assertIn("No service manager", errors)

    def test_full_says_which_links_enable_a_unit(self):
        self.write(f"{LIB}/a.service", RUNS + "[Install]\nWantedBy=x.target\n")
        self.ctl("enable", "a")
        text = f"enabled\n  /{ETC}/x.target.wants/a.service\n"
        self.assertEqual(self.ctl("is-enabled", "--full", "a"), (0, text, ""))


unittest.main()
