#include "bridge/runtime/container_config.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "base/util/concat.hpp"
#include "bridge/runtime/refusal.hpp"

namespace notifybridge::runtime {
namespace {

namespace json = boost::json;
using util::concat;
using Words = std::vector<std::string>;

constexpr std::string_view executable = "/usr/bin/notifybridge";

// Shortened texts of config.json that crun, runc, podman and dockerd have written. Some members are
// from texts of other machines (SELinux, memory limits, docker's hooks). `text_with` adds variables
// at the "@" of a text.

/// A text from `crun spec`.
constexpr std::string_view of_crun = R"({"ociVersion": "1.0.0",
    "process": {"terminal": true, "user": {"uid": 0, "gid": 0}, "args": ["sh"],
        "env": ["PATH=/usr/bin:/bin", "TERM=xterm"@], "cwd": "/",
        "capabilities": {"bounding": ["CAP_KILL"], "inheritable": []},
        "rlimits": [{"type": "RLIMIT_NOFILE", "hard": 1024, "soft": 1024}], "noNewPrivileges": true},
    "root": {"path": "rootfs", "readonly": true}, "hostname": "crun",
    "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"},
        {"destination": "/dev", "type": "tmpfs", "source": "tmpfs",
         "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]}],
    "linux": {"resources": {"devices": [{"allow": false, "access": "rwm"}]},
        "namespaces": [{"type": "pid"}, {"type": "network"}, {"type": "mount"}],
        "maskedPaths": ["/proc/acpi"], "readonlyPaths": ["/proc/bus"]}})";

/// A text from `runc spec --rootless`.
constexpr std::string_view of_runc_rootless = R"({"ociVersion": "1.0.2-dev",
    "process": {"terminal": true, "user": {"uid": 0, "gid": 0}, "args": ["sh"],
        "env": ["PATH=/usr/bin:/bin"@], "cwd": "/", "noNewPrivileges": true},
    "root": {"path": "rootfs", "readonly": true}, "hostname": "runc",
    "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"},
        {"destination": "/sys", "type": "none", "source": "/sys",
         "options": ["rbind", "nosuid", "noexec", "nodev", "ro"]}],
    "linux": {"uidMappings": [{"containerID": 0, "hostID": 0, "size": 1}],
        "gidMappings": [{"containerID": 0, "hostID": 0, "size": 1}],
        "namespaces": [{"type": "pid"}, {"type": "mount"}, {"type": "user"}],
        "maskedPaths": ["/proc/acpi"]}})";

/// A text from `podman run --init --read-only --user=999:998 --security-opt label=…`, as conmon
/// passes it. The image has a USER.
constexpr std::string_view of_podman = R"({"ociVersion": "1.0.2-dev",
    "process": {"user": {"uid": 999, "gid": 998, "umask": 18, "additionalGids": [998]},
        "args": ["/run/podman-init", "--", "redis-server", "--save", ""],
        "env": ["PATH=/usr/bin", "container=podman", "HOME=/"@], "cwd": "/data",
        "capabilities": {"bounding": ["CAP_CHOWN"]}, "oomScoreAdj": 0,
        "rlimits": [{"type": "RLIMIT_NPROC", "hard": 4194304, "soft": 4194304}],
        "selinuxLabel": "system_u:system_r:container_t:s0:c1,c2"},
    "root": {"path": "/var/lib/containers/storage/overlay/1/merged", "readonly": true},
    "hostname": "b1946ac92492",
    "mounts": [{"destination": "/proc", "type": "proc", "source": "proc",
                "options": ["nosuid", "noexec", "nodev"]},
        {"destination": "/run/podman-init", "type": "bind", "source": "/usr/libexec/podman/catatonit",
         "options": ["private", "bind", "ro"]},
        {"destination": "/run", "type": "tmpfs", "source": "tmpfs",
         "options": ["rw", "rprivate", "nosuid", "nodev", "tmpcopyup"]},
        {"destination": "/etc/hosts", "type": "bind", "source": "/run/containers/hosts",
         "options": ["bind", "rprivate"]}],
    "annotations": {"io.container.manager": "libpod", "org.opencontainers.image.stopSignal": "15"},
    "linux": {"sysctl": {"net.ipv4.ping_group_range": "0 0"},
        "resources": {"devices": [{"allow": false, "access": "rwm"}], "pids": {"limit": 2048},
            "memory": {"limit": 9223372036854771712, "swap": -1}},
        "cgroupsPath": "/libpod_parent/libpod-1", "namespaces": [{"type": "pid"}, {"type": "mount"},
            {"type": "network", "path": "/run/netns/netns-1"}],
        "seccomp": {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "syscalls":
            [{"names": ["personality"], "action": "SCMP_ACT_ALLOW",
              "args": [{"index": 0, "value": 4294967295, "op": "SCMP_CMP_EQ"},
                       {"index": 0, "value": 18446744073709551615, "op": "SCMP_CMP_NE"}]}]},
        "mountLabel": "system_u:object_r:container_file_t:s0:c1,c2"}})";

/// A text from `podman run --userns=auto`, and from rootless podman with an image that has a USER.
constexpr std::string_view of_podman_userns = R"({"ociVersion": "1.0.2-dev",
    "process": {"user": {"uid": 999, "gid": 998}, "args": ["app"], "env": ["PATH=/usr/bin"@],
        "cwd": "/"},
    "root": {"path": "/merged"}, "mounts": [],
    "linux": {"uidMappings": [{"containerID": 0, "hostID": 1, "size": 500},
                              {"containerID": 500, "hostID": 100000, "size": 65536}],
        "gidMappings": [{"containerID": 0, "hostID": 200000, "size": 65536}],
        "namespaces": [{"type": "user"}, {"type": "mount"}]}})";

/// A text from dockerd, as containerd passes it.
constexpr std::string_view of_docker = R"({"ociVersion": "1.1.0",
    "process": {"user": {"uid": 0, "gid": 0, "additionalGids": [0, 1, 27]},
        "args": ["docker-entrypoint.sh", "redis-server"], "env": ["PATH=/usr/bin"@], "cwd": "/data",
        "apparmorProfile": "docker-default", "oomScoreAdj": 0},
    "root": {"path": "/var/lib/docker/overlay2/1/merged"}, "hostname": "1",
    "mounts": [{"destination": "/dev/shm", "type": "bind", "source": "/shm",
                "options": ["rbind", "rprivate"]}],
    "hooks": {"prestart": [{"path": "/proc/7/exe", "args": ["libnetwork-setkey", "1"]}]},
    "linux": {"resources": {"memory": {}, "cpu": {"shares": 0}, "blockIO": {"weight": 0}},
        "cgroupsPath": "system.slice:docker:1", "namespaces": [{"type": "mount"}, {"type": "pid"}],
        "readonlyPaths": ["/proc/bus"]}})";

struct Made {
    std::string_view by;
    std::string_view text;
    Words command;

    friend std::ostream& operator<<(std::ostream& out, const Made& made) { return out << made.by; }
};

const Made all_made[] = {
    {"crun", of_crun, {"sh"}},
    {"runc, rootless", of_runc_rootless, {"sh"}},
    {"podman", of_podman, {"/run/podman-init", "--", "redis-server", "--save", ""}},
    {"podman, userns", of_podman_userns, {"app"}},
    {"docker", of_docker, {"docker-entrypoint.sh", "redis-server"}},
};

std::string text_with(std::string_view text, const Words& variables) {
    std::string more;
    for (const std::string& variable : variables)
        more += concat(", ", json::serialize(json::string(variable)));
    std::string whole(text);
    const auto at = whole.find('@');
    BOOST_TEST_REQUIRE(at != whole.npos);
    whole.replace(at, 1, more);
    return whole;
}

json::object with(std::string_view text, const Words& variables) {
    return parse_config(text_with(text, variables));
}

/// Returns the smallest possible config.json.
std::string small_text(const Words& variables, std::string_view mounts = "[]") {
    return text_with(
        concat(R"({"process": {"user": {"uid": 0, "gid": 0}, "args": ["app"], "env": [""@]},)",
               R"("mounts": )", mounts, '}'),
        variables);
}

json::object small(const Words& variables, std::string_view mounts = "[]") {
    return parse_config(small_text(variables, mounts));
}

Wish wish_of(const json::object& config) {
    const auto wish = read_wish(config);
    BOOST_TEST_REQUIRE(wish.has_value());
    return *wish;
}

std::string changed_text(std::string_view text, std::string_view directory = "") {
    const json::object config = parse_config(text);
    return put_wrap_in_front(text, config, wish_of(config), executable, directory);
}

json::object changed(std::string_view text, std::string_view directory = "") {
    return parse_config(changed_text(text, directory));
}

template <typename Function>
std::string refusal(Function function) {
    try {
        function();
    } catch (const Refusal& refusal) {
        return refusal.what();
    }
    return "it was not refused";
}

bool says(const std::string& text, std::string_view part) {
    BOOST_TEST_INFO(text);
    return text.find(part) != std::string::npos;
}

Words strings(const json::value& list) {
    Words words;
    for (const json::value& word : list.as_array())
        words.emplace_back(word.as_string());
    return words;
}

Words arguments_of(const json::object& config) {
    return strings(config.at("process").at("args"));
}

/// Returns the mount at this path, or an empty object if no mount has this path. The test fails if
/// several mounts have this path.
json::object mount_at(const json::object& config, std::string_view place) {
    json::object found;
    for (const json::value& mount : config.at("mounts").as_array())
        if (mount.at("destination").as_string() == place) {
            BOOST_TEST(found.empty());
            found = mount.as_object();
        }
    return found;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(container_config)

BOOST_AUTO_TEST_CASE(the_watchdog_time_is_added_if_the_config_has_none) {
    for (const auto& [variables, wanted] : std::vector<std::pair<Words, Words>>{
             {{"NOTIFYBRIDGE_OPTIONS="}, {"", "WATCHDOG_USEC=7"}},
             {{"NOTIFYBRIDGE_OPTIONS=", "WATCHDOG_USEC=9"}, {"", "WATCHDOG_USEC=9"}},
         }) {
        const std::string text = small_text(variables);
        const json::object config = parse_config(text);
        Wish wish = wish_of(config);
        wish.watchdog = "7";
        const auto made = parse_config(put_wrap_in_front(text, config, wish, executable, ""));
        BOOST_TEST(strings(made.at("process").at("env")) == wanted,
                   boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_SUITE(requests_of_a_container)

BOOST_DATA_TEST_CASE(a_config_without_our_variables_requests_no_wrap, all_made, made) {
    BOOST_TEST(!read_wish(with(made.text, {})).has_value());
}

BOOST_DATA_TEST_CASE(shared_dir_and_notify_socket_alone_request_no_wrap, all_made, made) {
    const std::string text = text_with(made.text, {"SHARED_DIR=/s", "NOTIFY_SOCKET=/n"});
    BOOST_TEST(!may_request_wrap(text));
    BOOST_TEST((find_request(parse_config(text), true) == Request::nothing));
}

struct Asking {
    Words variables;
    Request alone;      ///< The request if the runtime passes no socket.
    Request by_socket;  ///< The request if the runtime passes a socket.

    friend std::ostream& operator<<(std::ostream& out, const Asking& asking) {
        for (const std::string& variable : asking.variables)
            out << variable << ' ';
        return out;
    }
};

const Asking askings[] = {
    {{"NOTIFYBRIDGE_OPTIONS"}, Request::nothing, Request::nothing},
    {{"NOTIFYBRIDGE_OPTIONS="}, Request::no_receiver, Request::wrap},
    {{"NOTIFYBRIDGE_TOKEN="}, Request::no_receiver, Request::wrap},
    {{"NOTIFYBRIDGE_OPTIONS='open", "SHARED_DIR=", "NOTIFY_SOCKET="},
     Request::no_receiver,
     Request::wrap},
    {{"NOTIFYBRIDGE_OPTIONS=", "NOTIFY_SOCKET=/n"}, Request::wrap, Request::wrap},
    {{"NOTIFYBRIDGE_OPTIONS=", "SHARED_DIR=/s"}, Request::wrap, Request::wrap},
    {{"NOTIFYBRIDGE_OPTIONS=--shared-dir=/s"}, Request::wrap, Request::wrap},
    {{"NOTIFYBRIDGE_OPTIONS=--verbose -d /s"}, Request::wrap, Request::wrap},
    {{"NOTIFYBRIDGE_OPTIONS='open --shared-dir=/s"}, Request::wrap, Request::wrap},
    {{"NOTIFYBRIDGE_TOKEN=x"}, Request::wrap, Request::wrap},
};

BOOST_DATA_TEST_CASE(a_request_for_wrap_needs_a_receiver_of_messages, askings, asking) {
    const std::string text = small_text(asking.variables);
    BOOST_TEST(may_request_wrap(text));
    BOOST_TEST((find_request(parse_config(text), false) == asking.alone));
    BOOST_TEST((find_request(parse_config(text), true) == asking.by_socket));
}

BOOST_DATA_TEST_CASE(a_shared_directory_alone_does_not_request_wrap, all_made, made) {
    BOOST_TEST(!read_wish(with(made.text, {"SHARED_DIR=/etc"})).has_value());
}

BOOST_AUTO_TEST_CASE(a_variable_with_a_similar_name_does_not_request_wrap) {
    BOOST_TEST(!read_wish(small({"NOTIFYBRIDGE_OPTIONS", "NOTIFYBRIDGE_TOKENS=1",
                                 "XNOTIFYBRIDGE_TOKEN=1", "notifybridge_options="}))
                    .has_value());
}

const std::string_view without_environment[] = {
    "{}",
    R"({"process": null})",
    R"({"process": []})",
    R"({"process": {"args": []}})",
    R"({"process": {"env": null}})",
    R"({"process": {"env": {"NOTIFYBRIDGE_OPTIONS": ""}}})",
    R"({"process": {"env": [], "args": []}})",
    R"({"process": {"env": [1, null, "NOTIFYBRIDGE_OPTIONS"]}, "mounts": 1})",
};

BOOST_DATA_TEST_CASE(a_config_without_an_environment_requests_no_wrap, without_environment, text) {
    BOOST_TEST(!read_wish(parse_config(text)).has_value());
}

BOOST_AUTO_TEST_CASE(options_for_wrap_may_be_quoted_as_in_a_unit_file) {
    const Wish wish = wish_of(small(
        {R"(NOTIFYBRIDGE_OPTIONS=--ready-when='exec:redis-cli ping'  "--ready-status=a\x20b" -d/x)"}));
    BOOST_TEST(
        wish.options == (Words{"--ready-when=exec:redis-cli ping", "--ready-status=a b", "-d/x"}),
        boost::test_tools::per_element());
    BOOST_TEST(!wish.wants_directory());
}

BOOST_AUTO_TEST_CASE(empty_options_also_request_wrap) {
    BOOST_TEST(wish_of(small({"NOTIFYBRIDGE_OPTIONS="})).options.empty());
    BOOST_TEST(wish_of(small({"NOTIFYBRIDGE_TOKEN="})).options.empty());
}

const std::string bad_options[] = {"'open", "\"open", "--a 'b", R"(\q)", R"(a\)", R"(\x0)"};

BOOST_DATA_TEST_CASE(options_for_wrap_that_cannot_be_split_are_refused, bad_options, options) {
    const auto config = small({"NOTIFYBRIDGE_OPTIONS=" + options});
    BOOST_TEST(says(refusal([&] { read_wish(config); }), "NOTIFYBRIDGE_OPTIONS="));
    BOOST_TEST(says(refusal([&] { read_wish(config); }), "quote it as in a unit file"));
}

BOOST_AUTO_TEST_CASE(the_last_of_two_variables_with_the_same_name_counts) {
    const Wish wish = wish_of(small({"SHARED_DIR=/a", "NOTIFYBRIDGE_TOKEN=1", "SHARED_DIR=/b",
                                     "NOTIFYBRIDGE_TOKEN=2", "NOTIFYBRIDGE_TOKEN"}));
    BOOST_TEST(wish.shared_directory == "/b");
    BOOST_TEST(wish.token == "2");
}

BOOST_AUTO_TEST_CASE(the_shared_directory_is_read_from_the_config) {
    const Wish wish = wish_of(small({"SHARED_DIR=/run//app/", "NOTIFYBRIDGE_TOKEN=1"}));
    BOOST_TEST(wish.shared_directory == "/run/app");
    BOOST_TEST(!wish.is_mounted);
    BOOST_TEST(wish.wants_directory());
}

const std::string bad_directories[] = {"run/app", ".", "../app", "/run/../etc", "/..", "/run/.."};

BOOST_DATA_TEST_CASE(a_forbidden_shared_directory_is_refused, bad_directories, directory) {
    const auto config = small({"NOTIFYBRIDGE_OPTIONS=", "SHARED_DIR=" + directory});
    BOOST_TEST(says(refusal([&] { read_wish(config); }), concat("SHARED_DIR=\"", directory, '"')));
}

const std::string our_places[] = {"/run/.notifybridge", "/run//.notifybridge/",
                                  "/run/.notifybridge/a", "/run"};

BOOST_DATA_TEST_CASE(a_shared_directory_over_our_executable_is_refused, our_places, directory) {
    const auto config = small({"NOTIFYBRIDGE_TOKEN=1", "SHARED_DIR=" + directory});
    BOOST_TEST(
        says(refusal([&] { read_wish(config); }), "where notifybridge mounts its executable"));
}

BOOST_AUTO_TEST_CASE(dots_within_the_name_of_a_directory_are_allowed) {
    BOOST_TEST(
        wish_of(small({"NOTIFYBRIDGE_OPTIONS=", "SHARED_DIR=/run/..app/a.."})).shared_directory
        == "/run/..app/a..");
}

BOOST_AUTO_TEST_CASE(an_empty_shared_dir_counts_as_unset) {
    BOOST_TEST(wish_of(small({"NOTIFYBRIDGE_OPTIONS=", "SHARED_DIR="})).shared_directory == "");
    BOOST_TEST(says(refusal([] {
                        read_wish(small({"NOTIFYBRIDGE_TOKEN=1", "SHARED_DIR="}));
                    }),
                    "SHARED_DIR is not"));
}

BOOST_AUTO_TEST_CASE(a_token_without_a_shared_directory_is_refused) {
    BOOST_TEST(says(refusal([] { read_wish(small({"NOTIFYBRIDGE_TOKEN=1"})); }), "-e SHARED_DIR"));
}

struct Annotated {
    std::string_view text;
    bool is_left;

    friend std::ostream& operator<<(std::ostream& out, const Annotated& row) {
        return out << row.text;
    }
};

const Annotated annotated[] = {
    {R"({"annotations": {"a": "b", "notifybridge.runtime": "1"}})", true},
    {R"({"annotations": {"notifybridge.runtime": "0"}})", false},
    {R"({"annotations": {"notifybridge.runtime": ""}})", false},
    {R"({"annotations": {"notifybridge.runtime": 1}})", false},
    {R"({"annotations": {"notifybridge": {"runtime": "1"}}})", false},
    {R"({"annotations": ["notifybridge.runtime", "1"]})", false},
    {R"({"notifybridge.runtime": "1"})", false},
    {"{}", false},
};

BOOST_DATA_TEST_CASE(an_annotation_leaves_the_config_to_our_runtime, annotated, row) {
    BOOST_TEST(is_left_to_runtime(parse_config(row.text)) == row.is_left);
}

BOOST_DATA_TEST_CASE(a_config_without_our_annotation_is_not_left_to_the_runtime, all_made, made) {
    BOOST_TEST(!is_left_to_runtime(with(made.text, {})));
}

struct Mounted {
    std::string_view mounts;
    bool there;
    bool above = false;

    friend std::ostream& operator<<(std::ostream& out, const Mounted& mounted) {
        return out << mounted.mounts;
    }
};

const Mounted mounts[] = {
    {R"([{"destination": "/run/app", "type": "bind", "source": "/x", "options": ["rbind"]}])",
     true},
    {R"([{"destination": "/run/app/", "source": "/x", "options": ["bind"]}])", true},
    {R"([{"destination": "/run//app", "type": "tmpfs", "source": "tmpfs"}])", true},
    // A host directory that is mounted on a parent may contain the shared directory.
    {R"([{"destination": "/run", "type": "bind", "source": "/run"}])", false, true},
    {R"([{"destination": "/run", "type": "none", "source": "/run", "options": ["ro", "rbind"]}])",
     false, true},
    {R"([{"destination": "/run", "type": "tmpfs", "source": "tmpfs", "options": ["rw"]}])", false},
    {R"([{"destination": "/run", "options": [1, null]}])", false},
    {R"([{"destination": "/run/app/deeper", "type": "bind", "source": "/x"}])", false},
    {R"([{"destination": "/run/ap", "type": "bind", "source": "/x"}])", false},
    {R"([{"destination": "/run/application", "type": "bind", "source": "/x"}])", false},
    {R"([{"destination": "/", "type": "bind", "source": "/x"}])", false},
    {R"([{"destination": "", "type": "bind", "source": "/x"}])", false},
    {R"([{"type": "bind", "source": "/x"}, {}, {"destination": 1, "type": "bind"}])", false},
    {"[]", false},
};

BOOST_DATA_TEST_CASE(an_existing_mount_of_the_shared_directory_is_found, mounts, row) {
    const Wish named = wish_of(small({"SHARED_DIR=/run/app", "NOTIFYBRIDGE_TOKEN=1"}, row.mounts));
    BOOST_TEST(named.is_mounted == row.there);
    BOOST_TEST(named.wants_directory() == !row.there);
    // If there is no token, a mount on a parent counts, because nothing else can provide the
    // directory.
    const Wish other = wish_of(small({"SHARED_DIR=/run/app", "NOTIFYBRIDGE_OPTIONS="}, row.mounts));
    BOOST_TEST(other.is_mounted == (row.there || row.above));
}

const std::string_view bad_mounts[] = {"{}", "null", "1", "[1]", R"([{}, "/run/app"])", "[[]]"};

BOOST_DATA_TEST_CASE(a_config_with_invalid_mounts_is_refused, bad_mounts, text) {
    for (const Words& variables :
         {Words{"NOTIFYBRIDGE_OPTIONS="}, Words{"NOTIFYBRIDGE_OPTIONS=", "SHARED_DIR=/run/app"}}) {
        const auto config = small(variables, text);
        BOOST_TEST(says(refusal([&] { read_wish(config); }), "mounts must be a list of objects"));
    }
}

const std::string_view bad_arguments[] = {
    "",
    R"("args": null,)",
    R"("args": "app",)",
    R"("args": [],)",
    R"("args": [1],)",
    R"("args": ["app", null],)",
};

BOOST_DATA_TEST_CASE(a_config_with_an_invalid_command_is_refused, bad_arguments, text) {
    const auto config =
        parse_config(concat(R"({"process": {)", text, R"("env": ["NOTIFYBRIDGE_OPTIONS="]}})"));
    BOOST_TEST(says(refusal([&] { read_wish(config); }), "process.args"));
}

struct WhoseText {
    std::string_view text;
    std::optional<system::Account> user;
    std::string_view label;

    friend std::ostream& operator<<(std::ostream& out, const WhoseText& whose) {
        return out << whose.text;
    }
};

const WhoseText whose_texts[] = {
    {of_crun, system::Account{0, 0}, ""},
    {of_runc_rootless, system::Account{0, 0}, ""},
    {of_podman, system::Account{999, 998}, "system_u:object_r:container_file_t:s0:c1,c2"},
    {of_podman_userns, system::Account{100499, 200998}, ""},
    {of_docker, system::Account{0, 0}, ""},
    // The container joins a user namespace, so this text does not have the mappings.
    {R"({"process": {"user": {"uid": 0, "gid": 0}, "args": ["app"], "env": [""@]},
        "linux": {"namespaces": [{"type": "user", "path": "/proc/7/ns/user"}], "mountLabel": 1}})",
     {},
     ""},
    // The mappings do not contain these ids.
    {R"({"process": {"user": {"uid": 5, "gid": 0}, "args": ["app"], "env": [""@]},
        "linux": {"uidMappings": [{"containerID": 0, "hostID": 7, "size": 5}], "gidMappings": []}})",
     {},
     ""},
    {R"({"process": {"user": {"uid": 4, "gid": 0}, "args": ["app"], "env": [""@]},
        "linux": {"uidMappings": [{"containerID": 0, "hostID": 7, "size": 5}], "gidMappings": []}})",
     system::Account{11, 0}, ""},
    {R"({"process": {"user": {"uid": 4294967294, "gid": 0}, "args": ["app"], "env": [""@]},
        "linux": {"uidMappings": [1, {}, {"containerID": 1, "hostID": 0, "size": 4294967295}]}})",
     system::Account{4294967293, 0}, ""},
    {R"({"process": {"user": {"uid": -1, "gid": 0}, "args": ["app"], "env": [""@]}})", {}, ""},
    {R"({"process": {"user": {"uid": 4294967296, "gid": 0}, "args": ["app"], "env": [""@]}})",
     {},
     ""},
    {R"({"process": {"user": {"uid": "0", "gid": 0}, "args": ["app"], "env": [""@]}})", {}, ""},
    {R"({"process": {"user": {"username": "x"}, "args": ["app"], "env": [""@]}})", {}, ""},
    {R"({"process": {"args": ["app"], "env": [""@]}})", {}, ""},
};

BOOST_DATA_TEST_CASE(container_users_are_mapped_to_host_users, whose_texts, whose) {
    const Wish wish = wish_of(with(whose.text, {"NOTIFYBRIDGE_OPTIONS="}));
    BOOST_TEST_REQUIRE(wish.user.has_value() == whose.user.has_value());
    if (wish.user) {
        BOOST_TEST(wish.user->uid == whose.user->uid);
        BOOST_TEST(wish.user->gid == whose.user->gid);
    }
    BOOST_TEST(wish.mount_label == whose.label);
    BOOST_TEST(wish.process_label.empty() == whose.label.empty());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(changes_of_a_config)

BOOST_DATA_TEST_CASE(wrap_is_inserted_and_the_rest_of_a_config_is_unchanged, all_made, made) {
    auto config =
        changed(text_with(made.text, {"A=1", "NOTIFYBRIDGE_OPTIONS=--explain -k '1 s'", "B=2",
                                      "SHARED_DIR=/run/app", "NOTIFYBRIDGE_TOKEN=1"}),
                "/run/host");

    Words whole = {"/run/.notifybridge", "wrap", "--explain", "-k", "1 s", "--"};
    whole.insert(whole.end(), made.command.begin(), made.command.end());
    BOOST_TEST(arguments_of(config) == whole, boost::test_tools::per_element());
    BOOST_TEST(json::serialize(mount_at(config, "/run/.notifybridge"))
               == R"({"destination":"/run/.notifybridge","type":"bind",)"
                  R"("source":"/usr/bin/notifybridge","options":["bind","ro","nosuid","nodev"]})");
    BOOST_TEST(json::serialize(mount_at(config, "/run/app"))
               == R"({"destination":"/run/app","type":"bind","source":"/run/host",)"
                  R"("options":["bind","rw","nosuid","nodev","noexec"]})");

    // If our additions are removed, the result equals the original.
    auto before = with(made.text, {"A=1", "B=2", "SHARED_DIR=/run/app"});
    json::array& list = config.at("mounts").as_array();
    list.resize(list.size() - 2);
    config.at("process").at("args") = before.at("process").at("args");
    BOOST_TEST(json::serialize(config) == json::serialize(before));
}

BOOST_AUTO_TEST_CASE(our_mounts_are_the_last_mounts_of_a_config) {
    const auto text = text_with(of_podman, {"SHARED_DIR=/run/app", "NOTIFYBRIDGE_TOKEN=1"});
    const std::size_t before = parse_config(text).at("mounts").as_array().size();
    const auto config = changed(text, "/run/app");
    BOOST_TEST(config.at("mounts").at(before).at("destination").as_string()
               == "/run/.notifybridge");
    BOOST_TEST(config.at("mounts").at(before + 1).at("destination").as_string() == "/run/app");
}

BOOST_AUTO_TEST_CASE(without_a_directory_a_tmpfs_holds_the_socket) {
    const auto config = changed(small_text({"NOTIFYBRIDGE_OPTIONS="}));
    BOOST_TEST(mount_at(config, "/run/.notifybridge.d").at("type").as_string() == "tmpfs");
    BOOST_TEST(config.at("mounts").as_array().size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_shared_directory_is_not_mounted_twice) {
    constexpr std::string_view there =
        R"([{"destination": "/run/app", "type": "bind", "source": "/x"}])";
    const auto config =
        changed(small_text({"NOTIFYBRIDGE_OPTIONS=", "SHARED_DIR=/run/app"}, there));
    BOOST_TEST(mount_at(config, "/run/app").at("source").as_string() == "/x");
    BOOST_TEST(config.at("mounts").as_array().size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_config_without_mounts_gets_a_list_of_mounts) {
    const auto config =
        changed(R"({"process": {"args": ["app"], "env": ["NOTIFYBRIDGE_OPTIONS="]}})");
    BOOST_TEST(!mount_at(config, "/run/.notifybridge").empty());
}

BOOST_DATA_TEST_CASE(a_changed_config_is_not_changed_again, all_made, made) {
    const auto config =
        changed(text_with(made.text, {"NOTIFYBRIDGE_OPTIONS=", "SHARED_DIR=/run/app",
                                      "NOTIFYBRIDGE_TOKEN=1", "NOTIFYBRIDGE_TOKEN=2"}),
                "/run/app");
    BOOST_TEST(!read_wish(config).has_value());
}

const std::string our_programs[] = {
    "notifybridge",
    "/usr/bin/notifybridge",
    "/run/.notifybridge",
    "container-notify-wrapper",
    "/opt/container-notify-wrapper",
    "host-notify-waiter",
    "./notifybridge",
};

BOOST_DATA_TEST_CASE(a_command_that_is_wrap_gets_no_second_wrap, our_programs, program) {
    const auto config = changed(concat(R"({"process": {"args": [")", program,
                                       R"(", "wrap", "app"], "env": ["NOTIFYBRIDGE_OPTIONS="]}})"));
    BOOST_TEST(arguments_of(config) == (Words{program, "wrap", "app"}),
               boost::test_tools::per_element());
    BOOST_TEST(!read_wish(config).has_value());
}

const std::string other_programs[] = {"notifybridge2", "/notifybridge/app", "",
                                      "systemctl",     "/usr/bin/",         "xnotifybridge"};

BOOST_DATA_TEST_CASE(a_program_with_a_similar_name_gets_wrap_in_front, other_programs, program) {
    const auto config = changed(
        concat(R"({"process": {"args": [")", program, R"("], "env": ["NOTIFYBRIDGE_OPTIONS="]}})"));
    BOOST_TEST(arguments_of(config) == (Words{"/run/.notifybridge", "wrap", "--", program}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(unknown_parts_of_a_config)

/// Values that our code does not interpret.
const std::string kept[] = {
    "0",
    "-1",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "0.1",
    "-2.250",
    "3.14159265358979323846",
    "1E+100",
    "1e-300",
    "true",
    "null",
    "{}",
    "[ ]",
    R"({"z":1,"a":{"y":2,"b":3},"z":[],"process":{"args":[]},"mounts":[],"env":[]})",
    R"("ä € 😀 \u00e4 \/ ]},:\"")",
    R"("\u0000\u001f\\")",
    "\"\xff\xc3\"",
    "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]",
};

BOOST_DATA_TEST_CASE(the_unknown_parts_of_a_config_stay_the_same_to_the_byte, kept, value) {
    const auto text = [&](std::string_view arguments, std::string_view environment,
                          std::string_view mounts) {
        return concat("{ \"x\" :", value, ",\"process\":{\"y\":", value, ", \"env\" : [\"A=1\",",
                      value, environment, "],\"args\":[", arguments, " \"app\"], \"z\":", value,
                      "},\n\t\"mounts\":[{\"w\":", value, "}", mounts, "], \"v\":", value, "}\n");
    };
    // The expected text takes the inserted mounts from the result, because other tests check these
    // mounts.
    const std::string after =
        changed_text(text("", ", \"NOTIFYBRIDGE_TOKEN=1\", \"SHARED_DIR=/a\"", ""), "/b");
    const std::size_t first = after.find("},{\"destination\"") + 1;
    const std::size_t last = after.rfind("], \"v\":");
    BOOST_TEST_REQUIRE(first < last);
    BOOST_TEST(after
               == text(R"("/run/.notifybridge","wrap","--",)", ",\"SHARED_DIR=/a\"",
                       std::string_view(after).substr(first, last - first)));
}

BOOST_AUTO_TEST_CASE(the_last_json_member_with_a_repeated_name_counts) {
    BOOST_TEST(changed_text(R"({"mounts":[{}],"process":{},"proc\u0065ss":{"args":["a"],)"
                            R"("env":[],"env":["NOTIFYBRIDGE_OPTIONS="]},"mounts":[]})")
               == concat(R"({"mounts":[{}],"process":{},"proc\u0065ss":{"args":)"
                         R"(["/run/.notifybridge","wrap","--","a"],"env":[],"env":[]},"mounts":[)",
                         json::serialize(mount_at(changed(small_text({"NOTIFYBRIDGE_OPTIONS="})),
                                                  "/run/.notifybridge")),
                         ',',
                         json::serialize(mount_at(changed(small_text({"NOTIFYBRIDGE_OPTIONS="})),
                                                  "/run/.notifybridge.d")),
                         "]}"));
}

const std::string_view bad_texts[] = {
    "", " ", "{", R"({"process": {"args": ["a)", "{}{}", "\xff", R"({"a": 1,})", "{'a': 1}"};

BOOST_DATA_TEST_CASE(a_config_that_is_not_json_is_refused, bad_texts, text) {
    BOOST_TEST(says(refusal([&] { parse_config(text); }), "config.json is not JSON: "));
}

const std::string_view no_objects[] = {"[]", "1", "null", "\"{}\""};

BOOST_DATA_TEST_CASE(a_config_that_is_not_an_object_is_refused, no_objects, text) {
    BOOST_TEST(says(refusal([&] { parse_config(text); }), "is not a JSON object"));
}

BOOST_AUTO_TEST_CASE(a_config_nested_too_deeply_is_refused) {
    const std::string text = "{\"x\":" + std::string(1000000, '[');
    BOOST_TEST(says(refusal([&] { parse_config(text); }), "config.json is not JSON: "));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::runtime
