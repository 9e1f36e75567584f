#include "bridge/probe/listen_probe.hpp"

#include <sys/resource.h>

#include <boost/test/unit_test.hpp>

#include "base/util/concat.hpp"
#include "bridge/probe/server.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::probe {
namespace {

using namespace std::chrono_literals;
using util::concat;

/// A command that listens at addresses and paths, which it reads from its words, until its end.
constexpr const char* server = R"(
import os, resource, socket, sys, time
os.chdir(sys.argv.pop(1))
kept = []
for word in sys.argv[1:]:
    kind, place = word.split("=", 1)
    if kind == "tcp":
        host, port = place.rsplit(":", 1)
        made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        made.bind((host, int(port)))
        made.listen()
    elif kind == "bound":
        made = socket.socket()
        made.bind(("127.0.0.1", int(place)))
    elif kind == "udp":
        made = socket.socket(type=socket.SOCK_DGRAM)
        made.bind(("127.0.0.1", int(place)))
    elif kind == "many":
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        # The ports of an address of its own, as other tests need some of 127.0.0.1.
        host = f"127.{os.getpid() % 254 + 1}.0.1"
        made = [socket.create_server((host, 0)) for _ in range(int(place))]
    else:
        made = socket.socket(socket.AF_UNIX)
        made.bind(place)
        made.listen()
    kept.append(made)
open("up", "w").write("up")
time.sleep(60)
)";

struct Listening {
    test::TemporaryDirectory directory;
    event::Loop loop;
    process::Supervisor supervisor{loop, true};
    OwnListeners listeners{supervisor};

    Listening() {
        loop.spawn([this] { return supervisor.run(); });
    }

    ~Listening() {
        if (supervisor.running())
            ::kill(supervisor.pid(), SIGKILL);
    }

    static std::uint16_t port_of(const system::SocketAddress& address) {
        return ntohs(reinterpret_cast<const sockaddr_in&>(*address.data()).sin_port);
    }

    /// Returns a port that nobody uses.
    static std::uint16_t free_port() {
        const Listener listener;
        return port_of(listener.address());
    }

    /// Starts the server, and waits until it listens.
    void serve(std::vector<std::string> words) {
        process::Command command;
        command.arguments = {"python3", "-c", server, directory.path()};
        command.arguments.insert(command.arguments.end(), words.begin(), words.end());
        command.environment = process::Environment::inherited();
        supervisor.start(std::move(command));
        test::run(loop,
                  [&] { return test::until(loop, [&] { return !directory.read("up").empty(); }); });
    }

    Finding look(ListenTarget target) {
        ListenProbe probe("probe", std::move(target), listeners, nullptr);
        const Finding finding = check(loop, probe);
        hint = probe.hint();
        return finding;
    }

    Finding look_at_path(const std::string& name) {
        auto place = std::make_unique<PathLook>(loop, supervisor, name, 5s);
        ListenLocalProbe probe("probe", name, listeners,
                               name.starts_with('@') ? nullptr : std::move(place));
        return check(loop, probe);
    }

    std::string hint;
};

ListenTarget target_of(Ports ports, std::vector<std::string> hosts = {}) {
    ListenTarget target;
    target.ports = std::move(ports);
    target.hosts = std::move(hosts);
    return target;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(listen_probe, Listening)

BOOST_AUTO_TEST_CASE(the_probe_succeeds_if_the_command_listens) {
    const std::uint16_t port = free_port();
    BOOST_TEST(look(target_of({port})).reason == "nothing listens there");
    serve({concat("tcp=127.0.0.1:", port)});
    BOOST_TEST(look(target_of({port})).holds);
    BOOST_TEST(hint == "");
    BOOST_TEST(look(target_of({port}, {"127.0.0.1", "::1"})).holds);
    const Finding other = look(target_of({port}, {"127.0.0.2"}));
    BOOST_TEST(!other.holds);
    BOOST_TEST(other.reason == concat("the app listens on 127.0.0.1:", port, " only"));
}

BOOST_AUTO_TEST_CASE(a_socket_of_another_process_does_not_count) {
    const Listener late;
    const Finding finding = look(target_of({port_of(late.address())}));
    BOOST_TEST(!finding.holds);
    BOOST_TEST(finding.reason == "only another process listens there");
}

BOOST_AUTO_TEST_CASE(a_socket_from_before_the_command_does_not_count) {
    const Listener early;
    OwnListeners later(supervisor);
    const ListenTarget target = target_of({port_of(early.address())});
    later.leave_out_present(target);
    ListenProbe probe("probe", target, later, nullptr);
    BOOST_TEST(check(loop, probe).reason == "only another process listens there");
}

BOOST_AUTO_TEST_CASE(a_socket_that_is_only_bound_does_not_count) {
    const std::uint16_t port = free_port();
    serve({concat("bound=", port)});
    BOOST_TEST(look(target_of({port})).reason == "nothing listens there");
}

BOOST_AUTO_TEST_CASE(each_of_several_ports_is_needed) {
    const std::uint16_t port = free_port();
    const std::uint16_t other = free_port();
    serve({concat("tcp=0.0.0.0:", port)});
    Ports both = {port, other};
    std::ranges::sort(both);
    const Finding finding = look(target_of(both));
    BOOST_TEST(!finding.holds);
    BOOST_TEST(finding.reason == concat("nothing listens on port ", other));
}

BOOST_AUTO_TEST_CASE(published_ports_are_not_reached_on_a_loopback_address) {
    const std::uint16_t port = free_port();
    serve({concat("tcp=127.0.0.1:", port)});
    ListenTarget target = target_of({port});
    target.is_published = true;
    const Finding finding = look(target);
    BOOST_TEST(!finding.holds);
    BOOST_TEST(finding.reason
               == concat("the app listens on 127.0.0.1:", port,
                         " only, which published ports never reach"));
}

BOOST_AUTO_TEST_CASE(the_hint_names_other_sockets_of_the_command) {
    const std::uint16_t port = free_port();
    const std::uint16_t other = free_port();
    const Listener foreign;
    serve({concat("tcp=0.0.0.0:", other)});
    BOOST_TEST(!look(target_of({port})).holds);
    BOOST_TEST(hint == concat(", but something listens on 0.0.0.0:", other));
}

BOOST_AUTO_TEST_CASE(a_known_socket_is_not_forgotten_among_many) {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max < 5000)
        return;
    const std::uint16_t port = free_port();
    serve({concat("tcp=127.0.0.1:", port), "many=4200"});
    std::vector<std::uint64_t> own;
    std::uint64_t first = 0;
    for (const system::Listener& listener : listeners.all().listeners(system::Transport::tcp, 0)) {
        own.push_back(listener.inode);
        if (listener.port == port && listener.host == "127.0.0.1")
            first = listener.inode;
    }
    BOOST_TEST(listeners.own_among(own).size() > 4200u);
    const Listener foreign;
    auto found = listeners.all().listeners(system::Transport::tcp, port_of(foreign.address()));
    std::erase_if(found, [](const system::Listener& each) { return each.host != "127.0.0.1"; });
    BOOST_TEST(listeners.own_among({first, found.at(0).inode}).contains(first));
}

BOOST_AUTO_TEST_CASE(a_udp_socket_has_to_be_bound) {
    const std::uint16_t port = free_port();
    ListenTarget target = target_of({port});
    target.transport = system::Transport::udp;
    BOOST_TEST(look(target).reason == "nothing is bound there");
    serve({concat("udp=", port)});
    BOOST_TEST(look(target).holds);
}

BOOST_AUTO_TEST_CASE(a_path_needs_a_socket_of_the_command) {
    const std::string path = directory.path("socket");
    BOOST_TEST(look_at_path(path).reason == "no such file or directory");
    BOOST_TEST(look_at_path(directory.path()).reason == "the file is not a socket");
    serve({"local=socket"});
    BOOST_TEST(look_at_path(path).holds);
    ::kill(supervisor.pid(), SIGKILL);
    test::run(loop, [&] { return test::until(loop, [&] { return !supervisor.running(); }); });
    BOOST_TEST(look_at_path(path).reason == "nothing listens there");
}

BOOST_AUTO_TEST_CASE(by_default_the_plan_decides) {
    const std::uint16_t port = free_port();
    serve({concat("tcp=0.0.0.0:", port)});
    ListenPlan plan;
    ListenProbe probe("probe", target_of({port}), listeners, &plan);
    const Finding finding = check(loop, probe);
    BOOST_TEST(!finding.holds);
    BOOST_TEST(finding.reason == "the app listens, and has a second to send READY=1 itself");
    plan.app_spoke();
    BOOST_TEST(check(loop, probe).reason == "the app sends messages itself, so its READY=1 counts");
}

BOOST_AUTO_TEST_CASE(ports_that_were_given_up_are_not_awaited_again) {
    const std::uint16_t port = free_port();
    const std::uint16_t other = free_port();
    serve({concat("tcp=0.0.0.0:", port)});
    Ports both = {port, other};
    std::ranges::sort(both);
    ListenPlan plan;
    plan.look(0s, both, {other});
    plan.look(5s, both, {other});
    ListenProbe probe("probe", target_of(both), listeners, &plan);
    BOOST_TEST(check(loop, probe).holds);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::probe
