#!/bin/bash
#
# The log of a unit contains the last lines of its app and of `wrap`, once each. KillMode= and the
# way in which the container ends do not matter. Tests units of root and of a user. If NEWER_PODMAN
# is set, tests podman 5.

. "$(dirname "$0")/lib.sh"
[ -z "${NEWER_PODMAN:-}" ] || want_podman_5
in_lab podman crun newuidmap newgidmap $([ -n "${NEWER_PODMAN:-}" ] || echo strace)
. "$here/recipes.sh"

prepare
make_root
podman_settings
move_monitor

# An app that prints its last lines on SIGTERM. It prints many lines at once, and some slowly.
cat >"$bin/words" <<'END'
#!/usr/bin/python3
import os, signal, sys, time

def end(number, frame):
    for count in range(1000):
        os.write(1, b"many %d\n" % count)
    for count in range(5):
        os.write(1, b"last %d\n" % count)
        time.sleep(0.1)
    os._exit(3 if number == signal.SIGABRT else 0)

signal.signal(signal.SIGTERM, end)
signal.signal(signal.SIGABRT, end)
signal.signal(signal.SIGHUP, lambda *_: os.write(1, b"reloaded\n"))
os.write(1, b"first\n")
while True:
    signal.pause()
END
chmod 755 "$bin/words"
words_image() { image words "ENTRYPOINT [\"$bin/words\"]"; }
words_image

# words_unit NAME UNITS MODE [WORDS]: makes a unit with KillMode=MODE in the directory UNITS. WORDS
# replace `run --ready-when=start`. More lines are read from standard input.
words_unit() {
    {
        printf '[Service]\nType=notify\nKillMode=%s\nExecStart=/usr/bin/notifybridge %s\n' "$3" \
            "${4:-run --ready-when=start} podman run --rm --replace --name=$1 ${options:-} localhost/words"
        cat
    } | adapt_unit "$1" "$2"
    rm -f "$SYSTEM_TEST/log/$1" "$SYSTEM_TEST/ends/$1"
    systemctl daemon-reload
}

# all_words: prints all lines that the app writes, sorted.
all_words() {
    { echo first; seq --format="many %.0f" 0 999; seq --format="last %.0f" 0 4; } | sort
}

# says_once NAME [BEGIN]: checks that the log contains each of the app's lines once. podman copies
# the output in pieces, so a line of `wait` may be in the middle of one of the app's lines. BEGIN is
# a pattern for the text before a line. By default, there is no such text.
says_once() {
    local difference
    difference=$(sed --null-data -E 's/\[(MAIN|PROXY) [0-9:]*\] [^\n]*\n//g' "$SYSTEM_TEST/log/$1" |
        grep -oE "${2-^}(first|many [0-9]+|last [0-9]+)$" | sort | diff - <(all_words)) ||
        fail "$1 does not say each line once: $difference"
}

# tells NAME TEXT: checks that the log contains TEXT.
tells() {
    grep -qF -e "$2" "$SYSTEM_TEST/log/$1" || fail "$1 does not say \"$2\""
}
waited="waiting for tcp:127.0.0.1:1: connection refused"

# has_lines NAME COUNT TEXT: returns whether the log has so many lines of this text.
has_lines() {
    [ "$(grep -cx "$3" "$SYSTEM_TEST/log/$1")" = "$2" ]
}

has_begun() {
    [ -e "$SYSTEM_TEST/log/$1" ] && grep -qx first "$SYSTEM_TEST/log/$1"
}

# begin_words NAME: starts the unit, and returns when its app is up.
begin_words() {
    systemctl start --no-block "$1"
    eventually "$1's app is up" has_begun "$1"
}

# try_stop NAME: checks that a stop is clean, and that no line is lost.
try_stop() {
    begin_words "$1"
    expect_soon "$1" ActiveState=active
    systemctl stop "$1"
    expect_end "$1" "success exited 0"
    says_once "$1"
}

# try_watchdog NAME MODE: checks that the watchdog ends a unit with KillMode=MODE, and that no line is
# lost. With control-group, systemd also sends SIGABRT to podman, which may crash before `run` ends it.
try_watchdog() {
    local begin=^
    begin_words "$1"
    expect_end "$1" "watchdog exited 3"
    if grep -q ^goroutine "$SYSTEM_TEST/log/$1"; then
        [ "$2" = control-group ] || fail "podman writes down its own crash"
        begin=
    fi
    says_once "$1" "$begin"
    systemctl reset-failed "$1"
}

is_traced() {
    ! grep -q "^TracerPid:.0$" "/proc/$1/status"
}

# start_times_out NAME: starts the unit, and makes its start time out when its app is up.
start_times_out() {
    local began=$SECONDS
    begin_words "$1"
    printf '[Service]\nTimeoutStartSec=%s\n' $((SECONDS - began + 2)) >"$units/$1.service.d/timeout.conf"
    systemctl daemon-reload
    expect_end "$1" "timeout exited 0"
    rm "$units/$1.service.d/timeout.conf"
}

units=$SYSTEM_TEST/units
for mode in control-group $(is_repeated || echo mixed); do
    scenario "$mode: a stop logs the app's last lines"
    words_unit app "$units" $mode </dev/null
    try_stop app

    scenario "$mode: a signal of \`systemctl kill\` ends podman's client, but not the app or its log"
    words_unit app "$units" $mode </dev/null
    begin_words app
    expect_soon app ActiveState=active
    # `run` finds the signal and the end of the client at the same time.
    kill -STOP "$(property app MainPID)"
    systemctl kill --signal=HUP app
    sleep 0.3
    kill -CONT "$(property app MainPID)"
    eventually "the app has got the signal" has_lines app 1 reloaded
    systemctl kill --signal=HUP app
    eventually "the app gets the next one" has_lines app 2 reloaded
    expect_soon app ActiveState=active
    systemctl stop app
    expect_end app "success exited 0"
    says_once app

    scenario "$mode: a stop before READY=1 logs what the unit waits for"
    words_unit app "$units" $mode "run --ready-when=tcp:127.0.0.1:1" </dev/null
    begin_words app
    systemctl stop app
    expect_end app "success exited 0"
    says_once app
    tells app "a stop was requested before the command was ready: $waited"

    scenario "$mode: a start timeout logs what the unit waits for"
    words_unit app "$units" $mode "run --ready-when=tcp:127.0.0.1:1" </dev/null
    start_times_out app
    says_once app
    tells app "a stop was requested before the command was ready: $waited"
    # In the journal, only the line of `wait` is a warning.
    tells app "warning: SIGTERM arrived before READY=1; the last status was \"$waited"
    systemctl reset-failed app

    scenario "$mode: a start timeout without a probe logs advice"
    words_unit app "$units" $mode "run" </dev/null
    start_times_out app
    tells app "warning: SIGTERM arrived before READY=1; the app has not sent READY=1; if the app does not notify, set"
    systemctl reset-failed app

    scenario "$mode: a watchdog timeout logs the app's last lines"
    words_unit app "$units" $mode <<<"WatchdogSec=3"
    try_watchdog app $mode

    scenario "$mode: a stop of wait logs the app's last lines"
    words_unit app "$units" $mode \
        "wait" </dev/null
    sed -i 's|podman run|podman --runtime=/usr/libexec/notifybridge/crun run -e SHARED_DIR \\\
        -e NOTIFYBRIDGE_TOKEN -e NOTIFYBRIDGE_OPTIONS=--ready-when=start|' "$units/app.service"
    printf '[Service]\nEnvironment=SHARED_DIR=/run/app\n' >>"$units/app.service.d/test.conf"
    systemctl daemon-reload
    try_stop app
done

if is_repeated; then exit; fi

scenario "a failing probe logs why the watchdog timed out"
words_unit app "$units" control-group "run --ready-when=start --alive-when=exec:false" \
    <<<"WatchdogSec=3"
try_watchdog app control-group
tells app 'warning: SIGABRT arrived, which systemd sends if WATCHDOG=1 is late; the last status was "'

scenario "a warning names the status of an app that ends before READY=1"
image failing 'ENTRYPOINT ["/bin/sh", "-c", "sleep 0.5; exit 3"]'
words_unit app "$units" control-group "run" </dev/null
sed -i s/words/failing/ "$units/app.service"
systemctl daemon-reload
systemctl start app 2>/dev/null && fail "it starts"
expect_end app "exit-code exited 3"
tells app "warning: the command exited with status 3 before READY=1"
systemctl reset-failed app

scenario "the app's last lines are logged if podman is killed"
words_unit app "$units" control-group </dev/null
begin_words app
expect_soon app ActiveState=active
kill -KILL "$(pgrep --parent "$(property app MainPID)" podman)"
eventually "app ends" is_over app
says_once app
systemctl reset-failed app 2>/dev/null || true

# strace makes the client write late, and die late. Then, without precautions, the client dies while
# it holds output that it has read. Debian 13's tree has no strace.
if [ -z "${NEWER_PODMAN:-}" ]; then
    scenario "a stop logs all lines if podman's client writes slowly"
    words_unit app "$units" control-group "run -v --ready-when=start" </dev/null
    begin_words app
    expect_soon app ActiveState=active
    strace --follow-forks --quiet=all --output=/dev/null --trace=write,exit_group \
        --inject=write:delay_enter=300ms --inject=exit_group:delay_enter=50ms \
        --attach="$(pgrep --parent "$(property app MainPID)" podman)" &
    eventually "strace is attached" is_traced "$(pgrep --parent "$(property app MainPID)" podman)"
    systemctl stop app
    expect_end app "success exited 0"
    says_once app
    tells app "passing SIGTERM on to pid"
fi

scenario "a stop is clean if the unit may not call pidfd_getfd"
words_unit app "$units" mixed <<<"SystemCallFilter=~pidfd_getfd"
try_stop app

log_in
options="-v /usr:/usr:ro -v $SYSTEM_TEST:$SYSTEM_TEST"
words_image
scenario "a user: a stop logs the app's last lines"
words_unit hers "$her_units" control-group </dev/null
try_stop hers
scenario "a user: a watchdog timeout logs the app's last lines"
words_unit hers "$her_units" control-group <<<"WatchdogSec=3"
try_watchdog hers control-group
