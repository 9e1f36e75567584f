# Sourced after recipes.sh by the tests of HEALTHCHECK. The image of unit $name has $healthcheck.
#
# The tests of podman 4.3 for health checks (220-healthcheck.bats), and their counterparts here:
#
#   podman's case                            here
#   a good check makes the state healthy     try_health, stays_healthy; test_health_plan
#   the result has the exit status and the   the last result, with the first line of its output
#   output of each check                     (difference: no history): test_health.py
#   one failure below the limit changes      test_health_plan, consecutive_failed_checks_…
#   only the failing streak
#   as many failures as --health-retries     restarts_when_unhealthy; test_health_plan
#   make the state unhealthy
#   `healthcheck run` checks at once, and    difference: it needs --health=both, because podman
#   its exit status is the result            knows no check otherwise; run(1) says so
#   `inspect` shows the state                difference: `notifybridge status` shows it
#   --health-on-failure=none                 test_health_options; the watchdog restarts the unit
#   --health-on-failure=kill, stop, restart  podman acts itself, as `run` leaves its check on:
#                                            health.sh, test_health_takeover
#   --health-on-failure= without a check     podman refuses it, as the option stays in its line
#   is an error
#
# The rules of HEALTHCHECK in the documents of docker, and the tests that cover them:
#
#   rule                                     test
#   CMD as an array is executed, CMD as a    test_health.py; health_mistakes.sh has a program and
#   line is run by /bin/sh or SHELL          a shell that do not exist
#   NONE switches off the base image's check test_health_check.cpp
#   the last HEALTHCHECK of an image counts  docker writes only that one into the image
#   interval and timeout are 30s, start      test_health_check.cpp: zeros_and_nulls_in_a_…
#   period 0s, start interval 5s, retries 3
#   the first check runs after one interval  difference: it runs at once, and before the
#                                            first success more often: test_health_plan, wrap(1)
#   an interval begins when a check has      test_health_plan
#   ended
#   a check that takes longer than timeout   test_health_check.cpp (probe); health_mistakes.sh
#   has failed, and is killed
#   retries failures in a row: unhealthy     restarts_when_unhealthy; test_health_plan
#   failures in the start period do not      test_health_plan, starts_slowly
#   count, and a success ends it
#   exit status 0 is success, 1 a failure,   every other status is a failure: test_health_plan
#   and 2 is reserved
#   a check has the container's user,        runs_as_the_container
#   directory and environment
#   the first 4096 bytes of output are kept  difference: the first line is kept: test_health_check
#   a change of the state makes an event     difference: STATUS= tells it, and a line of the log
#   --no-healthcheck, --health-…             test_health_options, health_docker.sh
#   nothing restarts an unhealthy container  difference: the watchdog restarts the unit

# use_name NAME: sets the name of the unit, its container and its app. The check writes down each
# call, and succeeds while the file healthy exists.
use_name() {
    name=$1
    files=$apps/$name
    app "$name" >/dev/null
    cat >"$check_command" <<END
#!/bin/sh
echo "\${1:-image}" >>$files/checks
test -e $files/healthy
END
    chmod 755 "$check_command"
}

check_command="$SYSTEM_TEST/bin/check"
use_name app
healthcheck="HEALTHCHECK --interval=1s --timeout=5s --retries=2 CMD $check_command"

# one_line COMMAND [OPTION | wait]: makes a unit that runs this line with `run` and OPTION, or with
# `wait`. $settings contains more lines for its service section.
one_line() {
    local by="run ${2:-}" directory=
    if [ "${2:-}" = wait ]; then by=wait directory=Environment=SHARED_DIR=/run/$name; fi
    rm -f "$files/healthy" "$files/checks"
    printf '%s\n' '[Service]' Type=notify KillMode=mixed WatchdogSec=3 Restart=on-failure "$directory" \
        "${settings:-}" "ExecStart=/usr/bin/notifybridge $by $1" |
        adapt_unit "$name" "${units:-$SYSTEM_TEST/units}"
    systemctl daemon-reload
}

checked() {
    [ "$(lines "$files/checks" 2>/dev/null || echo 0)" -gt "$1" ]
}

# manager_that NAME LINE: prints the path of a container manager called NAME. It runs LINE for
# `image inspect` and `generate spec`. Other commands work normally.
manager_that() {
    local program=$SYSTEM_TEST/odd/$1
    mkdir -p "$SYSTEM_TEST/odd"
    printf '%s\n' '#!/bin/bash' "case \"\$*\" in *'image inspect'* | *'generate spec'*) $2 ;; esac" \
        "exec -a $program /usr/bin/$1 \"\$@\"" >"$program"
    chmod 755 "$program"
    echo "$program"
}

# try_health: checks that the unit is activating until its check succeeds, and that the check is run
# again.
try_health() {
    begin "$name"
    eventually "the check is run" checked 1
    expect "$name" ActiveState=activating
    touch "$files/healthy"
    expect_soon "$name" ActiveState=active
    eventually "the check is run again" checked "$(lines "$files/checks")"
}

# stays_healthy: checks that a unit whose check succeeds stays active longer than WatchdogSec=, and
# logs nothing.
stays_healthy() {
    local before checks
    before=$(lines "$SYSTEM_TEST/log/$name")
    checks=$(lines "$files/checks")
    eventually "the check is run again and again" checked $((checks + 3))
    [ "$(lines "$SYSTEM_TEST/log/$name")" = "$before" ] || fail "a healthy app makes lines in the log"
    expect "$name" ActiveState=active NRestarts=0
}

# restarts_when_unhealthy: checks that systemd restarts the unit when its check fails.
restarts_when_unhealthy() {
    local before
    before=$(lines "$files/starts")
    rm "$files/healthy"
    expect_soon "$name" "StatusText=unhealthy: exited with status 1"
    eventually "the unit is restarted" more_lines "$files/starts" "$before"
    [ "$(cat "$SYSTEM_TEST/ends/$name")" = "watchdog exited 134" ] ||
        fail "it ended as: $(cat "$SYSTEM_TEST/ends/$name")"
    expect "$name" ActiveState=activating NRestarts=1
    touch "$files/healthy"
    expect_soon "$name" ActiveState=active
}

# runs_as_the_container: checks that the check has the container's user, directory and environment.
runs_as_the_container() {
    build placed $'WORKDIR /srv\nENV greeting=image\n'"HEALTHCHECK CMD echo \$(id -un) \$PWD \$greeting >$files/place"
    one_line "$(running -e greeting=line) ${registry}placed"
    begin "$name"
    expect_soon "$name" ActiveState=active
    [ "$(cat "$files/place")" = "app /srv line" ] || fail "the check ran as: $(cat "$files/place")"
}

# starts_slowly SECONDS: checks that the unit activates for that time, and then becomes active.
starts_slowly() {
    begin "$name"
    eventually "it starts for $1 s" started_before "$1"
    expect "$name" ActiveState=activating NRestarts=0
    touch "$files/healthy"
    expect_soon "$name" ActiveState=active
}

started_before() {
    (($(date +%s) - $(stat --format=%Y "$files/starts") > $1))
}

# says_ready_itself: checks that the app makes the unit active, and no check does.
says_ready_itself() {
    expect "$name" ActiveState=activating
    tell "$name" "send READY=1"
    expect_soon "$name" ActiveState=active
}

stop_app() {
    timeout -k 1 60 systemctl stop "$name" || fail "systemctl stop $name"
    expect_soon "$name" ActiveState=inactive
}
