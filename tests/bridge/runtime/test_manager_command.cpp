#include "bridge/runtime/manager_command.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "base/util/words.hpp"
#include "bridge/runtime/refusal.hpp"

namespace notifybridge::runtime::test_manager_command {
namespace {

using Words = std::vector<std::string>;

Words split(std::string_view text) {
    Words words;
    util::WordReader reader(text);
    for (std::string word; reader.next(word) == util::Extracted::word;)
        words.push_back(word);
    return words;
}

struct Line {
    const char* text;
    const char* changed;  ///< With G for what goes before the verb, and V for what goes after it.

    friend std::ostream& operator<<(std::ostream& out, const Line& line) {
        return out << line.text;
    }
};

const Line lines[] = {
    {"podman run redis", "podman G run V redis"},
    {"/usr/bin/podman run --rm redis", "/usr/bin/podman G run V --rm redis"},
    {"podman create redis", "podman G create V redis"},
    {"podman container run redis", "podman G container run V redis"},
    {"podman run run", "podman G run V run"},
    {"podman run --runtime=x redis", "podman G run V --runtime=x redis"},
    {"podman --log-level=debug run redis", "podman G --log-level=debug run V redis"},
    {"podman --log-level run run redis", "podman G --log-level run run V redis"},
    {"podman --root /run --cgroup-manager cgroupfs --syslog run redis",
     "podman G --root /run --cgroup-manager cgroupfs --syslog run V redis"},
    {"podman --remote=false run redis", "podman G --remote=false run V redis"},
    {"docker run redis", "docker G run V redis"},
    {"docker -H unix:///run/docker.sock -D run redis",
     "docker G -H unix:///run/docker.sock -D run V redis"},
    {"docker --config run create redis", "docker G --config run create V redis"},
    {"nerdctl -n k8s.io run redis", "nerdctl G -n k8s.io run V redis"},
};

struct BadLine {
    const char* text;
    const char* reason;

    friend std::ostream& operator<<(std::ostream& out, const BadLine& line) {
        return out << line.text;
    }
};

const BadLine bad_lines[] = {
    {"sudo podman run redis", "\"sudo\" is no container manager"},
    {"podman-remote run redis", "is no container manager"},
    {"podman", "no verb"},
    {"podman --log-level=debug", "no verb"},
    {"podman pull redis", "podman \"pull\": `run` takes what makes a container"},
    {"podman start redis", "the container is made before"},
    {"docker compose up", "runtime: notifybridge"},
    {"podman --url ssh://there run redis", "\"--url\" means containers of another machine"},
    {"podman --remote run redis", "of another machine"},
    {"podman -r run redis", "of another machine"},
    {"podman --connection=there run redis", "of another machine"},
    {"docker -H tcp://there run redis", "of another machine"},
    {"docker --host=ssh://there run redis", "of another machine"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(manager_command)

BOOST_DATA_TEST_CASE(words_go_where_the_manager_reads_them, lines, line) {
    const Words words = split(line.text);
    const ManagerCommand places = read_manager_command(words);
    BOOST_TEST(put_in(words, places, {{"G"}, {"V"}}) == split(line.changed),
               boost::test_tools::per_element());
    BOOST_TEST(!places.names_runtime);
}

BOOST_DATA_TEST_CASE(what_makes_no_container_here_is_refused, bad_lines, line) {
    const auto says = [&](const Refusal& refusal) {
        return std::string(refusal.what()).find(line.reason) != std::string::npos;
    };
    BOOST_CHECK_EXCEPTION(read_manager_command(split(line.text)), Refusal, says);
}

BOOST_AUTO_TEST_CASE(a_runtime_that_is_named_already_is_seen) {
    BOOST_TEST(read_manager_command(split("podman --runtime crun run redis")).names_runtime);
    BOOST_TEST(read_manager_command(split("podman --runtime=crun run redis")).names_runtime);
}

BOOST_AUTO_TEST_CASE(a_hook_calls_the_filter) {
    BOOST_TEST(hook_text("/opt/notifybridge")
               == "{\"version\":\"1.0.0\",\"hook\":{\"path\":\"/opt/notifybridge\",\"args\":["
                  "\"notifybridge\",\"runtime\",\"--filter\"]},\"when\":{\"always\":true},"
                  "\"stages\":[\"precreate\"]}\n");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::runtime::test_manager_command
