#include "bridge/runtime/manager_command.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

#include "base/util/time_span.hpp"
#include "bridge/runtime/refusal.hpp"
#include "support/temporary_directory.hpp"
#include "support/words.hpp"

namespace notifybridge::runtime::test_manager_command {
namespace {

using test::words_of;
using Words = std::vector<std::string>;

/// Returns an environment with at most one variable, "NAME=value".
auto environment(std::string_view entry = "") {
    return [entry](std::string_view name) {
        return entry.starts_with(name) && entry.substr(name.size()).starts_with('=')
                   ? std::string(entry.substr(name.size() + 1))
                   : std::string();
    };
}

ManagerCommand read(const Words& words, Variables variables = environment()) {
    return read_manager_command(words, variables);
}

struct Line {
    const char* text;
    /// G stands for our options before the verb, and V for our options after the verb.
    const char* changed;

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
    {"podman run redis --runtime=x", "podman G run V redis --runtime=x"},
    {"podman --log-level=debug run redis", "podman G --log-level=debug run V redis"},
    {"podman --log-level run run redis", "podman G --log-level run run V redis"},
    {"podman --root /run --cgroup-manager cgroupfs --syslog run redis",
     "podman G --root /run --cgroup-manager cgroupfs --syslog run V redis"},
    {"podman --remote=false run redis", "podman G --remote=false run V redis"},
    {"podman --tls-details a.json run redis", "podman G --tls-details a.json run V redis"},
    {"podman --new value run redis", "podman G --new value run V redis"},
    {"podman --new run redis", "podman G --new run V redis"},
    {"podman --new=value container run redis", "podman G --new=value container run V redis"},
    {"podman --new -x container run redis", "podman G --new -x container run V redis"},
    {"docker --new value run redis", "docker G --new value run V redis"},
    {"docker run redis", "docker G run V redis"},
    {"docker -H unix:///run/docker.sock -D run redis",
     "docker G -H unix:///run/docker.sock -D run V redis"},
    {"docker -Hunix:///run/docker.sock run redis",
     "docker G -Hunix:///run/docker.sock run V redis"},
    {"docker -lrun run redis", "docker G -lrun run V redis"},
    {"docker --config run create redis", "docker G --config run create V redis"},
    {"nerdctl -n k8s.io run redis", "nerdctl G -n k8s.io run V redis"},
    {"nerdctl -H /run/containerd.sock run redis", "nerdctl G -H /run/containerd.sock run V redis"},
    {"nerdctl --host-gateway-ip 10.0.0.1 --global-dns-search a.b --global-dns-opts ndots:1 "
     "--log-file /log run redis",
     "nerdctl G --host-gateway-ip 10.0.0.1 --global-dns-search a.b --global-dns-opts ndots:1 "
     "--log-file /log run V redis"},
};

struct BadLine {
    const char* text;
    const char* reason;

    friend std::ostream& operator<<(std::ostream& out, const BadLine& line) {
        return out << line.text;
    }
};

const BadLine bad_lines[] = {
    {"sudo podman run redis", "set User= in the unit to run it as another user"},
    {"/usr/bin/doas docker run redis", "set User= in the unit"},
    {"podman-remote run redis", "is not a container manager"},
    {"podman", "no verb"},
    {"podman --log-level=debug", "no verb"},
    {"podman pull redis", "podman \"pull\": `run` only takes the verbs that create a container"},
    {"podman start redis", "cannot use an existing container"},
    {"docker compose up", "runtime: notifybridge`"},
    {"nerdctl compose up", "runtime: /usr/libexec/notifybridge/runc`"},
    {"podman compose up", "runtime: /usr/libexec/notifybridge/crun`"},
    {"/usr/bin/podman-compose up", "podman \"compose\": give the service `runtime: /usr/libexec"},
    {"docker-compose up", "docker \"compose\": give the service `runtime: notifybridge`"},
    {"other-compose up", "is not a container manager"},
    {"podman kube play a",
     "start `podman --runtime=/usr/libexec/notifybridge/crun kube play` under"},
    {"podman play kube a", "kube play` under `notifybridge wait`"},
    {"docker service create redis", "swarm starts its containers itself"},
    {"docker stack deploy -c x y", "swarm starts its containers itself"},
    {"podman --url ssh://there run redis", "\"--url\" selects containers of another machine"},
    {"podman --url unix:///run/podman.sock run redis", "\"--url\" connects podman to a service"},
    {"podman --remote run redis", "connects podman to a service"},
    {"podman -r run redis", "cannot choose the runtime there; leave it out"},
    {"podman --connection=there run redis", "of another machine"},
    {"docker -H tcp://there run redis", "of another machine"},
    {"docker --host=ssh://there run redis", "of another machine"},
    {"docker -Htcp://there run redis", "\"-H\" selects containers of another machine"},
    {"docker -H=tcp://there run redis", "of another machine"},
    {"docker -H there:2375 run redis", "of another machine"},
    {"podman -cthere run redis", "\"-c\" selects containers of another machine"},
};

struct Environment {
    const char* entry;
    const char* text;
    bool is_refused;

    friend std::ostream& operator<<(std::ostream& out, const Environment& row) {
        return out << row.entry << ' ' << row.text;
    }
};

const Environment environments[] = {
    {"DOCKER_HOST=tcp://there", "docker run redis", true},
    {"DOCKER_HOST=ssh://there", "docker run redis", true},
    {"DOCKER_HOST=unix:///run/user/1000/docker.sock", "docker run redis", false},
    {"DOCKER_HOST=tcp://there", "docker -H unix:///run/docker.sock run redis", false},
    {"DOCKER_HOST=tcp://there", "podman run redis", false},
    {"CONTAINER_HOST=unix:///run/podman/podman.sock", "podman run redis", true},
    {"CONTAINER_HOST=", "podman run redis", false},
    {"CONTAINER_CONNECTION=there", "podman run redis", true},
    {"CONTAINER_CONNECTION=there", "podman --remote=false run redis", false},
    {"CONTAINER_CONNECTION=there", "docker run redis", false},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(manager_command)

BOOST_DATA_TEST_CASE(our_options_are_inserted_where_the_manager_reads_them, lines, line) {
    const Words words = words_of(line.text);
    const ManagerCommand places = read(words);
    BOOST_TEST(put_in(words, places, {{"G"}, {"V"}}) == words_of(line.changed),
               boost::test_tools::per_element());
    BOOST_TEST(!places.runtime.has_value());
}

BOOST_DATA_TEST_CASE(a_command_without_a_local_container_is_refused, bad_lines, line) {
    const auto says = [&](const Refusal& refusal) {
        return std::string(refusal.what()).find(line.reason) != std::string::npos;
    };
    BOOST_CHECK_EXCEPTION(read(words_of(line.text)), Refusal, says);
}

BOOST_DATA_TEST_CASE(a_variable_that_names_another_machine_is_refused, environments, row) {
    const auto says = [&](const Refusal& refusal) {
        const std::string_view entry = row.entry;
        return std::string_view(refusal.what()).find(entry.substr(0, entry.find('=')))
               != std::string_view::npos;
    };
    const auto act = [&] { read(words_of(row.text), environment(row.entry)); };
    if (row.is_refused)
        BOOST_CHECK_EXCEPTION(act(), Refusal, says);
    else
        BOOST_CHECK_NO_THROW(act());
}

BOOST_AUTO_TEST_CASE(an_explicit_runtime_option_is_recognized) {
    BOOST_TEST(read(words_of("podman --runtime crun run redis")).runtime.has_value());
    BOOST_TEST(read(words_of("podman --runtime=crun run redis")).runtime.has_value());
    BOOST_TEST(read(words_of("podman run --rm -e A=1 --runtime crun redis")).runtime.has_value());
    BOOST_TEST(read(words_of("podman run --rootfs --runtime=crun /image")).runtime.has_value());
    BOOST_TEST(!read(words_of("podman run -e --runtime redis --runtime crun")).runtime.has_value());
    BOOST_TEST(!read(words_of("docker run redis --runtime=runc")).runtime.has_value());
    BOOST_TEST(read(words_of("docker run --rm --runtime=runc redis")).runtime.has_value());
}

BOOST_AUTO_TEST_CASE(stop_options_are_recognized) {
    using namespace std::chrono_literals;
    const auto stop_of = [](std::string_view line) { return read(words_of(line)); };
    BOOST_TEST(stop_of("podman run --stop-signal=SIGINT redis").stop_signal == "SIGINT");
    BOOST_TEST(stop_of("podman run --stop-signal 2 redis").stop_signal == "2");
    BOOST_TEST(stop_of("podman run redis --stop-signal=SIGINT").stop_signal.empty());
    BOOST_TEST((stop_of("podman run --stop-timeout=30 redis").stop_timeout == 30s));
    BOOST_TEST((stop_of("docker run --stop-timeout 0 redis").stop_timeout == 0s));
    BOOST_TEST((stop_of("docker run --stop-timeout=-1 redis").stop_timeout == util::infinity));
    for (const char* const line : {"podman run redis", "podman run --stop-timeout=x redis",
                                   "podman run redis --stop-timeout=30"})
        BOOST_TEST(!stop_of(line).stop_timeout.has_value(), line);
}

BOOST_AUTO_TEST_CASE(only_supported_manager_commands_are_recognized) {
    BOOST_TEST(find_manager_command(words_of("podman run redis")).has_value());
    for (const char* const line : {"true", "podman ps", "podman --url=ssh://host run redis"})
        BOOST_TEST(!find_manager_command(words_of(line)).has_value(), line);
    BOOST_TEST(!find_manager_command({}).has_value());
}

BOOST_AUTO_TEST_CASE(the_verb_is_found_even_in_a_command_refused_by_run) {
    const auto verb_of = [](const Words& words) {
        const auto places = split_manager_command(words);
        return places && places->verb < words.size() ? words[places->verb] : std::string();
    };
    BOOST_TEST(verb_of(words_of("podman --url ssh://there run redis")) == "run");
    BOOST_TEST(verb_of(words_of("docker -H tcp://there container create redis")) == "create");
    BOOST_TEST(verb_of(words_of("podman --log-level run ps")) == "ps");
    BOOST_TEST(verb_of(words_of("podman --ready-when=tcp:1 run redis")) == "run");
    for (const char* const line : {"podman", "podman --syslog", "podman-remote run redis", ""})
        BOOST_TEST(verb_of(words_of(line)) == "", line);
    const auto places = split_manager_command(words_of("podman --runtime x start --name a"));
    BOOST_TEST(places.value().runtime.value() == "x");
    BOOST_TEST(places->name == "");
}

BOOST_AUTO_TEST_CASE(restart_detach_and_attach_options_are_recognized) {
    BOOST_TEST(read(words_of("docker run --rm redis --restart=always")).restart.empty());
    BOOST_TEST(read(words_of("docker run --restart=always redis")).restart == "always");
    BOOST_TEST(read(words_of("docker run -d --restart on-failure:3 redis")).restart
               == "on-failure:3");
    BOOST_TEST(read(words_of("docker run --restart")).restart.empty());
    BOOST_TEST(read(words_of("podman run -itd redis")).is_detached);
    BOOST_TEST(read(words_of("podman run --detach redis")).is_detached);
    BOOST_TEST(!read(words_of("podman run --detach=false redis")).is_detached);
    BOOST_TEST(!read(words_of("podman run -ied redis -d")).is_detached);
    BOOST_TEST(read(words_of("podman run --attach=stdout redis")).chooses_streams);
    BOOST_TEST(read(words_of("podman run -ia stdin redis")).chooses_streams);
    BOOST_TEST(!read(words_of("podman run redis -a")).chooses_streams);
}

BOOST_AUTO_TEST_CASE(a_docker_context_of_another_machine_is_refused) {
    const test::TemporaryDirectory directory;
    const std::string root = directory.path("");
    const auto make = [&](const std::string& name, const std::string& address) {
        std::filesystem::create_directories(directory.path("contexts/meta/" + name));
        directory.write(
            "contexts/meta/" + name + "/meta.json",
            R"({"Name":")" + name + R"(","Endpoints":{"docker":{"Host":")" + address + R"("}}})");
    };
    make("near", "unix:///run/docker.sock");
    make("far", "ssh://far.example");
    std::filesystem::create_directories(directory.path("contexts/meta/broken"));
    directory.write("contexts/meta/broken/meta.json", "[]");

    const auto is_refused = [&](const std::string& text, const std::string& variable = "") {
        const auto variables = environment(variable);
        try {
            check_context(read(words_of(text), variables), variables);
            return false;
        } catch (const Refusal&) {
            return true;
        }
    };
    const std::string docker = "docker --config " + root;
    BOOST_TEST(!is_refused(docker + " run redis"));
    BOOST_TEST(!is_refused(docker + " --context near run redis"));
    BOOST_TEST(!is_refused(docker + " --context default run redis"));
    BOOST_TEST(!is_refused(docker + " --context none run redis"));
    BOOST_TEST(is_refused(docker + " --context far run redis"));
    BOOST_TEST(is_refused(docker + " -cfar run redis"));
    BOOST_TEST(is_refused(docker + " run redis", "DOCKER_CONTEXT=far"));
    BOOST_TEST(is_refused("docker -c far run redis", "DOCKER_CONFIG=" + root));
    BOOST_TEST(!is_refused("podman run redis", "DOCKER_CONTEXT=far"));
    directory.write("config.json", R"({"currentContext":"far"})");
    BOOST_TEST(is_refused(docker + " run redis"));
    BOOST_TEST(!is_refused(docker + " -c near run redis"));
    BOOST_TEST(!is_refused(docker + " -H unix:///run/docker.sock run redis"));
    BOOST_TEST(!is_refused(docker + " run redis", "DOCKER_HOST=unix:///run/docker.sock"));
}

BOOST_AUTO_TEST_CASE(global_options_end_at_any_verb) {
    const auto ends = [](std::string_view line) {
        const auto places = split_manager_command(words_of(line));
        return places ? places->global_end : 0;
    };
    BOOST_TEST(ends("podman start x") == 1U);
    BOOST_TEST(ends("/usr/bin/podman --root /x --syslog --events-backend=file start x") == 5U);
    BOOST_TEST(ends("podman --network-backend cni container cleanup x") == 3U);
    BOOST_TEST(ends("podman") == 1U);
    BOOST_TEST(ends("") == 0U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::runtime::test_manager_command
