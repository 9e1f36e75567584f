#include "bridge/wait/forwarder.hpp"

#include <utility>

#include "base/system/pidfd.hpp"
#include "base/util/escape.hpp"
#include "base/util/log.hpp"
#include "base/util/time_span.hpp"
#include "bridge/relay/main_pid.hpp"
#include "bridge/relay/reload_stamp.hpp"

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

void Forwarder::announce(const notify::Message& message, const std::string& text) const {
    if (uplink_.has_manager() && util::logs(Severity::info))
        for (const std::string_view news : {"READY=1", "RELOADING=1", "STOPPING=1"})
            if (policy_.lets_through(message, news))
                util::log(Severity::info, Topic::messages, "Sending ", news,
                          " notification to systemd");
    if (util::logs(Severity::debug))
        util::log(Severity::debug, Topic::messages, "Sending ", util::escape(text));
}

/// The descriptors that the message needs on its way. Whether they, and what is said of them, may
/// cross is settled with that.
event::Awaitable<std::vector<system::UniqueFd>> Forwarder::fetch_fds(const notify::Message& message,
                                                                     const Said& said) {
    std::vector<system::UniqueFd> fds;
    policy_.let_fds_cross(false);
    if (!relay::needs_lane(message, said.fds))
        co_return fds;
    std::optional<std::vector<system::UniqueFd>> fetched;
    if (uplink_.carries_fds())
        fetched = co_await lane_.fetch(said.sequence, said.fds);
    policy_.let_fds_cross(fetched.has_value());
    if (fetched)
        fds = std::move(*fetched);
    else if (said.fds > 0)
        drop(notify::DropReason::unsent_fds, said.sender, said.text);
    co_return fds;
}

/// Puts the process that the message names in the place of the container's number for it. Nothing
/// where the manager is told of none.
std::optional<process::ContainerProcess> Forwarder::translate(std::string& text, const Said& said) {
    const auto message = notify::parse(text);
    if (!message || !message->value(notify::Key::main_pid))
        return std::nullopt;
    const auto named = relay::main_pid_in(text);
    auto found = named ? find_process(*named) : std::nullopt;
    const auto translated =
        found ? relay::with_main_pid(text, {found->pid, system::pidfd_id(found->pidfd)})
              : std::nullopt;
    if (!translated) {
        drop(notify::DropReason::untranslated_pid, said.sender, said.text);
        found.reset();
    }
    text = translated ? *translated : relay::without_main_pid(text);
    return found;
}

event::Awaitable<bool> Forwarder::send(const Said& said) {
    const auto message = notify::parse(said.text);
    if (!message) {
        drop(message.error(), said.sender, said.text);
        co_return true;
    }
    auto fds = co_await fetch_fds(*message, said);
    relay::Policy::Passage passage = policy_.filter(said.text, *message);
    if (!passage.says_of_fds)
        system::close_at_once(std::exchange(fds, {}));
    drops_.add_refused(passage.refused, said.sender, system::now());
    std::optional<process::ContainerProcess> main_process;
    if (find_process)
        main_process = translate(passage.text, said);
    if (policy_.lets_through(*message, "RELOADING=1"))
        passage.text = relay::stamp_reload(passage.text, said.received, system::now());
    relay::explain_passage(reasons_, policy_, said.text, *message, passage.text);
    if (passage.text.empty())
        co_return true;
    announce(*message, passage.text);
    std::vector<system::Fd> passed;
    if (passage.says_of_fds)
        passed.assign(fds.begin(), fds.end());
    const notify::Attempt sent = co_await uplink_.send(passage.text, passed);
    if (!sent) {
        if (sent.is_impossible())
            drop(notify::DropReason::unsendable, said.sender, said.text,
                 system::describe(sent.error().value()));
        system::close_at_once(std::move(fds));
        co_return sent.is_impossible();
    }
    if (main_process)
        uplink_.speak_as(std::move(*main_process));
    // What the policy refused is no word of the app's to us either.
    const auto extension = message->value(notify::Key::extend_timeout_usec);
    if (extension
        && policy_.lets_through(*message, util::concat("EXTEND_TIMEOUT_USEC=", *extension)))
        if (const auto span = util::parse_usec(*extension); span && on_extend_timeout)
            on_extend_timeout(*span);
    if (on_ready && policy_.lets_through(*message, "READY=1"))
        on_ready();
    if (on_stopping && policy_.lets_through(*message, "STOPPING=1"))
        on_stopping();
    co_return true;
}

}  // namespace notifybridge::wait
