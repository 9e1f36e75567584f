#include "base/process/socket_owner.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <boost/test/unit_test.hpp>

#include "base/process/children.hpp"
#include "base/system/fd.hpp"

namespace notifybridge::process {
namespace {

std::uint64_t inode_of(const system::UniqueFd& socket) {
    struct stat status {};
    ::fstat(socket.get(), &status);
    return status.st_ino;
}

system::UniqueFd open() {
    return system::UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(socket_owner)

BOOST_AUTO_TEST_CASE(sockets_are_found_in_the_process_that_has_them) {
    const auto one = open();
    const auto other = open();
    const std::array inodes = {inode_of(one), inode_of(other), std::uint64_t{1}};
    const std::array own = {::getpid()};
    const OwnedSockets found = find_sockets(inodes, own);
    BOOST_TEST(found.inodes.size() == 2u);
    BOOST_TEST(!found.are_some_hidden);
}

BOOST_AUTO_TEST_CASE(a_process_without_the_socket_is_not_its_owner) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::pause();
        ::_exit(0);
    }
    const auto late = open();
    const std::array inodes = {inode_of(late)};
    const std::array processes = {child};
    const OwnedSockets found = find_sockets(inodes, processes);
    ::kill(child, SIGKILL);
    BOOST_TEST(found.inodes.empty());
    BOOST_TEST(!found.are_some_hidden);
    // The child is a zombie now, whose descriptors are closed.
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT);
    BOOST_TEST(!find_sockets(inodes, processes).are_some_hidden);
    ::waitpid(child, nullptr, 0);
    BOOST_TEST(!find_sockets(inodes, processes).are_some_hidden);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::process
