#!/bin/bash
#
# toolbox, as in notifybridge-examples(7): a user's unit, in an unchanged toolbox container.

. "$(dirname "$0")/lib.sh"
in_lab podman newuidmap newgidmap toolbox capsh usermod
. "$here/recipes.sh"

# toolbox starts through the loader in /run/host, which its package creates. It also needs a system
# bus, even one that does not work. Its entry point sets passwords, and writes files where it finds
# rpm. Its commands start with capsh.
prepare
ln -sf true /usr/bin/passwd
rm -rf /usr/lib/rpm/macros.d
[ -e /run/host ] || ln -s .. /run/host
mkdir -p /run/dbus
/usr/bin/python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("/run/dbus/system_bus_socket")'
make_root
echo sudo:x:27: >>"$image_root/etc/group"
log_in
echo "volumes=[\"/usr:/usr:ro\", \"$SYSTEM_TEST:$SYSTEM_TEST\"]" >>/etc/containers/containers.conf
image tiny "LABEL com.github.containers.toolbox=true"
as_anna install -D -t /home/anna/.local/bin "$bin/notifybridge"
as_anna toolbox create --assumeyes --image localhost/tiny:latest box >"$SYSTEM_TEST/log/create" 2>&1 ||
    fail "toolbox create"

# toolbox_unit NAME [SED]: makes the unit of the recipe.
toolbox_unit() {
    recipe "$examples" "toolbox" 1 |
        sed "s|%t/app|%t/$1|; s|wait|& --verbose --stop-timeout=2|; s|BOX|box|; s|COMMAND|$(app "$1")|; ${2:-}" |
        adapt_unit "$1" "$her_units"
    systemctl daemon-reload
}

scenario "a unit starts a box that is not running"
toolbox_unit app
try_unit app

scenario "two units use one running box"
toolbox_unit usr "s|%h/.local/bin/notifybridge wait|/usr/bin/host-notify-waiter|
    s|%h/.local/bin/notifybridge wrap|/run/host/usr/bin/container-notify-wrapper|"
make_ready app
try_unit usr
expect app ActiveState=active
stop app

try_hard_ends app
