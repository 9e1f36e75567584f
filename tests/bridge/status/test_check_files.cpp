#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <thread>

#include "bridge/diagnosis/start_check.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::status {
namespace {

/// A thread that exchanges two names repeatedly until this object is destroyed.
class Exchange {
public:
    Exchange(const std::string& one, const std::string& other)
        : thread_([=, this] {
              while (!is_over_)
                  ::syscall(SYS_renameat2, AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(),
                            RENAME_EXCHANGE);
          }) {}
    ~Exchange() {
        is_over_ = true;
        thread_.join();
    }

private:
    std::atomic<bool> is_over_ = false;
    std::thread thread_;
};

/// A trap that notices if another process or thread opens a FIFO for reading. For this, the trap
/// opens the FIFO for writing, which waits for a reader.
class Trap {
public:
    explicit Trap(const std::string& fifo) : fifo_(fifo) {
        BOOST_REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
        handle_.reset(::open(fifo.c_str(), O_PATH | O_CLOEXEC));
        thread_ = std::thread([this] {
            const system::UniqueFd writer(::open(path().c_str(), O_WRONLY | O_CLOEXEC));
            is_sprung_ = true;
        });
    }
    ~Trap() {
        const system::UniqueFd reader(::open(path().c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
        thread_.join();
    }
    bool is_sprung() const { return is_sprung_; }

private:
    std::string path() const { return "/proc/self/fd/" + std::to_string(handle_.get()); }

    std::string fifo_;
    system::UniqueFd handle_;
    std::atomic<bool> is_sprung_ = false;
    std::thread thread_;
};

BOOST_AUTO_TEST_SUITE(check_files)

BOOST_AUTO_TEST_CASE(a_file_exchanged_for_a_fifo_is_not_opened) {
    const test::TemporaryDirectory directory;
    const std::string program = directory.path("notifybridge");
    directory.write("notifybridge", "#!/bin/sh\n");
    const Trap trap(directory.path("fifo"));
    const Exchange exchange(program, directory.path("fifo"));
    diagnosis::StartCommand command;
    command.executables = {program};
    std::size_t seen = 0;
    for (int round = 0; round < 20000 && !trap.is_sprung(); ++round) {
        diagnosis::Findings found;
        diagnosis::check_words(found, command, 0);
        seen += found.all().size();
    }
    BOOST_TEST(!trap.is_sprung());
    BOOST_TEST(seen > 0U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::status
