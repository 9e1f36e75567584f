"""Translates the texts of systemd 257's systemctl into those of 252's systemctl, which our ctl
prints.

Both sides of a comparison are translated, so a rule may also remove a text that only one side
prints.
"""

import re

RULES = [
    (re.compile(pattern, re.MULTILINE), replacement)
    for pattern, replacement in (
        # The output of `status`.
        (r"^ +(Invocation: [0-9a-f]{32}|Job: [0-9]+)\n", ""),
        (r"start condition unmet at .*", "start condition failed at TIME"),
        (r"^Error: code: ", "Error: "),
        # `stop` names the units that may start the service again.
        (
            r"^Stopping '(.*)', but its triggering units are still active:",
            r"Warning: Stopping \1, but it can still be activated by:",
        ),
        (r"^ +(\S+\.(?:socket|path|timer))$", r"\1"),
        # `kill`.
        (r"Unit type does not support process killing\.", "Operation not supported"),
        (r"Invalid whom argument: (\S+)", r"Invalid who argument \1"),
        # `enable` and similar verbs. Only one version reports a missing unit in a full sentence.
        (r"^Created symlink '(.*)' → '(.*)'\.$", r"Created symlink \1 → \2."),
        (r"^Removed '(.*)'\.$", r'Removed "\1".'),
        (r"^(Failed to enable unit: Unit )(?:file )?(.*?)\.?$", r"\1\2"),
        (r"^Executing: /usr/lib/", "Executing: /lib/"),
        (r" /usr/lib/systemd/systemd-sysv-install\.$", " /lib/systemd/systemd-sysv-install."),
        (r"^Unknown command verb '?([a-z]+)'?.*", r"Unknown command verb \1"),
        # The search path without /sbin and /bin, and the variables of memory pressure.
        (r":/sbin:/bin\b", ""),
        (r"^MEMORY_PRESSURE_.*\n", ""),
        # The table of directives of timers.
        (r"^DeferReactivation\n", ""),
    )
]


def translated(lines):
    """Returns the lines of a scenario in the words of systemd 252."""
    text = "".join(line + "\n" for line in lines)
    for pattern, replacement in RULES:
        text = pattern.sub(replacement, text)
    return text.splitlines()
