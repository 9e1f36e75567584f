#!/bin/bash
#
# If a client cannot end its container, the unit's stop or next start ends the container. `away`
# represents all clients that die and leave a running container.

. "$(dirname "$0")/lib.sh"
in_lab podman bwrap unshare

# deaf NAME KIND OPTIONS: starts a unit whose ready app ignores SIGTERM. More lines of the unit are
# read from standard input.
deaf() {
    app_unit "$1" "$2" "$3"
    systemctl daemon-reload
    begin "$1"
    tell "$1" "send READY=1"
    tell "$1" "on TERM send STATUS=deaf"
    expect_soon "$1" ActiveState=active
}

# is_up NAME RUN: checks that the app of that run is ready and the unit is active.
is_up() {
    tell "$1" "send READY=1\\nSTATUS=run $2"
    expect_soon "$1" ActiveState=active "StatusText=run $2"
}

# apps_of NAME: prints how many apps with that name run in the lab.
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
    scenario "$kind: a stop kills an app that ignores SIGTERM"
    deaf "$name" "$kind" --stop-timeout=1 </dev/null
    timeout -k 1 60 systemctl stop --no-block "$name"
    expect_soon "$name" StatusText=deaf
    expect_end "$name" "exit-code exited 137"
    expect_ended "$name"
    eventually "no app is left" no_app "$name"
done
podman rm --force --time=0 deaf-exec >/dev/null

scenario "the next wait ends the app that a killed wait has left"
deaf left away --stop-timeout=1 <<'EOF'
Restart=on-failure
RestartSec=0
EOF
for ((run = 1; run <= 3; run++)); do
    before=$(lines "$apps/left/starts")
    kill -KILL "$(property left MainPID)"
    eventually "the app starts again" more_lines "$apps/left/starts" "$before"
    eventually "there is one app" one_app left
    # The new run must not get the last messages of the previous run.
    [ "$(property left StatusText)" != deaf ] || fail "an old status came"
    is_up left $run
    tell left "on TERM send STATUS=deaf"
done
expect left NRestarts=3
timeout -k 1 60 systemctl stop left
expect_end left "exit-code exited 137"

scenario "status of a failed unit shows the app that a killed wait has left"
deaf killed away --stop-timeout=1 </dev/null
kill -KILL "$(property killed MainPID)"
expect_soon killed ActiveState=failed
for option in --ready --alive; do
    answer=0
    "$bin/notifybridge" status $option killed || answer=$?
    [ "$answer" = 3 ] || fail "status $option of a failed unit is $answer"
done
said=$("$bin/notifybridge" status --check killed) || true
[[ $said == *"problem  unit "*"was killed by SIGKILL"*"note     leftover "*"wrap (pid "*"the next start of the unit stops wrap and its container first"* ]] ||
    fail "the check does not show the leftover: $said"
begin killed
is_up killed again
said=$("$bin/notifybridge" status --check killed) || true
[[ $said != *leftover* ]] || fail "the check shows a leftover: $said"
timeout -k 1 60 systemctl stop killed

scenario "the next start ends an app that outlived TimeoutStopSec="
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

scenario "a start does not end a run that another process started"
before=$(lines "$apps/left/starts")
# shellcheck disable=SC2046
SHARED_DIR=$(shared left) "$bin/away" "$wrap" $(app left) &
eventually "it starts" more_lines "$apps/left/starts" "$before"
if timeout -k 1 60 systemctl start left; then
    fail "it was started beside another"
fi
expect_end left "exit-code exited 125"
one_app left || fail "it is gone"
