#!/bin/bash
#
# Sends thousands of datagrams that can be read in more than one way. Compares systemd's result,
# directly and through `wait` and `wrap`, with our folding. SYSTEMD_TREE is a tree with a newer
# systemd, which reads some of them differently; tests/run unpacks one.

. "$(dirname "$0")/lib.sh"
[ -z "${SYSTEMD_TREE:-}" ] || [ -x "$SYSTEMD_TREE/usr/lib/systemd/systemd" ] ||
    skip "there is no newer systemd at SYSTEMD_TREE=$SYSTEMD_TREE; tests/run unpacks one"
in_lab

exec /usr/bin/python3 "$here/differential.py"
