#include "bridge/diagnosis/unit_search.hpp"
#include "bridge/status/waiter.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

namespace notifybridge::status {

BOOST_AUTO_TEST_SUITE(waiter)

BOOST_AUTO_TEST_CASE(a_runtime_directory_identifies_its_user) {
    BOOST_TEST((diagnosis::user_of_place("/run/user/7/app") == uid_t{7}));
    BOOST_TEST((diagnosis::user_of_place("/run/user/7") == uid_t{7}));
    for (const char* path : {"/run/user", "/run/user/", "/run/user/x/app", "/run/app",
                             "/run/user/0/../../evil/docker.sock", "/run/user/7/..", ""})
        BOOST_TEST(!diagnosis::user_of_place(path).has_value(), path);
}

BOOST_AUTO_TEST_CASE(a_missing_process_is_not_a_wait) {
    const system::UniqueFd directory(::open("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    BOOST_TEST(!read_waiter(0, directory).has_value());
    BOOST_TEST(!read_waiter(-1, directory).has_value());
    BOOST_TEST(read_waiter(::getpid(), directory).value().environment_is_known);
}

BOOST_AUTO_TEST_CASE(a_wait_is_recognized_by_its_open_directory) {
    system::UniqueFd directory(::open("/proc/self/task", O_PATH | O_CLOEXEC));
    const system::UniqueFd other(::open("/proc/self/net", O_PATH | O_CLOEXEC));
    BOOST_TEST(read_waiter(::getpid(), other).has_value());
    const pid_t child = ::fork();
    if (child == 0) {
        directory.reset();
        ::pause();
        ::_exit(0);
    }
    while (read_waiter(child, directory).has_value())
        ::usleep(1000);
    BOOST_TEST(read_waiter(child, other).has_value());
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::status
