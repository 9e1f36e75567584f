#include "bridge/wait/pull_watch.hpp"

#include <boost/test/unit_test.hpp>
#include <ostream>

namespace notifybridge::wait {

using namespace std::chrono_literals;

std::ostream& operator<<(std::ostream& out, const PullWatch::Step& step) {
    return out << '"' << step.datagram << "\" "
               << step.extension.value_or(PullWatch::Time(0)).count();
}

namespace test_pull_watch {
namespace {

using runtime::ImagePresence;
using Step = PullWatch::Step;

/// The time when the command is started.
constexpr PullWatch::Time start = 1000s;

const Step nothing;
const Step clear = {.datagram = "STATUS="};

Step tell(const std::string& since) {
    return {.datagram = "STATUS=Starting podman: pulling redis (" + since + ")"};
}

Step create(const std::string& since) {
    return {.datagram = "STATUS=podman is creating the container (" + since + ")"};
}

Step extend(const std::string& since) {
    Step step = tell(since);
    step.datagram += "\nEXTEND_TIMEOUT_USEC=30000000";
    step.extension = 30s;
    return step;
}

PullWatch::Options options() {
    PullWatch::Options options;
    options.manager = "podman";
    options.image = "redis";
    options.least_bytes = 100;
    options.longest = 1h;
    options.has_wrap = true;
    return options;
}

/// A command that was started at `start`.
struct Pull {
    explicit Pull(const PullWatch::Options& with = options()) : watch(with) { watch.begin(start); }

    /// Checks the pull when the next check is due.
    Step look(std::uint64_t bytes_more, ImagePresence presence = ImagePresence::missing) {
        BOOST_TEST_REQUIRE(watch.next_look().has_value());
        bytes += bytes_more;
        return watch.look(presence, bytes, *watch.next_look());
    }

    PullWatch watch;
    std::uint64_t bytes = 0;
};

BOOST_AUTO_TEST_SUITE(pull_watch)

BOOST_AUTO_TEST_CASE(the_first_check_for_a_pull_is_after_three_seconds) {
    const Pull pull;
    BOOST_TEST((pull.watch.next_look() == start + 3s));
    BOOST_TEST(!pull.watch.is_pulling());
}

BOOST_AUTO_TEST_CASE(the_start_of_a_run_ends_the_watch_for_a_pull) {
    Pull pull;
    BOOST_TEST(pull.watch.end() == nothing);
    BOOST_TEST(!pull.watch.next_look());
}

BOOST_AUTO_TEST_CASE(an_existing_image_is_never_said_to_be_pulled) {
    Pull pull;
    BOOST_TEST(pull.watch.needs_presence());
    BOOST_TEST(pull.look(5000, ImagePresence::there) == create("3 s"));
    BOOST_TEST(!pull.watch.needs_presence());
    BOOST_TEST(!pull.watch.is_pulling());
    BOOST_TEST(pull.look(5000) == create("6 s"));
    BOOST_TEST(pull.look(5000) == create("16 s"));
    BOOST_TEST(pull.watch.end() == clear);
}

BOOST_AUTO_TEST_CASE(an_unknown_image_is_never_said_to_be_pulled) {
    Pull pull;
    BOOST_TEST(pull.look(5000, ImagePresence::unknown) == create("3 s"));
    BOOST_TEST(!pull.watch.needs_presence());
    BOOST_TEST(pull.look(5000) == create("6 s"));
}

BOOST_AUTO_TEST_CASE(a_container_without_wrap_ends_the_watch_if_the_image_exists) {
    PullWatch::Options plain = options();
    plain.has_wrap = false;
    Pull pull(plain);
    BOOST_TEST(pull.look(0) == tell("3 s"));
    BOOST_TEST(pull.look(0, ImagePresence::there) == clear);
    BOOST_TEST(!pull.watch.next_look());
}

BOOST_AUTO_TEST_CASE(a_pull_goes_on_if_a_later_lookup_fails) {
    Pull pull;
    BOOST_TEST(pull.look(0) == tell("3 s"));
    BOOST_TEST(pull.look(100, ImagePresence::unknown) == extend("6 s"));
}

BOOST_AUTO_TEST_CASE(a_missing_image_extends_the_start_once_data_arrives) {
    Pull pull;
    // At the first check, the bytes that were read may be those of podman's own files.
    BOOST_TEST(pull.look(5000) == tell("3 s"));
    BOOST_TEST(pull.watch.is_pulling());
    BOOST_TEST((pull.watch.next_look() == start + 6s));
    BOOST_TEST(pull.look(100) == extend("6 s"));
    BOOST_TEST((pull.watch.next_look() == start + 16s));
    BOOST_TEST(pull.look(100) == extend("16 s"));
    BOOST_TEST(pull.look(100, ImagePresence::there) == create("26 s"));
    BOOST_TEST(!pull.watch.is_pulling());
}

BOOST_AUTO_TEST_CASE(a_pull_without_data_does_not_extend_the_start) {
    Pull pull;
    pull.look(5000);
    BOOST_TEST(pull.look(99) == tell("6 s"));
    BOOST_TEST(pull.look(99) == tell("16 s"));
    BOOST_TEST(pull.look(0) == tell("26 s"));
    BOOST_TEST(pull.look(100) == extend("36 s"));
}

BOOST_AUTO_TEST_CASE(a_stalled_pull_extends_the_start_only_for_a_while) {
    Pull pull;
    pull.look(5000);
    BOOST_TEST(pull.look(100) == extend("6 s"));
    for (const char* const since : {"16 s", "26 s", "36 s", "46 s", "56 s", "66 s"})
        BOOST_TEST(pull.look(10) == extend(since));
    BOOST_TEST(pull.look(10) == tell("76 s; no data for 70 s"));
    BOOST_TEST(pull.look(10) == tell("86 s; no data for 80 s"));
    BOOST_TEST(pull.look(100) == extend("96 s"));
}

BOOST_AUTO_TEST_CASE(a_registry_that_never_answers_is_reported) {
    Pull pull;
    for (int look = 0; look < 8; ++look)
        pull.look(10);
    BOOST_TEST(pull.look(10) == tell("76 s; no data for 76 s"));
}

BOOST_AUTO_TEST_CASE(a_pull_continues_if_the_number_of_read_bytes_shrinks) {
    Pull pull;
    pull.look(5000);
    pull.bytes = 0;
    BOOST_TEST(pull.look(10) == tell("6 s"));
    BOOST_TEST(pull.look(100) == extend("16 s"));
}

BOOST_AUTO_TEST_CASE(the_option_no_extend_sends_only_the_status_of_a_pull) {
    PullWatch::Options quiet = options();
    quiet.extends = false;
    Pull pull(quiet);
    pull.look(5000);
    BOOST_TEST(pull.look(5000) == tell("6 s"));
}

BOOST_AUTO_TEST_CASE(extensions_for_a_pull_end_after_the_longest_time) {
    Pull pull;
    int looks = 0;
    while (pull.watch.next_look()) {
        const Step step = pull.look(5000);
        BOOST_TEST(step.datagram.empty() == !pull.watch.next_look());
        ++looks;
    }
    BOOST_TEST(looks == 362);
    BOOST_TEST(!pull.watch.is_pulling());
    // A later end of the pull clears the last status.
    BOOST_TEST(pull.watch.end() == clear);
    BOOST_TEST(pull.watch.end() == nothing);
}

BOOST_AUTO_TEST_CASE(giving_up_keeps_the_status_until_a_run_begins) {
    Pull pull;
    pull.look(5000);
    pull.watch.give_up();
    BOOST_TEST(!pull.watch.next_look());
    BOOST_TEST(!pull.watch.is_pulling());
    BOOST_TEST(pull.watch.end() == clear);
}

BOOST_AUTO_TEST_CASE(the_name_of_an_image_cannot_add_a_line_to_the_status) {
    PullWatch::Options odd = options();
    odd.image = "redis\nREADY=1";
    Pull pull(odd);
    BOOST_TEST(pull.look(0).datagram == "STATUS=Starting podman: pulling redis\\nREADY=1 (3 s)");
    BOOST_TEST(pull.watch.what() == "podman to pull redis\nREADY=1");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace test_pull_watch
}  // namespace notifybridge::wait
