#!/bin/bash
#
# What a container's client is not there to end is ended all the same: by the stop, or by the next
# start. `away` stands for all clients that die and leave what they started alive.

. "$(dirname "$0")/lib.sh"
in_lab 240 podman bwrap unshare

# deaf NAME KIND OPTIONS: starts the unit, whose ready app does not end for SIGTERM. Its own lines are
# read from standard input.
deaf() {
    app_unit "$1" "$2" "$3"
    systemctl daemon-reload
    begin "$1"
    tell "$1" "send READY=1"
    tell "$1" "on TERM send STATUS=deaf"
    expect_soon "$1" ActiveState=active
}

# is_up NAME RUN: the app of that run is ready, and the unit active.
is_up() {
    tell "$1" "send READY=1\\nSTATUS=run $2"
    expect_soon "$1" ActiveState=active "StatusText=run $2"
}

# apps_of NAME: how many of its app live, wherever they are.
apps_of() {
    pgrep --full --count "^/usr/bin/python3 $bin/app.py $apps/$1\$" || true
}

one_app() {
    [ "$(apps_of "$1")" = 1 ]
}

no_app() {
    [ "$(apps_of "$1")" = 0 ]
}

for kind in none podman bwrap unshare exec away; do
    name=deaf-$kind
    [ $kind != exec ] || box "$name"
    scenario "$kind: an app that does not end for SIGTERM is killed, and nothing of it is left"
    deaf "$name" "$kind" --stop-timeout=1 </dev/null
    timeout -k 1 60 systemctl stop --no-block "$name"
    expect_soon "$name" StatusText=deaf
    expect_end "$name" "exit-code exited 137"
    expect_ended "$name"
    eventually "no app is left" no_app "$name"
done
podman rm --force --time=0 deaf-exec >/dev/null

scenario "wait killed -9: the next one ends what is left, and starts its own"
deaf left away --stop-timeout=1 <<'EOF'
Restart=on-failure
RestartSec=0
EOF
for ((run = 1; run <= 3; run++)); do
    before=$(lines "$apps/left/starts")
    kill -KILL "$(property left MainPID)"
    eventually "the app starts again" more_lines "$apps/left/starts" "$before"
    eventually "there is one app" one_app left
    # Nothing of what the one before said on its way down is this one's.
    [ "$(property left StatusText)" != deaf ] || fail "an old status came"
    is_up left $run
    tell left "on TERM send STATUS=deaf"
done
expect left NRestarts=3
timeout -k 1 60 systemctl stop left
expect_end left "exit-code exited 137"

scenario "TimeoutStopSec= passes before the app has ended: the next start ends it"
deaf left away --stop-timeout=3 <<'EOF'
TimeoutStopSec=1
EOF
timeout -k 1 60 systemctl stop left || true
eventually "left is over" is_over left
grep -q timeout "$SYSTEM_TEST/ends/left" || fail "left ended as $(cat "$SYSTEM_TEST/ends/left")"
eventually "the app lives on" one_app left
begin left
is_up left again
eventually "there is one app" one_app left
timeout -k 1 60 systemctl stop left
expect_end left "success killed TERM"
eventually "no app is left" no_app left

scenario "a run that somebody else started is left alone"
before=$(lines "$apps/left/starts")
# shellcheck disable=SC2046
SHARED_DIR=$(shared left) "$bin/away" "$wrap" $(app left) &
eventually "it starts" more_lines "$apps/left/starts" "$before"
if timeout -k 1 60 systemctl start left; then
    fail "it was started beside another"
fi
expect_end left "exit-code exited 125"
one_app left || fail "it is gone"
