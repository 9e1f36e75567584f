#include "base/process/proc.hpp"

#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "base/system/file.hpp"
#include "base/util/concat.hpp"

using namespace std::string_view_literals;

namespace notifybridge::process {

BOOST_AUTO_TEST_SUITE(proc)

BOOST_AUTO_TEST_CASE(a_variable_of_a_process_is_found_by_its_whole_name) {
    constexpr auto environ = "AB=1\0A=2=3\0EMPTY=\0A=4\0"sv;
    BOOST_TEST(variable_in(environ, "A").value() == "2=3");
    BOOST_TEST(variable_in(environ, "AB").value() == "1");
    BOOST_TEST(variable_in(environ, "EMPTY").value() == "");
    BOOST_TEST(!variable_in(environ, "B").has_value());
    BOOST_TEST(!variable_in("", "A").has_value());
}

BOOST_AUTO_TEST_CASE(a_field_of_a_process_is_found_by_its_whole_name) {
    BOOST_TEST(status_field(::getpid(), "Pid") == util::concat(::getpid()));
    BOOST_TEST(status_field(::getpid(), "PPid") == util::concat(::getppid()));
    BOOST_TEST(status_field(::getpid(), "id") == "");
}

BOOST_AUTO_TEST_CASE(the_command_line_of_a_process_is_read_word_by_word) {
    const auto& suite = boost::unit_test::framework::master_test_suite();
    const std::vector<std::string> arguments(suite.argv, suite.argv + suite.argc);
    const std::vector<std::string> words = command_line(::getpid());
    BOOST_TEST_REQUIRE(words.size() >= arguments.size());
    BOOST_TEST(words.front() == arguments.front());
    BOOST_TEST(command_line(-1).empty());
}

BOOST_AUTO_TEST_CASE(bytes_that_a_process_reads_are_counted) {
    const std::uint64_t before = bytes_read_by(::getpid());
    const std::string zeros = system::text_of("/dev/zero", 100'000);
    BOOST_TEST(zeros.size() == 100'000);
    BOOST_TEST(bytes_read_by(::getpid()) >= before + 100'000);
}

BOOST_AUTO_TEST_CASE(a_missing_process_gives_empty_results) {
    BOOST_TEST(bytes_read_by(-1) == 0);
    BOOST_TEST(status_field(-1, "Pid") == "");
    BOOST_TEST(environ_of(-1) == "");
    BOOST_TEST(variable_of(-1, "PATH") == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::process
