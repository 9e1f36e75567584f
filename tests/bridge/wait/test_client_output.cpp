#include "bridge/wait/client_output.hpp"

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <string>

#include "base/system/pipe.hpp"
#include "support/run_loop.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::wait {
namespace {

using namespace std::chrono_literals;

constexpr char to_output = 2;
constexpr char to_error = 3;

std::string read_all(system::Fd pipe) {
    std::string text;
    char bytes[4096];
    for (ssize_t size; (size = ::read(pipe.get(), bytes, sizeof bytes)) > 0;)
        text.append(bytes, static_cast<std::size_t>(size));
    return text;
}

/// A conmon and its client. The client is a child of this process, and reads nothing.
struct Container {
    test::TemporaryDirectory directory;
    event::Loop loop;
    system::UniqueFd listener{::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)};
    system::UniqueFd conmon;
    pid_t client = -1;
    system::Pipe output = system::make_pipe();
    system::Pipe error = system::make_pipe();

    explicit Container(const char* name = "attach") {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        directory.path(name).copy(address.sun_path, sizeof address.sun_path - 1);
        const auto* const target = reinterpret_cast<const sockaddr*>(&address);
        BOOST_TEST_REQUIRE(::bind(listener.get(), target, sizeof address) == 0);
        BOOST_TEST_REQUIRE(::listen(listener.get(), 1) == 0);
        client = ::fork();
        if (client == 0) {
            const int connection = ::socket(AF_UNIX, SOCK_SEQPACKET, 0);
            ::connect(connection, target, sizeof address);
            for (;;)
                ::pause();
        }
        conmon.reset(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    }
    ~Container() { end_client(); }

    std::unique_ptr<ClientOutput> share() {
        return ClientOutput::share(loop, client, {output.writing, error.writing});
    }

    void say(char stream, const std::string& text) {
        const std::string packet = stream + text;
        ::send(conmon.get(), packet.data(), packet.size(), MSG_NOSIGNAL);
    }

    void end_client() {
        if (client < 0)
            return;
        ::kill(client, SIGKILL);
        ::waitpid(client, nullptr, 0);
        client = -1;
    }

    std::string written(system::Pipe& pipe) {
        pipe.writing.reset();
        return read_all(pipe.reading);
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(client_output)

BOOST_AUTO_TEST_CASE(unread_output_of_a_killed_client_is_written) {
    Container container;
    const auto shared = container.share();
    BOOST_TEST_REQUIRE(shared);
    container.say(to_output, "before\n");
    container.end_client();
    shared->take_over();
    container.say(to_output, "after\n");
    container.say(to_error, "error\n");
    container.conmon.reset();
    test::run(container.loop, [&] { return shared->finish(10s); });
    BOOST_TEST(container.written(container.output) == "before\nafter\n");
    BOOST_TEST(container.written(container.error) == "error\n");
}

BOOST_AUTO_TEST_CASE(the_wait_for_the_end_of_a_clients_output_is_limited) {
    Container container;
    const auto shared = container.share();
    BOOST_TEST_REQUIRE(shared);
    container.end_client();
    shared->take_over();
    test::run(container.loop, [&] { return shared->finish(1ms); });
}

BOOST_AUTO_TEST_CASE(the_output_of_a_living_client_is_left_to_the_client) {
    Container container;
    const auto shared = container.share();
    BOOST_TEST_REQUIRE(shared);
    container.say(to_output, "for the client\n");
    test::run(container.loop, [&] { return shared->finish(10s); });
    BOOST_TEST(container.written(container.output).empty());
}

BOOST_AUTO_TEST_CASE(end_client_kills_the_client_of_the_container) {
    Container container;
    const auto shared = container.share();
    BOOST_TEST_REQUIRE(shared);
    shared->end_client();
    int status = 0;
    BOOST_TEST(::waitpid(container.client, &status, 0) == container.client);
    BOOST_TEST((WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
    container.client = -1;
}

BOOST_AUTO_TEST_CASE(a_connection_that_is_not_to_conmon_is_not_shared) {
    Container container("other");
    BOOST_TEST(!container.share());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wait
