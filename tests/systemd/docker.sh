#!/bin/bash
#
# docker, as in README.md and notifybridge-examples(7): a unit that runs a container, and a unit
# that follows a container which docker itself starts.

. "$(dirname "$0")/lib.sh"
in_lab 120 /usr/bin/docker /usr/sbin/dockerd containerd
. "$here/recipes.sh"

prepare
make_root
docker_unit
docker() { /usr/bin/docker "$@"; }

# These options provide what an image would contain.
options="--network=none -v /usr:/usr:ro -v $SYSTEM_TEST:$SYSTEM_TEST"

is_no_container_of_docker() {
    [ -z "$(docker ps --all --quiet --filter "name=^$1\$")" ]
}

scenario "a unit that runs a container"
recipe "$examples" docker 1 | sed "s|--rm|$options &|; s|IMAGE COMMAND|tiny $(app app)|" |
    adapt_unit app "$SYSTEM_TEST/units"
systemctl daemon-reload
systemctl start docker
docker_image tiny
try_unit app
eventually "the container goes" is_no_container_of_docker app

scenario "a container that wait left behind when it was killed is in nobody's way"
make_ready app
kill -KILL "$(property app MainPID)"
expect_end app "signal killed KILL"
try_unit app

scenario "docker run -d: wait stays with the app, and ends it when it is stopped"
recipe "$examples" docker 1 | sed "s|--rm|$options --detach &|; s|IMAGE COMMAND|tiny $(app app)|" |
    adapt_unit app "$SYSTEM_TEST/units"
systemctl daemon-reload
try_unit app
eventually "the container goes" is_no_container_of_docker app

# mistaken NAME SED: makes the same unit with a mistake. The first line is the output of `docker
# rm`.
mistaken() {
    recipe "$examples" docker 1 | sed "s|/run/app|/run/$1|g; s|force app|force $1|; s|--name=app|--name=$1|
        s|--rm|$options &|; s|IMAGE COMMAND|tiny $(app "$1")|; $2" | adapt_unit "$1" "$SYSTEM_TEST/units"
    systemctl daemon-reload
}

scenario "the wrapper is not on the host"
mistaken absent "s|-v /usr/bin/notifybridge|-v /run/none/notifybridge|"
systemctl start --no-block absent
says absent 2 '"/run/none/notifybridge" does not exist, and docker creates a directory' "install notifybridge"
systemctl stop absent
docker rm --force absent >/dev/null 2>&1 || true

scenario "docker run -d: the directory is not mounted"
rmdir "$image_root/shared"
docker_image bare
mistaken detached "s|--rm|--detach &|; s|-v /run/detached:/shared:Z||; s| tiny | bare |"
fails detached 3 "the command exited with status 0; no wrap has started in /run/detached" \
    "add \`-v /run/detached:/shared:Z -e SHARED_DIR=/shared\`"
mkdir "$image_root/shared"

scenario "docker does not know the runtime, and may not be asked"
recipe "$readme" docker 1 | sed "s|--force redis|--force stranger|
    s|--name=redis .*|--name=stranger tiny|" | adapt_unit stranger "$SYSTEM_TEST/units"
systemctl daemon-reload
fails stranger 2 "does not have the runtime notifybridge" "runtime --configure=docker"
eventually "docker's refusal is explained" grep -qF \
    "the command exited with status 125; no wrap has started in /run/notifybridge/stranger.service/shared" \
    "$SYSTEM_TEST/log/stranger"

scenario "any image, as it is, and the default KillMode="
notifybridge runtime --configure=docker >/dev/null
systemctl kill --kill-whom=main --signal=HUP docker
docker_image image "ENTRYPOINT [\"$bin/app.py\"]" "CMD [\"$apps/image\"]" "USER app"
app image >/dev/null
recipe "$readme" docker 1 | sed "s|--ready-when=[^ ]*|--verbose|; s|--force redis|--force image|
    s|--name=redis .*|--name=image $options image|" | tee "$SYSTEM_TEST/image.service" |
    sed s/KillMode=mixed/KillMode=control-group/ | adapt_unit image "$SYSTEM_TEST/units"
systemctl daemon-reload
knows_us() { docker info --format '{{json .Runtimes}}' | grep -q notifybridge; }
eventually "docker knows the runtime" knows_us
try_unit image
eventually "the container goes" is_no_container_of_docker image
make_ready image
tell image "on TERM send STATUS=ending"
systemctl stop --no-block image
expect_soon image StatusText=ending
order image "exit 3"
expect_end image "exit-code exited 3"
eventually "the container goes" is_no_container_of_docker image

scenario "a unit with mounts of its own shares its directory with dockerd all the same"
printf '[Service]\nPrivateMounts=yes\n' >"$SYSTEM_TEST/units/image.service.d/mounts.conf"
systemctl daemon-reload
try_unit image
[ ! -e /run/notifybridge/image.service ] || fail "the place is left behind: $(find /run/notifybridge)"
eventually "the container goes" is_no_container_of_docker image
rm "$SYSTEM_TEST/units/image.service.d/mounts.conf"
systemctl daemon-reload

scenario "no container is left behind by a wait that is killed"
adapt_unit image "$SYSTEM_TEST/units" <"$SYSTEM_TEST/image.service"
systemctl daemon-reload
make_ready image
kill -KILL "$(property image MainPID)"
expect_end image "signal killed KILL"
is_no_container_of_docker image || fail "a container is left"

scenario "the stop signal is the image's, and a container that is paused is killed by docker"
printf 'FROM image\nSTOPSIGNAL SIGINT\n' | DOCKER_BUILDKIT=0 docker build --tag fast - >/dev/null 2>&1 ||
    fail "docker build"
recipe "$readme" docker 1 | sed "s|--ready-when=[^ ]*|--verbose --stop-timeout=5|; s|--force redis|--force image|
    s|--name=redis .*|--name=image $options fast|" | adapt_unit image "$SYSTEM_TEST/units"
systemctl daemon-reload
make_ready image
tell image "on TERM send STATUS=waiting for a client"
tell image "on INT exit 0"
systemctl stop image
expect_end image "success exited 0"
eventually "the container goes" is_no_container_of_docker image
make_ready image
docker pause image >/dev/null || fail "docker pause"
systemctl stop image || fail "systemctl stop"
expect_end image "exit-code exited 137"
eventually "the container goes" is_no_container_of_docker image

scenario "run(1): a health check, and a watchdog"
touch "$image_root/health"
docker_image web 'CMD ["python3", "-m", "http.server", "8080"]'
recipe "$manual/notifybridge-run.1" EXAMPLES 1 | sed "s|app IMAGE|app $options web|" |
    adapt_unit app "$SYSTEM_TEST/units"
systemctl daemon-reload
start app
timeout -k 1 60 systemctl stop app || fail "systemctl stop app"
expect_ended app
eventually "the container goes" is_no_container_of_docker app

scenario "a unit for a container that docker starts"
mkdir /run/box
# shellcheck disable=SC2046,SC2086 # Options are words.
docker run --detach --restart=always --name=box $options -v /run/box:/shared:Z \
    -e SHARED_DIR=/shared -v /usr/bin/notifybridge:/opt/container-notify-wrapper:ro \
    --entrypoint=/opt/container-notify-wrapper tiny --verbose $(app box) >/dev/null
recipe "$examples" "A container that something else starts" 1 | sed "s|/run/app|/run/box|" |
    adapt_unit box "$SYSTEM_TEST/units"
# The unit is started more often here than systemd allows in ten seconds.
printf '[Unit]\nStartLimitIntervalSec=0\n' >"$SYSTEM_TEST/units/box.service.d/limit.conf"
systemctl daemon-reload
systemctl start --no-block box
tell box "send READY=1\\nSTATUS=up"
expect_soon box ActiveState=active StatusText=up

# anew COMMAND…: checks that the unit follows the app after this command has restarted it.
anew() {
    local before
    before=$(lines "$apps/box/starts")
    "$@"
    eventually "the app starts again" more_lines "$apps/box/starts" "$before"
    tell box "send READY=1\\nSTATUS=up after $*"
    expect_soon box ActiveState=active "StatusText=up after $*"
}

scenario "docker restart, of an app that has no handler for SIGTERM"
anew docker restart box

scenario "docker restart, of an app that ends well"
tell box "on TERM exit 0"
anew docker restart box

scenario "docker restart, of an app that says STOPPING=1, with --keep"
recipe "$examples" "A container that something else starts" 1 |
    sed "s|/run/app|/run/box|; s|host-notify-waiter|& --keep|" |
    adapt_unit box "$SYSTEM_TEST/units"
systemctl daemon-reload
systemctl restart box
expect_soon box ActiveState=active
tell box "on TERM send STOPPING=1"
anew docker restart --time=1 box
if grep -q timeout "$SYSTEM_TEST/ends/box"; then fail "the unit was stuck until its time was out"; fi

scenario "docker itself is restarted"
anew systemctl restart docker

scenario "the unit stops, and the container goes on"
systemctl stop box
expect_end box "success exited 0"
tell box "send STATUS=to nobody"
