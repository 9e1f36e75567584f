#!/usr/bin/python3
"""Tests that `wrap` and `wait` end with the command's exit status or signal."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import unittest

import bridge

BOTH = (bridge.WRAP, bridge.WAIT)
SETPRIV = shutil.which("setpriv")


class Endings(bridge.Case):
    def run_both(self, *command):
        """Runs the command in `wrap`, in `wait`, and in `wrap` in `wait`. Returns the three
        results."""
        for words in ([bridge.WRAP], [bridge.WAIT], [bridge.WAIT, *self.command(bridge.WRAP)]):
            with self.subTest(words=words, command=command):
                yield self.run_to_end(*words, *command)

    def test_the_exit_status_of_the_command_is_returned(self):
        for wanted in (0, 1, 3, 124, 125, 126, 127, 128, 143, 255):
            for status, _, err in self.run_both("sh", "-c", f"exit {wanted}"):
                self.assertEqual(status, wanted, err)

    def test_a_signal_that_ends_the_command_gives_128_plus_n(self):
        for number in (signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM, signal.SIGHUP):
            for status, _, err in self.run_both("sh", "-c", f"kill -{number} $$"):
                self.assertEqual(status, 128 + number, err)

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("unshare"), "cannot mount")
    def test_an_error_of_wrap_is_recorded_as_the_end(self):
        path = os.path.join(self.shared, "notify.sock")
        with open(path, "w", encoding="ascii"):
            pass
        for name in ("unshare", "mount"):
            os.symlink(shutil.which(name), os.path.join(self.bin, name))
        # A mount point cannot be removed.
        mount = ["unshare", "-m", "sh", "-c", 'mount --bind "$0" "$0" && exec "$@"', path]
        result = self.run_to_end(*mount, *self.command(bridge.WRAP, "true"))
        self.assert_refused(result, "notify.sock")
        self.assertIn("EXITED=125", self.container_status())
        self.assertIn("exited with status 125", self.run_to_end("notifybridge", "status", self.shared)[1])

    def start_idle(self, name, prepare=""):
        """Starts an app that reports when it has done PREPARE."""
        process = self.start(name, *bridge.app(prepare + "\nup(); stay()"))
        bridge.eventually("the app is up", lambda: process.out)
        return process

    def test_a_signal_of_a_reload_that_ends_the_command_is_a_failure(self):
        for name in BOTH:
            for number in (signal.SIGHUP, signal.SIGUSR1):
                with self.subTest(name, number=number):
                    process = self.start_idle(name)
                    process.signal(number)
                    self.assertEqual(process.wait(), 128 + number, process.err)
        process = self.start_idle(bridge.WRAP)
        process.signal(signal.SIGHUP)
        self.assertEqual(process.wait(), 129, process.err)
        warning = "warning: the command died of SIGHUP, which was passed on to it"
        self.assertEqual(process.err.count(warning), 1, process.err)

    def test_a_forwarded_stop_signal_also_ends_wrap_and_wait(self):
        for name in BOTH:
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
                with self.subTest(name, number=number):
                    process = self.start_idle(name)
                    process.signal(number)
                    # Python turns SIGINT into an exception, but then ends by the signal.
                    self.assertEqual(process.wait(), -number, process.err)

    def test_exit_status_143_after_sigterm_becomes_an_end_by_sigterm(self):
        for name in BOTH:
            with self.subTest(name):
                process = self.start_idle(
                    name, "signal.signal(signal.SIGTERM, lambda *_: os._exit(143))"
                )
                process.signal(signal.SIGTERM)
                self.assertEqual(process.wait(), -signal.SIGTERM)

    def test_a_command_that_handles_the_signal_sets_the_status(self):
        for name in BOTH:
            with self.subTest(name):
                process = self.start_idle(
                    name, "signal.signal(signal.SIGTERM, lambda *_: os._exit(5))"
                )
                process.signal(signal.SIGTERM)
                self.assertEqual(process.wait(), 5)

    def test_signals_are_forwarded(self):
        code = """
def report(number, frame):
    print(signal.Signals(number).name, flush=True)
for name in "HUP INT QUIT ABRT SEGV USR1 USR2 TERM CONT WINCH".split():
    signal.signal(getattr(signal, "SIG" + name), report)
"""
        for name in BOTH:
            self.renew_shared_directory()
            process = self.start_idle(name, code)
            for sent in "HUP INT QUIT ABRT SEGV USR1 USR2 TERM CONT WINCH".split():
                with self.subTest(name, sent=sent):
                    process.signal(getattr(signal, f"SIG{sent}"))
                    line = f"SIG{sent}\n"
                    bridge.eventually(f"it arrives: {sent}", lambda: line in process.out)
                    self.assertEqual(process.out.count(line), 1)

    def test_the_command_starts_without_blocked_or_ignored_signals(self):
        bare = subprocess.run(
            ["grep", "^Sig[BI]", "/proc/self/status"], capture_output=True, text=True, check=True
        )
        for status, out, err in self.run_both("grep", "^Sig[BI]", "/proc/self/status"):
            self.assertEqual((status, out), (0, bare.stdout), err)

    def test_the_command_inherits_stdin_stdout_and_stderr(self):
        for words in ([bridge.WRAP], [bridge.WAIT, *self.command(bridge.WRAP)]):
            with self.subTest(words):
                reading, writing = os.pipe()
                process = self.start(*words, "sh", "-c", "cat; echo error >&2", stdin=reading)
                os.close(reading)
                os.write(writing, b"through and through\n")
                os.close(writing)
                self.assertEqual(process.wait(), 0)
                self.assertEqual(process.out, "through and through\n")
                self.assertIn("error\n", process.err)

    def test_the_command_inherits_no_internal_descriptor(self):
        # `ls` also opens the directory that it lists.
        for status, out, err in self.run_both("ls", "/proc/self/fd"):
            self.assertEqual((status, out.split()), (0, ["0", "1", "2", "3"]), err)

    def test_leftover_processes_are_ended(self):
        pids = self.path("pids")
        leave = f"setsid sleep 1000 & echo $! >>{pids};"
        script = f"{leave} {leave} exit 6"
        process = self.start(bridge.WRAP, "sh", "-c", script)
        self.assertEqual(process.wait(), 6)
        for pid in self.read("pids").split():
            self.assertFalse(os.path.exists(f"/proc/{pid}"), f"{pid} lives on")

    def test_a_running_leftover_gets_sigterm_without_sigcont(self):
        # If two signals were pending, the handler of the second one would run first.
        code = """
got = []
for number in (signal.SIGTERM, signal.SIGCONT):
    signal.signal(number, lambda number, _: got.append(number.real))
open(os.environ["UP"], "w").close()
while signal.SIGTERM not in got:
    time.sleep(0.01)
time.sleep(0.1)
print(got, flush=True)
"""
        leave = '"$@" & while ! test -e "$UP"; do sleep 0.01; done; exit 0'
        words = ["sh", "-c", leave, "sh", *bridge.app(code)]
        if shutil.which("unshare") and os.geteuid() == 0:
            os.symlink(shutil.which("unshare"), os.path.join(self.bin, "unshare"))
            pid_1 = ["--pid", "--fork", "--mount-proc", *self.command(bridge.WRAP)]
            result = self.run_to_end("unshare", *pid_1, *words, UP=self.path("up-1"))
            self.assertEqual(result[:2], (0, "[15]\n"), result[2])
        result = self.run_to_end(bridge.WRAP, *words, UP=self.path("up"))
        self.assertEqual(result[:2], (0, "[15]\n"), result[2])

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("unshare"), "cannot make namespaces")
    def test_a_proc_of_another_pid_namespace_harms_no_process(self):
        # /proc shows the parent pid namespace, in which other processes have the pids of the
        # leftovers.
        os.symlink(shutil.which("unshare"), os.path.join(self.bin, "unshare"))
        wrap = " ".join(self.command(bridge.WRAP))
        script = f"""{wrap} -- sh -c 'sleep 1000 & exit 4' & wrap=$!
            sleep 1000 & other=$!
            wait $wrap; echo $?; kill -0 $other && echo alive"""
        status, out, err = self.run_to_end("unshare", "--pid", "--fork", "sh", "-c", script)
        self.assertEqual((status, out), (0, "4\nalive\n"), err)
        self.assertIn("/proc is not mounted, or shows another pid namespace", err)

    def test_a_leftover_that_ignores_sigterm_is_killed(self):
        script = "trap '' TERM; sleep 1000 & echo $!; trap - TERM"
        status, out, _ = self.run_to_end(bridge.WRAP, "--kill-after=50ms", "sh", "-c", script)
        self.assertEqual(status, 0)
        self.assertFalse(os.path.exists(f"/proc/{out.strip()}"), f"{out} lives on")

    @unittest.skipUnless(os.geteuid() == 0, "only root can become another user")
    def test_wait_uses_the_directory_it_creates_whatever_its_umask_is(self):
        os.chmod(self.dir, 0o755)
        place = self.path("of-nobody")
        os.mkdir(place)
        os.chown(place, 65534, 65534)
        made = os.path.join(place, "made")
        status, _, err = self.run_to_end(
            bridge.WAIT,
            *self.command(bridge.WRAP, "true"),
            SHARED_DIR=made,
            options={"user": 65534, "group": 65534, "extra_groups": [], "umask": 0o777},
        )
        self.assertEqual(status, 0, err)
        self.assertEqual(os.stat(made).st_mode & 0o7777, 0o755)

    @unittest.skipUnless(os.geteuid() == 0 and SETPRIV, "only root can become another user")
    def test_a_leftover_that_cannot_be_killed_is_left_alone(self):
        # In a container, a process may be allowed to change its user, but lack CAP_KILL.
        another = f"{SETPRIV} --reuid=12345 --clear-groups"
        without = [SETPRIV, "--bounding-set=-kill", *self.command(bridge.WRAP, "--kill-after=50ms")]
        os.chmod(self.dir, 0o777)
        stays = f"{another} sh -c 'touch begun; sleep 1000'"
        when_begun = "while ! test -e begun; do sleep 0.01; done; exit 3"
        for words in (
            ["sh", "-c", f"{stays} & {when_begun}"],
            [f"--ready-when=exec:{stays}", "sh", "-c", when_begun],
        ):
            with self.subTest(words):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(self.path("begun"))
                self.renew_shared_directory()
                process = bridge.Process(
                    self.dir,
                    [*without, *words],
                    self.environment(),
                    start_new_session=True,
                    cwd=self.dir,
                )
                self.addCleanup(process.end)
                self.assertEqual(process.wait(), 3, process.err)
                self.assertIn("SIGKILL did not end them", process.err)

    def test_orphans_are_reaped_while_the_command_runs(self):
        code = """
for _ in range(200):
    if os.fork() == 0:
        if os.fork() == 0:
            os._exit(0)
        os._exit(0)
    os.wait()
"""
        process = self.start_idle(bridge.WRAP, code)

        def children():
            with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="ascii") as file:
                return file.read().split()

        bridge.eventually("the app is the only child", lambda: len(children()) == 1)

    def test_a_signal_lost_by_a_detaching_client_ends_the_run(self):
        client = """
import os, signal, subprocess, sys
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
print("up", flush=True)
signal.sigwait([signal.SIGTERM])
subprocess.Popen(sys.argv[1:], preexec_fn=lambda: signal.pthread_sigmask(
    signal.SIG_UNBLOCK, [signal.SIGTERM]))
"""
        container = self.command(bridge.WRAP, *bridge.app("stay()"))
        process = self.start(
            bridge.WAIT,
            *(sys.executable, "-c", client, *container),
            NOTIFY_SOCKET=self.receiver().path,
        )
        bridge.eventually("the client is up", lambda: process.out)
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), -signal.SIGTERM, process.err)


bridge.main()
