#include "base/system/streams.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>

#include "base/system/file.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::system {
namespace {

/// A redirection of both streams to a file, which lasts while this object lives.
class Redirected {
public:
    explicit Redirected(const std::string& path) {
        out().flush();
        const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
        ::dup2(file.get(), STDOUT_FILENO);
        ::dup2(file.get(), STDERR_FILENO);
    }
    Redirected(const Redirected&) = delete;
    Redirected& operator=(const Redirected&) = delete;
    ~Redirected() {
        flush_out();
        out().clear();
        ::dup2(out_.get(), STDOUT_FILENO);
        ::dup2(err_.get(), STDERR_FILENO);
    }

private:
    UniqueFd out_{::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)};
    UniqueFd err_{::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0)};
};

}  // namespace

BOOST_AUTO_TEST_SUITE(streams)

BOOST_AUTO_TEST_CASE(standard_output_is_flushed_before_standard_error) {
    const test::TemporaryDirectory directory;
    const std::string path = directory.path("file");
    {
        const Redirected redirected(path);
        out() << "one\n";
        err() << "two\n";
        out() << "three\n";
    }
    BOOST_TEST(text_of(path) == "one\ntwo\nthree\n");
}

BOOST_AUTO_TEST_CASE(flushing_standard_output_reports_a_failed_write) {
    bool is_written = false;
    int error = 0;
    {
        const Redirected redirected("/dev/full");
        out() << "text";
        errno = 0;
        is_written = flush_out();
        error = errno;
    }
    BOOST_TEST(!is_written);
    BOOST_TEST(error == ENOSPC);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::system
