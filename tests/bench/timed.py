"""Measures the time of commands from start to end."""

import subprocess

import figures
from processes import Failed, environment

MICROSECONDS = 1e-3  # nanoseconds


def time_in_turn(bench, commands, **env):
    """Runs each command several times, in turn, so that the machine is in the same state for all
    commands. Returns the median of each in microseconds, by the keys of COMMANDS."""
    count = bench.pick(100, 50)
    words = []
    for command in commands.values():
        words += [";", *command]
    result = subprocess.run(
        [bench.program("floor-spawn"), "time", str(count), *words[1:]],
        env=environment(**env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        raise Failed(result.stderr.strip())
    # Leave out the first turns, because their caches are cold.
    turns = [line.split() for line in result.stdout.splitlines()][count // 10 :]
    return {
        key: figures.median([int(time) for time in times]) * MICROSECONDS
        for key, times in zip(commands, zip(*turns))
    }
