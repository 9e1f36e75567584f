#include "bridge/wait/members.hpp"

#include <algorithm>
#include <utility>

namespace notifybridge::wait {
namespace {

relay::NamedFds duplicate(const relay::NamedFds& fds) {
    relay::NamedFds copy{{}, fds.names};
    for (const system::UniqueFd& fd : fds.fds)
        copy.fds.push_back(event::duplicate(fd));
    return copy;
}

}  // namespace

Members::Members(event::Loop& loop, std::vector<Member> members, const Courier::Options& options,
                 const relay::Policy& policy, relay::Uplink& uplink, relay::NamedFds fds,
                 relay::Reasons* reasons)
    : loop_(loop), uplink_(uplink) {
    for (Member& member : members) {
        relay::NamedFds own = members.size() == 1 ? std::move(fds) : duplicate(fds);
        Courier::Options of_member = options;
        of_member.member = all_.size();
        of_member.name = member.name;
        all_.emplace_back(loop, std::move(member), std::move(of_member), policy, uplink,
                          std::move(own), reasons);
    }
}

void Members::connect(UnitVoice* voice, const OnEvent& on_event) {
    on_event_ = on_event;
    for (std::size_t number = 0; number < all_.size(); ++number) {
        Courier& courier = all_[number].courier;
        courier.on_event = on_event;
        courier.forwarder().on_event = on_event;
        if (voice)
            courier.forwarder().speak_by(*voice, number);
    }
}

void Members::begin() {
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

void Members::show_missing(const std::string& feature) {
    for (Followed& each : all_)
        each.courier.show_missing(feature);
}

void Members::adopt_older() {
    for (Followed& each : all_)
        each.courier.adopt_older();
}

void Members::command_started(pid_t pid) {
    for (Followed& each : all_)
        each.courier.command_started(pid);
}

void Members::command_gone() {
    for (Followed& each : all_)
        each.courier.command_gone();
}

bool Members::resumes() const {
    return std::ranges::any_of(all_, [](const Followed& each) { return each.courier.resumes(); });
}

bool Members::has_leftover() {
    return std::ranges::any_of(all_,
                               [](Followed& each) { return each.courier.leftover().is_claimed(); });
}

std::vector<bool> Members::writers_live() {
    std::vector<bool> live;
    for (Followed& each : all_)
        live.push_back(each.courier.writer_lives());
    return live;
}

bool Members::signal(const std::vector<std::size_t>& members, int signal) {
    bool is_told = false;
    for (const std::size_t member : members)
        is_told = all_[member].courier.signal_run(signal) || is_told;
    return is_told;
}

void Members::say(relay::Decision message) {
    if (message.text.empty())
        return;
    const auto kept = std::make_shared<relay::Decision>(std::move(message));
    loop_.spawn([this, turn = uplink_.take_turn(), kept] { return send(turn, kept); });
}

/// Ignores errors: if the message cannot be sent, the service manager has gone, and nobody needs
/// the message.
event::Awaitable<> Members::send(relay::Uplink::Turn turn,
                                 std::shared_ptr<relay::Decision> message) {
    const notify::Attempt attempt = co_await uplink_.send(turn, message->text);
    if (attempt)
        emit_sent(on_event_, *message);
}

}  // namespace notifybridge::wait
