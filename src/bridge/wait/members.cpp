#include "bridge/wait/members.hpp"

#include <signal.h>

#include <algorithm>
#include <utility>

#include "base/process/exit_status.hpp"
#include "base/util/concat.hpp"

namespace notifybridge::wait {
namespace {

std::vector<std::string> names_of(const std::vector<Member>& members) {
    std::vector<std::string> names;
    for (const Member& member : members)
        names.push_back(member.name);
    return names;
}

relay::NamedFds duplicate(const relay::NamedFds& fds) {
    relay::NamedFds copy{{}, fds.names};
    for (const system::UniqueFd& fd : fds.fds)
        copy.fds.push_back(event::duplicate(fd));
    return copy;
}

/// Returns how serious an end is for the unit: an end that was asked for is not a failure.
int gravity(std::optional<process::ExitStatus> end) {
    if (!end)
        return 2;
    if (end->success())
        return 0;
    const int status = end->shell_status();
    return status == 128 + SIGTERM || status == 128 + SIGINT || status == 128 + SIGQUIT ? 1 : 2;
}

}  // namespace

Members::Members(event::Loop& loop, std::vector<Member> members, const Courier::Options& options,
                 const relay::Policy& policy, relay::Uplink& uplink, relay::NamedFds fds,
                 relay::Reasons* reasons)
    : loop_(loop),
      uplink_(uplink),
      voice_(names_of(members),
             static_cast<std::uint64_t>(
                 options.unit.watchdog.value_or(std::chrono::microseconds{}).count())) {
    for (Member& member : members) {
        const std::size_t number = all_.size();
        relay::NamedFds own = members.size() == 1 ? std::move(fds) : duplicate(fds);
        Courier::Options of_member = options;
        of_member.name = member.name;
        follow(all_.emplace_back(loop, std::move(member), std::move(of_member), policy, uplink,
                                 std::move(own), reasons),
               number);
    }
}

void Members::follow(Followed& followed, std::size_t number) {
    Courier& courier = followed.courier;
    courier.on_run_change = [this, &followed, number] { run_changed(followed, number); };
    courier.on_caught_up = [this, &followed] {
        followed.has_caught_up = true;
        if (std::ranges::all_of(all_, &Followed::has_caught_up))
            on_caught_up();
    };
    Forwarder& forwarder = courier.forwarder();
    forwarder.on_sent = [this](const relay::Decision& decision) { sent(decision); };
    courier.on_resumed = [this, number](const notify::State& said) { run_resumed(number, said); };
    if (are_several())
        forwarder.as_unit = [this, number](relay::Decision& decision) {
            voice_.speak(number, decision);
        };
}

void Members::begin() {
    const bool is_resumed =
        std::ranges::any_of(all_, [](Followed& each) { return each.courier.resumes(); });
    if (are_several() && !is_resumed)
        say(voice_.opening());
    for (Followed& each : all_)
        loop_.spawn([&each] { return each.courier.run(); });
}

void Members::announce() {
    for (Followed& each : all_)
        each.courier.announce();
}

void Members::depart() {
    for (Followed& each : all_)
        each.courier.depart();
}

void Members::adopt_older() {
    for (Followed& each : all_)
        each.courier.adopt_older();
}

void Members::command_gone() {
    is_last_ = true;
    tell_if_over();
    for (Followed& each : all_)
        each.courier.command_gone();
}

bool Members::has_leftover() {
    return std::ranges::any_of(all_,
                               [](Followed& each) { return each.courier.leftover().is_claimed(); });
}

bool Members::writer_lives() {
    return std::ranges::any_of(all_, [](Followed& each) { return each.courier.writer_lives(); });
}

void Members::run_changed(Followed& followed, std::size_t number) {
    if (followed.courier.phase() == RunPhase::live) {
        is_under_way_ = true;
        followed.was_killed_before_stop = false;
        voice_.run_began(number);
        on_run_began(followed);
        return;
    }
    if (are_several()) {
        const auto end = followed.courier.end();
        followed.courier.forwarder().log()(util::Severity::info, util::Topic::process,
                                           end ? process::describe(*end) : "the run broke off");
        say(voice_.run_ended(number, end));
        if (stop_signal_ != 0) {
            ask_next();
            on_next_stop();
        }
    }
    tell_if_over();
}

void Members::run_resumed(std::size_t number, const notify::State& said) {
    if (are_several())
        voice_.run_resumed(number, said);
    const notify::Phase phase = are_several() ? voice_.phase() : said.phase;
    relay::Decision known;
    known.stopping = phase == notify::Phase::stopping;
    known.ready = phase != notify::Phase::starting && !known.stopping;
    sent(known);
}

/// Returns whether everything is over: no run lives, and each member had one or no more will come.
bool Members::is_over() const {
    const auto has_ended = [](const Followed& each) {
        return each.courier.phase() == RunPhase::ended;
    };
    const auto lives = [](const Followed& each) { return each.courier.phase() == RunPhase::live; };
    return std::ranges::none_of(all_, lives) && (is_last_ || std::ranges::all_of(all_, has_ended));
}

void Members::tell_if_over() {
    if (is_under_way_ && is_over()) {
        is_under_way_ = false;
        on_over();
    }
}

std::optional<process::ExitStatus> Members::end() const {
    std::optional<process::ExitStatus> worst = process::ExitStatus();
    for (const Followed& each : all_)
        if (each.courier.phase() == RunPhase::ended && !each.was_killed_before_stop
            && gravity(each.courier.end()) > gravity(worst))
            worst = each.courier.end();
    return worst;
}

bool Members::signal_runs(int signal) {
    if (are_several() && process::asks_for_end(signal)) {
        stop_signal_ = signal;
        ask_next();
        return true;
    }
    bool is_told = false;
    for (Followed& each : all_)
        if (!are_several() || each.courier.writer_lives())
            is_told = each.courier.signal_run(signal) || is_told;
    return is_told;
}

/// Asks the last member that lives: the others depend on the ones named before them, so the first
/// ends last.
void Members::ask_next() {
    const auto next = std::ranges::find_if(
        all_.rbegin(), all_.rend(), [](Followed& each) { return each.courier.writer_lives(); });
    if (next == all_.rend())
        return;
    next->courier.signal_run(stop_signal_);
    next->courier.signal_run(SIGCONT);
}

void Members::stop_begins() {
    if (are_several() && !std::exchange(is_asked_, true))
        for (Followed& each : all_)
            each.was_killed_before_stop =
                each.courier.phase() == RunPhase::ended && !each.courier.end();
    if (are_several())
        say(voice_.stop_begins());
}

void Members::say(relay::Decision decision) {
    if (decision.text.empty())
        return;
    const auto kept = std::make_shared<relay::Decision>(std::move(decision));
    loop_.spawn([this, turn = uplink_.take_turn(), kept] { return send(turn, kept); });
}

/// A message that cannot be sent is lost with the manager it was meant for.
event::Awaitable<> Members::send(relay::Uplink::Turn turn,
                                 std::shared_ptr<relay::Decision> decision) {
    const notify::Attempt attempt = co_await uplink_.send(turn, decision->text);
    if (attempt)
        sent(*decision);
}

void Members::sent(const relay::Decision& decision) const {
    if (decision.extend_timeout && on_extend_timeout)
        on_extend_timeout(*decision.extend_timeout);
    if (decision.ready && on_ready)
        on_ready();
    if (decision.stopping && on_stopping)
        on_stopping();
}

}  // namespace notifybridge::wait
