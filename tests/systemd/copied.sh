#!/bin/bash
#
# What README.md and notifybridge-examples(7) tell people to copy, as it stands there: podman finds
# images by the names that are told, and its own settings say what the lab wants of it. docker,
# distrobox, bwrap, systemd-nspawn and users have tests of their own.

. "$(dirname "$0")/lib.sh"
in_lab 240 podman crun redis-server redis-cli socat systemd-notify
. "$here/recipes.sh"

prepare
make_root
mount -t tmpfs tmpfs /var/cache
mount -t tmpfs tmpfs /srv
mkdir -p /usr/libexec/notifybridge /etc/containers
ln -s ../../bin/notifybridge /usr/libexec/notifybridge/crun
cat >/etc/containers/containers.conf <<END
[engine]
cgroup_manager="cgroupfs"
[containers]
cgroups="disabled"
netns="none"
default_ulimits=["nofile=1024:1024", "nproc=1000:1000"]
volumes=["/usr:/usr:ro", "$SYSTEM_TEST:$SYSTEM_TEST"]
END

# image NAME COMMAND: an image of the files in $image_root that runs this.
image() {
    tar -C "$image_root" -c . | podman import --change "CMD $2" - "$1" >/dev/null 2>&1 ||
        fail "podman import $1"
}
image docker.io/library/redis '["redis-server", "--save", ""]'
image docker.io/library/nginx '["python3", "-m", "http.server", "80"]'
image localhost/tiny '["false"]'
cp /usr/bin/notifybridge "$image_root/opt/container-notify-wrapper"
image localhost/niri:latest '["false"]'

# copy FILE HEADING NUMBER NAME [SED]: that unit under that name. podman leaves its monitor in the
# unit's control group here.
copy() {
    recipe "$1" "$2" "$3" | sed "${5:-}" | adapt_unit "$4" "$SYSTEM_TEST/units"
    printf '[Service]\nKillMode=mixed\n' >"$SYSTEM_TEST/units/$4.service.d/monitor.conf"
    systemctl daemon-reload
}

# shell FILE HEADING NUMBER: the commands of that block.
shell() {
    recipe "$1" "$2" "$3" sh >"$SYSTEM_TEST/commands"
    bash -e "$SYSTEM_TEST/commands"
}

# with_app NAME: what puts the app of that name in the place of an image and its command.
with_app() {
    echo "s|/app\\b|/$1|g; s|--name=app|--name=$1|; s|IMAGE COMMAND|localhost/tiny $(app "$1")|"
}

# stops NAME: systemctl stop is clean.
stops() {
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

scenario "to try it, without a container and a unit"
recipe "$examples" "TO TRY IT" 1 sh >"$SYSTEM_TEST/commands"
said=$(env -i PATH="$PATH" unshare --mount bash -e -c \
    "exec 3<$SYSTEM_TEST/commands; mount -t tmpfs tmpfs /tmp; . /dev/fd/3" 2>&1) || fail "$said"
for line in "STATUS=It works" "READY=1"; do
    grep -q "$line" <<<"$said" || fail "it does not print $line: $said"
done

scenario "any image, as it is: Redis"
copy "$readme" "Any image, as it is" 1 redis
start redis
podman exec redis redis-cli ping >/dev/null || fail "it is active and does not answer"
stops redis

scenario "podman: Redis, with a watchdog"
copy "$readme" podman 1 redis
start redis
expect redis WatchdogUSec=30s
systemctl reload redis
expect redis ActiveState=active
stops redis

scenario "Quadlet, by the command line that it makes of this, as podman has it only from 4.4 on"
# quadlet KEY: what it is told by that line.
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
    --sdnotify=container --detach --env "$(quadlet Environment)" $(quadlet Image)
ExecStop=/usr/bin/podman rm --force --ignore quadlet
END
systemctl daemon-reload
start quadlet
podman exec quadlet redis-cli ping >/dev/null || fail "it is active and does not answer"
stops quadlet

scenario "podman, by hand"
copy "$examples" podman 1 hand "$(with_app hand)"
try_unit hand

scenario "an image that has it already"
copy "$examples" "An image that has it already" 1 niri \
    "s|/tmp/niri-notify|/run/niri-notify|g; s|/usr/bin/niri|$(app niri)|; s|niri-container|niri|"
make_ready niri
stop niri

scenario "in the container"
recipe "$examples" "IN THE CONTAINER" 1 sh >"$apps/commands.sh"
echo "exec sleep infinity" >>"$apps/commands.sh"
copy "$examples" podman 1 app "s|IMAGE COMMAND|localhost/tiny /bin/sh -e $apps/commands.sh|"
start app
shell "$examples" "IN THE CONTAINER" 2 >/dev/null
expect_soon app "StatusText=Under maintenance"
stops app

scenario "several containers by a script"
recipe "$examples" "SEVERAL CONTAINERS BY A SCRIPT" 1 sh >/usr/local/bin/stack
chmod 755 /usr/local/bin/stack
copy "$examples" "SEVERAL CONTAINERS BY A SCRIPT" 1 stack
start stack
podman exec db redis-cli ping >/dev/null || fail "it is active, and db does not answer"
kill -KILL "$(podman inspect --format '{{.State.Pid}}' db)"
back() { podman exec db redis-cli ping >/dev/null 2>&1; }
eventually "db is back" back
expect stack ActiveState=active NRestarts=0
stops stack
for name in db web; do
    eventually "$name is gone" no_container "$name"
done

scenario "a script"
recipe "$readme" "A script" 1 sh >/usr/local/bin/script
chmod 755 /usr/local/bin/script
copy "$readme" "A script" 1 script
start script
expect script StatusText=Serving NotifyAccess=main
stops script

scenario "a program that does not notify"
copy "$readme" "A program that does not notify" 1 web
start web
timeout -k 1 5 bash -c "</dev/tcp/127.0.0.1/8080" || fail "it is active, and takes no connection"
stops web

scenario "several services in one container"
shell "$readme" "Several services in one container" 1
copy "$readme" "Several services in one container" 1 box
listed=$(shell "$readme" "Several services in one container" 2)
for name in web worker; do
    grep -q "$name.service *loaded active running" <<<"$listed" || fail "$name does not run: $listed"
done
expect box ActiveState=active
stops box

scenario "a socket in a container"
shell "$examples" "SEVERAL SERVICES IN ONE CONTAINER" 1
copy "$examples" "SEVERAL SERVICES IN ONE CONTAINER" 1 greeter
said=$(shell "$examples" "SEVERAL SERVICES IN ONE CONTAINER" 2)
[ "$said" = "b'hello\\n'" ] || fail "it says $said"
is_clean greeter
