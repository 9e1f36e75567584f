#!/bin/bash
#
# `wait --listen`: a virtual machine runs as a Type=notify unit. The units are those of README.md
# and notifybridge-examples(7). The virtual machine manager is a stand-in with the sockets of
# cloud-hypervisor: messages of the guest to a port of the host arrive at a Unix socket.

. "$(dirname "$0")/lib.sh"
in_lab journalctl
. "$here/recipes.sh"
. "$here/diagnosed.sh"

orders=$SYSTEM_TEST/apps/orders

# stand_in: creates a manager that sends the guest's messages, which it reads from $orders line by
# line.
stand_in() {
    cat >/usr/bin/cloud-hypervisor <<END
#!/usr/bin/python3
import re, socket, sys
line = " ".join(sys.argv)
path = re.search(r"--vsock cid=3,socket=(\S+)", line)[1]
port = re.search(r"vmm\.notify_socket=vsock-stream:2:(\d+)", line)[1]
def say(text):
    with socket.socket(socket.AF_UNIX) as guest:
        guest.connect(f"{path}_{port}")
        guest.sendall(text.encode())
        guest.shutdown(socket.SHUT_WR)
        guest.recv(1)
say("STATUS=booting")
while True:
    with open("$orders", encoding="utf-8") as orders:
        for order in orders:
            say(order.rstrip("\n").replace("\\\\n", "\n"))
            if "X_SYSTEMD_SHUTDOWN=poweroff" in order:
                sys.exit(0)
END
    chmod 755 /usr/bin/cloud-hypervisor
}

# guest_says MESSAGE: makes the guest send MESSAGE.
guest_says() {
    printf '%s\n' "$1" | timeout -k 1 "$patience" tee "$orders" >/dev/null || fail "the guest is not up"
}

boot() {
    systemctl start --no-block vm
    expect_soon vm ActiveState=activating StatusText=booting
    guest_says 'READY=1\nSTATUS=Startup finished'
    expect_soon vm StatusText="Startup finished"
    expect vm ActiveState=activating
    guest_says X_SYSTEMD_UNIT_ACTIVE=multi-user.target
    expect_soon vm ActiveState=active
}

prepare
stand_in
mkfifo "$orders"

scenario "the unit in README.md is active when the guest has started"
recipe "$readme" "A virtual machine" 1 | adapt_unit vm "$SYSTEM_TEST/units"
systemctl daemon-reload
systemctl start --no-block vm
expect_soon vm ActiveState=activating StatusText=booting
guest_says 'READY=1\nSTATUS=Startup finished'
expect_soon vm ActiveState=active StatusText="Startup finished"
stop vm

recipe "$examples" "A VIRTUAL MACHINE" 2 | adapt_unit vm "$SYSTEM_TEST/units"
systemctl daemon-reload

scenario "the unit is active when the guest's target is active"
boot
expect vm MainPID="$(pgrep --full 'notifybridge wait --listen')"
stop vm

scenario "the unit ends with the guest's exit status"
boot
guest_says 'EXIT_STATUS=3\nX_SYSTEMD_SHUTDOWN=poweroff'
expect_end vm "exit-code exited 3"
systemctl reset-failed vm

scenario "the unit succeeds if the guest powers off"
boot
guest_says 'EXIT_STATUS=0\nX_SYSTEMD_SHUTDOWN=poweroff'
expect_end vm "success exited 0"

scenario "a guest cannot change the main process"
boot
pid=$(property vm MainPID)
guest_says 'MAINPID=1\nSTATUS=evil'
expect_soon vm StatusText=evil
expect vm MainPID="$pid"
stop vm

scenario "status names the address of a virtual machine, and finds nothing wrong"
boot
said=$(notifybridge status vm) || fail "$said"
grep -q "vm.service - virtual machine" <<<"$said" || fail "$said"
grep -q "Listens: unix:/run/vm/vsock_9999" <<<"$said" || fail "$said"
said=$(notifybridge status --check vm) || fail "$said"
if grep -qv "^ok " <<<"$said"; then fail "$said"; fi
stop vm

scenario "check explains a guest whose target does not become active"
journal
rm "$SYSTEM_TEST/units/vm.service.d/test.conf"
printf '[Service]\nTimeoutStartSec=2\n' >"$SYSTEM_TEST/units/vm.service.d/late.conf"
systemctl daemon-reload
fails vm "the guest did not report that multi-user.target is active (--ready-on); its last STATUS is \"booting\"" \
    "in the guest, \`systemctl status multi-user.target\` shows why"

scenario "check explains a guest that does not have the credential"
sed -i 's/^say("STATUS=booting")$//' /usr/bin/cloud-hypervisor
systemctl reset-failed vm
fails vm "no message arrived from the guest" \
    "give the guest the credential vmm.notify_socket=vsock-stream:2:9999, which systemd 254 and later use"

scenario "check explains a virtual machine that does not start"
printf '#!/bin/sh\necho "no such disk" >&2\nexit 1\n' >/usr/bin/cloud-hypervisor
systemctl reset-failed vm
fails vm 'the virtual machine exited with status 1 before READY=1; its last line is "no such disk"' \
    "fix what the virtual machine reports"
