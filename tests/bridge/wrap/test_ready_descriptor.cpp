#include "bridge/wrap/ready_descriptor.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "base/system/pipe.hpp"
#include "support/log_records.hpp"

namespace notifybridge::wrap {
namespace {

struct CountingSink final : MessageSink {
    void take(notify::Datagram& datagram, const notify::Message&, system::Moment) override {
        taken.emplace_back(datagram.text);
    }
    void take_barrier(system::UniqueFd, const notify::Datagram&, system::Moment) override {
        taken.emplace_back("a barrier");
    }
    void settle() override { ++settled; }
    bool has_room() const override { return has_more_room; }

    std::vector<std::string> taken;
    int settled = 0;
    bool has_more_room = true;
};

struct Supervised {
    system::Pipe pipe = system::make_pipe();
    CountingSink sink;
    ReadyDescriptor descriptor{sink, std::move(pipe.writing)};

    void take(std::string_view text) {
        notify::Datagram datagram{text, {}, {}};
        descriptor.take(datagram, *notify::parse(text), {1, 1});
    }

    /// Returns the bytes that the supervisor can read now.
    std::string read() const {
        std::array<char, 16> buffer;
        const ssize_t size = ::read(pipe.reading.get(), buffer.data(), buffer.size());
        return size > 0 ? std::string(buffer.data(), static_cast<std::size_t>(size)) : "";
    }

    bool is_closed() const {
        pollfd end{pipe.reading.get(), POLLIN, 0};
        ::poll(&end, 1, 0);
        return (end.revents & POLLHUP) != 0;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(ready_descriptor, Supervised)

BOOST_AUTO_TEST_CASE(ready_1_writes_one_newline_and_closes_the_descriptor) {
    take("STATUS=up\nREADY=1");
    BOOST_TEST(read() == "\n");
    BOOST_TEST(is_closed());
    take("READY=1");
    BOOST_TEST(sink.taken == (std::vector<std::string>{"STATUS=up\nREADY=1", "READY=1"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(other_messages_write_nothing_to_the_descriptor) {
    for (const std::string_view text : {"STATUS=READY=1", "READY=0", "X_READY=1", "RELOADING=1"})
        take(text);
    descriptor.take_barrier({}, {}, {});
    descriptor.settle();
    BOOST_TEST(read().empty());
    BOOST_TEST(!is_closed());
    BOOST_TEST(sink.taken.size() == 5u);
    BOOST_TEST(sink.settled == 1);
}

BOOST_AUTO_TEST_CASE(the_next_sink_decides_whether_there_is_room) {
    BOOST_TEST(descriptor.has_room());
    sink.has_more_room = false;
    BOOST_TEST(!descriptor.has_room());
}

BOOST_AUTO_TEST_CASE(a_full_pipe_causes_a_warning_and_does_not_block) {
    const test::LogRecords records(util::Severity::warning);
    system::Pipe full = system::make_pipe();
    const int flags = ::fcntl(full.writing.get(), F_GETFL);
    ::fcntl(full.writing.get(), F_SETFL, flags | O_NONBLOCK);
    while (::write(full.writing.get(), "\n", 1) == 1)
        continue;
    ::fcntl(full.writing.get(), F_SETFL, flags);
    ReadyDescriptor blocked(sink, std::move(full.writing));
    notify::Datagram datagram{"READY=1", {}, {}};
    blocked.take(datagram, *notify::parse("READY=1"), {1, 1});
    BOOST_TEST(records.has("cannot write the newline to descriptor"));
    BOOST_TEST(sink.taken.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_silent_outlet_releases_barriers_at_once) {
    SilentOutlet outlet;
    notify::Datagram datagram;
    system::Pipe barrier = system::make_pipe();
    outlet.take_barrier(std::move(barrier.writing), datagram, {1, 1});
    pollfd end{barrier.reading.get(), POLLIN, 0};
    BOOST_TEST(::poll(&end, 1, 0) == 1);
    BOOST_TEST(outlet.has_room());
    BOOST_TEST(!outlet.watchdog().has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wrap
