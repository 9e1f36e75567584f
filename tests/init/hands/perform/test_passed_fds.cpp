#include "init/hands/perform/passed_fds.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include "host_world.hpp"

namespace notifybridge::perform {
namespace {

/// The listening socket units a.socket and b.socket, and a service that they trigger.
struct PassingWorld : test::World {
    explicit PassingWorld(const std::string& lines = "")
        : service(add_units("[Service]\nExecStart=/bin/true\n" + lines)) {}

    void open(std::string_view socket) { host.sockets.open_sockets(*engine.find(socket)); }
    /// Gives one end of a connection to the service.
    void connect() {
        int ends[2];
        BOOST_REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
        host.state.descriptors[service.key()].connection.reset(ends[0]);
        peer.reset(ends[1]);
    }
    void store(std::string_view name) {
        system::Pipe pipe = system::make_pipe();
        host.state.descriptors[service.key()].stored.add(std::move(pipe.reading), name, 9);
    }

    /// Adds a service with this text. Both sockets trigger it.
    test::Listed& add_units(const std::string& service_text) {
        units.load("s.service", service_text);
        units.load("a.socket", "[Socket]\nListenStream=@/a\nService=s.service\n");
        units.load("b.socket", "[Socket]\nListenStream=@/b\nService=s.service\n");
        for (const char* const socket : {"a.socket", "b.socket"})
            engine.unit(*unit::UnitName::parse(socket));
        return static_cast<test::Listed&>(*engine.find("s.service"));
    }
    std::vector<std::string> names() const {
        std::vector<std::string> found;
        for (const execute::NamedFd& fd : start.fds)
            found.push_back(fd.name);
        return found;
    }
    void pass(bool passes_fds = true) {
        const unit_types::ProcessRequest request{
            .unit = service, .command = command(), .passes_fds = passes_fds, .environment = {}};
        pass_fds(host.state, request, start);
    }
    const unit::Command& command() const { return service.settings().service.exec_start->front(); }

    test::Listed& service;
    system::UniqueFd peer;
    const unit::Environment environment;
    execute::StartRequest start{.exec = service.settings().exec,
                                .command = command(),
                                .facts = units.facts,
                                .manager_environment = environment};
};

using Names = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_SUITE(passed_fds)

BOOST_FIXTURE_TEST_CASE(a_control_process_gets_no_descriptor, PassingWorld) {
    open("a.socket");
    store("kept");
    pass(false);
    BOOST_TEST(start.fds.empty());
}

BOOST_FIXTURE_TEST_CASE(sockets_are_passed_before_stored_descriptors, PassingWorld) {
    open("a.socket");
    store("first");
    store("last");
    pass();
    BOOST_TEST((names() == Names{"a.socket", "last", "first"}));
    BOOST_TEST(start.fds[0].is_socket);
    BOOST_TEST(!start.fds[1].is_socket);
}

BOOST_FIXTURE_TEST_CASE(sockets_are_passed_in_the_order_of_their_units, PassingWorld) {
    open("b.socket");
    open("a.socket");
    pass();
    BOOST_TEST((names() == Names{"a.socket", "b.socket"}));
}

BOOST_AUTO_TEST_CASE(the_setting_sockets_decides_the_order_of_sockets) {
    PassingWorld world("Sockets=b.socket a.socket\n");
    world.open("a.socket");
    world.open("b.socket");
    world.pass();
    BOOST_TEST((world.names() == Names{"b.socket", "a.socket"}));
}

BOOST_FIXTURE_TEST_CASE(a_connection_is_passed_in_place_of_the_sockets, PassingWorld) {
    open("a.socket");
    connect();
    store("kept");
    pass();
    BOOST_TEST((names() == Names{"connection", "kept"}));
}

BOOST_AUTO_TEST_CASE(standard_input_may_be_the_only_passed_socket) {
    PassingWorld world("StandardInput=socket\n");
    world.connect();
    const int fd = world.host.state.descriptors[world.service.key()].connection.get();
    BOOST_REQUIRE(::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK) == 0);
    world.pass(false);
    BOOST_TEST(world.start.socket.get() == fd);
    BOOST_TEST((::fcntl(fd, F_GETFL) & O_NONBLOCK) == 0);
    BOOST_TEST(world.start.fds.empty());
}

BOOST_AUTO_TEST_CASE(standard_input_cannot_be_one_of_several_sockets) {
    PassingWorld world("StandardInput=socket\n");
    BOOST_CHECK_THROW(world.pass(), std::system_error);
    world.open("a.socket");
    world.open("b.socket");
    BOOST_CHECK_THROW(world.pass(), std::system_error);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::perform
