#!/bin/bash
#
# Thousands of datagrams that are read in more ways than one: what systemd makes of them, what our
# folding does, and what systemd makes of them when they come through wait and wrap. SYSTEMD_TREE is
# a tree with a newer systemd, which reads some of them otherwise; tests/run unpacks one.

. "$(dirname "$0")/lib.sh"
[ -z "${SYSTEMD_TREE:-}" ] || [ -x "$SYSTEMD_TREE/usr/lib/systemd/systemd" ] ||
    skip "there is no newer systemd at SYSTEMD_TREE=$SYSTEMD_TREE; tests/run unpacks one"
in_lab "$([ "${NOTIFYBRIDGE_LONG:-}" = 1 ] && echo 7200 || echo 270)"

exec /usr/bin/python3 "$here/differential.py"
