#!/usr/bin/python3
"""Tests `notifybridge runtime`, which a container manager calls instead of crun or runc.

The real runtime is a script that records how it was called.
"""

import copy
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import unittest

import bridge

# Facts about the process must be read before an interpreter changes them. A program that the shell
# starts must not read them, because the shell blocks signals for a moment then.
FAKE = """#!/bin/bash
while read -r line; do
    [[ $line != Sig[BI]* && $line != Umask* ]] || echo "$line"
done </proc/$$/status >"{home}/status"
echo /proc/$$/fd/* >"{home}/fds"
exec /usr/bin/python3 -c '
import json, os, sys
home, argv = sys.argv[1], sys.argv[2:]
facts = {{"argv": argv, "pid": os.getpid(), "cwd": os.getcwd(), "environ": dict(os.environ)}}
for name in ("status", "fds"):
    with open(os.path.join(home, name)) as file:
        facts[name] = file.read()
for fd in (0, 1, 2):
    facts[str(fd)] = os.readlink(f"/proc/self/fd/{{fd}}")
with open(os.path.join(home, "record"), "w") as file:
    json.dump(facts, file)
sys.exit(int(os.environ.get("FAKE_STATUS", "0")))
' "{home}" "$0" "$@"
"""

CONFIG = {
    "ociVersion": "1.0.2-dev",
    "process": {
        "user": {"uid": os.geteuid(), "gid": os.getegid()},
        "args": ["app", "--its", "own option"],
        "env": ["PATH=/usr/bin", "NOTIFY_SOCKET=/run/notify/notify.sock", "ÄPFEL=ä"],
        "cwd": "/",
    },
    "root": {"path": "rootfs", "readonly": True},
    "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"}],
    "annotations": {"org.example": "1"},
    "linux": {"resources": {"memory": {"limit": 9223372036854771712, "swap": -1}}},
}

CREATE = ("create", "--bundle", "{bundle}", "--pid-file", "/pid", "name")


class Runtime(bridge.Case):
    def setUp(self):
        super().setUp()
        for name in ("crun", "runc"):
            os.symlink(bridge.EXECUTABLE, os.path.join(self.bin, name))
        self.real = {name: self.make_runtime(name) for name in ("crun", "runc")}
        self.bundle = self.path("bundle")
        os.mkdir(self.bundle)
        self.config = os.path.join(self.bundle, "config.json")
        self.log = self.path("runtime.log")

    def make_runtime(self, name):
        home = self.path(f"real-{name}")
        os.mkdir(home)
        program = os.path.join(home, name)
        with open(program, "w") as file:
            file.write(FAKE.format(home=home))
        os.chmod(program, 0o755)
        return program

    def record(self, name="crun"):
        """Returns the record of the real runtime, or None if the runtime was not started."""
        text = self.read(os.path.dirname(self.real[name]), "record")
        return json.loads(text) if text else None

    def assert_not_started(self):
        for name in self.real:
            self.assertIsNone(self.record(name))

    def write_config(self, *variables, **changes):
        """Writes the bundle's config.json with these variables, and with changed members."""
        config = copy.deepcopy(CONFIG)
        config["process"]["env"] += variables
        for name, value in changes.items():
            (config if name in config else config["process"])[name] = value
        self.write_text(json.dumps(config, ensure_ascii=False))
        return config

    def write_text(self, text):
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(text)

    def path_with_shell(self):
        return f"{self.path_of_runtimes()}:/usr/bin:/bin"

    def path_of_runtimes(self):
        return ":".join([self.bin, *map(os.path.dirname, self.real.values())])

    def call(self, *words, name="crun", runtime_options=None, **more):
        """Calls the executable with the name NAME, or as `notifybridge runtime` with
        RUNTIME_OPTIONS."""
        words = [word.replace("{bundle}", self.bundle) for word in words]
        if runtime_options is not None:
            name, words = "notifybridge", ["runtime", *runtime_options, *words]
        more.setdefault("PATH", self.path_of_runtimes())
        return self.run_to_end(name, *words, **more)

    def create(self, *words, **more):
        """Creates a container from the bundle, which must succeed. Returns its config.json."""
        result = self.call(*(words or CREATE), **more)
        self.assertEqual(result, (0, "", ""))
        with open(self.config, encoding="utf-8") as file:
            return json.load(file)

    def held_directory(self):
        """Makes a `wait` hold `self.shared` from now on. Returns its token."""
        waiter = self.start(
            bridge.WAIT,
            *bridge.app("print(os.environ['NOTIFYBRIDGE_TOKEN'], flush=True)\ntime.sleep(600)"),
        )
        return bridge.eventually("wait tells its token", lambda: waiter.out.strip())

    def assert_wrapped(self, config, *options, before=CONFIG):
        self.assertEqual(
            config["process"]["args"],
            ["/run/.notifybridge", "wrap", *options, "--", *before["process"]["args"]],
        )
        mounts = {mount["destination"]: mount for mount in config["mounts"]}
        self.assertEqual(len(mounts), len(config["mounts"]))
        source = mounts["/run/.notifybridge"]["source"]
        self.assertEqual(source, os.path.realpath(bridge.EXECUTABLE))
        self.assertIn("ro", mounts["/run/.notifybridge"]["options"])
        for variable in config["process"]["env"]:
            self.assertFalse(variable.startswith("NOTIFYBRIDGE_"), variable)
        return mounts


class PassedOn(Runtime):
    CALLS = (
        ["start", "name"],
        ["kill", "name", "15"],
        ["delete", "--force", "name"],
        ["state", "create"],
        ["--log-format=json", "--log", "/nowhere/log", "exec", "--process", "/p", "a b", ""],
        ["--version"],
        ["features"],
        ["--help"],
        ["frobnicate", "--runtime=/x", "--filter", "--", "-"],
        ["run", "--help"],
        ["create", "-h"],
        ["run", "name"],
        ["create", "--bundle=/nowhere", "name"],
        [],
    )

    def test_other_calls_reach_the_real_runtime_unchanged(self):
        self.write_config("NOTIFYBRIDGE_OPTIONS='")
        for words in self.CALLS:
            with self.subTest(words):
                self.assertEqual(self.call(*words), (0, "", ""))
                self.assertEqual(self.record()["argv"], [self.real["crun"], *words])

    def test_calls_of_notifybridge_runtime_reach_the_real_runtime(self):
        for words in self.CALLS[:4]:
            for options in ([], ["--"], [f"--runtime={self.real['runc']}", "--"]):
                with self.subTest(words, options=options):
                    self.assertEqual(self.call(*words, runtime_options=options), (0, "", ""))
                    name = "runc" if len(options) > 1 else "crun"
                    self.assertEqual(self.record(name)["argv"], [self.real[name], *words])

    def test_the_program_name_selects_the_real_runtime(self):
        self.assertEqual(self.call("start", "a", name="runc"), (0, "", ""))
        self.assertEqual(self.record("runc")["argv"], [self.real["runc"], "start", "a"])
        self.assertIsNone(self.record("crun"))

    def test_the_process_becomes_the_real_runtime(self):
        self.write_config("NOTIFYBRIDGE_OPTIONS=")
        for words in (["start", "a"], ["create", "-b", self.bundle, "a"]):
            with self.subTest(words):
                process = self.start("crun", *words, PATH=os.path.dirname(self.real["crun"]))
                process.wait()
                self.assertEqual(self.record()["pid"], process.pid)

    def test_the_real_runtime_inherits_the_process_state(self):
        # `notifybridge runtime` changes no descriptor, signal, umask, directory or environment
        # variable.
        self.write_config("NOTIFYBRIDGE_OPTIONS=")

        def prepare():
            signal.signal(signal.SIGUSR1, signal.SIG_IGN)
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
            os.umask(0o027)

        for words in (["start", "a"], ["create", "--bundle", self.bundle, "a"]):
            read, write = os.pipe()
            records = []
            for program in (self.real["crun"], os.path.join(self.bin, "crun")):
                status = subprocess.run(
                    [program, *words],
                    env=self.environment(PATH=os.path.dirname(self.real["crun"]), ODD="a b\n"),
                    cwd=self.bundle,
                    pass_fds=(read, write),
                    preexec_fn=prepare,
                    timeout=bridge.PATIENCE,
                ).returncode
                self.assertEqual(status, 0)
                records.append(self.record())
            os.close(read)
            os.close(write)
            direct, through = records
            for record in records:
                record["fds"] = record["fds"].replace(str(record.pop("pid")), "PID")
            self.assertTrue(through["environ"].pop("NOTIFYBRIDGE_RUNTIME"))
            with self.subTest(words):
                self.assertEqual(through, direct)

    def test_the_exit_status_of_the_real_runtime_is_returned(self):
        for words in (["start", "a"], CREATE):
            self.write_config("NOTIFYBRIDGE_OPTIONS=")
            with self.subTest(words):
                self.assertEqual(self.call(*words, FAKE_STATUS="42"), (42, "", ""))


class Created(Runtime):
    def test_a_container_without_notifybridge_variables_is_unchanged(self):
        for variables in ([], ["SHARED_DIR=/etc"], ["SHARED_DIR=relative", "NOTIFYBRIDGE_OPTIONS"]):
            self.write_config(*variables)
            with open(self.config, "rb") as file:
                before = file.read(), os.stat(self.config).st_ino
            self.create()
            with self.subTest(variables), open(self.config, "rb") as file:
                self.assertEqual((file.read(), os.stat(self.config).st_ino), before)

    def test_a_faulty_config_without_notifybridge_variables_passes(self):
        for text in (
            *("", "{", "[]", "{}", '{"process": {}}', '{"process": {"args": []}}'),
            json.dumps(CONFIG)[:-20],
            1000 * "[" + 1000 * "]",
            20 * 1024 * 1024 * " ",
        ):
            with self.subTest(text[:60]):
                self.write_text(text)
                self.assertEqual(self.call(*CREATE), (0, "", ""))
                self.assertEqual(self.read(self.config), text)

    def test_a_container_without_a_listener_is_unchanged(self):
        # An image may contain options for `wrap`, but no image may make `notifybridge runtime`
        # fail.
        for variables in (
            ["NOTIFYBRIDGE_OPTIONS="],
            ["NOTIFYBRIDGE_OPTIONS=--unheard-of"],
            ["NOTIFYBRIDGE_OPTIONS='open", "SHARED_DIR=", "NOTIFYBRIDGE_TOKEN="],
        ):
            for changes in ({}, {"args": []}):
                with self.subTest(variables, **changes):
                    env = ["PATH=/usr/bin", *variables]
                    before = self.write_config(env=env, **changes)
                    inode = os.stat(self.config).st_ino
                    self.assertEqual(self.create(), before)
                    self.assertEqual(os.stat(self.config).st_ino, inode)

    def test_each_kind_of_listener_suffices(self):
        there = {"destination": "/s", "type": "bind", "source": "/x", "options": ["rbind"]}
        for variables, own in (
            (["NOTIFY_SOCKET=/run/notify/notify.sock"], {}),
            ([], {"NOTIFY_SOCKET": "/run/systemd/notify"}),
            (["SHARED_DIR=/s"], {}),
        ):
            with self.subTest(variables, **own):
                env = ["PATH=/usr/bin", "NOTIFYBRIDGE_OPTIONS=", *variables]
                self.write_config(env=env, mounts=[there])
                self.assertIn("wrap", self.create(**own)["process"]["args"])
        self.write_config(env=["NOTIFYBRIDGE_OPTIONS=--shared-dir=/s"], mounts=[there])
        self.assertIn("--shared-dir=/s", self.create()["process"]["args"])

    def test_wrap_precedes_the_command_of_the_image(self):
        for variables, options in (
            (["NOTIFYBRIDGE_OPTIONS="], []),
            (["NOTIFYBRIDGE_TOKEN="], []),
            (
                ["NOTIFYBRIDGE_OPTIONS=--ready-when='exec:redis-cli ping' -k1s"],
                ["--ready-when=exec:redis-cli ping", "-k1s"],
            ),
        ):
            with self.subTest(variables):
                before = self.write_config(*variables)
                config = self.create()
                mounts = self.assert_wrapped(config, *options)
                # Everything that was not requested is unchanged.
                ours = {"/run/.notifybridge", "/run/.notifybridge.d"}
                self.assertEqual(mounts.keys(), {"/proc", *ours})
                self.assertEqual(list(config), list(before))
                self.assertEqual(list(config["process"]), list(before["process"]))
                self.assertEqual(config["process"]["env"], CONFIG["process"]["env"])
                for part in ("root", "linux", "ociVersion"):
                    self.assertEqual(config[part], CONFIG[part])

    def test_the_stop_signal_of_the_container_is_an_option_of_wrap(self):
        name = "org.opencontainers.image.stopSignal"
        for number, options in (("2", ["--stop-signal=INT"]), ("37", ["--stop-signal=RTMIN+3"])):
            self.write_config(
                "NOTIFYBRIDGE_OPTIONS=--stop-signal=USR1", annotations={name: number}
            )
            # If an option is given twice, the last one counts. Here, this is the option of the
            # user.
            self.assert_wrapped(self.create(), *options, "--stop-signal=USR1")
        for number in ("15", "x", 2):
            self.write_config("NOTIFYBRIDGE_OPTIONS=", annotations={name: number})
            self.assert_wrapped(self.create())

    def test_the_stop_signal_is_read_from_dockers_file(self):
        place = self.path("containers", "0123456789abcdef" * 4)
        os.makedirs(place)
        with open(os.path.join(place, "config.v2.json"), "w", encoding="utf-8") as file:
            json.dump({"Config": {"StopSignal": "sigquit"}}, file)
        mount = {"destination": "/etc/hosts", "type": "bind", "source": f"{place}/hosts"}
        self.write_config("NOTIFYBRIDGE_OPTIONS=", mounts=[mount])
        self.assert_wrapped(self.create(), "--stop-signal=QUIT")

    def test_each_spelling_of_the_bundle_option_works(self):
        for words in (
            ["run", "-b", "{bundle}", "a"],
            ["run", "-b{bundle}", "a"],
            ["create", "--bundle={bundle}", "a"],
            ["create", "--bundle", "/nowhere", "--bundle", "{bundle}", "a"],
            ["--root", "create", "--log-format=json", "run", "-b", "{bundle}", "a"],
        ):
            with self.subTest(words):
                self.write_config("NOTIFYBRIDGE_OPTIONS=")
                self.assert_wrapped(self.create(*words))

    def test_the_bundle_defaults_to_the_current_directory(self):
        self.write_config("NOTIFYBRIDGE_OPTIONS=")
        self.assert_wrapped(self.create("run", "a", options={"cwd": self.bundle}))
        self.assertEqual(self.record()["argv"][1:], ["run", "a"])

    def start_podman(self, name):
        """Starts a process with that name, with a watchdog as systemd would set it. Returns its
        variables."""
        program = self.path(name)
        shutil.copy("/bin/sleep", program)
        process = self.start(program, "1000")
        bridge.eventually("it runs", lambda: self.read(f"/proc/{process.pid}/comm") == name + "\n")
        return {"WATCHDOG_USEC": "2000000", "WATCHDOG_PID": str(process.pid)}

    def test_the_watchdog_of_podmans_unit_is_passed_on(self):
        podman, other = self.start_podman("podman"), self.start_podman("other")
        for variables, is_passed_on in (
            (podman, True),
            (other, False),
            ({**podman, "WATCHDOG_PID": "1000000000"}, False),
            ({**podman, "WATCHDOG_PID": "../self"}, False),
            ({**podman, "WATCHDOG_USEC": "0"}, False),
            ({"WATCHDOG_USEC": "2000000"}, False),
        ):
            with self.subTest(variables):
                self.write_config("NOTIFYBRIDGE_OPTIONS=")
                more = ["WATCHDOG_USEC=2000000"] if is_passed_on else []
                env = CONFIG["process"]["env"] + more
                self.assertEqual(self.create(**variables)["process"]["env"], env)

    def test_creating_again_changes_nothing(self):
        self.write_config(
            "NOTIFYBRIDGE_OPTIONS=",
            "SHARED_DIR=" + self.shared,
            "NOTIFYBRIDGE_TOKEN=" + self.held_directory(),
        )
        first = self.create()
        inode = os.stat(self.config).st_ino
        self.assertEqual(self.create(), first)
        self.assertEqual(os.stat(self.config).st_ino, inode)

    def test_the_token_selects_the_directory_to_mount(self):
        token = self.held_directory()
        self.write_config("SHARED_DIR=" + self.shared, "NOTIFYBRIDGE_TOKEN=" + token)
        mounts = self.assert_wrapped(self.create())
        self.assertEqual(mounts[self.shared]["source"], os.path.realpath(self.shared))
        self.assertIn("rw", mounts[self.shared]["options"])
        self.assertEqual(mounts.keys(), {"/proc", "/run/.notifybridge", self.shared})

    def test_only_the_owner_may_read_the_token(self):
        token = self.held_directory()
        path = os.path.join(self.shared, "token")
        self.assertEqual(self.read(path), token + "\n")
        self.assertEqual(os.stat(path).st_mode & 0o7777, 0o600)

    def test_a_mounted_directory_needs_no_token(self):
        there = {"destination": "/shared", "type": "bind", "source": "/x", "options": ["rbind"]}
        self.write_config("SHARED_DIR=/shared", "NOTIFYBRIDGE_OPTIONS=", mounts=[there])
        mounts = self.assert_wrapped(self.create())
        self.assertEqual(mounts["/shared"], there)
        self.assertEqual(len(mounts), 2)

    def test_a_wrapped_command_is_not_wrapped_again(self):
        args = ["/usr/bin/container-notify-wrapper", "--verbose", "app"]
        self.write_config("NOTIFYBRIDGE_OPTIONS=", args=args)
        self.assertEqual(self.create()["process"]["args"], args)

    def test_the_named_real_runtime_is_used(self):
        self.write_config("NOTIFYBRIDGE_OPTIONS=")
        for options in (
            [f"--runtime={self.real['runc']}"],
            ["--runtime", self.real["runc"]],
            ["--runtime=runc"],
        ):
            with self.subTest(options):
                self.assert_wrapped(self.create(runtime_options=options))
                self.assertIsNotNone(self.record("runc"))
                self.assertIsNone(self.record("crun"))


class HealthOfContainer(Runtime):
    def test_a_check_that_cannot_be_found_does_not_stop_a_start(self):
        self.write_config("NOTIFYBRIDGE_OPTIONS=", "NOTIFY_SOCKET=/run/x")
        with open(self.config, encoding="utf-8") as file:
            config = json.load(file)
        config["annotations"] = {"io.container.manager": "libpod"}
        self.write_text(json.dumps(config))
        self.assert_wrapped(self.create())


class Refused(Runtime):
    def assert_nothing_is_made(self, *sentences, words=CREATE, **more):
        """Checks that nothing is started or changed, and that one sentence is on standard error and
        in the log."""
        try:
            with open(self.config, "rb") as file:
                before = file.read(), os.stat(self.config).st_ino
        except FileNotFoundError:
            before = None
        log_options = (["--log-format=json"], ["--log-format", "text"], [])
        for options in log_options:
            if os.path.exists(self.log):
                os.unlink(self.log)
            result = self.call("--log", self.log, *options, *words, **more)
            self.assert_refused(result, "notifybridge: ", *sentences, status=1)
            self.assert_not_started()
            self.assert_logged(result[2].rstrip("\n"), "json" in "".join(options))
        if before:
            with open(self.config, "rb") as file:
                self.assertEqual((file.read(), os.stat(self.config).st_ino), before)
            self.assertEqual(os.listdir(self.bundle), ["config.json"])

    def assert_logged(self, sentence, is_json):
        log = self.read(self.log)
        self.assertEqual(log.count("\n"), 1, log)
        if is_json:
            line = json.loads(log)
            self.assertEqual((line["level"], line["msg"]), ("error", sentence))
        else:
            start, _, message = log.partition("msg=")
            self.assertRegex(start, r'^time="[-0-9T:]+Z" level=error $')
            self.assertEqual(json.loads(message), sentence)

    def test_an_unreadable_config_is_refused(self):
        asks = json.dumps("NOTIFYBRIDGE_OPTIONS=")
        for text in ("{" + asks, asks[:-1], json.dumps({"x": asks, **CONFIG})[:-20]):
            with self.subTest(text):
                self.write_text(text)
                self.assert_nothing_is_made("config.json is not JSON")
        for text in (f"[{asks}]", asks):
            with self.subTest(text):
                self.write_text(text)
                self.assert_nothing_is_made("config.json is not a JSON object")

    def test_a_config_of_20_mebibytes_is_refused(self):
        self.write_config("NOTIFYBRIDGE_OPTIONS=", "BIG=" + 20 * 1024 * 1024 * "x")
        self.assert_nothing_is_made("16 MiB")

    def test_a_config_above_the_file_size_limit_is_a_failure(self):
        self.write_config("NOTIFYBRIDGE_OPTIONS=", "BIG=" + 4096 * "x")
        result = self.call(
            *("--fsize=4096", "crun", *CREATE),
            name=shutil.which("prlimit"),
            PATH=self.path_of_runtimes() + ":/usr/bin:/bin",
        )
        self.assert_refused(result, "notifybridge: ", "File too large", status=1)
        self.assert_not_started()
        self.assertEqual(os.listdir(self.bundle), ["config.json"])

    def test_a_config_that_is_not_a_file_is_refused(self):
        os.mkfifo(self.config)
        result = self.call(*CREATE)
        self.assert_refused(result, "not a regular file", status=1)
        os.unlink(self.config)
        os.mkdir(self.config)
        result = self.call(*CREATE)
        self.assert_refused(result, "not a regular file", status=1)
        self.assert_not_started()

    def test_members_of_another_type_are_refused(self):
        for changes, words in (
            ({"args": []}, ["process.args"]),
            ({"args": ["app", 1]}, ["process.args"]),
            ({"args": "app"}, ["process.args"]),
            ({"args": None}, ["process.args"]),
            ({"mounts": {}}, ["mounts"]),
            ({"mounts": ["/x"]}, ["mounts"]),
        ):
            with self.subTest(changes):
                self.write_config("NOTIFYBRIDGE_OPTIONS=", **changes)
                self.assert_nothing_is_made("OCI runtime specification", *words)

    def test_options_that_wrap_would_refuse_are_refused(self):
        for options, word in (
            ("--unheard-of", "--unheard-of"),
            ("--ready-wen=start", "--ready-when"),
            ("--ready-when=nonsense", "nonsense"),
            ("--ready-when=https://127.0.0.1/", "https"),
            ("--kill-after=soon", "soon"),
            ("--kill-after", "--kill-after"),
            ("--socket-mode=9", "--socket-mode"),
            ("--ready-timeout=-1", "--ready-timeout"),
            ("sleep 1", "sleep"),
            ("--verbose sleep", "sleep"),
            ("--ready-when=exec:redis-cli ping", "quote a value that has a space"),
            ("--", "--"),
            ("''", '""'),
            ("--help", "--help"),
            ("-h", "--help"),
            ("--version", "--version"),
            ("'open", "quote it as in a unit file"),
            (r"--ready-status=\q", "quote it as in a unit file"),
        ):
            with self.subTest(options):
                self.write_config("NOTIFYBRIDGE_OPTIONS=" + options)
                self.assert_nothing_is_made("NOTIFYBRIDGE_OPTIONS", word)

    def test_a_forbidden_shared_directory_is_refused(self):
        self.held_directory()
        link = self.path("link")
        os.symlink(self.path("gone"), link)
        for directory, word in (
            ("relative", "does not begin with /"),
            ("/run/../etc", "give the path without it"),
            (self.path("none"), "no such directory"),
            (self.config, "no such directory"),
            (link, "no such directory"),
            ("/etc", "NOTIFYBRIDGE_TOKEN is not the token"),
            (self.shared, "NOTIFYBRIDGE_TOKEN is not the token"),
        ):
            with self.subTest(directory):
                self.write_config("SHARED_DIR=" + directory, "NOTIFYBRIDGE_TOKEN=guess")
                self.assert_nothing_is_made("SHARED_DIR=", word)
        self.write_config("SHARED_DIR=/etc", "NOTIFYBRIDGE_OPTIONS=")
        self.assert_nothing_is_made('SHARED_DIR="/etc"', "nothing is mounted there")
        self.write_config("NOTIFYBRIDGE_TOKEN=guess")
        self.assert_nothing_is_made("SHARED_DIR is not")

    def test_a_replaceable_directory_is_refused(self):
        token = self.held_directory()
        os.chmod(self.dir, 0o777)
        self.write_config("SHARED_DIR=" + self.shared, "NOTIFYBRIDGE_TOKEN=" + token)
        self.assert_nothing_is_made("another user can replace it with a link")

    def test_an_old_token_is_refused(self):
        token = self.held_directory()
        path = os.path.join(self.shared, "token")
        os.rename(path, path + "-kept")
        with open(path, "w", opener=lambda *words: os.open(*words, 0o600)) as file:
            file.write(token + "\n")
        self.write_config("SHARED_DIR=" + self.shared, "NOTIFYBRIDGE_TOKEN=" + token)
        self.assert_nothing_is_made("NOTIFYBRIDGE_TOKEN is not the token")

    def test_a_token_of_an_ended_wait_is_refused(self):
        waiter = self.start(bridge.WAIT, *bridge.app("print(os.environ['NOTIFYBRIDGE_TOKEN'])"))
        waiter.wait()
        token = waiter.out.strip()
        self.assertEqual(len(token), 32)
        self.assertNotIn("token", os.listdir(self.shared))
        self.write_config("SHARED_DIR=" + self.shared, "NOTIFYBRIDGE_TOKEN=" + token)
        self.assert_nothing_is_made("NOTIFYBRIDGE_TOKEN is not the token")

    def test_a_volume_in_place_of_the_executable_is_refused(self):
        source = self.path("volume")
        os.mkdir(source)
        volume = {"destination": "/run/.notifybridge", "type": "bind", "source": source}
        self.write_config("NOTIFYBRIDGE_OPTIONS=", mounts=[volume])
        self.assert_nothing_is_made('a volume is mounted at "/run/.notifybridge"')

    def test_a_directory_in_place_of_the_executable_is_refused(self):
        root, outside = self.path("root"), self.path("outside")
        os.makedirs(f"{root}/real/.notifybridge")
        os.makedirs(f"{outside}/.notifybridge")
        for target, is_refused in (("/real", True), ("real", True), (outside, False)):
            with self.subTest(target):
                os.symlink(target, f"{root}/run")
                self.write_config("NOTIFYBRIDGE_OPTIONS=", root={"path": root})
                if is_refused:
                    self.assert_nothing_is_made('the image has a directory "/run/.notifybridge"')
                else:
                    self.create()
                os.unlink(f"{root}/run")

    def test_a_missing_real_runtime_is_reported(self):
        self.write_config("NOTIFYBRIDGE_OPTIONS=")
        none = {"CONTAINERS_CONF": self.podman_without_runtimes()}
        self.assert_nothing_is_made(
            "no OCI runtime is in PATH", "install crun or runc", PATH=self.bin, **none
        )
        self.assert_nothing_is_made("no OCI runtime is in PATH", words=("start", "a"), PATH="", **none)

    def test_the_real_runtime_from_podmans_settings_is_used(self):
        settings = self.path("containers.conf")
        with open(settings, "w", encoding="utf-8") as file:
            file.write(f'[engine.runtimes]\ncrun = ["/nowhere/crun", "{self.real["crun"]}"]\n')
        result = self.call("start", "a", PATH=self.bin, CONTAINERS_CONF_OVERRIDE=settings)
        self.assertEqual(result, (0, "", ""))
        self.assertEqual(self.record()["argv"], [self.real["crun"], "start", "a"])

    def test_a_missing_named_runtime_is_refused(self):
        self.write_config("NOTIFYBRIDGE_OPTIONS=")
        for name in ("kata", "/nowhere/crun", self.config, self.dir):
            with self.subTest(name):
                self.assert_nothing_is_made(f'"{name}"', runtime_options=[f"--runtime={name}"])

    def test_a_runtime_that_calls_itself_is_refused(self):
        self.write_config("NOTIFYBRIDGE_OPTIONS=")
        ours = os.path.join(self.bin, "crun")
        self.assert_nothing_is_made("notifybridge itself", runtime_options=[f"--runtime={ours}"])
        script = self.path("script")
        with open(script, "w") as file:
            file.write(f'#!/bin/sh\nexec "{ours}" "$@"\n')
        os.chmod(script, 0o755)
        result = self.call(*CREATE, runtime_options=[f"--runtime={script}"])
        self.assert_refused(result, "would call itself as the OCI runtime", status=1)
        self.assert_not_started()

    def test_an_unusable_real_runtime_is_reported(self):
        broken = self.path("broken")
        with open(broken, "w") as file:
            file.write("#!/nowhere/interpreter\n")
        os.chmod(broken, 0o755)
        result = self.call("start", "a", runtime_options=[f"--runtime={broken}"])
        self.assert_refused(result, "cannot run the OCI runtime", broken, status=1)

    def test_values_in_error_messages_are_escaped(self):
        self.write_config("SHARED_DIR=/\x1b[31m\nx", "NOTIFYBRIDGE_TOKEN=guess")
        self.assert_nothing_is_made("\\x1b[31m\\nx")


class Filter(Runtime):
    def filter(self, text, *words, **env):
        """Returns (status, standard output, standard error)."""
        result = subprocess.run(
            self.command("notifybridge", "runtime", "--filter", *words),
            input=text.encode(),
            capture_output=True,
            env=self.environment(**env),
            timeout=bridge.PATIENCE,
        )
        return result.returncode, result.stdout.decode(), result.stderr.decode()

    def text(self, *variables, **changes):
        self.write_config(*variables, **changes)
        return self.read(self.config)

    def test_the_filter_changes_a_config_like_create(self):
        variables = [
            "NOTIFYBRIDGE_OPTIONS=--explain",
            "SHARED_DIR=" + self.shared,
            "NOTIFYBRIDGE_TOKEN=" + self.held_directory(),
        ]
        status, out, err = self.filter(self.text(*variables), PATH="")
        self.assertEqual((status, err), (0, ""))
        self.assert_wrapped(json.loads(out), "--explain")
        self.assertEqual(self.create(), json.loads(out))

    def test_the_filter_keeps_a_config_without_notifybridge_variables(self):
        deep = '{"annotations":' + 100 * "[" + 100 * "]" + "}"
        large = '{"process": "' + 20 * 1024 * 1024 * "x" + '"}'
        unheard = json.dumps({"process": {"args": [], "env": ["NOTIFYBRIDGE_OPTIONS=--x"]}})
        for text in (
            *(json.dumps(CONFIG, indent=3) + "\n", "{}\n", ' {"process": []}', "", "[]", "no"),
            *(deep, large, unheard),
        ):
            with self.subTest(text[:60]):
                self.assertEqual(self.filter(text, NOTIFY_SOCKET="/run/systemd/notify"), (0, text, ""))

    def test_filtering_again_changes_nothing(self):
        _, out, _ = self.filter(self.text("NOTIFYBRIDGE_OPTIONS="))
        self.assertEqual(self.filter(out), (0, out, ""))

    def test_the_filter_leaves_annotated_configs_to_the_runtime(self):
        token = "NOTIFYBRIDGE_TOKEN=guess"
        text = self.text(token, "SHARED_DIR=/etc", annotations={"notifybridge.runtime": "1"})
        self.assertEqual(self.filter(text), (0, text, ""))
        self.assert_refused(self.call(*CREATE), "NOTIFYBRIDGE_TOKEN is not the token", status=1)
        for annotations in ({"notifybridge.runtime": "0"}, {"notifybridge.runtime": 1}, []):
            with self.subTest(annotations):
                text = self.text(token, "SHARED_DIR=/etc", annotations=annotations)
                self.assert_refused(self.filter(text), "NOTIFYBRIDGE_TOKEN", status=1)

    def test_an_invalid_config_gives_an_error_of_one_line(self):
        for text, word in (
            ('"NOTIFYBRIDGE_OPTIONS=', "not JSON"),
            ('["NOTIFYBRIDGE_OPTIONS="]', "not a JSON object"),
            (self.text("NOTIFYBRIDGE_OPTIONS='"), "quote it as in a unit file"),
            (self.text("NOTIFYBRIDGE_OPTIONS=--x"), "NOTIFYBRIDGE_OPTIONS"),
            (self.text("NOTIFYBRIDGE_TOKEN=x", "SHARED_DIR=/etc"), 'SHARED_DIR="/etc"'),
            ('"NOTIFYBRIDGE_OPTIONS="' + 20 * 1024 * 1024 * " ", "16 MiB"),
        ):
            with self.subTest(text[-60:]):
                self.assert_refused(self.filter(text), "notifybridge", word, status=1)

    def test_the_filter_refuses_runtime_arguments(self):
        self.assert_refused(self.filter("{}", "create", "a"), "create", status=1)

    def test_a_full_disk_is_a_failure(self):
        for text in ("{}", self.text("NOTIFYBRIDGE_OPTIONS=")):
            with self.subTest(text), open("/dev/full", "w") as full:
                result = subprocess.run(
                    self.command("notifybridge", "runtime", "--filter"),
                    input=text.encode(),
                    stdout=full,
                    stderr=subprocess.PIPE,
                    env=self.environment(),
                    timeout=bridge.PATIENCE,
                )
                self.assertNotEqual(result.returncode, 0)
                self.assertIn(b"No space left on device", result.stderr)


class Words(Runtime):
    VARIABLES = "--env SHARED_DIR --env NOTIFYBRIDGE_TOKEN --env NOTIFYBRIDGE_OPTIONS"

    def words(self, line, options="", **more):
        """Returns the command line that `run` with OPTIONS makes from LINE."""
        more.setdefault("CONTAINERS_CONF", "/dev/null")
        line = ["run", "--dry-run", *options.split(), *line.split()]
        status, out, err = self.call(*line, name="notifybridge", **more)
        self.assertEqual((status, err), (0, ""))
        words = shlex.split(out)
        self.options = shlex.split(words[2].removeprefix("NOTIFYBRIDGE_OPTIONS="))
        line = " ".join(words[3:])
        return re.sub(r"=/run/\S*?notifybridge/(UNIT/)?", "=", line)


class WordsOfRun(Words):
    def test_a_named_runtime_needs_a_hook_or_is_refused(self):
        words = self.words("podman run --rm --runtime=runc IMAGE")
        self.assertRegex(words, r"^podman --hooks-dir=\S+ run ")
        for line in ("docker run --rm --runtime=runc IMAGE", "nerdctl run --runtime runc IMAGE"):
            status, _, err = self.call("run", "--dry-run", *line.split(), name="notifybridge")
            self.assertNotEqual(status, 0)
            self.assertIn(f'"--runtime" of {line.split()[0]} would replace the runtime that starts `wrap`', err)

    def test_a_restart_policy_of_the_manager_gives_a_warning(self):
        for manager, option, is_named in (
            ("docker", "--restart=always", True),
            ("docker", "--restart=no", False),
            ("podman", "--restart=always", False),
            ("podman", "-d --restart=always", True),
        ):
            path = self.path(manager)
            with open(path, "w", encoding="utf-8") as file:
                file.write("#!/bin/sh\nexit 3\n")
            os.chmod(path, 0o755)
            _, _, err = self.call(
                "run", path, "run", *option.split(), "IMAGE", name="notifybridge"
            )
            self.assertEqual("set Restart= in the unit" in err, is_named, err)

    def test_a_dry_run_gives_the_warnings_of_the_command_line(self):
        for words, warning in (
            ("podman run --new redis", 'unknown option "--new"'),
            ("docker run --restart=always redis", "ignoring --restart=always"),
        ):
            status, out, err = self.call("run", "--dry-run", *words.split(), name="notifybridge")
            self.assertEqual(status, 0)
            self.assertIn("redis", out)
            self.assertIn(warning, err)

    def test_options_in_the_environment_of_run_give_a_warning(self):
        line = ["run", "--dry-run", "docker", "run", "IMAGE"]
        status, out, err = self.call(*line, name="notifybridge", NOTIFYBRIDGE_OPTIONS="--bogus")
        self.assertEqual(status, 0)
        self.assertIn("NOTIFYBRIDGE_OPTIONS= ", out)
        self.assertIn("ignoring NOTIFYBRIDGE_OPTIONS: pass these options to `run`", err)

    def test_dry_run_shows_the_real_directory(self):
        line = ["run", "--dry-run", "--shared-dir=here", "docker", "run", "IMAGE"]
        status, out, err = self.call(*line, name="notifybridge", options={"cwd": self.dir})
        self.assertEqual((status, err), (0, ""))
        self.assertTrue(out.startswith(f"env SHARED_DIR={self.path('here')} "), out)

    @unittest.skipIf(os.geteuid() != 0, "needs root to become another user")
    def test_a_user_without_a_runtime_directory_has_a_temporary_one(self):
        os.chmod(self.dir, 0o755)
        ours = shutil.copy(bridge.EXECUTABLE, self.path("ours"))
        result = subprocess.run(
            [ours, "run", "--dry-run", "docker", "run", "IMAGE"],
            env=self.environment(SHARED_DIR=None, XDG_RUNTIME_DIR=None),
            user=65534, stdout=subprocess.PIPE, text=True, check=True,
        )
        self.assertTrue(
            result.stdout.startswith("env SHARED_DIR=/tmp/notifybridge-run.XXXXXX/shared "),
            result.stdout,
        )

    def test_podman_gets_the_runtime_and_an_idle_hook(self):
        for verb, proxy in (("run", "--sig-proxy=false --cidfile=cid "), ("create", "")):
            self.assertEqual(
                self.words(f"podman --log-level=info {verb} IMAGE"),
                f"podman --runtime=crun --log-level=info {verb}"
                f" --annotation=notifybridge.runtime=1 {proxy}--no-healthcheck {self.VARIABLES} IMAGE",
            )

    def test_options_that_conflict_with_those_of_run_are_recognized(self):
        for words, is_refused in (
            ("--env NOTIFYBRIDGE_OPTIONS=", True),
            ("-e=NOTIFYBRIDGE_OPTIONS=", True),
            ("-iteNOTIFYBRIDGE_OPTIONS=", True),
            ("-it --rootfs -e NOTIFYBRIDGE_OPTIONS=", True),
            ("-e NOTIFYBRIDGE_OPTIONS", False),
            ("--label NOTIFYBRIDGE_OPTIONS=", False),
            ("-iel --label NOTIFYBRIDGE_OPTIONS=", False),
        ):
            line = ["run", "-v", "--dry-run", "podman", "run", *words.split(), "IMAGE"]
            status, _, err = self.call(*line, name="notifybridge")
            self.assertEqual((status != 0, "would replace" in err), (is_refused,) * 2, words)

    def test_podman_with_another_runtime_gets_a_hook(self):
        self.assertEqual(
            self.words("podman --runtime=runc run IMAGE"),
            "podman --hooks-dir=hooks.d --runtime=runc run"
            f" --sig-proxy=false --cidfile=cid --no-healthcheck {self.VARIABLES} IMAGE",
        )

    def test_the_installed_hook_is_named(self):
        root = self.path("root")
        ours, hooks = f"{root}/bin/notifybridge", f"{root}/share/notifybridge/hooks.d"
        os.makedirs(hooks)
        os.mkdir(f"{root}/bin")
        shutil.copy(bridge.EXECUTABLE, ours)
        for program, place in ((ours, hooks), (bridge.EXECUTABLE, "/run/notifybridge/UNIT/hooks.d")):
            with self.subTest(program), open(f"{hooks}/notifybridge.json", "w") as file:
                json.dump({"hook": {"path": program}}, file)
                file.flush()
                line = ["run", "--dry-run", "podman", "--runtime=runc", "run", "IMAGE"]
                status, out, err = self.call(*line, name=ours, CONTAINERS_CONF="/dev/null")
                self.assertEqual((status, err), (0, ""))
                self.assertRegex(out, f" podman (--hooks-dir=[^ ]* )*--hooks-dir={place} --runtime=runc ")

    def test_hooks_from_podmans_settings_stay(self):
        settings, hooks = self.path("containers.conf"), self.path("their-hooks")
        os.mkdir(hooks)
        with open(settings, "w", encoding="utf-8") as file:
            file.write(f'[engine]\nhooks_dir = [\n  "{hooks}",\n  "/nowhere",\n]\n')
        for option, place in (("", f"--hooks-dir={hooks} "), (" --hooks-dir=/x", "")):
            words = self.words(f"podman{option} --runtime=runc run IMAGE", CONTAINERS_CONF=settings)
            self.assertTrue(words.startswith(f"podman {place}--hooks-dir=hooks.d{option} "), words)

    def test_the_runtime_from_podmans_settings_stays(self):
        place = self.path("xdg/containers/containers.conf")
        os.makedirs(place + ".d")
        for name, runtime in ((".d/20-b.conf", "kata"), (".d/10-a.conf", "crun"), ("", "crun")):
            with open(place + name, "w", encoding="utf-8") as file:
                file.write(f'[engine]\nruntime = "{runtime}"\n')
        for runtime, word in (
            (place + ".d/20-b.conf", "--hooks-dir=hooks.d"),
            (place, "--runtime=crun"),
        ):
            with self.subTest(runtime):
                words = self.words("podman run IMAGE", CONTAINERS_CONF=runtime)
                self.assertEqual(words.split()[1], word)
        with open(place, "w", encoding="utf-8") as file:
            file.write(f'[engine]\nruntime = "{self.real["runc"]}"\n')
        words = self.words("podman run IMAGE", CONTAINERS_CONF=place)
        self.assertEqual(words.split()[1], "--runtime=runc")

    def test_a_runtime_from_podmans_settings_keeps_its_name(self):
        settings, store = self.path("containers.conf"), self.path("crun-static")
        shutil.copy(self.real["crun"], store)
        with open(settings, "w", encoding="utf-8") as file:
            file.write(f'[engine.runtimes]\ncrun = ["{store}"]\n')
        words = self.words("podman run IMAGE", PATH=self.bin, CONTAINERS_CONF=settings)
        self.assertEqual(words.split()[1], "--runtime=crun")

    def test_other_managers_get_no_hook_and_no_annotation(self):
        # docker supports --annotation from version 25 on.
        self.assertEqual(
            self.words("docker run IMAGE"),
            f"docker run --runtime=notifybridge --sig-proxy=false --cidfile=cid {self.VARIABLES} IMAGE",
        )
        self.assertEqual(
            self.words("nerdctl run IMAGE"),
            f"nerdctl run --runtime=runc {self.VARIABLES} IMAGE",
        )


    def test_the_stop_signal_is_an_option_for_nerdctl_only(self):
        for manager, wanted in (("nerdctl", "--stop-signal=INT"), ("docker", "")):
            line = ["run", "--dry-run", manager, "run", "--stop-signal=INT", "IMAGE"]
            _, out, _ = self.call(*line, name="notifybridge")
            self.assertRegex(out, rf"NOTIFYBRIDGE_OPTIONS={wanted} ")


class HealthOfRun(Words):
    """Tests of health checks of the manager's command line or of the image. `wrap` runs these
    checks, and the manager does not."""

    def test_the_health_check_of_podman_is_switched_off(self):
        off = f"--no-healthcheck {self.VARIABLES}"
        for options, words, for_wrap, changed in (
            ("", "", "--health=use", f"{off} IMAGE"),
            ("", "--health-cmd=x --rm", "--health=use --health-cmd=x", f"{off} --rm IMAGE"),
            ("", "--rm --health-retries 2", "--health=use --health-retries=2", f"{off} --rm IMAGE"),
            ("--ready-when=healthy", "", "--health=use --ready-when=healthy", f"{off} IMAGE"),
        ):
            with self.subTest(options=options, words=words):
                line = self.words(f"podman run {words} IMAGE", options)
                self.assertEqual(self.options, for_wrap.split())
                self.assertTrue(line.endswith(f" --sig-proxy=false --cidfile=cid {changed}"), line)

    def test_podman_runs_the_check_itself_on_request(self):
        for options, words, for_wrap in (
            ("--health=both", "--health-cmd=x", "--health-cmd=x --health=both"),
            ("--health=ignore", "--health-cmd=x", "--health=ignore"),
            ("--ready-when=start", "--health-cmd=x", "--ready-when=start"),
            ("", "--no-healthcheck", "--no-healthcheck"),
            ("", "--health-on-failure=stop", ""),
        ):
            with self.subTest(options=options, words=words):
                line = self.words(f"podman run {words} IMAGE", options)
                self.assertEqual(self.options, for_wrap.split())
                self.assertTrue(line.endswith(f" --sig-proxy=false --cidfile=cid {self.VARIABLES} {words} IMAGE"), line)

    def test_options_in_the_command_line_keep_podmans_check(self):
        line = self.words("podman run -e NOTIFYBRIDGE_OPTIONS=-v --health-cmd=x IMAGE")
        self.assertEqual(self.options, [])
        self.assertIn(" --health-cmd=x ", line)

    def test_a_startup_check_is_ignored_with_a_warning(self):
        line = ["run", "podman", "run", "--health-startup-cmd=x", "--health-cmd=y", "IMAGE"]
        _, _, err = self.call(*line, name="notifybridge", CONTAINERS_CONF="/dev/null")
        self.assertIn("ignoring --health-startup-cmd: `wrap` runs the regular health check", err)

    def test_a_health_option_that_cannot_be_read_is_refused(self):
        for option in (
            "--health-cmd=[]", "--health-interval=often", "--health-retries=x", "--health-timeout=-1s"
        ):
            with self.subTest(option):
                line = ["run", "--dry-run", "podman", "run", option, "IMAGE"]
                status, out, err = self.call(*line, name="notifybridge")
                self.assertEqual((status, out), (125, ""))
                self.assertIn(option.split("=", maxsplit=1)[0], err)

    def make_docker(self, script):
        with open(f"{self.bin}/docker", "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\necho \"$*\" >>{self.path('asked')}\n{script}\n")
        os.chmod(f"{self.bin}/docker", 0o755)

    def asked(self):
        asked = self.read(self.dir, "asked")
        return asked.splitlines() if asked else []

    CHECK = """echo '{"Healthcheck": {"Test": ["CMD", "/check"], "Retries": 2}}'"""

    def test_docker_is_queried_for_the_image(self):
        self.make_docker(self.CHECK)
        line = self.words("docker --log-level=warn run --rm IMAGE", PATH=self.path_with_shell())
        self.assertEqual(self.asked(), ["--log-level=warn image inspect --format={{json .Config}} -- IMAGE"])
        self.assertEqual(self.options, ['--health-cmd=["CMD","/check"]', "--health-retries=2"])
        self.assertIn(" --sig-proxy=false --cidfile=cid --no-healthcheck ", line)

    def test_docker_is_not_queried_if_its_check_is_not_needed(self):
        self.make_docker(self.CHECK)
        for options, words in (
            ("", "--health-cmd=x"), ("", "--no-healthcheck"), ("--health=both", ""),
            ("--ready-when=start", ""), ("--health=ignore", ""), ("--health-cmd=x", ""),
        ):
            self.words(f"docker run {words} IMAGE", options, PATH=self.path_with_shell())
        self.words("nerdctl run IMAGE", PATH=self.path_with_shell())
        self.words("podman run IMAGE", PATH=self.path_with_shell())
        self.assertEqual(self.asked(), [])

    def test_an_image_that_docker_does_not_have_keeps_its_check(self):
        for script in ("exit 1", "echo '{}'", self.CHECK.replace("CMD", "NONE")):
            with self.subTest(script):
                self.make_docker(script)
                line = self.words("docker run IMAGE", PATH=self.path_with_shell())
                self.assertEqual((self.options, "--no-healthcheck" in line), ([], False))

    def test_an_unusable_answer_of_docker_is_explained(self):
        for script, why in (
            ("echo rubbish", "did not print a JSON object"),
            ("echo '{\"Healthcheck\": 1}'", "printed an unusable health check: "),
            ("exec sleep 60", "did not answer completely within 5 s"),
            ("sleep 8 & echo '{}'", "did not answer completely within 5 s"),
            ("while :; do echo 0123456789012345678901234567890123456789; done", "did not answer completely within 5 s"),
        ):
            with self.subTest(script):
                self.make_docker(script)
                status, out, err = self.call(
                    "run", "--dry-run", "docker", "run", "IMAGE",
                    name="notifybridge", PATH=self.path_with_shell(),
                )
                self.assertEqual(status, 0)
                self.assertNotIn("--no-healthcheck", out)
                self.assertIn(f"IMAGE {why}", err)
                self.assertIn("; docker and wrap will both run the image's health check", err)


class Place(Runtime):
    def start_run(self):
        """Returns the process of `run`, and the place that it has created."""
        podman = self.path("podman")
        with open(podman, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\necho $SHARED_DIR\nexec sleep 1000\n")
        os.chmod(podman, 0o755)
        process = self.start("notifybridge", "run", podman, "run", "IMAGE", SHARED_DIR=None)
        bridge.eventually("the command runs", lambda: process.out.endswith("\n"))
        return process, os.path.dirname(process.out.rstrip("\n"))

    def keeper_of(self, place):
        title = f"notifybridge: removes {place} at the end".encode()
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    shown = file.read().rstrip(b"\0")
                # The process title has only as much room as the command line of `run`.
                if len(shown) > title.index(b" at the") and title.startswith(shown):
                    return int(pid)
            except OSError:
                pass
        return None

    def test_a_stop_of_all_processes_removes_the_directory(self):
        process, place = self.start_run()
        with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="ascii") as file:
            children = [int(pid) for pid in file.read().split()]
        bridge.eventually("it has a keeper", lambda: self.keeper_of(place))
        keeper = self.keeper_of(place)
        self.assertIn(keeper, children)
        for pid in (*children, process.pid):
            os.kill(pid, signal.SIGTERM)
        process.wait()
        self.assertFalse(os.path.exists(place), "its directory is gone with it")
        bridge.eventually("the keeper ends", lambda: not os.path.exists(f"/proc/{keeper}"))

    @unittest.skipIf(os.geteuid() != 0, "needs root to give up a right")
    def test_an_unlimited_directory_gives_a_warning(self):
        os.symlink("/bin/true", self.path("podman"))
        words = self.command("notifybridge", "run", self.path("podman"), "run", "IMAGE")
        result = subprocess.run(
            ["setpriv", "--bounding-set=-sys_admin", *words],
            env=self.environment(SHARED_DIR=None), stderr=subprocess.PIPE, text=True, check=False,
        )
        self.assertIn("cannot give the shared directory its own file system", result.stderr)
        self.assertIn("the container can fill /run", result.stderr)

    @unittest.skipIf(os.geteuid() != 0, "needs root to make namespaces")
    def test_run_starts_only_two_helpers_and_the_command(self):
        """The pids of a new namespace count all processes. The shell is 1, and `run` is 2. One helper
        keeps the place, and one waits to end the container."""
        podman = self.path("podman")
        with open(podman, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\necho $$\n")
        os.chmod(podman, 0o755)
        namespaces = ["unshare", "--mount", "--pid", "--fork", "--mount-proc"]
        if subprocess.run([*namespaces, "true"], check=False).returncode:
            self.skipTest("no namespaces can be made here")
        words = self.command("notifybridge", "run", podman, "run", "IMAGE")
        result = subprocess.run(
            [*namespaces, "sh", "-c", '"$@"; exit $?', "sh", *words],
            env=self.environment(SHARED_DIR=None), stdout=subprocess.PIPE, text=True, check=False,
        )
        self.assertEqual(result.stdout, "5\n")

    def test_killing_run_removes_the_directory(self):
        process, place = self.start_run()
        process.signal(signal.SIGKILL)
        process.wait()
        bridge.eventually("its directory is gone", lambda: not os.path.exists(place))


@unittest.skipIf(os.geteuid() != 0, "needs root to become another user")
class DockerSettings(Runtime):
    """Tests with the settings of a user's own dockerd, which are in the user's directory."""

    def setUp(self):
        super().setUp()
        os.chmod(self.dir, 0o777)
        self.ours = shutil.copy(bridge.EXECUTABLE, self.path("ours"))
        self.settings = self.path("home/.config/docker/daemon.json")
        os.mkdir(self.path("home"))
        os.chown(self.path("home"), 65534, 65534)

    def runtime(self, *options):
        return subprocess.run(
            [self.ours, "runtime", *options],
            env=self.environment(HOME=self.path("home"), XDG_CONFIG_HOME=None),
            user=65534, group=65534, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )

    def test_configuring_docker_creates_and_removes_its_file(self):
        self.assertIn("has the runtime", self.runtime("--configure=docker").stdout)
        self.assertTrue(os.path.exists(self.settings))
        self.assertIn("is removed", self.runtime("--unconfigure=docker").stdout)
        self.assertFalse(os.path.exists(self.settings))
        self.assertIn("has no runtime", self.runtime("--unconfigure=docker").stdout)

    def test_configuring_docker_keeps_links_modes_and_owners(self):
        os.makedirs(os.path.dirname(self.settings))
        real = self.path("home/real.json")
        with open(real, "w", encoding="utf-8") as file:
            file.write('{"dns": []}')
        os.chmod(real, 0o600)
        for path in (real, self.path("home/.config"), os.path.dirname(self.settings)):
            os.chown(path, 65534, 65534)
        os.symlink(real, self.settings)
        self.assertEqual(self.runtime("--configure=docker").returncode, 0)
        self.assertTrue(os.path.islink(self.settings))
        self.assertEqual(os.stat(real).st_mode & 0o7777, 0o600)
        with open(real, encoding="utf-8") as file:
            self.assertIn("notifybridge", file.read())

    def test_contradictory_options_are_refused(self):
        for options in (
            ("--configure=docker", "--unconfigure=docker"), ("--filter", "--configure=docker"),
            ("--dry-run", "create"),
        ):
            result = self.runtime(*options)
            self.assertNotEqual(result.returncode, 0)
            self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)


class Asked(Runtime):
    def test_notifybridge_runtime_answers_help_and_version(self):
        for option, word in (
            ("--help", "NOTIFYBRIDGE_TOKEN"),
            ("-h", "--filter"),
            ("--version", "notifybridge"),
        ):
            with self.subTest(option):
                status, out, err = self.call(runtime_options=[option])
                self.assertEqual((status, err), (0, ""))
                self.assertIn(word, out)
        self.assert_not_started()

    def test_a_missing_call_is_explained(self):
        for options in ([], ["--"], ["--runtime=crun"], ["--runtime", "crun"]):
            with self.subTest(options):
                self.assert_refused(self.call(runtime_options=options), "create --bundle", status=1)

    def test_an_option_without_its_value_is_refused(self):
        self.assert_refused(self.call(runtime_options=["--runtime"]), "--runtime", status=1)


bridge.main()
