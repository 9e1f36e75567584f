"""Unit files of Debian packages, in a directory that looks like a system with all of them."""

import glob
import os
import subprocess
import tarfile

# Packages with services, sockets and targets of all kinds: daemons for networks, storage and
# desktops, clusters, oneshots, templates, and units that sockets or D-Bus activate.
PACKAGES = """
    acpid anacron apache2 apcupsd apt apt-cacher-ng arpwatch at atftpd auditd autofs
    avahi-daemon backuppc bacula-director bacula-fd bacula-sd beanstalkd bind9 bird2 bluez
    boinc-client burp ceph-mds ceph-mon charon-systemd chrony clamav-daemon clamav-freshclam
    cloud-init cockpit-ws collectd-core colord conserver-server corosync coturn cron
    cups-browsed cups-daemon dbus dbus-system-bus-common dmeventd dnsdist dnsmasq dpkg
    drbd-utils e2fsprogs exim4-base fail2ban firewalld fprintd frr fwupd gdm3 gearman-job-server
    geoclue-2.0 glusterfs-server gpm gpsd haproxy haveged hostapd iio-sensor-proxy inn2
    irqbalance iwd janus kdump-tools keepalived kexec-tools knot knot-resolver krb5-admin-server
    krb5-kdc ldirectord libvirt-daemon-system lightdm lighttpd lldpd lm-sensors logrotate lvm2
    lxc lxcfs man-db mariadb-server mdadm memcached micro-httpd minidlna minissdpd miniupnpd
    modemmanager mosquitto mpd multipath-tools munin-node nats-server nbd-client network-manager
    nfs-common nfs-kernel-server nghttp2-proxy nginx-common ngircd nscd nsd ntpsec nullmailer
    numad nut-client nut-server open-iscsi open-vm-tools opendkim opendmarc opensmtpd
    openssh-server openvpn openvswitch-switch pacemaker pacemaker-remote packagekit pcp pcscd
    pdns-recursor pdns-server php8.2-fpm plymouth polkitd postfix postgresql-common postgrey
    postsrsd privoxy proftpd-core prometheus-node-exporter prosody puppet-agent qemu-guest-agent
    quota radicale radvd rasdaemon rdnssd redis-sentinel redis-server rng-tools5 rpcbind rsync
    rsyslog rtkit rtpengine-daemon samba sane-utils sddm shairport-sync smartmontools snmpd
    snmptrapd spamassassin spamd spice-vdagent squid sshguard sslh sssd-common
    strongswan-starter stubby stunnel4 switcheroo-control syslog-ng-core sysstat
    systemd-container systemd-journal-remote systemd-oomd systemd-resolved systemd-timesyncd
    tang targetcli-fb tgt thermald tigervnc-standalone-server tinyproxy tlp tomcat10 tor
    tpm2-abrmd transmission-daemon trousers tuned udisks2 ulogd2 unattended-upgrades unbound
    upower usbmuxd util-linux uuid-runtime uwsgi-core varnish vnstat vsftpd watchdog winbind
    wireguard-tools wpasupplicant x2goserver xrdp zabbix-agent znc zram-tools
""".split()

# Packages that every unit needs, and whose programs many units execute.
BASE = """
    systemd udev bash coreutils dash findutils grep init-system-helpers iproute2 kbd kmod login
    mount nginx procps psmisc sed
""".split()

MERGED = ("bin", "sbin", "lib")
UNITS = "/systemd/system/"


class Unavailable(Exception):
    """The error if the packages are not available. The text is the reason."""


def download(directory):
    """Makes apt download the packages to that directory."""
    os.makedirs(directory)
    try:
        done = subprocess.run(
            ["apt-get", "--quiet", "download", *PACKAGES, *BASE],
            cwd=directory,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
    except FileNotFoundError as error:
        raise Unavailable("there is no apt-get") from error
    if done.returncode != 0:
        raise Unavailable(f"apt-get download: {done.stderr.strip().splitlines()[-1]}")


def merged(name):
    """Returns the real path of a file, because /bin, /sbin and /lib are links."""
    name = os.path.normpath(name)
    return f"usr/{name}" if name.split("/")[0] in MERGED else name


def unpack(package, root):
    """Copies the unit files. Copies only the names and links of programs."""
    reader = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE)
    with tarfile.open(fileobj=reader.stdout, mode="r|", bufsize=1 << 20) as archive:
        for member in archive:
            path = f"{root}/{merged(member.name)}"
            is_unit = UNITS in path
            is_program = not member.isdir() and member.mode & 0o111
            if not (is_unit or is_program) or member.isdir() or os.path.lexists(path):
                continue
            os.makedirs(os.path.dirname(path), exist_ok=True)
            if member.issym():
                os.symlink(member.linkname, path)
                continue
            with open(path, "wb") as file:
                if is_unit:
                    file.write(archive.extractfile(member).read())
            os.chmod(path, member.mode & 0o777)
    if reader.wait() != 0:
        raise Unavailable(f"dpkg-deb cannot read {os.path.basename(package)}")


def lay_out(scratch):
    """Returns the directory, and how many packages contain units."""
    download(f"{scratch}/packages")
    root = f"{scratch}/root"
    for name in MERGED:
        os.makedirs(f"{root}/usr/{name}")
        os.symlink(f"usr/{name}", f"{root}/{name}")
    packages = glob.glob(f"{scratch}/packages/*.deb")
    for package in packages:
        unpack(package, root)
        os.remove(package)
    return root, len(PACKAGES)
