#include "bridge/wait/leftover.hpp"

#include <signal.h>

#include <algorithm>
#include <thread>

#include "bridge/wait/run_plan.hpp"

namespace notifybridge::wait {
namespace {

constexpr std::chrono::milliseconds look_interval(10);

}  // namespace

Leftover::Leftover(event::Loop& loop, system::Fd directory, Attachment& attachment)
    : directory_(directory), peer_(directory), attachment_(attachment), pause_(loop) {}

/// Returns the header of the run that is alive in the directory now.
std::optional<channel::JournalHeader> Leftover::find() {
    channel::JournalFault fault;
    const auto reader = channel::JournalReader::open(directory_, fault);
    // If the journal cannot be read at the moment, assume that the run has not changed.
    if (!reader)
        return fault.passing ? header_ : std::nullopt;
    const channel::JournalHeader& header = reader->header();
    // The journal of a dead run still contains its last beat, so the run seems alive at first. Rely
    // on a beat only if we may end the run, because `wait` refuses to start beside any other run.
    const bool is_heeded = peer_.shows_by_lock(header.beats) || attachment_.was_left_runs();
    return is_heeded && peer_.goes_on(*reader) ? std::optional(header) : std::nullopt;
}

bool Leftover::lives() {
    const auto there = find();
    return there && there->run == header_->run;
}

bool Leftover::is_gone_within(std::chrono::milliseconds patience) {
    for (auto left = patience; lives() && left.count() > 0; left -= look_interval)
        std::this_thread::sleep_for(look_interval);
    if (!lives())
        header_.reset();
    return !header_;
}

void Leftover::claim() {
    is_claimed_ = true;
    attachment_.take_over(header_->run);
}

event::Awaitable<bool> Leftover::is_gone_after(std::chrono::microseconds patience) {
    const auto until = std::chrono::steady_clock::now()
                       + std::min<std::chrono::microseconds>(patience, event::longest_span);
    bool is_gone = !lives();
    while (!is_gone && std::chrono::steady_clock::now() < until) {
        co_await pause_.sleep(look_interval);
        is_gone = !lives();
    }
    co_return is_gone;
}

event::Awaitable<bool> Leftover::end(std::chrono::microseconds patience) {
    attachment_.signal_run(SIGTERM);
    // A stopped process (SIGSTOP) ends only after SIGCONT.
    attachment_.signal_run(SIGCONT);
    bool is_gone = co_await is_gone_after(patience);
    if (!is_gone) {
        attachment_.signal_run(SIGKILL);
        is_gone = co_await is_gone_after(killed_patience);
    }
    if (is_gone)
        let_go();
    co_return is_gone;
}

void Leftover::let_go() {
    header_.reset();
    is_claimed_ = false;
    attachment_.let_go();
}

}  // namespace notifybridge::wait
