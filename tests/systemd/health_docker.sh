#!/bin/bash
#
# An image's HEALTHCHECK with `run` and docker. It makes the unit active, and if it fails, the
# watchdog restarts the unit. docker itself runs no check.

. "$(dirname "$0")/lib.sh"
in_lab /usr/bin/docker dockerd containerd
. "$here/recipes.sh"
. "$here/health_cases.sh"

prepare
make_root
docker_unit
docker() { /usr/bin/docker "$@"; }
notifybridge runtime --configure=docker >/dev/null
systemctl daemon-reload
systemctl start docker

registry=

# build NAME LINE…: builds an image from tiny with these lines.
build() {
    printf '%s\n' "FROM tiny" "${@:2}" | DOCKER_BUILDKIT=0 docker build --tag "$1" - >/dev/null 2>&1 ||
        fail "docker build $1"
}

# running [OPTION…]: prints docker's command line up to the image.
running() {
    echo "docker run --rm --name=$name --network=none -v /usr:/usr:ro -v $SYSTEM_TEST:$SYSTEM_TEST $*"
}

# docker_state: prints the state that docker shows, or "none" if docker runs no check.
docker_state() {
    docker inspect --format '{{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}}' app
}

is_gone() {
    ! docker inspect app >/dev/null 2>&1
}

# docker's client ends before docker removes the container.
stop_and_remove() {
    stop_app
    eventually "the container goes" is_gone
}

docker_image tiny "ENTRYPOINT [\"$bin/app.py\"]" "CMD [\"$files\"]" "USER app"
build checked "$healthcheck"

scenario "the image's check makes the unit active, and the watchdog restarts it"
one_line "$(running) checked"
try_health
stays_healthy
[ "$(docker_state)" = none ] || fail "docker checks as well: $(docker_state)"
restarts_when_unhealthy
stop_and_remove

scenario "a start may last for the start period, despite TimeoutStartSec="
build slow "${healthcheck/HEALTHCHECK/HEALTHCHECK --start-period=1m}"
settings=TimeoutStartSec=10 one_line "$(running) slow"
starts_slowly 11
stop_and_remove

scenario "a check on the command line replaces the image's check"
one_line "$(running --health-interval=1s --health-retries=2 "'--health-cmd=$check_command line'") checked"
try_health
[[ $(tail -n 1 "$files/checks") == line ]] || fail "it is not that of the line: $(cat "$files/checks")"
[ "$(docker_state)" = none ] || fail "docker checks as well: $(docker_state)"
stop_and_remove

scenario "the check runs as the container's user, in its directory and environment"
runs_as_the_container
stop_and_remove

scenario "docker also runs the check if --health=both is set"
one_line "$(running) checked" --health=both
try_health
[ "$(docker_state)" = healthy ] || fail "docker says: $(docker_state)"
stop_and_remove

scenario "no check runs if --no-healthcheck is set"
one_line "$(running --no-healthcheck) checked"
begin "$name"
touch "$files/healthy"
says_ready_itself
[ ! -e "$files/checks" ] || fail "there was a check"
stop_and_remove

scenario "the image's SHELL runs the check"
printf '#!/bin/sh\necho shell >>%s/app/checks\nexec /bin/sh -c "$1"\n' "$apps" >"$SYSTEM_TEST/bin/shell"
chmod 755 "$SYSTEM_TEST/bin/shell"
build shelled "SHELL [\"$SYSTEM_TEST/bin/shell\"]" "$healthcheck"
one_line "$(running) shelled"
try_health
grep -qx shell "$files/checks" || fail "the shell did not run"
stop_and_remove

scenario "docker also runs the check if it does not describe the image"
asks_in_vain() {
    one_line "$(running | sed "s|^docker|$(manager_that docker "$1")|") checked"
    try_health
    grep -qF -e "$2" "$SYSTEM_TEST/log/$name" || fail "it does not say: $2"
    eventually "docker checks as well" docker_is healthy
    stop_and_remove
}
docker_is() { [ "$(docker_state)" = "$1" ]; }
asks_in_vain "exec sleep infinity" "did not answer completely within 5 s; docker and wrap will both run"
asks_in_vain "echo rubbish; exit" "docker and wrap will both run the image's health check"

scenario "docker also runs the check if wait replaces run"
one_line "$(running --runtime=notifybridge -e SHARED_DIR -e NOTIFYBRIDGE_TOKEN) checked" wait
try_health
stays_healthy
[ "$(docker_state)" = healthy ] || fail "docker says: $(docker_state)"
stop_and_remove

stop_container() { stop_and_remove; }
told() { grep -qF -e "$1" "$SYSTEM_TEST/log/$name"; }
# These cases mostly test code that the test with podman also covers.
[ "${NOTIFYBRIDGE_LONG:-}" != 1 ] || . "$here/health_mistakes.sh"
