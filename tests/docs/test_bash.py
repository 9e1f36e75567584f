#!/usr/bin/python3
"""Tests the completions of bash through the function that bash would call."""

import os
import re
import shutil

import documented

LIBRARY = "/usr/share/bash-completion/bash_completion"
if not shutil.which("bash") or not os.path.exists(LIBRARY):
    documented.skip("there is no bash with bash-completion")

# This script splits the line as readline does before it calls the function. COMP_WORDBREAKS
# separates the words.
SCRIPT = r"""
source "$1"
source "$2"
compopt() { :; }
COMP_LINE=$3 COMP_POINT=${#3}
COMP_WORDS=("${@:4}") COMP_CWORD=$(($# - 4))
[[ $(complete -p "$4") == *" _notifybridge "* ]] || exit
_notifybridge "$4" "${@: -1}" "${@: -2:1}"
[[ ! ${COMPREPLY-} ]] || printf '%s\n' "${COMPREPLY[@]}"
"""


class Bash(documented.CompletionCase):
    def offered(self, line):
        words = re.findall(r"[=:]|[^=: ]+", line)
        if line.endswith((" ", "=", ":")):
            words.append("")
        file = os.path.join(documented.COMPLETIONS, "notifybridge.bash")
        out = self.run_shell("bash", "-c", SCRIPT, "bash", LIBRARY, file, line, *words)
        return sorted(set(out.splitlines()))


del documented.CompletionCase
documented.main()
