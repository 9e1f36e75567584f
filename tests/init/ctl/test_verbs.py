#!/usr/bin/python3
"""Tests the verbs of `ctl` for unit files that cannot be compared with systemctl: cat, verify, and
calls to a running manager. CTL_FILES names the executable of ctl_files.cpp."""

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
    """Accepts calls, and answers each with success."""

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

    def test_a_unit_that_does_not_exist_is_not_found(self):
        self.write(f"{LIB}/a.service", RUNS)
        self.assertEqual(self.ctl("is-enabled", "none"), (4, "not-found\n", ""))
        self.assertEqual(self.ctl("is-enabled", "none", "a"), (0, "not-found\nstatic\n", ""))
        self.assertEqual(self.ctl("is-enabled", "--quiet", "none"), (4, "", ""))

    def ctl(self, *arguments):
        """Returns (status, output, errors). Removes the root directory from both texts."""
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

    # Tests of cat.

    def test_cat_prints_the_file_and_its_drop_ins(self):
        self.write(f"{LIB}/a.service", RUNS)
        self.write(f"{ETC}/a.service.d/x.conf", "[Service]\nNice=3")
        text = f"# /{LIB}/a.service\n{RUNS}\n# /{ETC}/a.service.d/x.conf\n[Service]\nNice=3\n"
        self.assertEqual(self.ctl("cat", "a"), (0, text, ""))

    def test_cat_prints_the_template_of_an_instance(self):
        self.write(f"{LIB}/t@.service", RUNS)
        self.assertEqual(self.ctl("cat", "t@x"), (0, f"# /{LIB}/t@.service\n{RUNS}", ""))

    def test_cat_separates_units_by_an_empty_line(self):
        self.write(f"{LIB}/a.service", RUNS)
        self.write(f"{LIB}/b.target", "[Unit]\n")
        text = f"# /{LIB}/a.service\n{RUNS}\n# /{LIB}/b.target\n[Unit]\n"
        self.assertEqual(self.ctl("cat", "a", "b.target"), (0, text, ""))
        self.assertEqual(self.ctl("cat", "*"), (0, text, ""))

    def test_cat_reports_missing_and_masked_units(self):
        self.write(f"{LIB}/a.service", RUNS)
        os.makedirs(f"{self.root}/{ETC}")
        os.symlink("/dev/null", f"{self.root}/{ETC}/a.service")
        self.assertEqual(self.ctl("cat", "a"), (0, "# Unit a.service is masked.\n", ""))
        self.assertEqual(self.ctl("cat", "n"), (1, "", "No files found for n.service.\n"))

    # Tests of verify.

    def verify(self, *names):
        """Returns (status, errors). The units that every unit needs exist."""
        self.write(f"{LIB}/sysinit.target", "[Unit]\n")
        status, output, errors = self.ctl("verify", *names)
        self.assertEqual(output, "")
        return status, errors

    def fails(self, name, text, *said):
        """Checks that a unit with this text is refused with these messages."""
        self.write(f"{LIB}/{name}", text)
        status, errors = self.verify(name)
        self.assertEqual(status, 1, errors)
        for part in (f"/{LIB}/{name}", *said):
            self.assertIn(part, errors)

    def test_verify_is_silent_about_a_unit_without_faults(self):
        self.write(f"{LIB}/a.service", RUNS)
        self.assertEqual(self.verify("a"), (0, ""))

    def test_verify_prefers_a_file_of_the_working_directory(self):
        here = os.getcwd()[1:]
        self.write(f"{LIB}/a.service", RUNS)
        self.write(f"{LIB}/b.service", RUNS)
        self.write(f"{here}/a.service", "[Service]\nType=simple\n")
        self.write(f"{here}/c.service", RUNS)
        status, errors = self.verify("a.service")
        self.assertEqual(status, 1)
        self.assertIn(f"/{here}/a.service", errors)
        self.assertEqual(self.verify("b.service", "c.service"), (0, ""))

    def test_verify_reads_a_file_under_another_name(self):
        here = os.getcwd()[1:]
        self.write(f"{here}/a.service", RUNS)
        self.write(f"{here}/b.service", "[Service]\nType=simple\n")
        self.write(f"{LIB}/n.socket", "[Socket]\nListenStream=/run/n\n")
        self.assertEqual(self.verify("a.service:b.service"), (0, ""))
        self.assertEqual(self.verify("./a.service:new.service", "a.service"), (0, ""))
        self.assertEqual(self.verify("n.socket")[0], 1)
        self.assertEqual(self.verify("n.socket", f"/{here}/a.service:n.service"), (0, ""))
        self.assertEqual(self.verify("b.service:a.service")[0], 1)
        self.assertEqual(self.verify("no.service:a.service")[0], 1)
        status, errors = self.verify("./a.service:bad")
        self.assertEqual((status, "not a valid unit name" in errors), (1, True))

    def test_verify_warns_of_ignored_lines(self):
        self.write(f"{LIB}/a.service", RUNS + "Nicee=3\n")
        status, errors = self.verify("a.service")
        self.assertEqual(status, 0)
        self.assertIn(f"/{LIB}/a.service:4: ", errors)
        self.assertIn("did you mean Nice=?", errors)

    def test_verify_warns_of_kill_mode_none_but_not_of_var_run(self):
        self.write(f"{LIB}/a.service", RUNS + "KillMode=none\nPIDFile=/var/run/a.pid\n")
        status, errors = self.verify("a.service")
        self.assertEqual((status, errors.count("\n")), (0, 1))
        self.assertIn(f"/{LIB}/a.service:4: KillMode=", errors)

    def test_verify_fails_if_a_unit_would_be_refused(self):
        self.fails("a.service", "[Service]\nType=simple\n")

    def test_verify_fails_if_a_required_program_is_missing(self):
        self.fails("a.service", "[Service]\nExecStart=/bin/other\n", "/bin/other")
        self.write(f"{LIB}/b.service", RUNS + "ExecStopPost=-/bin/other\n")
        self.assertEqual(self.verify("b.service"), (0, ""))

    def test_verify_accepts_any_executable_file_as_program(self):
        self.write("bin/empty", "")
        os.chmod(f"{self.root}/bin/empty", 0o755)
        os.symlink("/bin/empty", f"{self.root}/bin/link")
        self.write(f"{LIB}/a.service", "[Service]\nExecStart=/bin/link\nExecReload=empty\n")
        self.assertEqual(self.verify("a"), (0, ""))
        self.fails("b.service", "[Service]\nExecStart=/bin\n", "/bin does not exist or is not executable")

    def test_verify_fails_if_a_required_unit_is_missing_or_bad(self):
        self.write(f"{LIB}/bad.service", "[Service]\n")
        self.fails("a.service", "[Unit]\nRequires=no.service\n" + RUNS, "no.service not found")
        self.fails("b.service", "[Unit]\nBindsTo=bad.service\n" + RUNS, "bad.service has a bad")
        self.fails("c.service", "[Unit]\nRequires=a.service\n" + RUNS, "no.service not found")
        self.write(f"{LIB}/d.service", "[Unit]\nWants=a.service no.service\n" + RUNS)
        self.assertEqual(self.verify("d"), (0, ""))

    def test_verify_accepts_units_that_need_no_file(self):
        text = "[Unit]\nRequires=x.slice dev-x.device -.mount\n" + RUNS
        self.write(f"{LIB}/a.service", text)
        self.assertEqual(self.verify("a"), (0, ""))
        self.fails("b.service", "[Unit]\nRequires=x.mount\n" + RUNS, "x.mount not found")

    def test_verify_fails_if_jobs_contradict_each_other(self):
        self.write(f"{LIB}/b.service", "[Unit]\nConflicts=a.service\n" + RUNS)
        self.fails("a.service", "[Unit]\nRequires=b.service\n" + RUNS, "a.service")

    def test_verify_checks_each_unit_separately(self):
        self.write(f"{LIB}/b.service", "[Unit]\nConflicts=a.service\n" + RUNS)
        self.write(f"{LIB}/a.service", RUNS)
        self.assertEqual(self.verify("a", "b", "a"), (0, ""))

    def test_verify_fails_for_a_socket_without_its_service(self):
        text = "[Socket]\nListenStream=/run/x\n"
        self.fails("a.socket", text, "its service a.service cannot be loaded")
        self.fails("b.socket", text + "Accept=yes\n", "its service b@")
        self.fails("c.socket", text + "Service=x.service\n", "its service x.service")
        for name in ("a.service", "b@.service", "x.service"):
            self.write(f"{LIB}/{name}", RUNS)
        self.assertEqual(self.verify("a.socket", "b.socket", "c.socket"), (0, ""))

    def test_verify_accepts_files_outside_of_the_load_path(self):
        self.write("opt/a@.service", RUNS)
        self.assertEqual(self.verify("/opt/a@.service"), (0, ""))

    def test_verify_fails_for_missing_or_masked_units(self):
        self.write(f"{LIB}/a.service", "")
        self.assertEqual(self.verify("a")[0], 1)
        self.assertEqual(self.verify("n")[0], 1)

    # Tests of calls to the manager.

    def test_a_running_manager_reloads_its_files(self):
        self.write(f"{LIB}/a.service", RUNS + "[Install]\nWantedBy=x.target\n")
        manager = Manager(self.root)
        self.addCleanup(manager.stop)
        self.assertEqual(self.ctl("enable", "a")[0], 0)
        self.assertEqual([call["call"] for call in manager.calls][-1], "daemon-reload")

    def test_option_now_starts_enabled_and_stops_disabled_units(self):
        self.write(f"{LIB}/a.service", RUNS + "[Install]\nWantedBy=x.target\n")
        manager = Manager(self.root)
        self.addCleanup(manager.stop)
        for verb, job in (("enable", "start"), ("disable", "stop"), ("mask", "stop")):
            self.assertEqual(self.ctl(verb, "--now", "a")[0], 0)
            call = manager.calls[-1]
            self.assertEqual(
                (call["call"], call["type"], call["units"]), ("enqueue", job, ["a.service"])
            )

    def test_a_failed_verb_does_not_reload_the_manager(self):
        manager = Manager(self.root)
        self.addCleanup(manager.stop)
        for verb in ("enable", "disable"):
            status, _, errors = self.ctl(verb, "--now", "n")
            said = f"Failed to {verb} unit: Unit file n.service does not exist.\n"
            self.assertEqual((status, errors), (1, said))
        # These calls query the state of the manager and its unit path.
        self.assertEqual({call["call"] for call in manager.calls}, {"system-state", "show"})

    def test_now_without_a_manager_is_reported(self):
        self.write(f"{LIB}/a.service", RUNS + "[Install]\nWantedBy=x.target\n")
        status, _, errors = self.ctl("enable", "--now", "--quiet", "a")
        self.assertEqual(status, 0)
        self.assertIn("no service manager", errors)

    def test_full_lists_the_links_that_enable_a_unit(self):
        self.write(f"{LIB}/a.service", RUNS + "[Install]\nWantedBy=x.target\n")
        self.ctl("enable", "a")
        text = f"enabled\n  /{ETC}/x.target.wants/a.service\n"
        self.assertEqual(self.ctl("is-enabled", "--full", "a"), (0, text, ""))


unittest.main()
