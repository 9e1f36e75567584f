#!/bin/bash
#
# Tests Type=notify-reload, which systemd supports from version 253 on. SIGHUP reaches the app.
# systemd accepts the app's reload, although the app does not send MONOTONIC_USEC, which systemd
# requires. With a probe, wrap reports the reloads of an app that does not. `status --check` reports
# reloads that fail or do not end. If the installed systemd is older, NEWER_SYSTEMD is a tree with a
# newer one, which tests/run unpacks.

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

# silent_unit NAME KIND [OPTION…]: makes a unit with these options of wrap, and starts it. More lines
# are read from standard input.
silent_unit() {
    local name=$1 kind=$2
    shift 2
    {
        echo "ExecStart=$wait --verbose $(container "$kind" "$name") $wrap --verbose $* $(app "$name")"
        cat
    } | unit "$name"
    begin "$name"
}

# checked NAME TEXT: waits until `status --check` reports a problem with this text.
checked() {
    eventually "check says: $2" finds "$@"
}

finds() {
    said=$(timeout -k 1 20 "$bin/notifybridge" status --check "$1" 2>/dev/null) || true
    [[ $(head -n 1 <<<"$said") == "problem  unit "*"$2"* ]]
}

for kind in none podman; do
    name=silent-$kind
    up=$apps/$name/up
    scenario "$kind: wrap reports the reload of an app that does not, when its probe holds again"
    silent_unit "$name" "$kind" "--ready-when=file:$up" <<EOF
Type=notify-reload
TimeoutStartSec=20
EOF
    touch "$up"
    expect_soon "$name" ActiveState=active SubState=running
    tell "$name" "on HUP send STATUS=again"
    timeout -k 1 60 systemctl reload "$name" || fail "reload of $name"
    expect "$name" ActiveState=active ReloadResult=success
    expect_soon "$name" StatusText=again
    rm "$up"
    systemctl reload --no-block "$name"
    expect_soon "$name" SubState=reload-notify
    touch "$up"
    expect_soon "$name" ActiveState=active SubState=running ReloadResult=success

    scenario "$kind: a reload that the app reports itself is left to the app"
    tell "$name" "on HUP send RELOADING=1"
    systemctl reload --no-block "$name"
    expect_soon "$name" SubState=reload-notify
    tell "$name" "send READY=1"
    expect_soon "$name" ActiveState=active SubState=running ReloadResult=success
    stop "$name"
done

scenario "ExecReload=kill -HUP in Type=notify works with a probe, too"
silent_unit signalled none "--ready-when=file:$apps/signalled/up" <<EOF
ExecReload=/bin/kill -HUP \$MAINPID
EOF
touch "$apps/signalled/up"
expect_soon signalled ActiveState=active SubState=running
tell signalled "on HUP send STATUS=again"
for round in 1 2 3; do
    timeout -k 1 60 systemctl reload signalled || fail "reload $round of signalled"
    expect_soon signalled ActiveState=active SubState=running StatusText=again
done
stop signalled

scenario "check reports the reloads of an app that does not say RELOADING=1"
silent_unit mute none <<EOF
Type=notify-reload
TimeoutStartSec=2
EOF
tell mute "send READY=1"
tell mute "on HUP send STATUS=again"
expect_soon mute ActiveState=active SubState=running
! timeout -k 1 60 systemctl reload mute 2>/dev/null || fail "the reload succeeded"
checked mute "mute.service is active, but its last reload failed"
[[ $said == *"add --ready-when=listen:PORT to ExecStart="* ]] || fail "no remedy: $said"
stop mute

scenario "check reports a reload that does not end"
silent_unit endless none </dev/null
tell endless "send READY=1"
expect_soon endless ActiveState=active SubState=running
tell endless "send RELOADING=1"
expect_soon endless ActiveState=reloading
checked endless "the app has sent RELOADING=1 and no READY=1 since then"
[[ $said == *"endless.service has been reloading for "* ]] || fail "no time: $said"
tell endless "send READY=1"
expect_soon endless ActiveState=active SubState=running
stop endless
