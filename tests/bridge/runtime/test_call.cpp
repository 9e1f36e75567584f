#include "bridge/runtime/call.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <vector>

namespace notifybridge::runtime {
namespace {

struct Line {
    std::vector<std::string> words;
    Call call;

    friend std::ostream& operator<<(std::ostream& out, const Line& line) {
        for (const std::string& word : line.words)
            out << word << ' ';
        return out;
    }
};

const Line lines[] = {
    // podman's conmon calls crun like this.
    {{"--log-format=json", "--log", "/run/c/log", "--root", "/run/crun", "create", "--bundle",
      "/run/c/userdata", "--pid-file", "/run/c/pidfile", "4f9a"},
     {"create", "/run/c/userdata", "config.json", "/run/c/log", true}},
    // containerd's shim calls runc like this.
    {{"--root", "/run/docker/runtime-runc/moby", "--log", "/run/b/log.json", "--log-format", "json",
      "--systemd-cgroup", "create", "--bundle", "/run/b", "--pid-file", "/run/b/init.pid",
      "--console-socket", "/tmp/pty.sock", "4f9a"},
     {"create", "/run/b", "config.json", "/run/b/log.json", true}},
    {{"--debug", "--log=/log", "--log-format=text", "run", "-b", "/b", "a"},
     {"run", "/b", "config.json", "/log", false}},
    {{"run", "a"}, {"run", ".", "config.json", "", false}},
    {{"run", "-b/b", "a"}, {"run", "/b", "config.json", "", false}},
    {{"run", "--bundle=/b", "a"}, {"run", "/b", "config.json", "", false}},
    // As in runc, an empty bundle does not mean the root directory.
    {{"create", "--bundle=", "a"}, {"create", ".", "config.json", "", false}},
    // Go accepts flags with one or two dashes.
    {{"-log", "/log", "create", "-bundle", "/b", "a"},
     {"create", "/b", "config.json", "/log", false}},
    {{"-log=/log", "create", "-bundle=/b", "a"}, {"create", "/b", "config.json", "/log", false}},
    // The last value counts.
    {{"--log", "/1", "--log=/2", "create", "-b", "/1", "--bundle=/2", "-b/3", "a"},
     {"create", "/3", "config.json", "/2", false}},
    {{"--log-format=json", "--log-format", "text", "create", "a"},
     {"create", ".", "config.json", "", false}},
    // Only crun has this option.
    {{"create", "--config", "other.json", "a"}, {"create", ".", "other.json", "", false}},
    {{"create", "--config=/other.json", "a"}, {"create", ".", "/other.json", "", false}},
    {{"create", "-f", "other.json", "a"}, {"create", ".", "other.json", "", false}},
    {{"create", "-fother.json", "a"}, {"create", ".", "other.json", "", false}},
    // These values look like options or verbs.
    {{"--root", "create", "kill", "a", "15"}, {"kill", ".", "config.json", "", false}},
    {{"--log", "--root", "create", "a"}, {"create", ".", "config.json", "--root", false}},
    {{"--root", "/r", "--unheard-of", "value", "run", "a"}, {"run", ".", "config.json", "", false}},
    {{"--unheard-of=run", "create", "a"}, {"create", ".", "config.json", "", false}},
    {{"create", "--pid-file", "--bundle", "-b", "/b", "a"},
     {"create", "/b", "config.json", "", false}},
    {{"create", "--console-socket", "-b", "a"}, {"create", ".", "config.json", "", false}},
    {{"create", "--preserve-fds", "3", "-b", "/b", "a"},
     {"create", "/b", "config.json", "", false}},
    {{"create", "--no-pivot", "-b", "/b", "a"}, {"create", "/b", "config.json", "", false}},
    // Words after "--" are not options, and options before the verb do not belong to the verb.
    {{"create", "-b", "/b", "--", "--bundle=/c"}, {"create", "/b", "config.json", "", false}},
    {{"--", "create", "-b", "/b", "a"}, {"create", "/b", "config.json", "", false}},
    {{"--bundle=/c", "create", "a"}, {"create", ".", "config.json", "", false}},
    {{"exec", "--process", "/p", "a"}, {"exec", ".", "config.json", "", false}},
    {{"start", "create"}, {"start", ".", "config.json", "", false}},
    {{"delete", "--force", "run"}, {"delete", ".", "config.json", "", false}},
    // These command lines are incomplete, or have no verb.
    {{}, {"", ".", "config.json", "", false}},
    {{"--version"}, {"", ".", "config.json", "", false}},
    {{"--log"}, {"", ".", "config.json", "", false}},
    {{"create", "--bundle"}, {"create", ".", "config.json", "", false}},
    {{"", "-", "frobnicate"}, {"", ".", "config.json", "", false}},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(call)

BOOST_DATA_TEST_CASE(runtime_calls_are_parsed_as_by_crun_and_runc, lines, line) {
    const Call read = parse_call(line.words);
    BOOST_TEST(read.verb == line.call.verb);
    BOOST_TEST(read.bundle == line.call.bundle);
    BOOST_TEST(read.config_name == line.call.config_name);
    BOOST_TEST(read.log == line.call.log);
    BOOST_TEST(read.log_is_json == line.call.log_is_json);
}

const std::string other_verbs[] = {"start", "kill",    "delete", "exec",    "spec",
                                   "state", "restore", "list",   "features"};

BOOST_DATA_TEST_CASE(verbs_other_than_create_and_run_make_no_container, other_verbs, verb) {
    const std::vector<std::string> words = {verb, "--bundle=/b", "run"};
    BOOST_TEST(!parse_call(words).makes_container());
}

BOOST_AUTO_TEST_CASE(create_and_run_make_a_container) {
    for (const char* const verb : {"create", "run"}) {
        const std::vector<std::string> words = {verb, "a"};
        BOOST_TEST(parse_call(words).makes_container());
    }
}

BOOST_AUTO_TEST_CASE(a_runtime_call_for_help_makes_no_container) {
    for (const char* const option : {"-h", "--help", "-help", "--usage", "-?", "-V", "--version"}) {
        BOOST_TEST_CONTEXT(option) {
            const std::vector<std::string> words = {"create", "--bundle", "/b", option, "a"};
            BOOST_TEST(!parse_call(words).makes_container());
        }
    }
    const std::vector<std::string> value = {"create", "--bundle", "--help", "a", "--", "--help"};
    BOOST_TEST(parse_call(value).makes_container());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::runtime
