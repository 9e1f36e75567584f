#include "base/cli/live_line.hpp"

#include "base/cli/log.hpp"
#include "base/util/concat.hpp"

namespace notifybridge::cli {
namespace {

/// The interval between updates. The line first appears after one interval, so that short waits do
/// not show it.
constexpr std::chrono::seconds tick_interval(1);

}  // namespace

std::string Waiting::text(const std::string& what, Time now) {
    if (what != what_) {
        what_ = what;
        since_ = now;
    }
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now - since_);
    return util::concat("waiting for ", what, " (", seconds.count(), " s)");
}

LiveLine::LiveLine(event::Loop& loop, std::function<std::string()> what)
    : what_(std::move(what)), tick_(loop) {
    waiting_.text(what_(), event::Deadline::now());
    tick_.on_expired = [this] { show(); };
    tick_.start(tick_interval);
}

LiveLine::~LiveLine() {
    clear_live_line();
}

void LiveLine::show() {
    show_live_line(waiting_.text(what_(), event::Deadline::now()));
    tick_.start(tick_interval);
}

}  // namespace notifybridge::cli
