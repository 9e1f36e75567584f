#include "base/process/flock.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <span>

#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::process {
namespace {

using util::concat;

/// Starts a process that holds the lock of one file. If `releases` is set, the process repeatedly
/// takes and releases the locks of ten files.
pid_t start_holder(const test::TemporaryDirectory& directory, int number, bool releases) {
    const pid_t pid = ::fork();
    if (pid != 0)
        return pid;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    std::vector<int> files;
    for (int file = 0; file < (releases ? 10 : 1); ++file)
        files.push_back(::open(directory.path(concat(number, '.', file)).c_str(),
                               O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    do {
        for (const int file : files)
            ::flock(file, LOCK_EX);
        for (const int file : files)
            ::flock(file, releases ? LOCK_UN : LOCK_EX);
    } while (releases);
    for (;;)
        ::pause();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(locks_of_flock)

BOOST_AUTO_TEST_CASE(the_holders_of_an_flock_lock_are_found) {
    constexpr std::string_view locks =
        "1: POSIX  ADVISORY  WRITE 700 08:01:42 0 EOF\n"
        "2: FLOCK  ADVISORY  WRITE 814 00:1a:1234 0 EOF\n"
        "2: -> FLOCK  ADVISORY  WRITE 815 00:1a:1234 0 EOF\n"
        "3: OFDLCK ADVISORY  WRITE -1 00:1a:1235 0 0\n"
        "10: FLOCK  ADVISORY  WRITE 814 00:1a:1240 0 EOF\n"
        "11: FLOCK  ADVISORY  WRITE 0 00:1a:1250 0 EOF\n";
    BOOST_TEST((flock_holders(locks) == std::vector<pid_t>{814}));
    BOOST_TEST(flock_holders("").empty());
}

BOOST_AUTO_TEST_CASE(a_lock_released_between_reads_hides_no_holder) {
    const test::TemporaryDirectory directory;
    std::vector<pid_t> all;
    for (int number = 0; number < 120; ++number)
        all.push_back(start_holder(directory, number, /*releases=*/number < 3));
    const std::span<const pid_t> holders = std::span(all).subspan(3);
    const auto missing = [&] {
        const std::vector<pid_t> found = flock_holders();
        return std::ranges::count_if(holders,
                                     [&](pid_t pid) { return !util::contains(found, pid); });
    };
    while (missing() > 0) {
    }
    std::ptrdiff_t missed = 0;
    for (int look = 0; look < 300; ++look)
        missed += missing();
    BOOST_TEST(missed == 0);
    for (const pid_t pid : all) {
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::process
