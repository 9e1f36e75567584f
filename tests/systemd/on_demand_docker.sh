#!/bin/bash
#
# `run --proxy` with docker: a connection starts a container that has no network, and gets its
# answer. Some time later, nothing runs.

. "$(dirname "$0")/lib.sh"
in_lab /usr/bin/docker dockerd containerd curl
. "$here/recipes.sh"
. "$here/on_demand_cases.sh"

no_web() {
    [ -z "$(/usr/bin/docker ps --all --quiet --filter "name=^web\$")" ]
}

prepare
make_root
docker_unit
serve
notifybridge runtime --configure=docker >/dev/null
systemctl daemon-reload
systemctl start docker
docker_image tiny "ENTRYPOINT [\"$bin/serve.py\"]" "CMD [\"$apps/signals\"]"
# `docker import` does not support STOPSIGNAL.
printf 'FROM tiny\nSTOPSIGNAL SIGUSR1\n' | DOCKER_BUILDKIT=0 /usr/bin/docker build --tag web - >/dev/null 2>&1 ||
    fail "docker build web"

scenario "a connection starts a container of docker"
on_demand "$examples" 3 "$SYSTEM_TEST/units" "-v /usr:/usr:ro -v $SYSTEM_TEST:$SYSTEM_TEST web"
try_on_demand no_web

scenario "a stop of docker lets a client get its answer"
try_stop "$SYSTEM_TEST/units"
