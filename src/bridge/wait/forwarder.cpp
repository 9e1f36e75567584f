#include "bridge/wait/forwarder.hpp"

#include <utility>

#include "base/system/pidfd.hpp"
#include "base/util/escape.hpp"

namespace notifybridge::wait {
namespace {

using util::Severity;
using util::Topic;

}  // namespace

void Forwarder::drop(notify::DropReason reason, system::Credentials sender,
                     std::string_view datagram, std::string_view detail) {
    drops_.add(reason, sender, system::now(), detail);
    relay::explain_drop(reasons_, datagram, reason);
}

void Forwarder::announce(const relay::Decision& decision) const {
    const auto say = [&](bool is_said, std::string_view news) {
        if (is_said && uplink_.has_manager())
            log_(Severity::info, Topic::messages, "Sending ", news, " notification to systemd");
    };
    say(decision.ready, "READY=1");
    say(decision.reloading, "RELOADING=1");
    say(decision.stopping, "STOPPING=1");
    if (util::logs(Severity::debug))
        log_(Severity::debug, Topic::messages, "Sending ", util::escape(decision.text));
}

/// Returns the descriptors of the message. Returns nullopt if the descriptors, and the assignments
/// about them, cannot be passed on.
event::Awaitable<std::optional<std::vector<system::UniqueFd>>> Forwarder::fetch_fds(
    const channel::Record& said) {
    std::optional<std::vector<system::UniqueFd>> fetched;
    if (uplink_.carries_fds())
        fetched = co_await lane_.fetch(said.sequence, said.fds);
    if (!fetched && said.fds > 0)
        drop(notify::DropReason::unsent_fds, said.sender, said.payload);
    co_return fetched;
}

event::Awaitable<bool> Forwarder::send(const channel::Record& said) {
    if (is_muted_)
        co_return true;
    const auto message = notify::parse(said.payload);
    if (!message) {
        drop(message.error(), said.sender, said.payload);
        co_return true;
    }
    if (const auto status = message->value(notify::Key::status))
        last_status_ = *status;
    std::optional<std::vector<system::UniqueFd>> fds;
    if (relay::needs_lane(*message, said.fds))
        fds = co_await fetch_fds(said);
    relay::Facts facts;
    facts.fds_cross = fds.has_value();
    facts.received = said.time;
    facts.now = system::now();
    if (message->has("WATCHDOG=1"))
        last_ping_usec_ = facts.now.monotonic;
    facts.translates_main_pid = static_cast<bool>(find_process);
    std::optional<relay::ContainerProcess> main_process;
    if (const auto pid = find_process ? relay::main_pid(*message) : std::nullopt)
        main_process = find_process(*pid);
    if (main_process)
        facts.main_process = {main_process->pid, system::pidfd_id(main_process->pidfd)};
    relay::Decision decision = relay::decide(said.payload, *message, policy_, facts, reasons_);
    drops_.add_refused(decision.refused, said.sender, facts.now);
    if (decision.is_untranslated)
        drops_.add(notify::DropReason::untranslated_pid, said.sender, facts.now);
    if (fds && !decision.concerns_fds)
        system::close_at_once(std::exchange(*fds, {}));
    if (voice_ && !decision.text.empty())
        voice_->speak(member_, decision);
    if (decision.text.empty())
        co_return true;
    announce(decision);
    std::vector<system::Fd> passed;
    if (fds)
        passed.assign(fds->begin(), fds->end());
    const notify::Attempt sent = co_await uplink_.send(decision.text, passed);
    if (!sent) {
        if (sent.is_impossible())
            drop(notify::DropReason::unsendable, said.sender, said.payload,
                 system::describe(sent.error().value()));
        if (fds)
            system::close_at_once(std::move(*fds));
        co_return sent.is_impossible();
    }
    if (const std::uint64_t now = system::monotonic_now();
        system::same_clock(said.time, facts.now) && now >= said.time.monotonic)
        latency_.add(now - said.time.monotonic);
    if (decision.names_main_process)
        uplink_.send_as(std::move(*main_process));
    emit_sent(on_event, decision);
    co_return true;
}

}  // namespace notifybridge::wait
