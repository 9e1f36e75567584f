#!/bin/bash
#
# Thousands of datagrams that are read in more ways than one: what systemd makes of them, what our
# folding does, and what systemd makes of them when they come through wait and wrap.

. "$(dirname "$0")/lib.sh"
in_lab "$([ "${NOTIFYBRIDGE_LONG:-}" = 1 ] && echo 7200 || echo 270)"

exec /usr/bin/python3 "$here/differential.py"
