#!/bin/bash
#
# Checks that a lab boots on a machine whose /sys/fs/cgroup is a cgroup2, as on most machines. A lab
# is such a machine.

. "$(dirname "$0")/lib.sh"
in_lab

scenario "a lab boots where /sys/fs/cgroup is a cgroup2"
[ "$(stat --file-system --format=%T /sys/fs/cgroup)" = cgroup2fs ] || fail "it is not a cgroup2"
mkdir "$SYSTEM_TEST/nested"
echo 'systemctl show --property=Version' >"$SYSTEM_TEST/nested/driver"
said=$("$lab" "$SYSTEM_TEST/nested" "$SYSTEM_TEST/nested/driver" 30 2>&1) || fail "$said"
[[ $said == Version=* ]] || fail "$said"
