#include "bridge/simulation/ledger.hpp"

#include <algorithm>

#include "base/notify/message.hpp"
#include "base/util/concat.hpp"
#include "base/util/number.hpp"

namespace notifybridge::bridge::simulation {
namespace {

using util::concat;

/// The number of messages that `wait` acknowledges together. After a kill -9, the next `wait`
/// repeats only messages of the last batch.
constexpr std::size_t batch = 64;

std::string name_of(std::size_t run, std::size_t number) {
    return concat("message ", number, " of run ", run);
}

/// Returns whether the folded state equals the state that the app has sent. Ignores times, because
/// a folded state has the times of `wrap`.
bool says_the_same(const notify::State& folded, const notify::State& said) {
    const auto value = [](const notify::State& state, notify::Key key) {
        const auto found = state.facts.find(key);
        return found == state.facts.end() ? std::string() : found->second;
    };
    return folded.phase == said.phase
           && value(folded, notify::Key::status) == value(said, notify::Key::status)
           && value(folded, notify::Key::errno_) == value(said, notify::Key::errno_);
}

}  // namespace

std::string Mark::text() const {
    return concat(member, '.', run, '.', number);
}

std::optional<Mark> Mark::of(const notify::Message& message) {
    std::string_view text;
    for (const notify::Tag& tag : message.tags())
        if (tag.text.starts_with("X_N="))
            text = tag.value();
    // A message that may be merged has only STATUS=, which contains the mark.
    const auto status = message.value(notify::Key::status);
    if (text.empty() && message.tags().size() == 1 && status && status->starts_with("only "))
        text = status->substr(5);
    Mark mark;
    for (std::size_t* const part : {&mark.member, &mark.run, &mark.number}) {
        const auto end = std::min(text.find('.'), text.size());
        const auto number = util::parse_number<std::size_t>(text.substr(0, end));
        if (!number)
            return std::nullopt;
        *part = *number;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return mark;
}

void Ledger::wait_started(bool is_new_invocation) {
    if (!is_new_invocation) {
        stream_.resumes = true;
        return;
    }
    stream_ = {};
    // A new invocation ignores ended runs.
    oldest_run_ = runs_.empty() || runs_.back().lives ? std::max<std::size_t>(runs_.size(), 1) - 1
                                                      : runs_.size();
    for (Run& run : runs_)
        run.is_followed = false;
}

void Ledger::run_began(const channel::RunId& id) {
    if (Run* const run = find(id))
        run->is_followed = true;
}

Run* Ledger::find(const channel::RunId& id) {
    const auto found = std::ranges::find(runs_, id, &Run::id);
    return found == runs_.end() ? nullptr : &*found;
}

const Said* Ledger::find(std::size_t run, std::size_t number) const {
    return run < runs_.size() && number < runs_[run].said.size() ? &runs_[run].said[number]
                                                                 : nullptr;
}

bool Ledger::was_ready() const {
    for (std::size_t run = oldest_run_; run < runs_.size(); ++run)
        if (runs_[run].was_ready)
            return true;
    return false;
}

std::optional<std::size_t> Ledger::run_of(std::string_view errno_value) const {
    const auto value = util::parse_number<std::size_t>(errno_value);
    for (std::size_t run = runs_.size(); run-- > 0;)
        if (value == Mark{options_.member, run, 0}.errno_value())
            return run;
    return std::nullopt;
}

/// Returns which messages of run `number` were lost, assuming that no more of its messages will
/// arrive.
std::string Ledger::missing_of(std::size_t number) const {
    const Run& run = runs_[number];
    if (!run.is_followed || run.is_damaged)
        return {};
    const bool is_current = stream_.run == number;
    const std::size_t here = !is_current ? 0 : is_folded_to_end(run) ? run.promised : stream_.next;
    if (here >= run.promised || (options_.may_merge && are_merged(here, run.promised)))
        return {};
    return concat(name_of(number, here), " was lost; ", run.promised, " were in the journal;");
}

/// Returns whether the last thing that arrived is a folded state, and no later message of the run
/// has changed the state.
bool Ledger::is_folded_to_end(const Run& run) const {
    if (!stream_.folded || !options_.is_alone || run.promised == 0)
        return stream_.folded.has_value();
    return std::any_of(
        run.said.begin() + static_cast<std::ptrdiff_t>(run.promised) - 1, run.said.end(),
        [this](const Said& said) { return says_the_same(*stream_.folded, said.state); });
}

/// Begins a run, because its first message has arrived. Returns what is wrong: the run is stale, or
/// messages of earlier runs are missing.
std::string Ledger::begin_run(std::size_t run) {
    if (run < oldest_run_ || (stream_.run && run < *stream_.run))
        return concat("a stale message of run ", run, " arrived;");
    std::string wrong;
    for (std::size_t earlier = std::max(oldest_run_, stream_.run.value_or(0)); earlier < run;
         ++earlier)
        wrong += missing_of(earlier);
    const bool is_ack_uncertain = stream_.is_ack_uncertain;
    stream_ = {};
    stream_.run = run;
    stream_.is_ack_uncertain = is_ack_uncertain;
    return wrong;
}

/// Returns whether each of these messages may have been merged into the next one.
bool Ledger::are_merged(std::size_t first, std::size_t end) const {
    const auto& said = runs_[*stream_.run].said;
    for (std::size_t number = first; number < end; ++number)
        if (number + 1 >= said.size() || !said[number].is_mergeable
            || !said[number + 1].is_mergeable)
            return false;
    return true;
}

std::string Ledger::received(const Mark& mark, std::string_view text) {
    if (mark.run >= runs_.size() || mark.number >= runs_[mark.run].said.size())
        return concat("nobody has said this: ", text, ';');
    std::string wrong = stream_.run == mark.run ? std::string() : begin_run(mark.run);
    Run& run = runs_[mark.run];
    const std::string& said = run.said[mark.number].text;
    // MONOTONIC_USEC is added to a reload.
    const bool is_whole =
        said.find("RELOADING=1") == said.npos ? text == said : text.starts_with(said);
    if (options_.is_alone && !is_whole)
        wrong += concat(name_of(mark.run, mark.number), " arrived changed: ", text, ';');
    wrong += take(mark);
    run.arrived = std::max(run.arrived, mark.number + 1);
    return wrong;
}

std::string Ledger::take(const Mark& mark) {
    const Run& run = runs_[mark.run];
    std::string wrong;
    const std::size_t number = mark.number;
    if (stream_.resumes && number < stream_.next) {
        const std::size_t first = stream_.is_ack_uncertain || stream_.highest < batch + 1
                                      ? 0
                                      : stream_.highest - batch - 1;
        if (number < first)
            wrong += concat(name_of(mark.run, number), " was repeated, although ", stream_.highest,
                            " had arrived;");
    } else if (number < stream_.next) {
        wrong += concat(name_of(mark.run, number), " arrived twice;");
    } else if (number > stream_.next && run.is_damaged) {
        // Messages may be missing, because the journal is damaged.
    } else if (number > stream_.next && stream_.folded) {
        if (options_.is_alone && !says_the_same(*stream_.folded, run.said[number - 1].state))
            wrong += concat("the state before ", name_of(mark.run, number), " was wrong;");
    } else if (number > stream_.next && !(options_.may_merge && are_merged(stream_.next, number))) {
        wrong += concat(name_of(mark.run, stream_.next), " was lost before ", number, ';');
    }
    stream_.resumes = false;
    stream_.folded.reset();
    stream_.next = number + 1;
    stream_.highest = std::max(stream_.highest, stream_.next);
    return wrong;
}

std::string Ledger::received_state(const notify::Message& message) {
    const auto value = message.value(notify::Key::errno_);
    const auto number = value ? run_of(*value) : std::nullopt;
    if (!number)
        return {};
    std::string wrong = stream_.run == number ? std::string() : begin_run(*number);
    if (stream_.next != 0 && !stream_.resumes)
        wrong += concat("a state of run ", *number, " arrived after its messages;");
    notify::State state;
    notify::fold(state, message, {});
    // fold() ignores RELOADING=1 before READY=1, and the folded state does not repeat READY=1.
    if (message.has("RELOADING=1"))
        state.phase = notify::Phase::reloading;
    stream_.folded = state;
    Run& run = runs_[*number];
    run.arrived = run.said.size();
    return wrong;
}

std::string Ledger::missing_of_ended() const {
    std::string wrong;
    for (std::size_t run = std::max(oldest_run_, stream_.run.value_or(0)); run < runs_.size();
         ++run)
        if (!runs_[run].lives)
            wrong += missing_of(run);
    return wrong;
}

bool Ledger::is_all_here() const {
    if (runs_.empty())
        return true;
    if (!missing_of_ended().empty())
        return false;
    const std::size_t last = runs_.size() - 1;
    const Run& run = runs_[last];
    if (run.is_damaged || (!run.lives && !run.is_followed))
        return true;
    const std::size_t wanted = run.lives ? run.said.size() : run.promised;
    if (wanted == 0)
        return true;
    if (stream_.run != last)
        return false;
    if (stream_.folded)
        return stream_.next >= wanted || !options_.is_alone
               || says_the_same(*stream_.folded, run.said[wanted - 1].state);
    return stream_.next >= wanted;
}

std::string Ledger::missing() const {
    std::string wrong = missing_of_ended();
    if (!is_all_here())
        wrong += concat("not all of run ", runs_.size() - 1,
                        " came: ", stream_.run == runs_.size() - 1 ? stream_.next : 0, " of ",
                        runs_.back().lives ? runs_.back().said.size() : runs_.back().promised, ';');
    return wrong;
}

}  // namespace notifybridge::bridge::simulation
