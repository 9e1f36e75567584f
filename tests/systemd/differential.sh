#!/bin/bash
#
# Sends thousands of datagrams that can be read in more than one way. Compares systemd's result,
# directly and through `wait` and `wrap`, with the folding of notifybridge. SYSTEMD_TREE is a tree
# with a newer systemd, which reads some of them differently. tests/run unpacks this tree.

. "$(dirname "$0")/lib.sh"
[ -z "${SYSTEMD_TREE:-}" ] || [ -x "$SYSTEMD_TREE/usr/lib/systemd/systemd" ] ||
    skip "there is no newer systemd at SYSTEMD_TREE=$SYSTEMD_TREE; tests/run unpacks one"
in_lab

# A newer systemd takes twice the time, and most of it shows nothing new.
if [ -n "${SYSTEMD_TREE:-}" ] && [ "${NOTIFYBRIDGE_LONG:-}" != 1 ]; then
    export DIFFERENTIAL_DATAGRAMS=${DIFFERENTIAL_DATAGRAMS:-2000}
fi
exec /usr/bin/python3 "$here/differential.py"
