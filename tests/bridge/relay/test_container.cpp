#include "bridge/relay/container.hpp"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/test/unit_test.hpp>
#include <string>

#include "base/system/lock.hpp"
#include "base/system/namespaces.hpp"
#include "support/privileges.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::relay {
namespace {

struct Claimed {
    test::TemporaryDirectory directory;
    system::Result<system::UniqueFd> file = system::create_file(directory.fd(), "journal");
    ContainerClaim claim{system::pid_namespace(), ::getpid(), *system::identity(*file)};

    Claimed() { BOOST_TEST_REQUIRE((system::take_life_lock(*file) == system::LockState::free)); }
};

/// A child that does nothing until this object kills it.
struct Sleeper {
    pid_t pid = ::fork();

    Sleeper() {
        while (pid == 0)
            ::pause();
    }
    Sleeper(const Sleeper&) = delete;
    Sleeper& operator=(const Sleeper&) = delete;
    ~Sleeper() {
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(processes_of_a_container, Claimed)

BOOST_AUTO_TEST_CASE(wrap_and_its_descendants_are_found) {
    const Sleeper child;
    const auto wrap = find_in_container(claim, ::getpid());
    BOOST_TEST_REQUIRE(wrap.has_value());
    BOOST_TEST(wrap->pid == ::getpid());
    const auto found = find_in_container(claim, child.pid);
    BOOST_TEST_REQUIRE(found.has_value());
    BOOST_TEST(found->pid == child.pid);
    BOOST_TEST(static_cast<bool>(found->pidfd));
}

BOOST_AUTO_TEST_CASE(only_descendants_of_wrap_are_found) {
    BOOST_TEST(!find_in_container(claim, ::getppid()).has_value());
    BOOST_TEST(!find_in_container(claim, 1).has_value());
    BOOST_TEST(!find_in_container(claim, 0).has_value());
    BOOST_TEST(!find_in_container(claim, -1).has_value());
}

BOOST_AUTO_TEST_CASE(wrap_must_hold_the_lock_of_the_named_file) {
    const Sleeper child;
    claim.file.inode += 1;
    BOOST_TEST(!find_in_container(claim, child.pid).has_value());
}

BOOST_AUTO_TEST_CASE(a_process_that_only_reads_the_file_is_not_wrap) {
    const system::UniqueFd reader(::open(directory.path("journal").c_str(), O_RDONLY | O_CLOEXEC));
    file->reset();
    BOOST_TEST_REQUIRE(static_cast<bool>(reader));
    BOOST_TEST(!find_in_container(claim, ::getpid()).has_value());
}

BOOST_AUTO_TEST_CASE(a_host_process_with_the_lock_is_not_wrap) {
    // The holder of the lock runs another executable. So only its ancestors may take it for `wrap`:
    // this process, but not `other`.
    const pid_t holder = ::fork();
    if (holder == 0) {
        ::fcntl(file->get(), F_SETFD, 0);
        ::execlp("sleep", "sleep", "infinity", nullptr);
        ::_exit(127);
    }
    const std::string name = "/proc/" + std::to_string(holder) + "/comm";
    const auto sleeps = [&] {
        const system::UniqueFd comm(::open(name.c_str(), O_RDONLY | O_CLOEXEC));
        const auto text = system::read_text(comm, 16);
        return text && *text == "sleep\n";
    };
    while (!sleeps())
        ::usleep(1000);
    claim.wrap = holder;
    BOOST_TEST(find_in_container(claim, holder).has_value());
    const pid_t other = ::fork();
    if (other == 0)
        ::_exit(find_in_container(claim, holder) ? 1 : 0);
    int status = 0;
    ::waitpid(other, &status, 0);
    BOOST_TEST(status == 0);
    ::kill(holder, SIGKILL);
    ::waitpid(holder, nullptr, 0);
}

BOOST_AUTO_TEST_CASE(a_claim_of_another_pid_namespace_is_refused) {
    claim.pid_namespace += 1;
    BOOST_TEST(!find_in_container(claim, ::getpid()).has_value());
}

BOOST_AUTO_TEST_CASE(a_process_is_found_by_its_pid_in_the_container,
                     *boost::unit_test::precondition(test::is_root)) {
    std::array<int, 2> ready;
    BOOST_TEST_REQUIRE(::pipe(ready.data()) == 0);
    const pid_t parent = ::fork();
    if (parent == 0) {
        // The first child of this process is PID 1 of a new namespace. A child of that child is PID
        // 2.
        if (::unshare(CLONE_NEWPID) < 0)
            ::_exit(1);
        const pid_t wrap = ::fork();
        if (wrap == 0) {
            const pid_t app = ::fork();
            while (app == 0)
                ::pause();
            static_cast<void>(::write(ready[1], &app, sizeof app));
            for (;;)
                ::pause();
        }
        static_cast<void>(::write(ready[1], &wrap, sizeof wrap));
        for (;;)
            ::pause();
    }
    std::array<pid_t, 2> said{};
    for (pid_t& pid : said)
        BOOST_TEST_REQUIRE(::read(ready[0], &pid, sizeof pid) == ssize_t{sizeof pid});
    // The app's pid in the namespace is 2. The other pid is that of "wrap" in the test's namespace.
    const pid_t wrap = said[0] == 2 ? said[1] : said[0];
    ContainerClaim inside = claim;
    inside.pid_namespace = system::pid_namespace_of(wrap);
    inside.wrap = 1;
    BOOST_TEST(inside.pid_namespace != claim.pid_namespace);
    BOOST_TEST(find_in_container(inside, 1)->pid == wrap);
    const auto app = find_in_container(inside, 2);
    BOOST_TEST(app.has_value());
    BOOST_TEST((app && app->pid != 2 && app->pid != wrap));
    BOOST_TEST(!find_in_container(inside, 3).has_value());
    // A claim with another namespace does not count.
    inside.pid_namespace = claim.pid_namespace;
    BOOST_TEST(!find_in_container(inside, 2).has_value());

    ::kill(wrap, SIGKILL);
    ::kill(parent, SIGKILL);
    ::waitpid(parent, nullptr, 0);
    ::close(ready[0]);
    ::close(ready[1]);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::relay
