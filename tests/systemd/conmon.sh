#!/bin/bash
#
# Checks which keys this machine's conmon forwards for podman's own --sdnotify=container. README.md
# must name the same keys for this version.

. "$(dirname "$0")/lib.sh"
in_lab podman conmon

version=$(conmon --version | awk 'NR == 1 { print $3 }')
scenario "conmon $version forwards the keys that README.md names"
mkdir "$SYSTEM_TEST/conmon"
/usr/bin/python3 "$here/conmon.py" check "$here/../../README.md" "$version" "$SYSTEM_TEST/conmon" &
check=$!
eventually "somebody receives" test -e "$SYSTEM_TEST/conmon/keys"
NOTIFY_SOCKET=$SYSTEM_TEST/conmon/notify podman --cgroup-manager=cgroupfs run --rm --name=conmon \
    --cgroups=disabled --network=none --ulimit=nofile=1024:1024 --ulimit=nproc=1000:1000 \
    -v "$SYSTEM_TEST:$SYSTEM_TEST" -v "$here:$here:ro" --sdnotify=container --rootfs /:O \
    /usr/bin/python3 "$here/conmon.py" send "$SYSTEM_TEST/conmon"
status=0
wait "$check" || status=$?
exit "$status"
