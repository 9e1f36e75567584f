#!/bin/bash
#
# `init` in podman's default container. It can neither create control groups nor read the
# environment of other users' processes. Even so, it must not lose a daemon of Type=forking.

. "$(dirname "$0")/lib.sh"
in_lab podman crun

mkdir "$SYSTEM_TEST/inside"
ln -s notifybridge "$bin/systemctl"
printf '[Unit]\n' >"$SYSTEM_TEST/inside/box.target"
podman() { /usr/bin/podman --cgroup-manager=cgroupfs "$@"; }
podman run --detach --name=box --cgroups=disabled --network=none --ulimit=nofile=1024:1024 \
    --ulimit=nproc=3000:3000 -v "$SYSTEM_TEST:$SYSTEM_TEST" -v "$here:$here:ro" --rootfs /:O \
    "$bin/notifybridge" init --unit=box.target --unit-path="$SYSTEM_TEST/inside" >/dev/null
status=0
podman exec box "$here/forking_inside.sh" "$SYSTEM_TEST" || status=$?
((status == 0)) || podman logs box 2>&1 | tail -n 60
exit "$status"
