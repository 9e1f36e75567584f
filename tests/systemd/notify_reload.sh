#!/bin/bash
#
# Tests Type=notify-reload, which systemd supports from version 253 on. SIGHUP reaches the app.
# systemd accepts the app's reload, although the app does not send MONOTONIC_USEC, which systemd
# requires. If the installed systemd is older, NEWER_SYSTEMD is a tree with a newer one, which
# tests/run unpacks.

. "$(dirname "$0")/lib.sh"
if (($(systemd_version) < 253)); then
    export SYSTEMD_TREE=${NEWER_SYSTEMD:-}
    [ -x "$SYSTEMD_TREE/usr/lib/systemd/systemd" ] ||
        skip "there is no newer systemd at NEWER_SYSTEMD=$SYSTEMD_TREE; tests/run unpacks one"
fi
in_lab podman

scenario "the running systemd supports notify-reload"
version=$(systemd_version)
((version >= 253)) || fail "it is systemd $version"

for kind in none podman; do
    for given in without with; do
        name=notify-reload-$kind
        scenario "$kind: a reload succeeds if RELOADING=1 comes $given a time"
        app_unit "$name" "$kind" <<EOF
Type=notify-reload
TimeoutStartSec=20
EOF
        begin "$name"
        tell "$name" "send READY=1"
        expect_soon "$name" ActiveState=active SubState=running
        case $given in
        without) tell "$name" "on HUP burst RELOADING=1|STATUS=reloading|READY=1" ;;
        with) tell "$name" "on HUP reload" ;;
        esac
        for round in 1 2 3; do
            timeout -k 1 60 systemctl reload "$name" || fail "reload $round of $name"
            expect "$name" ActiveState=active
        done
        stop "$name"
    done
done
