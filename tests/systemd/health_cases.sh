# Sourced after recipes.sh by the tests of HEALTHCHECK: a unit `app` whose image has $healthcheck.

# It notes that it was asked, and succeeds while the file healthy is there.
check_command="$SYSTEM_TEST/bin/check"
cat >"$check_command" <<END
#!/bin/sh
echo "\${1:-image}" >>$apps/app/checks
test -e $apps/app/healthy
END
chmod 755 "$check_command"
healthcheck="HEALTHCHECK --interval=1s --timeout=5s --retries=2 CMD $check_command"

# one_line COMMAND [OPTION | wait]: a unit of that one line, by `run` with this option, or by `wait`.
one_line() {
    local by="run ${2:-}" directory=
    if [ "${2:-}" = wait ]; then by=wait directory=Environment=SHARED_DIR=/run/app; fi
    app app >/dev/null
    rm -f "$apps/app/healthy" "$apps/app/checks"
    printf '[Service]\nType=notify\nKillMode=mixed\nWatchdogSec=3\n%s\nExecStart=/usr/bin/notifybridge %s\n' \
        "$directory" "$by $1" | adapt_unit app "${units:-$SYSTEM_TEST/units}"
    systemctl daemon-reload
}

checked() {
    [ "$(lines "$apps/app/checks" 2>/dev/null || echo 0)" -gt "$1" ]
}

# try_health: the unit is activating until its check succeeds, and says nothing while it is healthy.
try_health() {
    local before
    begin app
    eventually "the check is run" checked 1
    expect app ActiveState=activating
    touch "$apps/app/healthy"
    expect_soon app ActiveState=active
    before=$(lines "$SYSTEM_TEST/log/app")
    checks=$(lines "$apps/app/checks")
    eventually "the check is run again and again" checked $((checks + 3))
    [ "$(lines "$SYSTEM_TEST/log/app")" = "$before" ] || fail "a healthy app makes lines in the log"
    # Longer than WatchdogSec=.
    expect app ActiveState=active NRestarts=0
}

# restarts_when_unhealthy: the watchdog ends the unit when its check fails.
restarts_when_unhealthy() {
    rm "$apps/app/healthy"
    expect_end app "watchdog killed ABRT"
    systemctl reset-failed app
    begin app
    touch "$apps/app/healthy"
    expect_soon app ActiveState=active
}

# says_ready_itself: no check has made the unit active; the app does.
says_ready_itself() {
    expect app ActiveState=activating
    tell app "send READY=1"
    expect_soon app ActiveState=active
}

stop_app() {
    timeout -k 1 60 systemctl stop app || fail "systemctl stop app"
    expect_soon app ActiveState=inactive
}
