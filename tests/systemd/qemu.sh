#!/bin/bash
#
# `wait --listen` over a real vsock, which most test machines do not have. A virtual machine boots
# with `notifybridge init` as process 1, and with the kernel's loopback of vsock, where CID 1 is the
# machine itself. In the machine, `wait` receives the messages of `send`, of init and of
# systemd-notify(1). Another machine boots with systemd as process 1. If the installed systemd does
# not support vsock, the one in NEWER_SYSTEMD is used. qemu emulates the processor, because not
# every test machine has KVM. tests/run unpacks qemu and the kernel in QEMU_TREE.

. "$(dirname "$0")/lib.sh"
tree=${QEMU_TREE:-}
systemd=${NEWER_SYSTEMD:-}
# systemd 254 and later send over vsock.
if (($(systemd_version) >= 254)); then systemd=/; fi

if is_instrumented; then skip "the virtual machine has no libraries for an instrumented executable"; fi
[ "$(uname -m)" = x86_64 ] || skip "the virtual machine is for x86_64"
shopt -s nullglob
kernels=("$tree"/boot/vmlinuz-*)
((${#kernels[@]} > 0)) && [ -x "$tree/usr/bin/qemu-system-x86_64" ] ||
    skip "there is no qemu with a kernel at QEMU_TREE=$tree; tests/run unpacks one"
busybox=$tree/usr/bin/busybox
kernel=${kernels[0]}
modules=$tree/usr/lib/modules/${kernel##*/vmlinuz-}/kernel/net/vmw_vsock

work=$(mktemp -d --tmpdir notifybridge-qemu.XXXXXXXXXX)
trap 'rm -rf "$work"' EXIT
root=$work/root
mkdir -p "$root"/{bin,dev,etc/systemd/system,modules,proc,run,sys,tmp,usr/bin}
cp "$busybox" "$root/bin/"
cp "$NOTIFYBRIDGE" "$root/usr/bin/notifybridge"
for module in vsock vmw_vsock_virtio_transport{_common,} vsock_loopback; do
    "$busybox" xzcat "$modules/$module.ko.xz" >"$root/modules/$module.ko"
done

# install_programs PROGRAM…: copies programs of systemd, with the libraries that they need.
install_programs() {
    local libraries=$systemd/usr/lib/x86_64-linux-gnu loader=usr/lib64/ld-linux-x86-64.so.2
    local program file
    mkdir -p "$root/usr/lib64"
    ln -s usr/lib "$root/lib"
    ln -s usr/lib64 "$root/lib64"
    cp -L "$systemd/$loader" "$root/$loader"
    for program; do
        echo "$program"
        "$systemd/$loader" --library-path "$libraries:$libraries/systemd" --list "$systemd/$program" |
            sed -n 's|.* => .*\(/usr/lib/[^ ]*\) .*|\1|p'
    done | sort --unique | while read -r file; do
        mkdir -p "$(dirname "$root/$file")"
        cp -L "$systemd/$file" "$root/$file"
    done
}

has_systemd=
if [ -n "$systemd" ] && [ -x "$systemd/usr/bin/systemd-notify" ]; then
    has_systemd=yes
    install_programs usr/bin/systemd-notify usr/lib/systemd/systemd{,-executor,-shutdown}
    units=usr/lib/systemd/system
    mkdir "$root/$units"
    cp "$systemd/$units"/{basic,final,multi-user,poweroff,shutdown,sysinit,umount}.target \
        "$systemd/$units/systemd-poweroff.service" "$root/$units/"
    echo 0123456789abcdef0123456789abcdef >"$root/etc/machine-id"
else
    echo "not run: systemd in the guest; there is no systemd 254 at NEWER_SYSTEMD=$systemd; tests/run unpacks one"
fi

# unit NAME TYPE COMMAND: creates a unit in the machine, whose output is in /run/NAME.log.
unit() {
    printf '[Service]\nType=%s\nExecStart=%s\nStandardOutput=append:/run/%s.log\nStandardError=append:/run/%s.log\n' \
        "$2" "$3" "$1" "$1" >"$root/etc/systemd/system/$1.service"
}

unit vm notify "/usr/bin/notifybridge wait --verbose --listen=vsock:9991 --guest-cid=1 --ready-on=multi-user.target sleep infinity"
unit other notify "/usr/bin/notifybridge wait --verbose --listen=vsock:9992 --guest-cid=3 sleep infinity"
unit packets notify "/usr/bin/notifybridge wait --verbose --listen=vsock-seqpacket:9993 sleep infinity"
unit target notify "/usr/bin/notifybridge wait --verbose --listen=vsock:9994 --ready-on=a.target sleep infinity"
unit notified notify "/usr/bin/notifybridge wait --verbose --listen=vsock-seqpacket:9995 sleep infinity"
# The unit of the manual, whose qemu is a stand-in. Its guest is the machine itself, which has CID 1.
recipe=$(/usr/bin/python3 -B "$here/../docs/documented.py" "$here/../../man/notifybridge-examples.7" \
    "A VIRTUAL MACHINE" ini 1)
printf '%s\nStandardOutput=append:/run/recipe.log\nStandardError=append:/run/recipe.log\n' \
    "${recipe/ --guest-cid=3 / --guest-cid=1 }" >"$root/etc/systemd/system/recipe.service"
cat >"$root/usr/bin/qemu-system-x86_64" <<'END'
#!/bin/busybox sh
port=$(expr "$*" : '.* -device vhost-vsock-pci,guest-cid=3 .*:vmm.notify_socket=vsock-stream:2:\([0-9]*\)$')
export NOTIFY_SOCKET=vsock-stream:1:$port
notifybridge send READY=1 "STATUS=Startup finished"
until [ -e /run/off ]; do sleep 0.1; done
notifybridge send EXIT_STATUS=3 X_SYSTEMD_SHUTDOWN=poweroff
END
printf '[Service]\nExecStart=/cases\nStandardOutput=tty\nTTYPath=/dev/console\n' \
    >"$root/etc/systemd/system/cases.service"
# systemd becomes ready, and then shuts down with this exit status.
cat >"$root/etc/systemd/system/end.service" <<'END'
[Unit]
Requires=multi-user.target
After=multi-user.target
SuccessAction=exit
SuccessActionExitStatus=3
[Service]
ExecStart=/bin/busybox true
END

cat >"$root/init" <<'END'
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/usr/bin:/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t tmpfs run /run
for module in vsock vmw_vsock_virtio_transport_common vmw_vsock_virtio_transport vsock_loopback; do
    insmod "/modules/$module.ko"
done
if [ "${process1:-}" = systemd ]; then
    # At a shutdown, systemd does not kill processes whose name begins with this character.
    ln -s notifybridge /usr/bin/@notifybridge
    @notifybridge wait --listen=vsock:9990 --guest-cid=1 --ready-on=multi-user.target \
        --log-level=notice &
    until NOTIFY_SOCKET=vsock-stream:1:9990 notifybridge send X_LISTENS=1 2>/dev/null; do
        sleep 0.1
    done
    exec /usr/lib/systemd/systemd --unit=end.service
fi
notifybridge wait --listen=vsock:9990 --guest-cid=1 --log-level=notice >/run/outer.log 2>&1 &
until grep -q NOTIFY_SOCKET /run/outer.log; do sleep 0.1; done
NOTIFY_SOCKET=vsock-stream:1:9990 exec notifybridge init --unit=cases.service
END

cat >"$root/cases" <<'END'
#!/bin/busybox sh
export PATH=/usr/bin:/bin

# eventually NAME COMMAND…: prints whether the command succeeds within a minute.
eventually() {
    name=$1
    shift
    for try in $(seq 300); do
        if "$@" >/dev/null 2>&1; then
            echo "case ok: $name"
            return
        fi
        sleep 0.2
    done
    echo "case failed: $name"
    head -n 20 /run/*.log
}

# try NAME COMMAND…: prints whether the command succeeds.
try() {
    name=$1
    shift
    if "$@"; then echo "case ok: $name"; else echo "case failed: $name"; fi
}

# say ADDRESS ASSIGNMENT…: sends a message.
say() {
    address=$1
    shift
    NOTIFY_SOCKET=$address timeout 20 notifybridge send --no-block "$@"
}

# systemd_says ADDRESS OPTION…: sends a message with systemd-notify(1).
systemd_says() {
    address=$1
    shift
    NOTIFY_SOCKET=$address timeout 20 systemd-notify "$@"
}

has() {
    notifybridge ctl show --property="${1%%=*}" "$2" | grep -qx "$1"
}

eventually "init as process 1 reports its start" grep -q READY=1 /run/outer.log
notifybridge ctl start --no-block vm other packets
eventually "wait listens for guest 1" grep -q "listening on vsock:9991" /run/vm.log
say vsock-stream:1:9991 READY=1 STATUS=up
eventually "the status of a guest arrives" has StatusText=up vm
eventually "READY=1 does not count with --ready-on" has ActiveState=activating vm
say vsock-stream:1:9991 X_SYSTEMD_UNIT_ACTIVE=multi-user.target
eventually "a unit of the guest makes the unit active" has ActiveState=active vm
eventually "wait listens for guest 3" grep -q "listening on vsock:9992" /run/other.log
say vsock-stream:1:9992 READY=1 2>/dev/null
eventually "another guest is ignored" grep -q "ignoring a connection of CID 1: only CID 3" /run/other.log
eventually "another guest does not make the unit active" has ActiveState=activating other
eventually "wait listens for packets" grep -q "listening on vsock-seqpacket:9993" /run/packets.log
say vsock-seqpacket:1:9993 READY=1
eventually "packets arrive" has ActiveState=active packets
if [ -x /usr/bin/systemd-notify ]; then
    notifybridge ctl start --no-block target notified
    eventually "wait listens for systemd-notify" \
        grep -q "listening on vsock:9994" /run/target.log
    eventually "wait listens for packets of systemd-notify" \
        grep -q "listening on vsock-seqpacket:9995" /run/notified.log
    try "systemd-notify sends READY=1" systemd_says vsock-stream:1:9994 --ready --status=up
    eventually "the status of systemd-notify arrives" has StatusText=up target
    eventually "READY=1 of systemd-notify does not count with --ready-on" \
        has ActiveState=activating target
    try "systemd-notify sends a unit" systemd_says vsock-stream:1:9994 X_SYSTEMD_UNIT_ACTIVE=a.target
    eventually "a unit of systemd-notify makes the unit active" has ActiveState=active target
    try "systemd-notify sends packets" systemd_says vsock-seqpacket:1:9995 --ready
    eventually "packets of systemd-notify arrive" has ActiveState=active notified
    try "no barrier of systemd-notify is reported" \
        sh -c '! grep BARRIER /run/target.log /run/notified.log'
fi
notifybridge ctl start --no-block recipe
eventually "the manual's unit is active when its guest has started" has ActiveState=active recipe
eventually "the manual's unit shows the status of its guest" has "StatusText=Startup finished" recipe
touch /run/off
eventually "the manual's unit fails if its guest fails" has ActiveState=failed recipe
eventually "the manual's unit has the exit status of its guest" has ExecMainStatus=3 recipe
eventually "the credential of the manual's recipe arrives" \
    grep -q vmm.notify_socket=vsock-stream:2:9999 /sys/firmware/dmi/entries/11-0/raw
echo "cases done"
poweroff -f
END
chmod 755 "$root/init" "$root/cases" "$root/usr/bin/qemu-system-x86_64"
(cd "$root" && find . | "$busybox" cpio -o -H newc 2>/dev/null) >"$work/initramfs"

# systemd in a guest reads the value of this option from /sys/firmware.
smbios=$(grep -o 'type=11,[^ ]*$' <<<"$recipe")
libraries=$tree/usr/lib/x86_64-linux-gnu
host=() # The `wait` of this machine that starts qemu.
device=()

# boot SMBIOS [WORD…]: boots the machine with this option of qemu, and with these words on the
# kernel's command line. Returns when the machine is off. $work/said contains the output on its
# console. Lines of the kernel could split lines of the tests, so the kernel prints only
# emergencies.
boot() {
    QEMU_MODULE_DIR=$libraries/qemu "${host[@]}" timeout -k 1 240 \
        "$tree/usr/lib64/ld-linux-x86-64.so.2" --library-path "$libraries" \
        "$tree/usr/bin/qemu-system-x86_64" -L "$tree/usr/share/qemu" -L "$tree/usr/share/seabios" \
        -accel tcg -cpu max -m 512M -nodefaults -no-user-config -display none -no-reboot \
        "${device[@]}" -smbios "$1" -serial stdio -kernel "$kernel" -initrd "$work/initramfs" \
        -append "console=ttyS0 quiet loglevel=1 panic=-1 ${*:2}" \
        </dev/null >"$work/console" 2>&1 || true
    tr -d '\r' <"$work/console" >"$work/said"
}

fail() {
    cat "$work/said"
    echo "FAILED: $1"
    exit 1
}

# boot_systemd SMBIOS: boots the machine with systemd, and checks the messages that `wait` receives.
boot_systemd() {
    local text
    boot "$1" process1=systemd
    for text in 'X_SYSTEMD_UNIT_ACTIVE=multi-user.target\nREADY=1' 'READY=1\nSTATUS=' \
        'EXIT_STATUS=3\nX_SYSTEMD_SHUTDOWN='; do
        grep -qF "would send $text" "$work/said" || fail "systemd in the guest does not send $text"
        echo "case ok: systemd as process 1 sends $text"
    done
}

boot "$smbios"
grep -o "case ok: .*" "$work/said" || true
if ! grep -q "^cases done" "$work/said" || grep -q "case failed" "$work/said"; then
    fail "init as process 1"
fi
[ -n "$has_systemd" ] || exit 0
boot_systemd "${smbios/%:2:9999/:1:9990}"

if ! [ -w /dev/vhost-vsock ]; then
    echo "not run: a guest that sends to this machine, which needs a writable /dev/vhost-vsock"
    exit 0
fi
cid=$((1024 + $$))
host=(env -u NOTIFY_SOCKET "$NOTIFYBRIDGE" wait "--listen=vsock:$cid" "--guest-cid=$cid"
    --ready-on=multi-user.target)
device=(-device "vhost-vsock-pci,guest-cid=$cid")
boot_systemd "${smbios/%:9999/:$cid}"
