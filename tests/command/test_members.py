#!/usr/bin/python3
"""Several containers of one unit: their runs, in subdirectories, count as one run."""

import contextlib
import json
import os
import signal

import bridge
import stream  # pylint: disable=unused-import # It makes shared_dir importable.
from shared_dir import read_host

# This app sends the lines that it reads from standard input, and ends when its input ends.
TOLD = """
for line in sys.stdin:
    verb, _, text = line.strip().partition(" ")
    if verb == "say":
        notify(text.replace(";", "\\n"))
        barrier()
        print("said", flush=True)
    elif verb == "end":
        os._exit(int(text))
"""


class Member:
    """A container of the stack, with an app that executes the orders of the test."""

    def __init__(self, case, name, code=TOLD):
        self.case = case
        self.name = name
        self.code = code
        self.process = None

    def begin(self):
        reader, writer = os.pipe()
        self.process = self.case.start(
            bridge.WRAP,
            *bridge.app(self.code),
            stdin=reader,
            SHARED_DIR=os.path.join(self.case.shared, self.name),
        )
        os.close(reader)
        self.input = os.fdopen(writer, "w", encoding="utf-8")
        self.case.addCleanup(self.input.close)
        self.said = 0

    def say(self, *lines):
        self.tell("say " + ";".join(lines))
        self.said += 1
        bridge.eventually(
            "what it said is delivered", lambda: self.process.out.count("said") == self.said
        )

    def end(self, status):
        self.tell(f"end {status}")
        return self.process.wait()

    def tell(self, line):
        self.input.write(line + "\n")
        self.input.flush()


class Members(bridge.Case):
    def setUp(self):
        super().setUp()
        self.heard = self.receiver()
        self.db, self.web = Member(self, "db"), Member(self, "web")

    def start_wait(self, *words, **env):
        wait = self.start(
            bridge.WAIT,
            *("--member=db", "--member=web", *words),
            NOTIFY_SOCKET=self.heard.path,
            **env,
        )
        bridge.eventually("wait is there", lambda: self.host("web").get("PID") == str(wait.pid))
        return wait

    def host(self, name):
        """Returns the facts that `wait` has written for the member NAME. A killed `wait` leaves
        them."""
        with contextlib.suppress(FileNotFoundError):
            with open(os.path.join(self.shared, name, "host"), "rb") as file:
                return read_host(file.read())[2]
        return {}

    def start_stack(self, *words, **env):
        """Starts a `wait` without a command, and both members. Both are ready when it returns."""
        wait = self.start_wait(*words, **env)
        for member in (self.db, self.web):
            member.begin()
            member.say("READY=1")
        self.assertIn(b"READY=1", self.heard.lines())
        return wait

    def test_the_unit_is_ready_when_its_last_member_is_ready(self):
        self.start_wait()
        self.heard.wait_for(b"STATUS=waiting for db, web")
        self.db.begin()
        self.db.say("READY=1", "STATUS=Ready to accept connections")
        self.web.begin()
        self.web.say("STATUS=Loading")
        self.assertEqual(
            self.heard.messages,
            [
                b"STATUS=waiting for db, web",
                b"STATUS=db: Ready to accept connections; waiting for web",
                b"STATUS=web: Loading; waiting for web",
            ],
        )
        self.web.say("READY=1")
        self.assertEqual(self.heard.messages[3:], [b"READY=1\nSTATUS=web: Loading"])
        self.db.say("STATUS=3 clients")
        self.assertEqual(self.heard.messages[4:], [b"STATUS=db: 3 clients"])

    def test_log_lines_start_with_the_members_name(self):
        wait = self.start_wait("--log-level=info")
        self.web.begin()
        self.web.say("no key", "STATUS=Loading")
        for line in ("web: attached to the run in the shared directory", "web: dropped, whole or in part: a message of pid"):
            bridge.eventually(line, lambda line=line: line in wait.err)

    def test_a_killed_member_that_returns_is_followed(self):
        wait = self.start_stack()
        self.db.process.signal(signal.SIGKILL)
        self.heard.wait_for(b"STATUS=db: the run broke off")
        self.db.begin()
        self.db.say("READY=1")
        self.assertEqual(self.heard.messages[-1], b"STATUS=db: ready")
        self.assertEqual(self.heard.lines().count(b"READY=1"), 1)
        self.db.end(0)
        self.assertTrue(wait.is_running())
        self.web.end(3)
        self.assertEqual(wait.wait(), 3, wait.err)

    def test_the_unit_ends_well_if_no_member_fails(self):
        wait = self.start_stack()
        self.db.say("STOPPING=1")
        self.db.end(0)
        self.assertNotIn(b"STOPPING=1", self.heard.lines())
        self.web.say("STOPPING=1")
        self.assertIn(b"STOPPING=1", self.heard.lines())
        self.web.end(0)
        self.assertEqual(wait.wait(), 0, wait.err)

    def test_a_killed_wait_resumes_all_members(self):
        wait = self.start_stack(INVOCATION_ID="1")
        wait.signal(signal.SIGKILL)
        wait.wait()
        before = len(self.heard.messages)
        self.db.tell("say X_A=1")
        self.web.tell("say X_A=2")
        self.start_wait(INVOCATION_ID="1")
        self.heard.wait_for_lines(b"X_A=1", b"X_A=2")
        self.assertEqual(sorted(self.heard.messages[before:]), [b"X_A=1", b"X_A=2"])

    def test_a_killed_wait_still_waits_for_unready_members(self):
        wait = self.start_wait(INVOCATION_ID="1")
        self.db.begin()
        self.db.say("READY=1")
        wait.signal(signal.SIGKILL)
        wait.wait()
        self.start_wait(INVOCATION_ID="1")
        self.web.begin()
        self.web.say("X_A=1")
        self.assertNotIn(b"READY=1", self.heard.lines())
        self.web.say("READY=1")
        self.assertEqual(self.heard.lines().count(b"READY=1"), 1)

    def test_the_command_starts_and_ends_the_members(self):
        script = """
        SHARED_DIR=$SHARED_DIR/db "$@" & db=$!
        SHARED_DIR=$SHARED_DIR/web "$@" & web=$!
        trap 'kill $web; wait $web; kill $db; wait $db; exit 0' TERM
        while :; do wait; done
        """
        code = """
        def end(*_):
            notify("STOPPING=1")
            notify("X_ENDED=" + os.path.basename(os.path.dirname(os.environ["NOTIFY_SOCKET"])))
            # Only a barrier gives an order between two members.
            barrier()
            os._exit(0)
        signal.signal(signal.SIGTERM, end)
        notify("READY=1")
        stay()
        """
        wait = self.start_wait(
            "sh", "-c", script, "sh", *self.command(bridge.WRAP, *bridge.app("if True:" + code))
        )
        self.heard.wait_for_lines(b"READY=1")
        wait.signal(signal.SIGTERM)
        self.assertEqual(wait.wait(), 0, wait.err)
        ended = [line for line in self.heard.lines() if line.startswith((b"STOP", b"X_"))]
        self.assertEqual(ended, [b"STOPPING=1", b"X_ENDED=web", b"X_ENDED=db"])

    def test_a_member_killed_before_a_stop_does_not_fail_the_stop(self):
        script = """
        SHARED_DIR=$SHARED_DIR/db "$@" & db=$!
        SHARED_DIR=$SHARED_DIR/web "$@" & web=$!
        echo $db >"$SHARED_DIR/killed"
        trap 'kill $web; wait $web; exit 0' TERM
        while :; do wait; sleep 0.01; done
        """
        code = """
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
        notify("READY=1")
        stay()
        """
        wait = self.start_wait(
            "sh", "-c", script, "sh", *self.command(bridge.WRAP, *bridge.app("if True:" + code))
        )
        self.heard.wait_for_lines(b"READY=1")
        with open(os.path.join(self.shared, "killed"), encoding="ascii") as file:
            os.kill(int(file.read()), signal.SIGKILL)
        self.heard.wait_for(b"STATUS=db: the run broke off")
        wait.signal(signal.SIGTERM)
        self.assertEqual(wait.wait(), 0, wait.err)

    def test_the_option_stop_ends_the_last_member_first(self):
        code = """
        def end(*_):
            notify("X_ENDED=" + os.path.basename(os.path.dirname(os.environ["NOTIFY_SOCKET"])))
            os._exit(0)
        signal.signal(signal.SIGTERM, end)
        notify("READY=1")
        stay()
        """
        self.db, self.web = (Member(self, name, "if True:" + code) for name in ("db", "web"))
        wait = self.start_wait("--stop")
        self.db.begin()
        self.web.begin()
        self.heard.wait_for_lines(b"READY=1")
        wait.signal(signal.SIGTERM)
        self.assertEqual(wait.wait(), 0, wait.err)
        self.assertEqual(self.heard.messages[-2:], [b"X_ENDED=web", b"X_ENDED=db"])

    def test_a_failed_member_fails_the_unit(self):
        script = """
        SHARED_DIR=$SHARED_DIR/db "$@" 'notify("READY=1"); stay()' & db=$!
        SHARED_DIR=$SHARED_DIR/web "$@" 'notify("READY=1"); notify("ERRNO=2"); os._exit(7)'
        kill $db; wait $db; exit 0
        """
        words = self.command(bridge.WRAP, *bridge.app(""))
        words[-1] += "\nexec(sys.argv[1])"
        wait = self.start_wait("sh", "-c", script, "sh", *words)
        self.assertEqual(wait.wait(), 7, wait.err)
        self.assertIn(b"ERRNO=2", self.heard.lines())
        said = b"STATUS=web: exited with status 7"
        self.assertTrue(any(message.startswith(said) for message in self.heard.messages))

    def test_status_shows_all_members(self):
        self.start_stack()
        self.web.say("STATUS=12 requests")
        status, out, err = self.run_to_end("notifybridge", "status")
        self.assertEqual((status, err), (0, ""))
        self.assertIn(os.path.join(self.shared, "db"), out)
        self.assertIn("12 requests", out)
        status, out, _ = self.run_to_end("notifybridge", "status", "--json")
        shown = json.loads(out)
        self.assertEqual(shown["shared_dir"], self.shared)
        self.assertEqual(sorted(shown["members"]), ["db", "web"])
        self.assertEqual(shown["members"]["web"]["shared_dir"], self.shared + "/web")
        for question in ("--ready", "--alive", "--check"):
            self.assertEqual(self.run_to_end("notifybridge", "status", question)[0], 0)
        self.db.end(1)
        self.assertEqual(self.run_to_end("notifybridge", "status")[0], 3)
        self.assertEqual(self.run_to_end("notifybridge", "status", "--ready")[0], 3)
        self.assert_refused(
            self.run_to_end("notifybridge", "status", "--follow"), "one container", "/db", status=2
        )

    def test_status_shows_a_member_without_a_run(self):
        self.start_wait()
        self.db.begin()
        self.db.say("READY=1")
        status, out, err = self.run_to_end("notifybridge", "status", "--json")
        self.assertEqual(status, 4)
        self.assertIn("/web", err)
        self.assertIn("no run yet", err)
        web = json.loads(out)["members"]["web"]
        self.assertNotIn("run", web)
        self.assertIs(web["host"]["attached"], False)

    def test_a_member_of_another_wait_is_refused(self):
        pid = f"(pid {self.start_wait().pid})"
        result = self.run_to_end(bridge.WAIT, "true", SHARED_DIR=self.shared + "/db")
        self.assert_refused(result, "in use by another wait", pid)
        for words in (["--member=other"], ["true"]):
            result = self.run_to_end(bridge.WAIT, *words)
            self.assert_refused(result, "locked by another process", pid)

    def test_bad_member_names_are_refused(self):
        for name in (".", "..", "a/b", "-a", ".a", "a b", "a" * 65, "ä", "a\n"):
            with self.subTest(name):
                self.assert_refused(self.run_to_end(bridge.WAIT, "--member=" + name), "--member=")
        for words, reason in (
            (["--member=host"], "name of a file"),
            (["--member=a", "--member=a"], "twice"),
            (["--member=a", "--main-pid=translate"], "one main process"),
        ):
            with self.subTest(words):
                self.assert_refused(self.run_to_end(bridge.WAIT, *words), reason)
        self.assertEqual(os.listdir(self.shared), [])


if __name__ == "__main__":
    bridge.main()
