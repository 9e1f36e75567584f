#!/bin/bash
#
# Runs the units and commands that README.md and notifybridge-examples(7) tell people to copy,
# without changes. podman finds images with the names in the text, and its settings contain lines
# that the lab needs. docker, distrobox, bwrap, systemd-nspawn and units of users have separate
# tests.

. "$(dirname "$0")/lib.sh"
in_lab podman crun redis-server redis-cli socat systemd-notify
. "$here/recipes.sh"

prepare
make_root
hide /srv
podman_settings
image docker.io/library/redis 'CMD ["redis-server", "--save", ""]'
image docker.io/library/nginx 'CMD ["python3", "-m", "http.server", "80"]'
image localhost/tiny 'CMD ["false"]'
cp /usr/bin/notifybridge "$image_root/opt/container-notify-wrapper"
image localhost/niri:latest 'CMD ["false"]'

# shell FILE HEADING NUMBER: runs the commands in that block.
shell() {
    recipe "$1" "$2" "$3" sh >"$SYSTEM_TEST/commands"
    bash -e "$SYSTEM_TEST/commands"
}

# with_app NAME: prints a sed script that replaces an image and its command with the app NAME.
with_app() {
    echo "s|/app\\b|/$1|g; s|--name=app|--name=$1|; s|IMAGE COMMAND|localhost/tiny $(app "$1")|"
}

# stops NAME: checks that the unit is healthy, and that systemctl stop is clean.
stops() {
    is_healthy "$1"
    timeout -k 1 60 systemctl stop "$1" || fail "systemctl stop $1"
    is_clean "$1"
}

is_clean() {
    eventually "$1 ends" is_over "$1"
    case $(cat "$SYSTEM_TEST/ends/$1") in
    success*) ;;
    *) fail "$1 ended as \"$(cat "$SYSTEM_TEST/ends/$1")\"" ;;
    esac
    expect_gone "$1"
}

scenario "the example without a container and a unit prints messages"
recipe "$examples" "TO TRY IT" 1 sh >"$SYSTEM_TEST/commands"
said=$(env -i PATH="$PATH" unshare --mount bash -e -c \
    "exec 3<$SYSTEM_TEST/commands; mount -t tmpfs tmpfs /tmp; . /dev/fd/3" 2>&1) || fail "$said"
for line in "STATUS=It works" "READY=1"; do
    grep -q "$line" <<<"$said" || fail "it does not print $line: $said"
done

scenario "an unchanged Redis image makes its unit active"
copy "$readme" "Any image, as it is" 1 cache
start cache
podman exec cache redis-cli ping >/dev/null || fail "it is active and does not answer"
stops cache

scenario "podman: a Redis unit with a watchdog starts, reloads and stops"
copy "$readme" podman 1 cache
start cache
expect cache WatchdogUSec=30s
systemctl reload cache
expect_soon cache ActiveState=active
stops cache
printf '[Service]\nRestart=no\n' >>"$SYSTEM_TEST/units/cache.service.d/monitor.conf"
systemctl daemon-reload
start cache
kill -KILL "$(property cache MainPID)"
expect_end cache "signal killed KILL"
# podman 5 cannot remove a container at once if its monitor was killed.
[ "$(podman_version)" != 4 ] || no_container cache || fail "wait was killed, and its container is left"
remove_killed cache
systemctl reset-failed cache

scenario "Quadlet: the settings in README.md make a unit active"
# podman has Quadlet only from version 4.4 on. So this is the unit that Quadlet would make.
# quadlet KEY: prints the value of that key in the .container file.
quadlet() {
    recipe "$readme" Quadlet 1 text | sed -n "s/^$1=//p"
}
[ "$(quadlet Notify)" = true ] || fail "messages would not come from the container"
adapt_unit quadlet "$SYSTEM_TEST/units" <<END
[Service]
Type=notify
NotifyAccess=all
KillMode=mixed
ExecStart=/usr/bin/podman $(quadlet GlobalArgs) run --name=quadlet --replace --rm \
    --sdnotify=container --detach --publish $(quadlet PublishPort) --volume $(quadlet Volume) \
    --env "$(quadlet Environment)" $(quadlet Image)
ExecStop=/usr/bin/podman rm --force --ignore quadlet
END
systemctl daemon-reload
start quadlet
podman exec quadlet redis-cli ping >/dev/null || fail "it is active and does not answer"
stops quadlet

scenario "a podman unit written by hand works"
copy "$examples" podman 1 hand "$(with_app hand)"
try_unit hand

scenario "a unit works if its image contains notifybridge"
copy "$examples" "Images that contain notifybridge" 1 niri \
    "s|/tmp/niri-notify|/run/niri-notify|g; s|/usr/bin/niri|$(app niri)|; s|niri-container|niri|"
make_ready niri
stop niri

scenario "the commands for use in a container send messages"
recipe "$examples" "IN THE CONTAINER" 1 sh >"$apps/commands.sh"
echo "exec sleep infinity" >>"$apps/commands.sh"
copy "$examples" podman 1 app "s|IMAGE COMMAND|localhost/tiny /bin/sh -e $apps/commands.sh|"
start app
shell "$examples" "IN THE CONTAINER" 2 >/dev/null
expect_soon app "StatusText=Under maintenance"
stops app

scenario "a script starts several containers in one unit"
recipe "$examples" "SEVERAL CONTAINERS BY A SCRIPT" 1 sh >/usr/local/bin/stack
chmod 755 /usr/local/bin/stack
copy "$examples" "SEVERAL CONTAINERS BY A SCRIPT" 1 stack
start stack
podman exec stack-db redis-cli ping >/dev/null || fail "it is active, and db does not answer"
kill -KILL "$(podman inspect --format '{{.State.Pid}}' stack-db)"
back() { podman exec stack-db redis-cli ping >/dev/null 2>&1; }
eventually "db is back" back
expect stack ActiveState=active NRestarts=0
stops stack
for name in db web; do
    eventually "$name is gone" no_container "stack-$name"
done

scenario "run(1): the example prints the command of run"
said=$(shell "$manual/notifybridge-run.1" EXAMPLES 2)
grep -q "^env SHARED_DIR=.* podman --runtime=/usr/.*/crun run .* --rm IMAGE$" <<<"$said" || fail "$said"

scenario "runtime(1): the unit works, and the example prints a bundle"
image localhost/own "CMD [\"$bin/app.py\", \"$apps/own\"]"
app own >/dev/null
copy "$manual/notifybridge-runtime.1" EXAMPLES 1 own "s|/app\\b|/own|; s|--name=app|--name=own|
    s|IMAGE|localhost/own|"
try_unit own
cd /run
crun spec
said=$(shell "$manual/notifybridge-runtime.1" EXAMPLES 1)
grep -q '"ociVersion"' <<<"$said" || fail "$said"

scenario "wait(1): the unit works"
copy "$manual/notifybridge-wait.1" EXAMPLES 1 unit "s|/app\\b|/unit|g; s|--name=app|--name=unit|
    s|IMAGE \\(.*\\) COMMAND|localhost/tiny \\1 $(app unit)|"
try_unit unit

scenario "wait(1): the script continues when the app is ready"
printf '#!/bin/sh\nnotifybridge send --ready\nexec sleep infinity\n' >/usr/local/bin/ready
chmod 755 /usr/local/bin/ready
recipe "$manual/notifybridge-wait.1" EXAMPLES 1 sh | sed "s|/tmp/container-notify|/run/ready|
    s|IMAGE|localhost/tiny|; s|COMMAND|/usr/local/bin/ready|" >"$SYSTEM_TEST/commands"
SHARED_DIR=/run/ready bash -e "$SYSTEM_TEST/commands" >"$SYSTEM_TEST/log/ready" 2>&1 ||
    fail "$(cat "$SYSTEM_TEST/log/ready")"
notifybridge status --ready /run/ready || fail "the app does not go on"

scenario "status(1): the unit writes metrics for node_exporter"
mkdir -p /run/prometheus/node-exporter
copy "$manual/notifybridge-status.1" EXAMPLES 1 metrics "s|/var/lib/prometheus|/run/prometheus|"
make_ready unit
systemctl start metrics
grep -q 'notifybridge_ready{shared_dir="/run/unit".*} 1' /run/prometheus/node-exporter/notifybridge.prom ||
    fail "$(cat /run/prometheus/node-exporter/notifybridge.prom)"
stop unit
podman rm --force --time=0 app >/dev/null

scenario "status(1): both probes succeed when the app is ready"
words="--health-interval=disable --detach --replace --name=health"
words="$words -v /usr/bin/notifybridge:/opt/notifybridge:ro --entrypoint=/opt/notifybridge"
recipe "$manual/notifybridge-status.1" EXAMPLES 1 sh |
    sed "s|\\.\\.\\.|$words localhost/tiny wrap $(app health)|" >"$SYSTEM_TEST/commands"
bash -e "$SYSTEM_TEST/commands" >/dev/null
eventually "the app starts" more_lines "$apps/health/starts" 0
read -ra probe < <(recipe "$manual/notifybridge-status.1" EXAMPLES 1 yaml |
    sed -n 's/.*command: \[\(.*\)\]/\1/p' | tr -d ,)
is_ready() { podman healthcheck run health >/dev/null && podman exec health "${probe[@]}"; }
if is_ready; then fail "it is ready before it says so"; fi
tell health "send READY=1"
eventually "it is ready" is_ready
podman rm --force --time=0 health >/dev/null

scenario "a shell script makes its unit active"
recipe "$examples" "A SHELL SCRIPT" 1 sh >/usr/local/bin/app
chmod 755 /usr/local/bin/app
copy "$examples" "A SHELL SCRIPT" 1 script
start script
expect script StatusText=Serving NotifyAccess=main
stops script

scenario "a program that does not notify becomes ready"
copy "$readme" "A program that does not notify" 1 web
start web
timeout -k 1 5 bash -c "</dev/tcp/127.0.0.1/8080" || fail "it is active, and takes no connection"
stops web

scenario "one container runs several services"
shell "$examples" "SEVERAL SERVICES IN ONE CONTAINER" 1
copy "$examples" "SEVERAL SERVICES IN ONE CONTAINER" 1 box
listed=$(shell "$examples" "SEVERAL SERVICES IN ONE CONTAINER" 2)
for name in web worker; do
    grep -q "$name.service *loaded active running" <<<"$listed" || fail "$name does not run: $listed"
done
expect box ActiveState=active
stops box

scenario "a socket starts a service in a container"
shell "$examples" "A socket in a container" 1
copy "$examples" "A socket in a container" 1 greeter
said=$(shell "$examples" "A socket in a container" 2)
[ "$said" = "b'hello\\n'" ] || fail "it says $said"
is_clean greeter
