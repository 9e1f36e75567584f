#include "init/hands/output/stream_lines.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

namespace notifybridge::output {
namespace {

/// The stream of a process, and the messages in it.
struct Stream {
    StreamLines lines;
    std::string seen;

    auto take() {
        return [this](const LoggedMessage& message) {
            seen += std::to_string(message.facility) + '.'
                    + std::to_string(static_cast<int>(message.severity)) + ' '
                    + std::string(message.identifier) + ": " + std::string(message.text) + '|';
        };
    }
    std::string add(std::string_view bytes) {
        seen.clear();
        return lines.add(bytes, take()) ? seen : seen + "bad";
    }
    std::string end() {
        seen.clear();
        lines.end(take());
        return seen;
    }
};

constexpr std::string_view header = "app\n\n6\n1\n0\n0\n0\n";

}  // namespace

BOOST_AUTO_TEST_SUITE(stream_lines)

BOOST_AUTO_TEST_CASE(lines_after_the_header_are_messages) {
    Stream stream;
    BOOST_TEST(stream.add(header) == "");
    BOOST_TEST(stream.add("one\n<3>two\nthr") == "0.3 app: one|0.0 app: two|");
    BOOST_TEST(stream.add("ee\nlast") == "0.3 app: three|");
    BOOST_TEST(stream.end() == "0.3 app: last|");
    BOOST_TEST(stream.end() == "");
}

BOOST_AUTO_TEST_CASE(a_header_may_arrive_in_pieces) {
    const std::string bytes = std::string(header) + "one\n";
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        Stream stream;
        const std::string first = stream.add(bytes.substr(0, at));
        BOOST_TEST(first + stream.add(bytes.substr(at)) == "0.3 app: one|");
    }
}

BOOST_AUTO_TEST_CASE(the_header_sets_facility_level_and_prefix) {
    Stream stream;
    BOOST_TEST(stream.add("\nssh.service\n36\n0\n1\n1\n1\n<7>plain\n") == "4.1 : <7>plain|");
}

BOOST_AUTO_TEST_CASE(a_malformed_header_ends_the_stream) {
    for (const std::string_view bad : {"app\n\n\n1\n0\n0\n0\n", "app\n\nx\n1\n0\n0\n0\n",
                                       "app\n\n-1\n1\n0\n0\n0\n", "app\n\n1024\n1\n0\n0\n0\n"}) {
        Stream stream;
        BOOST_TEST(stream.add(bad) == "bad");
    }
    Stream endless;
    BOOST_TEST(endless.add(std::string(StreamLines::longest_header - 1, 'x')) == "");
    BOOST_TEST(endless.add("x") == "bad");
    Stream nothing;
    BOOST_TEST(nothing.end() == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::output
