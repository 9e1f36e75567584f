#include "bridge/wait/pull_observer.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/process/children.hpp"
#include "base/process/descendants.hpp"
#include "support/run_loop.hpp"

namespace notifybridge::wait {
namespace {

using namespace std::chrono_literals;

using runtime::ImagePresence;

/// A lookup with a fixed answer. It counts its questions.
class FixedLookup final : public ImageLookup {
public:
    FixedLookup(ImagePresence answer, int& questions) : answer_(answer), questions_(questions) {}

    event::Awaitable<ImagePresence> find() override {
        ++questions_;
        co_return answer_;
    }

private:
    ImagePresence answer_;
    int& questions_;
};

/// A command that may pull an image.
struct Observed {
    event::Loop loop;
    process::Supervisor supervisor{loop, false};
    std::optional<PullObserver> observer;
    std::vector<PullWatch::Step> told;
    bool has_ended = false;
    int overs = 0;
    int questions = 0;

    Observed() {
        supervisor.on_event = [this](const process::SupervisorEvent& event) {
            has_ended = has_ended || std::holds_alternative<process::CommandEnded>(event);
        };
        loop.spawn([this] { return supervisor.run(); });
    }
    ~Observed() {
        for (const pid_t pid : process::descendants(::getpid()))
            ::kill(pid, SIGKILL);
        test::run(loop, [this] { return test::until(loop, [this] { return has_ended; }); });
    }

    void start(const std::string& command, ImagePresence presence, bool has_wrap = false) {
        PullWatch::Options options;
        options.manager = "podman";
        options.image = "redis";
        // A program reads fewer bytes than this during its start, so only a pull reaches this
        // number.
        options.least_bytes = 1024 * 1024;
        options.longest = 1h;
        options.first_look = 10ms;
        options.second_look = 20ms;
        options.interval = 20ms;
        options.has_wrap = has_wrap;
        observer.emplace(loop, supervisor, std::make_unique<FixedLookup>(presence, questions),
                         std::move(options));
        observer->on_message = [this](const PullWatch::Step& step) { told.push_back(step); };
        observer->on_over = [this] { ++overs; };
        process::Command started = process::shell(command);
        started.environment = process::Environment::inherited();
        supervisor.start(std::move(started));
        observer->begin();
    }

    void await(const std::function<bool()>& condition) {
        test::run(loop, [&] { return test::until(loop, condition); });
    }
    bool has_extended() const {
        return std::ranges::any_of(told,
                                   [](const auto& step) { return step.extension.has_value(); });
    }
    void await_over() {
        await([this] { return overs > 0; });
    }
    void await_told(std::size_t number) {
        await([this, number] { return told.size() >= number; });
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(pull_observer, Observed)

BOOST_AUTO_TEST_CASE(an_existing_image_ends_the_observation_of_a_pull) {
    start("sleep 10", ImagePresence::there);
    await_over();
    BOOST_TEST(told.empty());
    BOOST_TEST(!observer->is_pulling());
}

BOOST_AUTO_TEST_CASE(an_unknown_image_ends_the_observation_of_a_pull) {
    start("sleep 10", ImagePresence::unknown);
    await_over();
    BOOST_TEST(told.empty());
}

BOOST_AUTO_TEST_CASE(the_status_of_a_creation_needs_no_rights) {
    start("sleep 10", ImagePresence::there, true);
    await_told(3);
    BOOST_TEST(overs == 1);
    BOOST_TEST(questions == 1);
    BOOST_TEST(told.back().datagram == "STATUS=podman is creating the container (0 s)");
    observer->end();
    BOOST_TEST(told.back().datagram == "STATUS=");
    BOOST_TEST(overs == 1);
}

BOOST_AUTO_TEST_CASE(a_missing_image_is_looked_up_again) {
    start("sleep 10", ImagePresence::missing);
    await([this] { return questions >= 3; });
    BOOST_TEST(observer->is_pulling());
    BOOST_TEST(observer->what() == "podman to pull redis");
    BOOST_TEST(overs == 0);
}

BOOST_AUTO_TEST_CASE(bytes_that_a_child_of_the_command_reads_count) {
    // podman without root does its work in a child.
    start("cat /dev/zero >/dev/null; :", ImagePresence::missing);
    await([this] { return has_extended(); });
}

BOOST_AUTO_TEST_CASE(a_pull_that_reads_no_bytes_does_not_extend_the_start) {
    start("sleep 10; :", ImagePresence::missing);
    await_told(5);
    BOOST_TEST(!has_extended());
    BOOST_TEST(told.back().datagram.starts_with("STATUS=Starting podman: pulling redis ("));
}

BOOST_AUTO_TEST_CASE(the_start_of_a_run_clears_the_status_of_the_pull) {
    start("sleep 10", ImagePresence::missing);
    await_told(1);
    const std::size_t before = told.size();
    observer->end();
    BOOST_TEST(told.size() == before + 1);
    BOOST_TEST(told.back().datagram == "STATUS=");
    BOOST_TEST(overs == 1);
    observer->end();
    observer->give_up();
    BOOST_TEST(told.size() == before + 1);
    BOOST_TEST(overs == 1);
}

BOOST_AUTO_TEST_CASE(giving_up_keeps_the_status_of_the_pull) {
    start("sleep 10", ImagePresence::missing);
    await_told(1);
    const std::size_t before = told.size();
    observer->give_up();
    BOOST_TEST(told.size() == before);
    BOOST_TEST(overs == 1);
    BOOST_TEST(!observer->is_pulling());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wait
