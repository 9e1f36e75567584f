#include "bridge/relay/socket_holder.hpp"

#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/test/unit_test.hpp>

#include "base/process/descendants.hpp"
#include "support/privileges.hpp"

namespace notifybridge::relay {
namespace {

/// A pid namespace with two processes, as a container with `wrap` and its app.
struct Container {
    pid_t parent = -1;
    pid_t wrap = -1;

    Container() {
        std::array<int, 2> said;
        BOOST_TEST_REQUIRE(::pipe(said.data()) == 0);
        parent = ::fork();
        if (parent == 0) {
            if (::unshare(CLONE_NEWPID) < 0)
                ::_exit(1);
            const pid_t first = ::fork();
            if (first == 0)
                ::fork();
            else
                static_cast<void>(::write(said[1], &first, sizeof first));
            for (;;)
                ::pause();
        }
        ::close(said[1]);
        BOOST_TEST_REQUIRE(::read(said[0], &wrap, sizeof wrap) == ssize_t{sizeof wrap});
        ::close(said[0]);
    }
    Container(const Container&) = delete;
    Container& operator=(const Container&) = delete;
    ~Container() {
        end();
        ::kill(parent, SIGKILL);
        ::waitpid(parent, nullptr, 0);
    }

    pid_t app() const {
        auto found = process::descendants(wrap);
        while (found.empty()) {
            ::usleep(1000);
            found = process::descendants(wrap);
        }
        return found.front();
    }

    void end() const { ::kill(wrap, SIGKILL); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(socket_holder)

BOOST_AUTO_TEST_CASE(a_process_outside_of_a_container_does_not_keep_the_sockets) {
    SocketHolder holder;
    BOOST_TEST(holder.accepts(::getpid()));
    BOOST_TEST(holder.accepts(::getppid()));
    BOOST_TEST(holder.accepts(0));
    BOOST_TEST(holder.accepts(::getpid()));
}

BOOST_AUTO_TEST_CASE(a_container_keeps_the_sockets_until_it_ends,
                     *boost::unit_test::precondition(test::is_root)) {
    const Container first;
    const Container second;
    SocketHolder holder;
    BOOST_TEST(holder.accepts(first.wrap));
    BOOST_TEST(!holder.accepts(first.app()));
    BOOST_TEST(!holder.accepts(first.wrap));
    BOOST_TEST(!holder.accepts(second.wrap));
    first.end();
    while (!holder.accepts(second.app()))
        ::usleep(1000);
    BOOST_TEST(!holder.accepts(second.wrap));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::relay
