#include "bridge/wrap/host_link.hpp"

#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <functional>
#include <utility>

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

struct Linked {
    test::TemporaryDirectory directory;
    event::Loop loop;
    channel::RunId run = system::make_random_id();
    channel::HostFileWriter writer{directory.fd()};
    HostLink link{loop, directory.fd(), run};
    channel::SignalList heard;

    Linked() {
        link.on_change = [this](const channel::HostFile& host) { heard = host.facts.signals; };
    }

    void publish(const channel::SignalList& signals) {
        channel::HostFile host;
        host.facts.run = run;
        host.facts.signals = signals;
        BOOST_TEST_REQUIRE(writer.publish(host).has_value());
    }

    void hear(const channel::SignalList& signals) {
        loop.spawn([this] { return link.run(); });
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

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wrap
