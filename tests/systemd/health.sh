#!/bin/bash
#
# An image's HEALTHCHECK with `run` and podman. It makes the unit active, and if it fails, the
# watchdog restarts the unit. podman itself runs no check. If $NEWER_PODMAN is set, the test uses
# the podman in it.

. "$(dirname "$0")/lib.sh"
[ -z "${NEWER_PODMAN:-}" ] || want_podman_5
in_lab podman crun newuidmap newgidmap
. "$here/recipes.sh"
. "$here/health_cases.sh"

prepare
make_root
mount -t tmpfs tmpfs /var/cache
mkdir -p /etc/containers
printf '[containers]\nnetns="none"\npids_limit=0\n[engine]\ncgroup_manager="cgroupfs"\n' \
    >/etc/containers/containers.conf

registry=localhost/

# build NAME LINE [BASE]: builds an image from localhost/BASE with that line. Only docker's format
# supports HEALTHCHECK.
build() {
    mkdir -p "$SYSTEM_TEST/context"
    printf '%s\n' "FROM localhost/${3:-tiny}" "$2" >"$SYSTEM_TEST/context/Dockerfile"
    podman build --quiet --format=docker --isolation=chroot --tag "localhost/$1" \
        "$SYSTEM_TEST/context" >/dev/null || fail "podman build $1"
}

# running [OPTION…]: prints podman's command line up to the image.
limits="--cgroups=disabled --ulimit=nofile=1024:1024 --ulimit=nproc=1000:1000"
running() {
    echo "podman run --rm --replace --name=$name $limits -v /usr:/usr:ro -v $SYSTEM_TEST:$SYSTEM_TEST $*"
}

# podman_checks: returns whether podman has a timer for the container's check.
podman_checks() {
    local id
    id=$(podman ps --quiet --no-trunc --filter "name=^$name\$")
    [ -n "$id" ] || fail "there is no container"
    systemctl list-units --all --plain --no-legend '*.timer' | grep -q "$id"
}

image tiny "ENTRYPOINT [\"$bin/app.py\"]" "CMD [\"$files\"]" "USER app"
build checked "$healthcheck"

scenario "the documented units run their health checks"
for number in $(is_repeated || echo readme 1) 2; do
    {
        if [ $number = readme ]; then
            recipe "$readme" "An image with a HEALTHCHECK" 1
        else
            recipe "$examples" "AN IMAGE WITH A HEALTHCHECK" $number
        fi
    } |
        sed "s|=30|=3|; s|--rm|$limits -v /usr:/usr:ro -v $SYSTEM_TEST:$SYSTEM_TEST &|; s|interval=10s|interval=1s|
            s|curl [^\"]*|$check_command line|; s|IMAGE|localhost/checked|" |
        adapt_unit app "$SYSTEM_TEST/units"
    sed -i 's|Type=notify|&\nKillMode=mixed|' "$SYSTEM_TEST/units/app.service"
    rm -f "$files/healthy" "$files/checks"
    systemctl daemon-reload
    try_health
    stays_healthy
    restarts_when_unhealthy
    stop_app
done
[[ $(tail -n 1 "$files/checks") == line ]] || fail "it is not that of the line: $(cat "$files/checks")"

scenario "the image's check makes the unit active, and the watchdog restarts it"
one_line "$(running) localhost/checked"
try_health
stays_healthy
podman_checks && fail "podman checks as well"
# podman 5.4 shows "(reset)" for every container without a check.
[[ $(podman ps --format '{{.Status}}') != *"(starting)"* ]] || fail "podman shows a state that nobody updates: $(podman ps)"
restarts_when_unhealthy
stop_app

start_journald
if ! is_repeated; then
    scenario "a start may last for the start period, despite TimeoutStartSec="
    build slow "${healthcheck/HEALTHCHECK/HEALTHCHECK --start-period=1m}"
    settings=TimeoutStartSec=10 one_line "$(running) localhost/slow"
    starts_slowly 11
    stop_app

    scenario "a check on the command line replaces the image's check"
    one_line "$(running --health-interval=1s --health-retries=2 "'--health-cmd=$check_command line'") localhost/checked"
    try_health
    [[ $(tail -n 1 "$files/checks") == line ]] || fail "it is not that of the line: $(cat "$files/checks")"
    podman_checks && fail "podman checks as well"
    stop_app

    scenario "the check runs as the container's user, in its directory and environment"
    runs_as_the_container
    podman_checks && fail "podman checks as well"
    stop_app

    scenario "podman also runs the check if --health=both is set"
    one_line "$(running) localhost/checked" --health=both
    try_health
    podman_checks || fail "podman has no timer"
    stop_app

    scenario "only podman runs the check if --health=ignore or a probe is set"
    for option in --health=ignore --ready-when=notify; do
        one_line "$(running) localhost/checked" $option
        begin "$name"
        touch "$files/healthy"
        eventually "podman runs the check" checked 1
        podman_checks || fail "podman has no timer"
        says_ready_itself
        stop_app
    done

    scenario "no check runs if --no-healthcheck is set"
    one_line "$(running --no-healthcheck) localhost/checked"
    begin "$name"
    touch "$files/healthy"
    says_ready_itself
    podman_checks && fail "podman checks"
    [ ! -e "$files/checks" ] || fail "there was a check"
    stop_app

    scenario "podman also runs the check if --health-on-failure= is set"
    one_line "$(running --health-on-failure=kill) localhost/checked"
    try_health
    podman_checks || fail "podman has no timer"
    stop_app

    scenario "the check runs if the image's entry point is wrap"
    image wrapped "ENTRYPOINT [\"/usr/bin/container-notify-wrapper\", \"$bin/app.py\"]" "CMD [\"$files\"]"
    build wrapped-checked "$healthcheck" wrapped
    one_line "$(running) localhost/wrapped-checked"
    try_health
    podman_checks && fail "podman checks as well"
    stop_app

    scenario "a warning reports that an init in the image runs no check"
    image services "ENTRYPOINT [\"/usr/bin/notifybridge\", \"init\"]"
    build services-checked "$healthcheck" services
    settings=Restart=no one_line "$(running) localhost/services-checked"
    systemctl start --no-block "$name"
    eventually "the unit's log says so" logged "$name" "the health check of this container does not run"
    expect_soon "$name" ActiveState=active
    stop_app

    scenario "the image's check works with the hook"
    install_hook
    one_line "$(running | sed "s|podman run|podman --runtime=$(command -v crun) run|") localhost/checked"
    try_health
    stays_healthy
    podman_checks && fail "podman checks as well"
    stop_app
fi

mkdir -p /usr/libexec/notifybridge
ln -sf ../../bin/notifybridge /usr/libexec/notifybridge/crun
runtime="podman --runtime=/usr/libexec/notifybridge/crun run -e SHARED_DIR -e NOTIFYBRIDGE_TOKEN"
rm -f /etc/containers/containers.conf.d/hooks.conf
if ! is_repeated; then
    scenario "podman also runs the check if wait replaces run"
    one_line "$(running --health-retries=1 | sed "s|podman run|$runtime|") localhost/checked" wait
    try_health
    stays_healthy
    podman_checks || fail "podman has no timer"
    stop_app
fi

# start_by COMMAND: makes a script that creates a container with the script's arguments, which may
# be health options, and starts the container with COMMAND. podman's line then has none of these
# options.
start_by() {
    cat >"$SYSTEM_TEST/bin/create-and-start" <<END
#!/bin/sh
podman rm --force --time=1 $name >/dev/null 2>&1
${runtime%% run*} create --name=$name -e SHARED_DIR -e NOTIFYBRIDGE_TOKEN $limits -v /usr:/usr:ro \\
    -v $SYSTEM_TEST:$SYSTEM_TEST "\$@" >/dev/null || exit
exec $1 --attach $name
END
    chmod 755 "$SYSTEM_TEST/bin/create-and-start"
}
create="$SYSTEM_TEST/bin/create-and-start"
line_check="'--health-cmd=$check_command line' --health-interval=1s"

# runs_check NAME: checks that the app is ready by that check.
runs_check() {
    try_health
    [[ $(tail -n 1 "$files/checks") == "$1" ]] || fail "it is not the check of the $1: $(cat "$files/checks")"
}

scenario "podman start runs the check of podman create"
start_by "${runtime%% run*} start"
for image in checked tiny; do
    one_line "$create $line_check localhost/$image" wait
    runs_check line
    restarts_when_unhealthy
    stop_app
done
one_line "$create localhost/checked" wait
runs_check image
stop_app
settings=WatchdogSec=0 one_line "$create --no-healthcheck localhost/checked" wait
begin "$name"
touch "$files/healthy"
says_ready_itself
[ ! -e "$files/checks" ] || fail "there was a check"
stop_app

scenario "podman's own restart keeps the check of the line"
one_line "$(running "$line_check --restart=on-failure" | sed "s|podman run --rm|$runtime|") localhost/checked" wait
runs_check line
rm "$files/healthy" "$files/checks"
before=$(lines "$files/starts")
order "$name" "exit 3"
eventually "podman starts the app again" more_lines "$files/starts" "$before"
eventually "the check is run again" checked 1
[ "$(sort -u "$files/checks")" = line ] || fail "it is not that of the line: $(cat "$files/checks")"
touch "$files/healthy"
# The client of podman 5 may end although podman restarts the container. In this case, systemd
# restarts the unit.
expect_soon "$name" ActiveState=active
tell "$name" "on TERM exit 0"
stop_app

stop_container() { stop_app; }
told() { logged "$name" "$1"; }
if ! is_repeated; then
    . "$here/health_storage.sh"
    . "$here/health_mistakes.sh"
fi

log_in
scenario "the image's check works with a user's podman"
use_name hers
units=$her_units limits=
image tiny "ENTRYPOINT [\"$bin/app.py\"]" "CMD [\"$files\"]" "USER app"
build checked "$healthcheck"
one_line "$(running) localhost/checked"
try_health
stays_healthy
podman_checks && fail "podman checks as well"
restarts_when_unhealthy
stop_app
