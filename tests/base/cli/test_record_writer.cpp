#include "base/cli/record_writer.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/test/unit_test.hpp>
#include <string>

#include "base/util/concat.hpp"
#include "support/privileges.hpp"

namespace notifybridge::cli {
namespace {

constexpr std::size_t page = 4096;

std::string in_form(std::string_view sentence) {
    return util::concat("log: ", sentence, '\n');
}

/// A pipe that holds two pages. A write that does not fit blocks.
struct Pipe {
    system::UniqueFd reading;
    system::UniqueFd writing;

    Pipe() {
        std::array<int, 2> ends;
        BOOST_TEST_REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
        reading.reset(ends[0]);
        writing.reset(ends[1]);
        BOOST_TEST_REQUIRE(::fcntl(ends[1], F_SETPIPE_SZ, 2 * page) == 2 * page);
        ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
    }

    std::string read() const {
        std::string all(16 * page, '\0');
        const ssize_t size = ::read(reading.get(), all.data(), all.size());
        all.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
        return all;
    }
};

std::string line_of(std::size_t size) {
    return std::string(size - 1, 'x') + '\n';
}

/// Writes more records than fit into the pipe. Returns all text that arrives at the reading end.
std::string overflow(const Pipe& pipe) {
    RecordWriter writer(pipe.writing, in_form);
    writer.write(line_of(page));
    writer.write(line_of(page + 1));
    writer.write("lost as a whole\n");
    std::string all = pipe.read();
    writer.write("heard\n");
    return all + pipe.read();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(record_writer)

BOOST_AUTO_TEST_CASE(a_log_record_is_written_unchanged) {
    const Pipe pipe;
    RecordWriter writer(pipe.writing, in_form);
    writer.write("one\n");
    writer.write("two\n");
    BOOST_TEST(pipe.read() == "one\ntwo\n");
    BOOST_TEST(writer.lost() == 0u);
}

BOOST_AUTO_TEST_CASE(lost_log_records_are_reported_later) {
    const Pipe pipe;
    BOOST_TEST(overflow(pipe)
               == line_of(page) + std::string(page, 'x')
                      + "\nlog: 2 lines of this log were lost: its reader was too slow\nheard\n");
}

BOOST_AUTO_TEST_CASE(records_lost_in_another_users_pipe_are_also_reported,
                     *boost::unit_test::precondition(test::is_root)) {
    const Pipe pipe;
    const pid_t other = ::fork();
    if (other == 0) {
        if (::setresuid(test::nobody, test::nobody, test::nobody) < 0)
            ::_exit(2);
        const std::string got = overflow(pipe);
        ::_exit(
            got.ends_with("\nlog: 2 lines of this log were lost: its reader was too slow\nheard\n")
                ? 0
                : 1);
    }
    int status = 0;
    ::waitpid(other, &status, 0);
    BOOST_TEST(status == 0);
}

BOOST_AUTO_TEST_CASE(log_records_without_a_reader_are_lost) {
    Pipe pipe;
    pipe.reading.reset();
    ::signal(SIGPIPE, SIG_IGN);
    RecordWriter writer(pipe.writing, in_form);
    writer.write("one\n");
    BOOST_TEST(writer.lost() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::cli
