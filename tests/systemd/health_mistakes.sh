# Sourced by the tests of HEALTHCHECK for podman and docker, which define the functions `build`,
# `running`, `stop_container` and `told`. The cases are mistakes in the health checks of images and
# command lines.

# mistaken LINE [OPTION…]: starts a unit whose image has this line in its Dockerfile. Returns when
# the app is up.
mistaken() {
    local line=$1
    shift
    build mistaken "$line"
    one_line "$(running "$*") ${registry}mistaken"
    begin "$name"
}

# shows TEXT: checks that the unit's status contains that text.
shows() {
    eventually "the status is $1" has_status "$1"
}

has_status() {
    [[ $(property "$name" StatusText) == *"$1"* ]]
}

# is_waited_for TEXT: expects that the health check fails with TEXT, and that the app can still send
# READY=1.
is_waited_for() {
    shows "waiting for the health check: $1"
    says_ready_itself
    stop_container
}

# makes_active: checks that the health check makes the unit active.
makes_active() {
    expect_soon "$name" ActiveState=active
    stop_container
}

scenario "the status reports a check whose shell does not exist"
mistaken $'SHELL ["/no/shell", "-c"]\nHEALTHCHECK CMD true'
is_waited_for 'cannot run "/no/shell": No such file or directory'

scenario "the status reports a check whose program does not exist"
mistaken 'HEALTHCHECK CMD ["/no/program"]'
is_waited_for 'cannot run "/no/program": No such file or directory'

scenario "a process that a check leaves behind is ended"
mistaken "HEALTHCHECK CMD sleep 1234567 & true"
expect_soon "$name" ActiveState=active
eventually "the process is ended" no_program '^sleep 1234567$'
stop_container

scenario "a check may print 100 MB"
mistaken "HEALTHCHECK --timeout=20s CMD echo much; head -c 100000000 /dev/zero"
makes_active

scenario "the status reports a check that never ends"
mistaken "HEALTHCHECK --timeout=1s CMD sleep infinity"
is_waited_for "did not end within 1s"

scenario "the status reports a check that is killed by a signal"
mistaken 'HEALTHCHECK CMD kill -KILL $$'
is_waited_for "was killed by SIGKILL"

scenario "a check may have an interval of ten years"
mistaken "HEALTHCHECK --interval=87600h --timeout=87600h --start-period=1ms CMD true"
makes_active

scenario "a check may have the shortest times and 1 retry"
mistaken "HEALTHCHECK CMD false" "'--health-cmd=echo down; false'" --health-interval=1ns \
    --health-timeout=2s --health-retries=1
shows "unhealthy: down"
eventually "the log says that it is unhealthy" told "unhealthy: down"
says_ready_itself
stop_container

scenario "a warning reports a check without a program"
mistaken 'HEALTHCHECK CMD [""]'
eventually "a warning says so" told "record of it is damaged: Test is not a command"
says_ready_itself
stop_container
