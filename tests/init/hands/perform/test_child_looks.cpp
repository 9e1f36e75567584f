#include "init/hands/perform/child_looks.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "host_world.hpp"

namespace notifybridge::perform {
namespace {

using std::chrono::milliseconds;
using Start = ChildLooks::Start;

/// Looks whose children end at once, or wait for a byte in a pipe.
struct Looks {
    test::World world;
    ChildLooks looks{world.loop, world.host.state.poller, world.host.state.processes,
                     milliseconds(1)};
    std::vector<std::string> answers;
    std::vector<system::UniqueFd> fds;
    std::vector<std::string> late;  ///< The owners.

    Start start(const std::string& owner, util::FunctionRef<ChildLooks::Answer()> look) {
        return looks.start(owner, look,
                           {.on_answer =
                                [this](ChildLooks::Answer& answer) {
                                    answers.push_back(answer.text);
                                    fds = std::move(answer.fds);
                                },
                            .on_late = [this, owner] { late.push_back(owner); }});
    }
    /// Starts a child that does not end by itself.
    Start start_hanging(const std::string& owner) {
        return start(owner, [] {
            ::pause();
            return std::string("never");
        });
    }
    void until_answered(std::size_t count = 1) {
        world.until([&] { return answers.size() == count; });
    }
    /// Ends all children, which wait for a signal.
    void kill_all() {
        for (const pid_t pid : world.host.state.processes.children("init.scope"))
            ::kill(pid, SIGKILL);
    }
    ~Looks() { kill_all(); }
};

ChildLooks::Answer nothing() {
    return std::string("x");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(child_looks)

BOOST_AUTO_TEST_CASE(a_long_answer_arrives_whole) {
    Looks test;
    const std::string text(100'001, 'a');
    BOOST_TEST((test.start("a", [&] { return text; }) == Start::begun));
    test.until_answered();
    BOOST_TEST((test.answers.front() == text));
}

BOOST_AUTO_TEST_CASE(an_answer_may_be_empty) {
    Looks test;
    test.start("a", [] { return std::string(); });
    test.until_answered();
    BOOST_TEST(test.answers.front().empty());
}

BOOST_AUTO_TEST_CASE(files_that_a_child_has_opened_are_passed_on) {
    Looks test;
    constexpr std::size_t count = 300;
    test.start("a", [] {
        ChildLooks::Answer answer("files");
        for (std::size_t at = 0; at < count; ++at) {
            system::Pipe pipe = system::make_pipe();
            const auto byte = static_cast<char>(at % 100);
            BOOST_TEST(::write(pipe.writing.get(), &byte, 1) == 1);
            answer.fds.push_back(std::move(pipe.reading));
        }
        return answer;
    });
    test.until_answered();
    BOOST_TEST(test.answers.front() == "files");
    BOOST_TEST_REQUIRE(test.fds.size() == count);
    for (std::size_t at = 0; at < count; ++at) {
        char byte = -1;
        BOOST_TEST(::read(test.fds[at].get(), &byte, 1) == 1);
        BOOST_TEST(byte == static_cast<char>(at % 100));
        BOOST_TEST((::fcntl(test.fds[at].get(), F_GETFD) & FD_CLOEXEC) != 0);
    }
}

BOOST_AUTO_TEST_CASE(a_child_has_no_other_descriptor_of_ours) {
    Looks test;
    const system::Pipe pipe = system::make_pipe();
    const int number = pipe.reading.get();
    test.start("a", [&] { return std::string(::fcntl(number, F_GETFD) < 0 ? "closed" : "open"); });
    test.until_answered();
    BOOST_TEST(test.answers.front() == "closed");
}

BOOST_AUTO_TEST_CASE(a_killed_child_has_an_empty_answer) {
    Looks test;
    BOOST_TEST((test.start_hanging("a") == Start::begun));
    test.kill_all();
    test.until_answered();
    BOOST_TEST(test.answers.front().empty());
    BOOST_TEST((test.start("a", nothing) == Start::begun));
    test.until_answered(2);
}

BOOST_AUTO_TEST_CASE(a_late_look_is_reported_once) {
    Looks test;
    test.start_hanging("a");
    test.world.until([&] { return test.late.size() == 1; });
    test.start_hanging("b");
    test.world.until([&] { return test.late.size() == 2; });
    test.kill_all();
    test.until_answered(2);
    BOOST_TEST(test.late == std::vector<std::string>({"a", "b"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_owner_has_one_child_at_a_time) {
    Looks test;
    test.start_hanging("a");
    BOOST_TEST((test.start("a", nothing) == Start::busy));
    BOOST_TEST((test.start("b", nothing) == Start::begun));
    test.until_answered();
    BOOST_TEST(test.answers.front() == "x");
    BOOST_TEST((test.start("a", nothing) == Start::busy));
}

BOOST_AUTO_TEST_CASE(an_owner_may_start_its_next_look_in_the_callback) {
    Looks test;
    std::optional<Start> next;
    test.looks.start("a", nothing,
                     {.on_answer = [&](ChildLooks::Answer&) { next = test.start("a", nothing); }});
    test.until_answered();
    BOOST_TEST((next == Start::begun));
}

BOOST_AUTO_TEST_CASE(a_look_without_a_descriptor_fails) {
    Looks test;
    rlimit before;
    BOOST_REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    const rlimit none{0, before.rlim_max};
    BOOST_REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
    const Start start = test.start("a", nothing);
    ::setrlimit(RLIMIT_NOFILE, &before);
    BOOST_TEST((start == Start::failed));
    BOOST_TEST((test.start("a", nothing) == Start::begun));
    test.until_answered();
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::perform
