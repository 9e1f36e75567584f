"""The time from the start of a wrapper around `true` to its end."""

import contextlib
import os
import socket

from measure import MINIMUM, OURS, Command, Contender, Measure, Ratio, Row
from timed import time_in_turn

TRUE = "/bin/true"


class Start(Measure):
    order = 30
    rows = (
        Row(
            "shared", "wrap around true", "µs",
            Ratio("tini", 1.0), Ratio("catatonit", 1.3), Ratio(MINIMUM, 1.2),
        ),
        Row(
            "disk", "wrap around true, the directory on a disk", "µs",
            Ratio("tini", 1.5),
        ),
        Row(
            "straight", "wrap around true, without a shared directory", "µs",
            Ratio("tini", 1.0), Ratio("catatonit", 1.3),
        ),
    )
    contenders = (
        Contender(OURS, "ours"),
        Contender(MINIMUM, "minimum"),
        Command("none, posix_spawn", role="reference"),
        Command("tini", "tini", "--"),
        Command("tini-static", "tini-static", "--"),
        Command("dumb-init", "dumb-init", "--"),
        Command("catatonit", "catatonit", "--"),
    )

    @contextlib.contextmanager
    def prepared(self, bench, contenders):
        host = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        with bench.directory() as self.directory, bench.directory_on_disk() as self.disk, host:
            host.bind(os.path.join(self.directory, "host.sock"))
            yield

    def round(self, bench, contenders):
        commands = {}
        for each in contenders:
            for key, words in self.wrappers(bench, each).items():
                commands[each.name, key] = [*words, TRUE]
        env = {"NOTIFY_SOCKET": os.path.join(self.directory, "host.sock")}
        found = {each.name: {} for each in contenders}
        for (name, key), time in time_in_turn(bench, commands, **env).items():
            found[name][key] = time
        for each in contenders:
            for key in ("disk", "straight"):
                found[each.name].setdefault(key, found[each.name]["shared"])
        return found

    def wrappers(self, bench, contender):
        """Returns the words before the command, for each way to start it. Only notifybridge and the
        minimum use a directory."""
        if contender.role == "ours":
            wrap = [bench.notifybridge, "wrap"]
            shared, disk = ([*wrap, f"--shared-dir={path}"] for path in (self.directory, self.disk))
            return {"shared": shared, "disk": disk, "straight": wrap}
        if contender.role == "minimum":
            return {
                "shared": [bench.program("floor-relay"), "wrap", self.directory],
                "disk": [bench.program("floor-relay"), "wrap", self.disk],
                "straight": [bench.program("floor-spawn"), "run"],
            }
        return {"shared": contender.words}
