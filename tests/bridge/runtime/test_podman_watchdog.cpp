#include "bridge/runtime/podman_watchdog.hpp"

#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <string_view>

#include "base/system/fd.hpp"
#include "base/system/pipe.hpp"
#include "base/util/concat.hpp"
#include "support/child.hpp"
#include "support/descriptors.hpp"

namespace notifybridge::runtime::test_podman_watchdog {
namespace {

using util::concat;

/// A child process with this name.
class NamedProcess {
public:
    explicit NamedProcess(const char* name)
        : child_([this, name] {
              ::prctl(PR_SET_NAME, name);
              pipe_.writing.reset();
          }) {
        pipe_.writing.reset();
        // The pipe ends when the child has its name.
        BOOST_TEST_REQUIRE(test::is_ready(pipe_.reading, POLLIN, 10'000));
    }

    std::string pid() const { return std::to_string(child_.pid()); }
    void end() {
        child_.end();
        child_.reap();
    }

private:
    system::Pipe pipe_ = system::make_pipe();
    test::Child child_;
};

std::string watchdog(std::string_view period, std::string_view owner) {
    return podman_watchdog([&](std::string_view name) {
        return std::string(name == "WATCHDOG_USEC"  ? period
                           : name == "WATCHDOG_PID" ? owner
                                                    : std::string_view());
    });
}

struct PeriodRow {
    const char* period;
    const char* passed;

    friend std::ostream& operator<<(std::ostream& out, const PeriodRow& row) {
        return out << row.period;
    }
};

constexpr PeriodRow period_rows[] = {
    {"2000000", "2000000"},
    {"1", "1"},
    {"007", "7"},
    {"18446744073709551615", "18446744073709551615"},
    {"18446744073709551616", ""},
    {"0", ""},
    {"-1", ""},
    {"", ""},
    {"2s", ""},
    {" 2000000", ""},
    {"2000000\nX=1", ""},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(watchdog_of_podman)

BOOST_DATA_TEST_CASE(only_a_positive_watchdog_period_is_passed_on, period_rows, row) {
    const NamedProcess podman("podman");
    BOOST_TEST(watchdog(row.period, podman.pid()) == row.passed);
}

BOOST_AUTO_TEST_CASE(the_watchdog_of_another_program_is_not_passed_on) {
    for (const char* const name : {"conmon", "podman-remote", "podma", "xpodman"})
        BOOST_TEST(watchdog("2000000", NamedProcess(name).pid()).empty(), name);
}

BOOST_AUTO_TEST_CASE(the_watchdog_of_an_ended_podman_is_not_passed_on) {
    NamedProcess podman("podman");
    BOOST_TEST(watchdog("2000000", podman.pid()) == "2000000");
    podman.end();
    BOOST_TEST(watchdog("2000000", podman.pid()).empty());
}

BOOST_AUTO_TEST_CASE(an_invalid_watchdog_pid_passes_no_watchdog_on) {
    const NamedProcess podman("podman");
    for (const std::string& pid : {std::string(), std::string("0"), concat('-', podman.pid()),
                                   concat(podman.pid(), "/../", podman.pid()),
                                   concat("../proc/", podman.pid()), std::string("self")})
        BOOST_TEST(watchdog("2000000", pid).empty(), pid);
}

// The parent of a hook is podman. The hook reads the variables with which podman was started
// (/proc/PID/environ).
BOOST_AUTO_TEST_CASE(a_hook_reads_the_watchdog_of_its_parent) {
    const NamedProcess podman("podman");
    const std::string owner = concat("WATCHDOG_PID=", podman.pid());
    system::Pipe started = system::make_pipe();
    system::Pipe answer = system::make_pipe();
    const test::Child parent([&] {
        if (::fork() == 0) {
            started.writing.reset();
            // The pipe ends when the parent has executed its program.
            if (test::is_ready(started.reading, POLLIN, 10'000)) {
                const std::string found = podman_watchdog_of_hook();
                static_cast<void>(::write(answer.writing.get(), found.data(), found.size()));
            }
            ::_exit(0);
        }
        ::execle(
            "/bin/sleep", "sleep", "1000", nullptr,
            std::array<const char*, 3>{"WATCHDOG_USEC=3000000", owner.c_str(), nullptr}.data());
    });
    started.writing.reset();
    answer.writing.reset();
    BOOST_TEST_REQUIRE(test::is_ready(answer.reading, POLLIN, 20'000));
    char text[32];
    const ssize_t size = ::read(answer.reading.get(), text, sizeof text);
    BOOST_TEST_REQUIRE(size >= 0);
    BOOST_TEST(std::string_view(text, static_cast<std::size_t>(size)) == "3000000");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::runtime::test_podman_watchdog
