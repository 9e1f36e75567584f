#include "bridge/wrap/reload_watch.hpp"

#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "bridge/probe/schedule.hpp"

namespace notifybridge::wrap {
namespace {

/// The command has this long to close its sockets, or to say RELOADING=1 itself. Before that, a
/// probe would still find the state from before the reload.
constexpr std::chrono::milliseconds time_to_begin(100);
/// A reload that takes longer than this is reported.
constexpr std::chrono::seconds usual_reload(1);

}  // namespace

void ReloadWatch::start(std::chrono::microseconds longest_pause) {
    longest_pause_ = longest_pause;
    is_wanted_ = is_new_ = true;
    pause_.cancel();
    if (!std::exchange(is_running_, true))
        loop_.spawn([this] { return run(); });
}

void ReloadWatch::stop() {
    is_wanted_ = false;
    pause_.cancel();
}

event::Awaitable<> ReloadWatch::run() {
    Clock::time_point begun;
    std::string reported;
    while (is_wanted_) {
        if (std::exchange(is_new_, false)) {
            begun = Clock::now();
            co_await pause_.sleep(time_to_begin);
            continue;
        }
        std::string unmet = co_await find_unmet();
        const auto elapsed =
            std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begun);
        if (is_new_ || !is_wanted_)
            continue;
        if (unmet.empty()) {
            is_wanted_ = false;
            on_result(unmet);
            continue;
        }
        if (elapsed > usual_reload && unmet != reported)
            on_result(reported = unmet);
        co_await pause_.sleep(
            probe::pause_after(elapsed, std::chrono::microseconds(0), longest_pause_));
    }
    is_running_ = false;
}

/// Returns the first condition that is not met, with the reason. Returns an empty text if all are
/// met.
event::Awaitable<std::string> ReloadWatch::find_unmet() {
    std::string unmet;
    for (const auto& probe : probes_) {
        const probe::Finding finding = co_await probe->check();
        if (finding.holds)
            continue;
        unmet = util::concat("waiting for ", util::escape(probe->description()), ": ",
                             util::escape(finding.reason), probe->hint());
        break;
    }
    co_return unmet;
}

}  // namespace notifybridge::wrap
