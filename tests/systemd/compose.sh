#!/bin/bash
#
# docker compose, as in README.md: a project with two containers is one unit. If $NEWER_COMPOSE is
# set, the test uses the docker compose in it.

. "$(dirname "$0")/lib.sh"
if is_instrumented; then skip "the containers have no libraries for an instrumented executable"; fi
if [ -n "${NEWER_COMPOSE:-}" ]; then
    # docker searches this directory for its plugins.
    export DOCKER_CONFIG=$NEWER_COMPOSE/usr/libexec/docker
    [ -x "$DOCKER_CONFIG/cli-plugins/docker-compose" ] ||
        skip "there is no docker compose 2 at NEWER_COMPOSE=$NEWER_COMPOSE; tests/run unpacks one"
fi
[ -n "${SYSTEM_TEST:-}" ] || [ -x "${NEWER_COMPOSE:-}/usr/bin/docker-compose" ] ||
    skip "there is no docker-compose"
# nginx is in a directory that only root's PATH contains.
PATH=$PATH:/usr/sbin:/sbin
in_lab /usr/bin/docker dockerd containerd redis-server redis-cli nginx
. "$here/recipes.sh"

prepare
docker_unit
[ -z "${DOCKER_CONFIG:-}" ] || systemctl set-environment "DOCKER_CONFIG=$DOCKER_CONFIG"

# program_image NAME COMMAND PROGRAM…: makes an image with these programs and their libraries.
program_image() {
    local name=$1 command=$2 root=$SYSTEM_TEST/$1 program file
    shift 2
    mkdir -p "$root"/{etc,tmp,run,proc,sys,dev,var/log/nginx,var/lib/nginx}
    for program; do
        program=$(command -v "$program")
        for file in "$program" $(ldd "$program" | grep -o '/[^ ]*'); do
            mkdir -p "$root${file%/*}"
            cp -L "$file" "$root$file"
        done
    done
    echo "root:x:0:0::/:/bin/sh" >"$root/etc/passwd"
    echo "root:x:0:" >"$root/etc/group"
    {
        printf 'daemon off;\nuser root;\nevents {}\n'
        printf 'http { access_log off; server { listen 80; location / { return 204; } } }\n'
    } >"$root/etc/nginx.conf"
    image_root=$root docker_image "$name" "CMD $command"
}

notifybridge runtime --configure=docker >/dev/null
systemctl daemon-reload
systemctl start docker
# After SIGABRT, redis writes a report, and sometimes dies of SIGSEGV while it does so.
program_image redis '["redis-server", "--save", "", "--crash-log-enabled", "no"]' redis-server redis-cli
program_image nginx '["nginx", "-c", "/etc/nginx.conf"]' nginx

heading="docker compose: several containers in one unit"
mkdir -p /etc/stack
# The lab has no networks.
recipe "$readme" "$heading" 1 yaml | sed "s|^    runtime: .*|&\n    network_mode: none|" \
    >/etc/stack/compose.yaml
# docker-compose has the same path in both releases of Debian.
compose=${NEWER_COMPOSE:-}/usr/bin/docker-compose
recipe "$readme" "$heading" 1 | sed "s|docker-compose|$compose|" | adapt_unit stack "$SYSTEM_TEST/units"
systemctl daemon-reload

# of NAME: prints the running container of that service. A container that `up` has replaced may
# still exist for a moment.
of() {
    /usr/bin/docker ps --quiet --filter "label=com.docker.compose.service=$1"
}

answers() {
    /usr/bin/docker exec "$(of db)" redis-cli ping >/dev/null 2>&1
}

scenario "the unit is active when both containers are ready"
start stack
answers || fail "it is active, and db does not answer"

scenario "a killed container restarts while the unit stays active"
kill -KILL "$(/usr/bin/docker inspect --format '{{.State.Pid}}' "$(of db)")"
eventually "db is back" answers
expect stack ActiveState=active NRestarts=0

# stops_clean: checks that the stop is clean, and that no container runs after it.
stops_clean() {
    timeout -k 1 60 systemctl stop stack || fail "systemctl stop stack"
    eventually "stack ends" is_over stack
    case $(cat "$SYSTEM_TEST/ends/stack") in
    success*) ;;
    *) fail "stack ended as \"$(cat "$SYSTEM_TEST/ends/stack")\"" ;;
    esac
    [ -z "$(/usr/bin/docker ps --quiet)" ] || fail "containers are left"
}

scenario "a stop is clean and ends all containers"
stops_clean

scenario "docker kill of one service leaves the unit active"
start stack
/usr/bin/docker kill "$(of web)" >/dev/null
expect_soon stack ActiveState=active "StatusText=web: the run broke off"
stops_clean

if ! /usr/bin/docker compose version >/dev/null 2>&1; then
    scenario "an error names docker-compose if docker has no compose"
    recipe "$readme" "$heading" 1 | sed "s|docker-compose|/usr/bin/docker compose|" |
        adapt_unit absent "$SYSTEM_TEST/units"
    systemctl daemon-reload
    systemctl start absent 2>/dev/null && fail "it started"
    eventually "it is said what to write" grep -qF \
        'docker has no `compose` subcommand here: write `docker-compose`' "$SYSTEM_TEST/log/absent"
    systemctl reset-failed absent
fi

scenario "the unit in wait(1) works"
recipe "$manual/notifybridge-wait.1" EXAMPLES 2 | sed "s|docker-compose|$compose|" |
    adapt_unit stack "$SYSTEM_TEST/units"
systemctl daemon-reload
start stack
answers || fail "it is active, and db does not answer"
stops_clean

scenario "a healthcheck makes its service ready, and docker also runs it"
recipe "$examples" "AN IMAGE WITH A HEALTHCHECK" 1 yaml | sed "s|^    runtime: .*|&\n    network_mode: none|" \
    >/etc/stack/compose.yaml
start stack
answers || fail "it is active, and db does not answer"
state=$(/usr/bin/docker inspect --format '{{.State.Health.Status}}' "$(of db)")
[ "$state" = healthy ] || fail "docker says: $state"
stops_clean

scenario "the watchdog restarts the unit if a service is unhealthy"
sed -i 's|interval: 1s|interval: 1s, timeout: 1s, retries: 2|' /etc/stack/compose.yaml
sed -i 's|^Type=notify|&\nWatchdogSec=4\nRestart=on-failure|' "$SYSTEM_TEST/units/stack.service"
systemctl daemon-reload
start stack
# docker reports the pid of `wrap`, and redis is the child of `wrap`.
pid=$(pgrep --parent "$(/usr/bin/docker inspect --format '{{.State.Pid}}' "$(of db)")" redis-server)
kill -STOP "$pid"
expect_soon stack "StatusText=db: unhealthy: did not end within 1s"
restarted() { [ "$(property stack NRestarts)" -gt 0 ]; }
eventually "the unit is restarted" restarted
[ "$(cat "$SYSTEM_TEST/ends/stack")" = "watchdog exited 134" ] ||
    fail "it ended as: $(cat "$SYSTEM_TEST/ends/stack")"
kill -CONT "$pid" 2>/dev/null || true
expect_soon stack ActiveState=active
eventually "db answers again" answers
stops_clean
