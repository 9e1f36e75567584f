#include "bridge/runtime/journal.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <string>

#include "base/system/fd.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::runtime {
namespace {

struct Journald {
    test::TemporaryDirectory directory;
    std::string path = directory.path("socket");
    system::UniqueFd socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};

    Journald() {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        BOOST_TEST_REQUIRE(path.size() < sizeof address.sun_path);
        std::ranges::copy(path, address.sun_path);
        BOOST_TEST_REQUIRE(
            ::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    }

    std::string take() const {
        std::array<char, 256> buffer;
        const ssize_t size = ::recv(socket.get(), buffer.data(), buffer.size(), 0);
        BOOST_TEST_REQUIRE(size >= 0);
        return {buffer.data(), static_cast<std::size_t>(size)};
    }
};

bool has_ended(pid_t child) {
    siginfo_t info{};
    BOOST_TEST_REQUIRE(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT | WNOHANG)
                       == 0);
    return info.si_pid == child;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(journal, Journald)

BOOST_AUTO_TEST_CASE(a_journal_entry_has_its_priority_and_one_line) {
    BOOST_TEST(journal_entry(JournalPriority::error, "a\nPRIORITY=7")
               == "PRIORITY=3\nSYSLOG_IDENTIFIER=notifybridge\nMESSAGE=a PRIORITY=7\n");
    BOOST_TEST(journal_entry(JournalPriority::warning, "b").starts_with("PRIORITY=4\n"));
}

BOOST_AUTO_TEST_CASE(the_sender_waits_until_journald_has_processed_its_entry) {
    const pid_t child = ::fork();
    if (child == 0) {
        send_to_journal("entry", path);
        ::_exit(0);
    }
    BOOST_TEST(take() == "entry");
    // The next datagram is empty. journald has processed the entry when it receives this datagram.
    BOOST_TEST(!has_ended(child));
    BOOST_TEST(take() == "");
    int status = 1;
    BOOST_TEST(::waitpid(child, &status, 0) == child);
    BOOST_TEST(status == 0);
}

BOOST_AUTO_TEST_CASE(a_missing_journald_is_ignored) {
    send_to_journal("entry", directory.path("none"));
    send_to_journal("entry", std::string(200, 'x'));
}

BOOST_AUTO_TEST_CASE(a_journald_that_does_not_read_does_not_block_the_sender) {
    send_to_journal("entry", path);
    BOOST_TEST(take() == "entry");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::runtime
