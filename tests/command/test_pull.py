#!/usr/bin/python3
"""While a container manager pulls an image, the service manager is informed and waits."""

import http.server
import json
import os
import re
import signal
import socketserver
import threading
import time

import bridge

# A stand-in for podman and docker. It reads data until the file "image" exists, and then starts the
# command after the image's name, unless the file "stalled" exists. The file "asked" contains the
# verbs of all calls but the first.
STAND_IN = """#!/bin/sh
cd "$STAND_IN" || exit 99
case " $* " in
*" run "*) ;;
*) echo "$*" >>asked ;;
esac
[ ! -e stalled ] || exec sleep infinity
until [ -e image ]; do
    head -c 100000 /dev/zero >/dev/null
    sleep 0.1
done
while [ "$1" != redis ]; do shift; done
shift
exec "$@"
"""
# This command runs forever in a container without `wrap`, and reads data.
READING = ["sh", "-c", "while :; do head -c 100000 /dev/zero >/dev/null; sleep 0.1; done"]
TOLD = rb"STATUS=Starting podman: pulling redis \(\d+ s\)"
CREATES = rb"STATUS=podman is creating the container \(\d+ s\)"
EXTENDED = TOLD + rb"\nEXTEND_TIMEOUT_USEC=30000000"


# --timeout=8 requests this time, which includes the time for a stop.
GIVEN = b"EXTEND_TIMEOUT_USEC=18000000"


class Pull(bridge.Case):
    def setUp(self):
        super().setUp()
        for name in ("podman", "docker"):
            path = os.path.join(self.bin, name)
            with open(path, "w", encoding="utf-8") as file:
                file.write(STAND_IN)
            os.chmod(path, 0o755)
        os.makedirs(self.path("storage/overlay-images"))
        with open(self.path("storage.conf"), "w", encoding="utf-8") as file:
            storage = self.path("storage")
            file.write(f'[storage]\ngraphroot = "{storage}"\n')
        self.manager = self.receiver()

    def begin(self, *options, podman="podman", app=None, run=False, **more):
        app = app or self.command(bridge.WRAP, *bridge.app("notify('READY=1'); stay()"))
        return self.start(
            *(("notifybridge", "run") if run else (bridge.WAIT,)),
            *options,
            *self.command(podman, "run", "--rm", "redis"),
            *app,
            NOTIFY_SOCKET=self.manager.path,
            STAND_IN=self.dir,
            CONTAINERS_STORAGE_CONF=self.path("storage.conf"),
            DOCKER_HOST="unix://" + self.path("docker.sock"),
            **more,
        )

    def store_image(self):
        with open(self.path("storage/overlay-images/images.json"), "w", encoding="utf-8") as file:
            json.dump([{"id": "0", "names": ["docker.io/library/redis:latest"]}], file)

    def serve_docker(self):
        """Starts a stand-in for dockerd, which has the image once it is in podman's storage."""
        case = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                has_image = os.path.exists(case.path("storage/overlay-images/images.json"))
                case.requests.append(self.path)
                self.send_response(200 if has_image else 404)
                self.end_headers()

            def address_string(self):
                return ""

            def log_message(self, *_):
                pass

        class Server(socketserver.ThreadingUnixStreamServer):
            daemon_threads = True

        self.requests = []
        server = Server(self.path("docker.sock"), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)

    def make(self, name):
        with open(self.path(name), "w", encoding="utf-8"):
            pass

    def wait_for_match(self, pattern, times=1):
        self.manager.wait_until(
            repr(pattern),
            lambda messages: sum(bool(re.fullmatch(pattern, each)) for each in messages) >= times,
        )

    def assert_nothing_asked(self):
        self.assertFalse(os.path.exists(self.path("asked")))

    def is_narrowed(self, process):
        with open(f"/proc/{process.pid}/status", encoding="utf-8") as file:
            return "Seccomp:\t2" in file.read()

    def has_sandbox(self):
        said = self.run_to_end(bridge.WAIT, "--verbose", "true")[2]
        return bool(re.search("gave up rights that are no longer needed: .*seccomp$", said, re.MULTILINE))

    def test_a_pull_extends_the_start(self):
        begin = time.monotonic()
        process = self.begin("--timeout=8")
        self.wait_for_match(TOLD)
        self.wait_for_match(EXTENDED, times=2)
        self.assertGreater(time.monotonic() - begin, 8)
        self.make("image")
        self.manager.wait_for(b"READY=1")
        # The status is removed before the app's first message.
        self.assertEqual(self.manager.messages[-2:], [b"STATUS=", b"READY=1"])
        self.assert_nothing_asked()
        if self.has_sandbox():
            bridge.eventually("it is narrowed", lambda: self.is_narrowed(process))
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), -signal.SIGTERM, process.err)

    def test_a_hanging_pull_does_not_extend_the_start(self):
        self.make("stalled")
        process = self.begin("--timeout=8")
        self.assertEqual(process.wait(), 124, process.err)
        self.wait_for_match(TOLD, times=2)
        # Only the extension for --timeout was sent.
        self.assertEqual(self.extensions(), [GIVEN])

    def extensions(self):
        return [line for line in self.manager.lines() if line.startswith(b"EXTEND_TIMEOUT_USEC")]

    def test_a_hanging_container_does_not_extend_the_start(self):
        self.make("image")
        self.store_image()
        process = self.begin("--timeout=8", app=READING)
        self.assertEqual(process.wait(), 124, process.err)
        self.assert_nothing_asked()
        self.assertEqual(self.manager.messages, [GIVEN])

    def test_a_slow_creation_is_not_called_a_pull(self):
        self.store_image()
        process = self.begin("--timeout=8", run=True)
        self.wait_for_match(CREATES, times=2)
        self.assertEqual(process.wait(), 124, process.err)
        self.assertNotIn("pull", process.err)
        self.assert_nothing_asked()
        self.assertEqual(self.extensions(), [GIVEN])

    def test_the_status_of_a_creation_ends_with_the_creation(self):
        self.store_image()
        self.begin(run=True)
        self.wait_for_match(CREATES)
        self.make("image")
        self.manager.wait_for(b"READY=1")
        self.assertEqual(self.manager.messages[-2:], [b"STATUS=", b"READY=1"])

    def test_a_pull_by_docker_is_known_from_dockerd(self):
        self.serve_docker()
        process = self.begin(podman="docker")
        self.wait_for_match(EXTENDED.replace(b"podman", b"docker"))
        self.store_image()
        self.manager.wait_for(b"STATUS=")
        self.assertEqual(set(self.requests), {"/images/redis/json"})
        self.assert_nothing_asked()
        process.signal(signal.SIGTERM)
        process.wait()

    def test_a_docker_without_dockerd_is_not_called_a_pull(self):
        self.begin(podman="docker", run=True)
        self.wait_for_match(CREATES.replace(b"podman", b"docker"))

    def test_a_quick_start_sends_no_extension(self):
        self.make("image")
        process = self.begin()
        self.manager.wait_for(b"READY=1")
        if self.has_sandbox():
            bridge.eventually("it is narrowed", lambda: self.is_narrowed(process))
        self.assertEqual(self.manager.messages, [b"READY=1"])

    def test_the_option_no_extend_sends_only_the_status(self):
        self.begin("--no-extend")
        self.wait_for_match(TOLD, times=2)
        self.assertNotIn(b"EXTEND_TIMEOUT_USEC", b"".join(self.manager.messages))

    def test_a_stop_during_a_pull_sends_no_extension(self):
        process = self.begin()
        self.wait_for_match(EXTENDED)
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), -signal.SIGTERM, process.err)
        # The status still shows how far the pull got.
        self.assertRegex(self.manager.messages[-1], EXTENDED)


bridge.main()
