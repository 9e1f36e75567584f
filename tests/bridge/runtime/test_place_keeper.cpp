#include "bridge/runtime/place_keeper.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include "base/process/descendants.hpp"
#include "base/process/proc.hpp"
#include "base/system/pipe.hpp"

namespace notifybridge::runtime {
namespace {

using namespace std::chrono_literals;

void write_done(system::Fd kept) {
    constexpr std::string_view text = "done";
    ::write(kept.get(), text.data(), text.size());
}

/// A keeper that has the writing end of a pipe. This process is the keeper's subreaper, so that
/// tests can find the keeper.
struct Kept {
    system::Pipe pipe = system::make_pipe();
    system::UniqueFd socket;
    pid_t keeper = -1;

    Kept() { ::prctl(PR_SET_CHILD_SUBREAPER, 1); }
    ~Kept() {
        socket.reset();
        if (keeper > 0)
            ::kill(keeper, SIGKILL);
        while (::waitpid(-1, nullptr, 0) > 0) {
        }
        ::prctl(PR_SET_CHILD_SUBREAPER, 0);
    }

    void start(const std::function<void(system::Fd)>& act = write_done) {
        socket = start_keeper("kept", pipe.writing, act);
        pipe.writing.reset();
        const auto found = process::descendants(::getpid());
        BOOST_TEST_REQUIRE(found.size() == 1u);
        keeper = found.front();
    }

    /// Returns the text that the keeper has written. Returns at once if `now` is true, otherwise
    /// when the keeper has ended.
    std::string written(bool now = false) {
        std::string text;
        char bytes[64];
        pollfd entry = {pipe.reading.get(), POLLIN, 0};
        while (::poll(&entry, 1, now ? 0 : 10'000) > 0) {
            const ssize_t size = ::read(pipe.reading.get(), bytes, sizeof bytes);
            if (size <= 0)
                return text;
            text.append(bytes, static_cast<std::size_t>(size));
        }
        return text;
    }

    /// Waits until the keeper has set its title, which is the last step of its start.
    void await_title() const {
        for (int turn = 0; turn < 10'000; ++turn) {
            const auto words = process::command_line(keeper);
            if (!words.empty() && words.front().starts_with("kept"))
                return;
            std::this_thread::sleep_for(1ms);
        }
        BOOST_TEST(false, "the keeper has no title");
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(place_keeper, Kept)

BOOST_AUTO_TEST_CASE(a_place_keeper_has_acted_when_ask_keeper_returns) {
    start();
    BOOST_TEST(written(true) == "");
    ask_keeper(socket);
    BOOST_TEST(written(true) == "done");
}

BOOST_AUTO_TEST_CASE(a_place_keeper_acts_if_its_caller_has_died) {
    start();
    socket.reset();
    BOOST_TEST(written() == "done");
}

BOOST_AUTO_TEST_CASE(a_place_keeper_acts_only_once) {
    start();
    ask_keeper(socket);
    ask_keeper(socket);
    socket.reset();
    BOOST_TEST(written() == "done");
}

BOOST_AUTO_TEST_CASE(signals_do_not_end_a_place_keeper) {
    start();
    await_title();
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1})
        ::kill(keeper, signal);
    ask_keeper(socket);
    BOOST_TEST(written() == "done");
}

BOOST_AUTO_TEST_CASE(ask_keeper_does_not_wait_for_a_killed_keeper) {
    start();
    ::kill(keeper, SIGKILL);
    const auto before = std::chrono::steady_clock::now();
    ask_keeper(socket);
    ask_keeper(socket);
    BOOST_TEST((std::chrono::steady_clock::now() - before < 4s));
    BOOST_TEST(written() == "");
}

BOOST_AUTO_TEST_CASE(ask_keeper_does_not_wait_for_a_failed_keeper) {
    start([](system::Fd) { throw std::runtime_error("the disk is on fire"); });
    const auto before = std::chrono::steady_clock::now();
    ask_keeper(socket);
    BOOST_TEST((std::chrono::steady_clock::now() - before < 4s));
}

BOOST_AUTO_TEST_CASE(a_place_keeper_keeps_no_resources_of_its_caller_open) {
    start();
    await_title();
    const std::string proc = "/proc/" + std::to_string(keeper);
    BOOST_TEST((process::numbers_in(proc + "/fd") == std::vector<int>{0, 1, 2}));
    BOOST_TEST(std::filesystem::read_symlink(proc + "/cwd").string() == "/");
    BOOST_TEST(::getsid(keeper) == keeper);
    ask_keeper(socket);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::runtime
