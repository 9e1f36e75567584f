#!/bin/bash
#
# docker, as in README.md and notifybridge-examples(7): a unit that runs a container, and a unit
# that follows a container which docker itself starts.

. "$(dirname "$0")/lib.sh"
in_lab /usr/bin/docker dockerd containerd
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

scenario "a unit runs a container"
recipe "$examples" docker 1 | sed "s|--rm|$options &|; s|IMAGE COMMAND|tiny $(app app)|" |
    adapt_unit app "$SYSTEM_TEST/units"
systemctl daemon-reload
systemctl start docker
docker_image tiny
try_unit app
eventually "the container goes" is_no_container_of_docker app

scenario "a killed wait's leftover container does not block a start"
make_ready app
kill -KILL "$(property app MainPID)"
expect_end app "signal killed KILL"
try_unit app

scenario "docker run -d: wait follows the app, and a stop ends it"
recipe "$examples" docker 1 | sed "s|--rm|$options --detach &|; s|IMAGE COMMAND|tiny $(app app)|" |
    adapt_unit app "$SYSTEM_TEST/units"
systemctl daemon-reload
try_unit app
eventually "the container goes" is_no_container_of_docker app

# mistaken NAME SED: makes the same unit with a mistake. The first line of its log is from `docker
# rm`.
mistaken() {
    recipe "$examples" docker 1 | sed "s|/run/app|/run/$1|g; s|force app|force $1|; s|--name=app|--name=$1|
        s|--rm|$options &|; s|IMAGE COMMAND|tiny $(app "$1")|; $2" | adapt_unit "$1" "$SYSTEM_TEST/units"
    systemctl daemon-reload
}

scenario "an error explains that the wrapper is not on the host"
mistaken absent "s|-v /usr/bin/notifybridge|-v /run/none/notifybridge|"
systemctl start --no-block absent
says absent 2 '"/run/none/notifybridge" does not exist, and docker creates a directory' "install notifybridge"
systemctl stop absent
docker rm --force absent >/dev/null 2>&1 || true

scenario "docker run -d: an error explains an unmounted directory"
rmdir "$image_root/shared"
docker_image bare
mistaken detached "s|--rm|--detach &|; s|-v /run/detached:/shared:Z||; s| tiny | bare |"
fails detached 3 "the command exited with status 0; no wrap has started in /run/detached" \
    "add \`-v /run/detached:/shared:Z -e SHARED_DIR=/shared\`"
mkdir "$image_root/shared"

scenario "an error explains how to configure docker's runtime"
recipe "$readme" docker 1 | sed "s|--force redis|--force stranger|
    s|--name=redis .*|--name=stranger tiny|" | adapt_unit stranger "$SYSTEM_TEST/units"
systemctl daemon-reload
fails stranger 2 "does not have the runtime notifybridge" "runtime --configure=docker"
eventually "docker's refusal is explained" grep -qF \
    "the command exited with status 125; no wrap has started in /run/notifybridge/stranger.service/shared" \
    "$SYSTEM_TEST/log/stranger"

scenario "an unchanged image works with the default KillMode="
notifybridge runtime --configure=docker >/dev/null
systemctl kill --kill-whom=main --signal=HUP docker
docker_image image "ENTRYPOINT [\"$bin/app.py\"]" "CMD [\"$apps/image\"]" "USER app"
app image >/dev/null
recipe "$readme" docker 1 | sed "s|notifybridge run|& --verbose|; s|--force redis|--force image|
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

scenario "a unit with PrivateMounts= shares its directory with dockerd"
printf '[Service]\nPrivateMounts=yes\n' >"$SYSTEM_TEST/units/image.service.d/mounts.conf"
systemctl daemon-reload
try_unit image
[ ! -e /run/notifybridge/image.service ] || fail "the place is left behind: $(find /run/notifybridge)"
eventually "the container goes" is_no_container_of_docker image
rm "$SYSTEM_TEST/units/image.service.d/mounts.conf"
systemctl daemon-reload

scenario "no container is left if wait is killed"
adapt_unit image "$SYSTEM_TEST/units" <"$SYSTEM_TEST/image.service"
systemctl daemon-reload
make_ready image
kill -KILL "$(property image MainPID)"
expect_end image "signal killed KILL"
is_no_container_of_docker image || fail "a container is left"

scenario "a stop sends the image's signal and kills a paused container"
printf 'FROM image\nSTOPSIGNAL SIGINT\n' | DOCKER_BUILDKIT=0 docker build --tag fast - >/dev/null 2>&1 ||
    fail "docker build"
recipe "$readme" docker 1 | sed "s|notifybridge run|& --verbose --stop-timeout=5|; s|--force redis|--force image|
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

scenario "run(1): the unit with probes becomes active"
touch "$image_root/health"
docker_image web 'CMD ["python3", "-m", "http.server", "8080"]'
recipe "$manual/notifybridge-run.1" EXAMPLES 1 | sed "s|app IMAGE|app $options web|" |
    adapt_unit app "$SYSTEM_TEST/units"
systemctl daemon-reload
start app
timeout -k 1 60 systemctl stop app || fail "systemctl stop app"
expect_ended app
eventually "the container goes" is_no_container_of_docker app

scenario "a unit follows a container that docker starts"
mkdir /run/box
# shellcheck disable=SC2046,SC2086 # Options are words.
docker run --detach --restart=always --name=box $options -v /run/box:/shared:Z \
    -e SHARED_DIR=/shared -v /usr/bin/notifybridge:/opt/container-notify-wrapper:ro \
    --entrypoint=/opt/container-notify-wrapper tiny --verbose $(app box) >/dev/null
recipe "$examples" "A container that another program starts" 1 | sed "s|/run/app|/run/box|" |
    adapt_unit box "$SYSTEM_TEST/units"
# This test starts the unit more often than systemd allows in ten seconds.
printf '[Unit]\nStartLimitIntervalSec=0\n' >"$SYSTEM_TEST/units/box.service.d/limit.conf"
systemctl daemon-reload
systemctl start --no-block box
tell box "send READY=1\\nSTATUS=up"
expect_soon box ActiveState=active StatusText=up

# anew COMMAND…: checks that the unit follows the app after COMMAND has restarted the app.
anew() {
    local before
    before=$(lines "$apps/box/starts")
    "$@"
    eventually "the app starts again" more_lines "$apps/box/starts" "$before"
    tell box "send READY=1\\nSTATUS=up after $*"
    expect_soon box ActiveState=active "StatusText=up after $*"
}

scenario "the unit follows docker restart of an app that SIGTERM kills"
anew docker restart box

scenario "the unit follows docker restart of an app that exits with 0"
tell box "on TERM exit 0"
anew docker restart box

scenario "a unit with --keep follows a restart after STOPPING=1"
recipe "$examples" "A container that another program starts" 1 |
    sed "s|/run/app|/run/box|; s|host-notify-waiter|& --keep|" |
    adapt_unit box "$SYSTEM_TEST/units"
systemctl daemon-reload
systemctl restart box
expect_soon box ActiveState=active
tell box "on TERM send STOPPING=1"
anew docker restart --time=1 box
if grep -q timeout "$SYSTEM_TEST/ends/box"; then fail "the unit was stuck until its time was out"; fi

scenario "the unit follows a restart of docker itself"
anew systemctl restart docker

scenario "stopping the unit does not stop the container"
systemctl stop box
expect_end box "success exited 0"
tell box "send STATUS=to nobody"
