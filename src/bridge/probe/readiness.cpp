#include "bridge/probe/readiness.hpp"

#include <algorithm>

#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "bridge/probe/schedule.hpp"

namespace notifybridge::probe {
namespace {

/// Nothing is logged if the program becomes ready within this time.
constexpr std::chrono::milliseconds silence(200);
/// A report is repeated after a quarter of the time since the start, within these limits.
constexpr std::chrono::seconds shortest_report(1);
constexpr std::chrono::seconds longest_report(5);
constexpr int share_of_waiting = 4;

}  // namespace

Readiness::Readiness(event::Loop& loop, Options options)
    : loop_(loop), options_(options), deadline_(loop), report_pause_(loop) {
    deadline_.on_expired = [this] {
        if (std::exchange(stopped_, true))
            return;
        stop();
        if (on_timeout)
            on_timeout();
    };
}

void Readiness::add(std::unique_ptr<Probe> probe) {
    conditions_.push_back(std::make_unique<Condition>(loop_, std::move(probe)));
}

void Readiness::start() {
    started_ = Clock::now();
    deadline_.start(options_.timeout);
    for (const auto& condition : conditions_) {
        WatchingProbe* const watching = condition->probe->watching();
        if (!watching) {
            loop_.spawn([this, &waiting = *condition] { return poll(waiting); });
            continue;
        }
        watching->on_change = [this, &waiting = *condition, watching] {
            note(waiting, watching->look(), /*was_asked=*/false);
        };
        watching->watch();
    }
    look();
    if (!stopped_)
        loop_.spawn([this] { return report(); });
}

void Readiness::look() {
    for (const auto& condition : conditions_)
        if (WatchingProbe* const watching = condition->probe->watching())
            note(*condition, watching->look(), /*was_asked=*/false);
}

void Readiness::accept() {
    if (stopped_)
        return;
    ready_ = true;
    stop();
    if (on_ready)
        on_ready();
}

void Readiness::stop() {
    stopped_ = true;
    deadline_.cancel();
    report_pause_.cancel();
    for (const auto& condition : conditions_) {
        condition->pause.cancel();
        if (WatchingProbe* const watching = condition->probe->watching())
            watching->on_change = nullptr;
    }
}

void Readiness::note(Condition& condition, Finding finding, bool was_asked) {
    if (stopped_ || condition.holds)
        return;
    const bool progress =
        finding.holds || finding.reason != condition.reason || (was_asked && finding.answered);
    condition.holds = finding.holds;
    condition.reason = std::move(finding.reason);
    const bool all = std::ranges::all_of(conditions_, [](const auto& each) { return each->holds; });
    if (all) {
        accept();
    } else if (progress && on_progress) {
        on_progress();
    }
}

event::Awaitable<> Readiness::poll(Condition& condition) {
    while (!stopped_ && !condition.holds) {
        const auto before = Clock::now();
        Finding finding = co_await condition.probe->check();
        const auto took =
            std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - before);
        note(condition, std::move(finding), /*was_asked=*/true);
        const auto pause = condition.probe->is_cheap() ? pause_of_cheap_check
                           : options_.has_clients      ? pause_for_clients
                                                       : pause_after;
        if (!stopped_ && !condition.holds)
            co_await condition.pause.sleep(pause(elapsed(), took, options_.interval));
    }
}

event::Awaitable<> Readiness::report() {
    co_await report_pause_.sleep(silence);
    while (!stopped_) {
        // A probe may miss changes: the probe of a path only detects changes in the last directory
        // of the path that exists.
        look();
        if (stopped_)
            co_return;
        if (on_waiting)
            on_waiting(waiting_for());
        co_await report_pause_.sleep(std::clamp<std::chrono::microseconds>(
            elapsed() / share_of_waiting, shortest_report, longest_report));
    }
}

std::chrono::microseconds Readiness::elapsed() const {
    return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - started_);
}

std::string Readiness::waiting_for() const {
    std::string text;
    std::size_t more = 0;
    for (const auto& condition : conditions_) {
        if (condition->holds)
            continue;
        if (!text.empty()) {
            ++more;
            continue;
        }
        text = util::concat("waiting for ", util::escape(condition->probe->description()));
        if (!condition->reason.empty())
            text += util::concat(": ", util::escape(condition->reason), condition->probe->hint());
    }
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(elapsed()).count();
    text += util::concat(" (", seconds, " s)");
    if (more > 0)
        text += util::concat(", and for ", more, " more");
    return text;
}

}  // namespace notifybridge::probe
