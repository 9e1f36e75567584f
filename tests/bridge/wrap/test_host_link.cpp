#include "bridge/wrap/host_link.hpp"

#include <signal.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <functional>
#include <utility>

#include "bridge/channel/directory.hpp"
#include "bridge/channel/run_id.hpp"
#include "support/run_loop.hpp"
#include "support/temporary_directory.hpp"

namespace {

/// Called once, just before a file is watched. This executable links with --wrap=inotify_add_watch.
std::function<void()> before_watch;

}  // namespace

extern "C" {

int __real_inotify_add_watch(int fd, const char* path, unsigned mask);

int __wrap_inotify_add_watch(int fd, const char* path, unsigned mask) {
    if (const auto act = std::exchange(before_watch, nullptr))
        act();
    return __real_inotify_add_watch(fd, path, mask);
}

}  // extern "C"

namespace notifybridge::wrap {
namespace {

struct Linked final : HostObserver {
    test::TemporaryDirectory directory;
    event::Loop loop;
    channel::RunId run = system::make_random_id();
    channel::HostFileWriter writer{directory.fd()};
    HostLink link{loop, directory.fd(), run};
    channel::SignalList heard;
    int removals = 0;

    void host_changed(const channel::HostFile& host) override { heard = host.facts.signals; }
    void host_removed() override { ++removals; }

    void publish(const channel::SignalList& signals) {
        channel::HostFile host;
        host.facts.run = run;
        host.facts.signals = signals;
        BOOST_TEST_REQUIRE(writer.publish(host).has_value());
    }

    void remove() { BOOST_TEST_REQUIRE(::unlink(directory.path(channel::host_name).c_str()) == 0); }

    void hear(const channel::SignalList& signals) {
        loop.spawn([this] { return link.run(*this); });
        test::run(loop, [&] { return test::until(loop, [&] { return heard == signals; }); });
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(host_link)

BOOST_AUTO_TEST_CASE(a_host_file_replaced_before_its_watch_is_noticed) {
    Linked linked;
    linked.publish({});
    before_watch = [&] { linked.publish({{1, SIGHUP}}); };
    linked.hear({{1, SIGHUP}});
}

BOOST_AUTO_TEST_CASE(a_host_file_created_before_its_watch_is_noticed) {
    Linked linked;
    before_watch = [&] { linked.publish({{1, SIGHUP}}); };
    linked.hear({{1, SIGHUP}});
}

BOOST_AUTO_TEST_CASE(the_removal_of_a_host_file_after_a_check_is_reported) {
    Linked linked;
    linked.publish({{1, SIGHUP}});
    linked.hear({{1, SIGHUP}});
    linked.remove();
    test::run(linked.loop,
              [&] { return test::until(linked.loop, [&] { return linked.removals == 1; }); });
    // The file of the next `wait` exists only between two wake-ups of the link.
    linked.publish({{1, SIGTERM}});
    linked.link.look();
    linked.remove();
    test::run(linked.loop,
              [&] { return test::until(linked.loop, [&] { return linked.removals == 2; }); });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wrap
