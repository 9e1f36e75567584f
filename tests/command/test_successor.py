#!/usr/bin/python3
"""A command hands over to a descendant that it names with MAINPID=."""

import os
import signal
import unittest

import bridge
import probed

# A server that starts its successor on SIGUSR2 and names it at once, like Gunicorn. It ends on
# SIGTERM or SIGQUIT. After the start, `{way}` decides: the server "stays" until SIGQUIT, or "ends"
# at once.
SERVER = """
place = {directory!r}
generation = int(os.environ.get("GENERATION", "1"))
def say(text):
    with open(place + "/log", "a") as file:
        file.write(f"{{generation}} {{text}}\\n")
def end(number, _):
    say("ends by " + signal.Signals(number).name)
    notify("STOPPING=1\\nSTATUS=generation %d stops" % generation)
    os._exit(generation if number == signal.SIGTERM else 0)
def hand_over(*_):
    child = os.fork()
    if child == 0:
        os.environ["GENERATION"] = str(generation + 1)
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
    if {way!r} != "names itself":
        notify(f"MAINPID={{child}}\\nSTATUS=handing over")
    if {way!r} == "ends":
        os._exit(0)
signal.signal(signal.SIGTERM, end)
signal.signal(signal.SIGQUIT, end)
signal.signal(signal.SIGHUP, lambda *_: say("reloads"))
signal.signal(signal.SIGUSR2, hand_over)
if generation > 1 and {way!r} == "names itself":
    notify(f"MAINPID={{os.getpid()}}")
notify(f"READY=1\\nSTATUS=generation {{generation}} is up")
say(f"is {{os.getpid()}}")
stay()
"""


class Case(probed.Case):
    def server(self, way):
        return bridge.app(SERVER.format(directory=self.dir, way=way))

    def wait_for_log(self, text):
        bridge.eventually(lambda: self.read("log"), lambda: text in self.read("log").splitlines())

    def wait_for_generation(self, generation):
        """Waits until that generation runs. Returns its pid."""
        start = f"{generation} is "
        return int(bridge.eventually(f"generation {generation}", lambda: [
            line.removeprefix(start) for line in self.read("log").splitlines()
            if line.startswith(start)
        ])[0])

    def check_handover(self, start, way):
        """Checks a reload, a successor, a signal for it, and its end. The status of its end is the
        run's."""
        process = start(*self.server(way))
        first = self.wait_for_generation(1)
        process.signal(signal.SIGUSR2)
        second = self.wait_for_generation(2)
        self.manager.wait_for_lines(b"STATUS=generation 2 is up")
        if way != "ends":
            os.kill(first, signal.SIGQUIT)
            self.wait_for_log("1 ends by SIGQUIT")
        bridge.eventually("the first is gone", lambda: not os.path.exists(f"/proc/{first}"))
        self.assertTrue(process.is_running())
        process.signal(signal.SIGHUP)
        self.wait_for_log("2 reloads")
        self.assertNotIn(b"STOPPING=1", self.manager.lines())
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), 2, process.err)
        self.manager.wait_for_lines(b"STOPPING=1", b"STATUS=generation 2 stops")
        self.assertFalse(os.path.exists(f"/proc/{second}"))
        return process

    def start_bridged(self, *command):
        return self.start(bridge.WAIT, *self.command(bridge.WRAP), *command,
                          NOTIFY_SOCKET=self.manager.path)


class Handover(Case):
    def test_a_successor_replaces_an_ended_command(self):
        self.check_handover(self.straight, "stays")

    def test_a_successor_may_name_itself(self):
        self.check_handover(self.straight, "names itself")

    def test_a_command_may_end_as_soon_as_it_has_named_its_successor(self):
        self.check_handover(self.straight, "ends")

    def test_with_access_main_only_the_successor_counts(self):
        process = self.check_handover(
            lambda *command: self.straight("--notify-access=main", *command), "stays"
        )
        self.assertNotIn(b"STATUS=generation 1 stops", self.manager.lines())
        self.assertNotIn("ignoring READY=1", process.err)

    def test_a_successor_works_through_a_shared_directory(self):
        process = self.start_bridged(*self.server("ends"))
        self.wait_for_generation(1)
        process.signal(signal.SIGUSR2)
        second = self.wait_for_generation(2)
        bridge.eventually(
            "the status has its pid", lambda: f"COMMAND_PID={second}" in self.container_status()
        )
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), 2, process.err)

    @unittest.skipIf(os.geteuid() != 0, "root alone makes a pid namespace")
    def test_a_successor_works_with_wrap_as_pid_1(self):
        def start(*command):
            outer = bridge.Process(
                self.dir,
                ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "--",
                 *self.command(bridge.WRAP, *command)],
                self.environment(NOTIFY_SOCKET=self.manager.path, SHARED_DIR=None,
                                 RUNTIME_DIRECTORY=self.dir),
                start_new_session=True,
            )
            self.addCleanup(outer.end)
            return outer

        outer = start(*self.server("ends"))
        self.wait_for_generation(1)
        wrap = self.child_of(outer)
        os.kill(wrap, signal.SIGUSR2)
        self.wait_for_generation(2)
        self.manager.wait_for_lines(b"STATUS=generation 2 is up")
        self.assertTrue(outer.is_running())
        os.kill(wrap, signal.SIGTERM)
        self.wait_for_log("2 ends by SIGTERM")
        self.assertEqual(outer.wait(), 2, outer.err)

    def child_of(self, process):
        with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="ascii") as file:
            return int(file.read().split()[0])

    def test_a_script_names_a_server_by_a_helper(self):
        process = self.straight(
            "sh", "-c", f"sh -c 'echo $$ > {self.path('server')}; exec sleep infinity' & "
            "systemd-notify READY=1 MAINPID=$!; exit 0",
            PATH=f"{self.bin}:{os.environ['PATH']}",
        )
        self.manager.wait_for_lines(b"READY=1")
        server = int(bridge.eventually("the server is up", lambda: self.read("server")))
        bridge.eventually(
            "it is ours", lambda: f"\nPPid:\t{process.pid}\n" in self.status_of(server)
        )
        self.assertTrue(process.is_running())
        os.kill(server, signal.SIGKILL)
        self.assertEqual(process.wait(), 137, process.err)

    def status_of(self, pid):
        with open(f"/proc/{pid}/status", encoding="utf-8") as file:
            return file.read()

    def test_with_access_main_a_child_cannot_name_itself(self):
        app = bridge.app("notify(f'READY=1\\nMAINPID={os.getpid()}')")
        process = self.straight("--notify-access=main", "sh", "-c", '"$@"; exit 4', "sh", *app)
        self.assertEqual(process.wait(), 4, process.err)

    def test_a_process_outside_the_command_is_not_a_successor(self):
        app = bridge.app(f"notify('MAINPID={os.getpid()}'); notify('READY=1'); sys.exit(3)")
        process = self.straight(*app)
        self.assertEqual(process.wait(), 3, process.err)


class Leftovers(Case):
    WARNING = "warning: the command ended and left processes behind"

    def leave(self, *signals):
        process = self.straight("sh", "-c", "trap : HUP USR2; sleep 1000 & echo up; "
                                "read line; exit 0", stdin=self.held_pipe())
        bridge.eventually("it is up", lambda: "up" in process.out)
        for number in signals:
            process.signal(number)
        os.close(self.pipe)
        self.assertEqual(process.wait(), 0, process.err)
        return process.err

    def held_pipe(self):
        reader, self.pipe = os.pipe()
        self.addCleanup(os.close, reader)
        return reader

    def test_a_reload_does_not_hide_that_processes_were_left_behind(self):
        self.assertIn(self.WARNING, self.leave())
        self.assertIn(self.WARNING, self.leave(signal.SIGHUP, signal.SIGUSR2))

    def test_leftovers_after_a_signal_give_no_warning(self):
        process = self.straight("sh", "-c", "sleep 1000 & echo up; wait; exit 3")
        bridge.eventually("it is up", lambda: "up" in process.out)
        process.signal(signal.SIGHUP)
        self.assertEqual(process.wait(), 128 + signal.SIGHUP, process.err)
        self.assertNotIn(self.WARNING, process.err)


if __name__ == "__main__":
    bridge.main()
