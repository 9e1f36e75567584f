"""Helps tests of `wrap` with programs that do not notify."""

import socket

import bridge

# An HTTP server as an app. It answers with the content of the file "answer" in its directory. It
# listens when the file "go" exists.
SERVER = """
import http.server, pathlib
place = pathlib.Path({directory!r})
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(int((place / "answer").read_text()))
        self.end_headers()
    def log_message(self, *_):
        pass
while not (place / "go").exists():
    time.sleep(0.01)
http.server.HTTPServer.allow_reuse_address = True
http.server.HTTPServer(("127.0.0.1", {port}), Handler).serve_forever()
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


class Case(bridge.Case):
    def setUp(self):
        super().setUp()
        self.manager = self.receiver()

    def straight(self, *words, **env):
        """Starts `wrap` without a shared directory. Its messages go to `self.manager`."""
        # A killed `wrap` leaves the directory of its socket, so this directory must be in
        # `self.dir`.
        env = {"RUNTIME_DIRECTORY": self.dir, "NOTIFY_SOCKET": self.manager.path} | env
        return self.start(bridge.WRAP, *words, SHARED_DIR=None, **env)

    def write(self, name, text=""):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def server(self, port):
        """Returns the words that run an HTTP server, which waits for `self.write("go")`."""
        self.write("answer", "200")
        return bridge.app(SERVER.format(directory=self.dir, port=port))

    def statuses(self):
        return [line for line in self.manager.lines() if line.startswith(b"STATUS=")]

    def assert_never_ready(self):
        self.assertNotIn(b"READY=1", self.manager.lines())

    def wait_for_status(self, *words):
        self.manager.wait_until(
            repr(words),
            lambda _: any(all(w.encode() in s for w in words) for s in self.statuses()),
        )
