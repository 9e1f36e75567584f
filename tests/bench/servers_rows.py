"""The servers that tests/bench/servers starts, and how to ask each of them.

A server is run as its unit in Debian, or its manual, runs it in the foreground. `prepare` does what
the unit's RuntimeDirectory= and ExecStartPre= do, and writes the least configuration.
"""

import dataclasses
import struct


@dataclasses.dataclass(frozen=True)
class Ask:
    """What a client sends, and how an answer begins. A client connects again if the server closes
    the connection without this answer."""

    answer: bytes
    question: bytes = b""
    is_udp: bool = False
    is_tls: bool = False


@dataclasses.dataclass(frozen=True)
class Server:
    name: str
    package: str
    command: str
    port: int
    ask: Ask
    prepare: str = ""
    more_packages: tuple = ()


def http(path="/", status=rb"\d\d\d"):
    return Ask(rb"HTTP/1\.\d " + status, f"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())


def banner(answer):
    return Ask(answer)


def tls():
    return Ask(b"", is_tls=True)


# A query for the address of localhost.
DNS_QUERY = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x09localhost\x00\x00\x01\x00\x01"
DNS = Ask(rb"(?s)..\x12\x34", struct.pack(">H", len(DNS_QUERY)) + DNS_QUERY)
POSTGRES_START = b"\x00\x03\x00\x00user\x00postgres\x00database\x00postgres\x00\x00"
# PostgreSQL asks for a password or accepts the client (R). During the start it sends an error (E).
POSTGRES = Ask(rb"R", struct.pack(">I", len(POSTGRES_START) + 4) + POSTGRES_START)
# The greeting, or the refusal of a host.
MARIADB = Ask(rb"(?s)...\x00[\x0a\xff]")
SOCKS = Ask(rb"\x05\x00", b"\x05\x01\x00")
XMPP = Ask(
    rb"(?s).*<stream:stream",
    b"<?xml version='1.0'?><stream:stream to='localhost' version='1.0' xmlns='jabber:client' "
    b"xmlns:stream='http://etherx.jabber.org/streams'>",
)
IRC = Ask(rb"(?s).*(NOTICE|PING| 001 | 464 )", b"NICK bench\r\nUSER bench 0 * :bench\r\n")
NTP = Ask(rb"(?s)[\x1c\x24\x5c\x64\xdc\xe4]", b"\x23" + bytes(47), is_udp=True)
SNMP = Ask(
    rb"\x30",
    bytes.fromhex(
        "302902010104067075626c6963a01c02047d5e1b7a020100020100300e300c06082b060102010101000500"
    ),
    is_udp=True,
)

WSGI_APPS = r"""
cat >/srv/quick.py <<'END'
def app(environ, start_response):
    start_response("200 OK", [("Content-Length", "0")])
    return [b""]
END
# The pause stands for libraries that an app loads.
(echo 'import time; time.sleep(1)'; cat /srv/quick.py) >/srv/slow.py
"""
PG = "/usr/lib/postgresql/15/bin"


def owned(user, *directories):
    """Prints the shell's words that make directories of a user."""
    names = " ".join(directories)
    return f"mkdir -p {names}; chown -R {user} {names}"


def as_user(user, command, group=""):
    return f"setpriv --reuid={user} --regid={group or user} --init-groups {command}"


def initdb(directory, more=""):
    return (
        f"{owned('postgres', directory, '/run/postgresql')}; "
        + as_user("postgres", f"{PG}/initdb --auth=trust --no-sync {directory} >/dev/null")
        + f"\necho host all all all trust >>{directory}/pg_hba.conf\n{more}"
    )


# Writes about 100 MB of WAL, and kills the server before a checkpoint.
PG_CRASH = (
    f"cd /; setpriv --reuid=postgres --regid=postgres --init-groups {PG}/pg_ctl -w -D /srv/pg -o "
    "'-c max_wal_size=4GB -c checkpoint_timeout=1h' start >/dev/null\n"
    "psql -qU postgres -h /run/postgresql -c \"create table t as select g, repeat('x', 200) as x "
    "from generate_series(1, 200000) g\" -c \"update t set x = repeat('y', 200)\"\n"
    "kill -9 $(head -n 1 /srv/pg/postmaster.pid); sleep 0.5; pkill -9 -x postgres; sleep 0.5; "
    "rm -f /srv/pg/postmaster.pid /run/postgresql/.s*"
)

SERVERS = [
    Server(
        "Redis",
        "redis-server",
        as_user("redis", "redis-server /etc/redis/redis.conf --supervised systemd --daemonize no"),
        6379,
        Ask(rb"\+PONG", b"PING\r\n"),
        owned("redis", "/run/redis"),
    ),
    Server(
        "memcached",
        "memcached",
        "memcached -m 64 -p 11211 -u memcache",
        11211,
        Ask(b"VERSION", b"version\r\n"),
    ),
    Server("nginx", "nginx-light", "nginx -g 'daemon off;'", 80, http()),
    Server(
        "Apache",
        "apache2",
        "apachectl -D FOREGROUND",
        80,
        http(),
        "mkdir -p /run/apache2 /run/lock",
    ),
    Server(
        "lighttpd",
        "lighttpd",
        "lighttpd -D -f /etc/lighttpd/lighttpd.conf",
        80,
        http(),
        owned("www-data", "/run/lighttpd"),
    ),
    Server(
        "HAProxy",
        "haproxy",
        "haproxy -Ws -f /etc/haproxy/haproxy.cfg -p /run/haproxy.pid",
        8080,
        http("/up", b"200"),
        "mkdir -p /run/haproxy; printf 'frontend f\\n bind :8080\\n monitor-uri /up\\n' "
        ">>/etc/haproxy/haproxy.cfg",
    ),
    Server(
        "Varnish",
        "varnish",
        "varnishd -F -a :6081 -T localhost:6082 -f /etc/varnish/default.vcl -s malloc,64m",
        6081,
        http(),
    ),
    Server("Squid", "squid", "squid --foreground -sYC", 3128, http()),
    Server(
        "PostgreSQL",
        "postgresql-15",
        as_user("postgres", f"{PG}/postgres -D /srv/pg"),
        5432,
        POSTGRES,
        initdb("/srv/pg"),
        ("postgresql",),
    ),
    Server(
        "PostgreSQL after a crash",
        "postgresql-15",
        as_user("postgres", f"{PG}/postgres -D /srv/pg"),
        5432,
        POSTGRES,
        initdb("/srv/pg", PG_CRASH),
    ),
    Server(
        "PgBouncer",
        "pgbouncer",
        as_user("postgres", "pgbouncer /etc/pgbouncer/pgbouncer.ini"),
        6432,
        Ask(rb"[RE]", POSTGRES.question),
        owned("postgres", "/run/postgresql", "/var/log/postgresql"),
    ),
    Server(
        "MariaDB",
        "mariadb-server",
        "mariadbd --user=mysql",
        3306,
        MARIADB,
        owned("mysql", "/run/mysqld"),
    ),
    Server(
        "OpenSSH",
        "openssh-server",
        "/usr/sbin/sshd -D",
        22,
        banner(b"SSH-"),
        "mkdir -p /run/sshd",
    ),
    Server(
        "Dropbear",
        "dropbear-bin",
        "dropbear -F -E -R -p 22",
        22,
        banner(b"SSH-"),
        "mkdir -p /etc/dropbear",
    ),
    Server(
        "vsftpd",
        "vsftpd",
        "vsftpd /etc/vsftpd.conf",
        21,
        banner(b"220"),
        "mkdir -p /var/run/vsftpd/empty",
    ),
    Server(
        "Exim",
        "exim4-daemon-light",
        "exim4 -bdf -q30m",
        25,
        banner(b"220"),
        "mkdir -p /run/exim4; chown Debian-exim /run/exim4",
    ),
    Server("Dovecot", "dovecot-imapd", "dovecot -F", 143, banner(rb"\* OK")),
    Server("BIND", "bind9", "named -f -u bind", 53, DNS, owned("bind", "/run/named")),
    Server(
        "Unbound",
        "unbound",
        "unbound -d -p",
        53,
        DNS,
        "/usr/libexec/unbound-helper root_trust_anchor_update",
    ),
    Server(
        "dnsmasq",
        "dnsmasq-base",
        "dnsmasq --keep-in-foreground --no-resolv --user=nobody",
        53,
        DNS,
    ),
    Server(
        "Knot DNS",
        "knot",
        "knotd -c /srv/knot.conf",
        53,
        DNS,
        "printf 'server:\\n    listen: 127.0.0.1@53\\n    rundir: /run/knot\\n' >/srv/knot.conf; "
        "mkdir -p /run/knot",
    ),
    Server("NSD", "nsd", "nsd -d -P ''", 53, DNS, owned("nsd", "/run/nsd")),
    Server(
        "PowerDNS Recursor",
        "pdns-recursor",
        "pdns_recursor --daemon=no --write-pid=no --disable-syslog",
        53,
        DNS,
        "mkdir -p /run/pdns-recursor",
    ),
    Server(
        "Mosquitto",
        "mosquitto",
        "mosquitto -c /etc/mosquitto/mosquitto.conf",
        1883,
        Ask(rb"\x20\x02", b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01b"),
        owned("mosquitto", "/run/mosquitto"),
    ),
    Server(
        "RabbitMQ",
        "rabbitmq-server",
        "rabbitmq-server",
        5672,
        Ask(rb"\x01\x00\x00", b"AMQP\x00\x00\x09\x01"),
        owned("rabbitmq", "/run/rabbitmq"),
    ),
    Server(
        "beanstalkd",
        "beanstalkd",
        "beanstalkd -l 127.0.0.1 -p 11300",
        11300,
        Ask(b"OK", b"stats\r\n"),
    ),
    Server(
        "Gearman",
        "gearman-job-server",
        "gearmand --listen=127.0.0.1 --log-file=stderr",
        4730,
        Ask(b"OK", b"version\n"),
    ),
    Server("NATS", "nats-server", "nats-server", 4222, banner(b"INFO ")),
    Server(
        "Prosody",
        "prosody",
        as_user("prosody", "prosody -F"),
        5222,
        XMPP,
        owned("prosody", "/run/prosody"),
    ),
    Server(
        "ejabberd",
        "ejabberd",
        "ejabberdctl foreground",
        5222,
        XMPP,
        owned("ejabberd", "/run/ejabberd"),
    ),
    Server("ngIRCd", "ngircd", "ngircd --nodaemon", 6667, IRC, owned("irc", "/run/ngircd")),
    Server(
        "InspIRCd",
        "inspircd",
        as_user("irc", "inspircd --nofork --config=/etc/inspircd/inspircd.conf"),
        6667,
        IRC,
        owned("irc", "/run/inspircd", "/var/log/inspircd"),
    ),
    Server(
        "Mumble",
        "mumble-server",
        "murmurd -fg -ini /etc/mumble-server.ini",
        64738,
        tls(),
        owned("mumble-server", "/run/mumble-server"),
    ),
    Server(
        "OpenLDAP",
        "slapd",
        "slapd -h ldap:/// -g openldap -u openldap -F /etc/ldap/slapd.d -d 0",
        389,
        Ask(rb"\x30", bytes.fromhex("300c020101600702010304008000")),
        owned("openldap", "/run/slapd"),
    ),
    Server(
        "Tinyproxy",
        "tinyproxy",
        "tinyproxy -d",
        8888,
        http(),
        owned("tinyproxy", "/run/tinyproxy"),
    ),
    Server(
        "Privoxy",
        "privoxy",
        "privoxy --no-daemon --user privoxy /etc/privoxy/config",
        8118,
        http("http://config.privoxy.org/"),
    ),
    Server(
        "Dante",
        "dante-server",
        "danted -f /srv/danted.conf",
        1080,
        SOCKS,
        "printf 'internal: 127.0.0.1 port = 1080\\nexternal: lo\\nsocksmethod: "
        "none\\nclientmethod: none\\nclient pass { from: 0/0 to: 0/0 }\\nsocks pass { from: 0/0 "
        "to: 0/0 }\\n' >/srv/danted.conf",
    ),
    Server(
        "stunnel",
        "stunnel4",
        "stunnel4 /srv/stunnel.conf",
        4433,
        tls(),
        "printf 'foreground = yes\\npid =\\ncert = /etc/ssl/certs/ssl-cert-snakeoil.pem\\nkey = "
        "/etc/ssl/private/ssl-cert-snakeoil.key\\n[s]\\naccept = 4433\\nconnect = 80\\n' "
        ">/srv/stunnel.conf",
        ("ssl-cert",),
    ),
    Server(
        "rsync",
        "rsync",
        "rsync --daemon --no-detach",
        873,
        banner(b"@RSYNCD:"),
        "touch /etc/rsyncd.conf",
    ),
    Server(
        "git daemon",
        "git",
        "git daemon --reuseaddr --base-path=/srv /srv",
        9418,
        Ask(rb"....ERR", b"002agit-upload-pack /x.git\x00host=localhost\x00"),
    ),
    Server(
        "tftpd-hpa",
        "tftpd-hpa",
        "in.tftpd --foreground --user tftp --address :69 --secure /srv",
        69,
        Ask(rb"\x00[\x03\x05]", b"\x00\x01none\x00octet\x00", is_udp=True),
    ),
    Server(
        "chrony",
        "chrony",
        "chronyd -d -x -f /srv/chrony.conf",
        123,
        NTP,
        (
            "printf 'local stratum 10\\nallow 127.0.0.1\\n' >/srv/chrony.conf; "
            + owned("_chrony", "/run/chrony")
        ),
    ),
    Server("Net-SNMP", "snmpd", "snmpd -LOw -u Debian-snmp -g Debian-snmp -f", 161, SNMP),
    Server(
        "Gunicorn, an app that loads at once",
        "gunicorn",
        "gunicorn --chdir=/srv quick:app",
        8000,
        http(),
        WSGI_APPS,
    ),
    Server(
        "Gunicorn, an app that loads for 1 s",
        "gunicorn",
        "gunicorn --chdir=/srv slow:app",
        8000,
        http(),
        WSGI_APPS,
    ),
    Server(
        "uWSGI, an app that loads for 1 s",
        "uwsgi-core",
        "uwsgi --plugin=python3 --http-socket=127.0.0.1:8000 --chdir=/srv --module=slow:app "
        "--master",
        8000,
        http(),
        WSGI_APPS,
        ("uwsgi-plugin-python3",),
    ),
    Server("Python's http.server", "python3", "python3 -m http.server 8000", 8000, http()),
    Server(
        "Twisted",
        "python3-twisted",
        "twistd3 -n web --listen=tcp:8080 --path=/srv",
        8080,
        http(),
    ),
    Server(
        "Node.js",
        "nodejs",
        "node -e 'require(\"http\").createServer((q, r) => r.end()).listen(8000)'",
        8000,
        http(),
    ),
    Server("PHP's own server", "php8.2-cli", "php -S 127.0.0.1:8000 -t /srv", 8000, http()),
    Server(
        "PHP-FPM",
        "php8.2-fpm",
        "php-fpm8.2 --nodaemonize --fpm-config /srv/fpm.conf",
        9000,
        Ask(rb"\x01\x0a", b"\x01\x09\x00\x00\x00\x11\x00\x00\x0f\x00FCGI_MPXS_CONNS"),
        "printf '[global]\\n[www]\\nuser = www-data\\nlisten = 127.0.0.1:9000\\npm = "
        "static\\npm.max_children = 2\\n' >/srv/fpm.conf",
    ),
    Server(
        "WEBrick",
        "ruby-webrick",
        "ruby -run -e httpd /srv -p 8000",
        8000,
        http(),
        "",
        ("ruby",),
    ),
    Server(
        "Tomcat",
        "tomcat10",
        as_user(
            "tomcat",
            "env CATALINA_HOME=/usr/share/tomcat10 CATALINA_BASE=/var/lib/tomcat10 "
            "CATALINA_TMPDIR=/tmp JAVA_HOME=/usr/lib/jvm/default-java "
            "/usr/share/tomcat10/bin/catalina.sh run",
        ),
        8080,
        http(),
        "mkdir -p /etc/tomcat10/Catalina/localhost",
        ("default-jre-headless",),
    ),
    Server(
        "Jetty",
        "jetty9",
        as_user(
            "jetty",
            "sh -c 'cd /usr/share/jetty9 && exec java -Djetty.home=/usr/share/jetty9 "
            "-Djetty.base=/usr/share/jetty9 -Djava.io.tmpdir=/tmp -jar start.jar "
            "jetty.state=/var/lib/jetty9/jetty.state jetty-started.xml'",
            "adm",
        ),
        8080,
        http(),
    ),
    Server(
        "ZooKeeper",
        "zookeeper",
        as_user(
            "zookeeper",
            "java -cp '/etc/zookeeper/conf:/usr/share/java/*' "
            "org.apache.zookeeper.server.quorum.QuorumPeerMain /etc/zookeeper/conf/zoo.cfg",
        ),
        2181,
        Ask(b"Zookeeper version", b"srvr"),
        "sed -i '/^4lw/d' /etc/zookeeper/conf/zoo.cfg; echo 4lw.commands.whitelist=srvr "
        ">>/etc/zookeeper/conf/zoo.cfg",
    ),
    Server("etcd", "etcd-server", "etcd --data-dir=/srv/etcd", 2379, http("/version", b"200")),
    Server(
        "Prometheus",
        "prometheus",
        "prometheus --config.file=/etc/prometheus/prometheus.yml --storage.tsdb.path=/srv/metrics",
        9090,
        http("/-/ready", b"200"),
    ),
    Server(
        "Prometheus node exporter",
        "prometheus-node-exporter",
        "prometheus-node-exporter",
        9100,
        http(),
    ),
    Server(
        "InfluxDB",
        "influxdb",
        as_user("influxdb", "influxd -config /etc/influxdb/influxdb.conf"),
        8086,
        http("/ping", b"204"),
    ),
    Server("CUPS", "cups-daemon", "cupsd -f", 631, http(), "mkdir -p /run/cups"),
    Server(
        "Tor",
        "tor",
        "tor -f /srv/torrc --RunAsDaemon 0",
        9050,
        SOCKS,
        "printf 'User debian-tor\\nDataDirectory /var/lib/tor\\n' >/srv/torrc; mkdir -p /run/tor",
    ),
    Server(
        "I2P",
        "i2pd",
        as_user("i2pd", "i2pd --conf=/etc/i2pd/i2pd.conf --datadir=/var/lib/i2pd --http.enabled=1"),
        7070,
        http(),
        owned("i2pd", "/run/i2pd", "/var/log/i2pd", "/var/lib/i2pd"),
    ),
    Server(
        "Icecast",
        "icecast2",
        as_user("icecast2", "icecast2 -c /etc/icecast2/icecast.xml", "icecast"),
        8000,
        http(),
    ),
    Server("MPD", "mpd", "mpd --no-daemon", 6600, banner(b"OK MPD"), owned("mpd", "/run/mpd")),
    Server(
        "Caddy",
        "caddy",
        "caddy run --environ --config /etc/caddy/Caddyfile",
        80,
        http(),
    ),
    Server("mini_httpd", "mini-httpd", "mini_httpd -D -p 8000 -d /srv", 8000, http()),
]

# Entry points with the steps that those of the official images make at the first start. They make
# the data, start a temporary server that the network does not reach, run a statement there, stop
# this server, and execute the real one.
MARIADB_FIRST_START = """
set -eu
exec 2>&1
mariadb-install-db --user=mysql --datadir=/srv/db --skip-test-db >/dev/null
mariadbd --user=mysql --datadir=/srv/db --skip-networking --socket=/run/mysqld/first.sock &
server=$!
until mariadb --socket=/run/mysqld/first.sock -e 'select 1' >/dev/null 2>&1; do sleep 1; done
mariadb --socket=/run/mysqld/first.sock -e 'create database app'
kill $server
wait $server
exec mariadbd --user=mysql --datadir=/srv/db --bind-address=0.0.0.0
"""
# Since 2024, the image empties NOTIFY_SOCKET for the temporary server.
POSTGRES_FIRST_START = """
set -eu
PATH=/usr/lib/postgresql/15/bin:$PATH
initdb --auth=trust /srv/db >/dev/null
%s pg_ctl -D /srv/db -o "-c listen_addresses=''" -w start
createdb -h /run/postgresql app
pg_ctl -D /srv/db -m fast -w stop
exec postgres -D /srv/db -c "listen_addresses=*"
"""


def first_start(name, package, port, ask, user, script, shell="sh /srv/entry"):
    text = script.replace("'", "'\\''")
    run = "/run/mysqld" if user == "mysql" else "/run/postgresql"
    prepare = f"printf %s '{text}' >/srv/entry; {owned(user, '/srv', run)}"
    return Server(name, package, shell, port, ask, prepare)


FIRST_STARTS = [
    first_start("MariaDB", "mariadb-server", 3306, MARIADB, "mysql", MARIADB_FIRST_START),
    first_start(
        "PostgreSQL, `NOTIFY_SOCKET` emptied for the temporary server",
        "postgresql-15",
        5432,
        POSTGRES,
        "postgres",
        POSTGRES_FIRST_START % "NOTIFY_SOCKET=",
        as_user("postgres", "sh /srv/entry"),
    ),
    first_start(
        "PostgreSQL, the older entry point",
        "postgresql-15",
        5432,
        POSTGRES,
        "postgres",
        POSTGRES_FIRST_START % "",
        as_user("postgres", "sh /srv/entry"),
    ),
]

# The servers of tests/bench/images. A value is added to the command of a server that would
# otherwise listen on the loopback address only, which published ports never reach.
IMAGES = {
    "Redis": " --bind 0.0.0.0 --protected-mode no",
    "memcached": "",
    "nginx": "",
    "Apache": "",
    "lighttpd": "",
    "HAProxy": "",
    "Varnish": "",
    "PostgreSQL": " -c 'listen_addresses=*'",
    "MariaDB": " --bind-address=0.0.0.0",
    "OpenSSH": "",
    "RabbitMQ": "",
    "NATS": "",
    "Tomcat": "",
    "Prometheus": "",
    "Node.js": "",
    "Gunicorn, an app that loads for 1 s": " --bind=0.0.0.0:8000",
}
