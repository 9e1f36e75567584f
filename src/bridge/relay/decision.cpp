#include "bridge/relay/decision.hpp"

#include "base/notify/fact.hpp"
#include "base/util/concat.hpp"
#include "base/util/number.hpp"
#include "base/util/time_span.hpp"
#include "base/util/utf8.hpp"

namespace notifybridge::relay {
namespace {

using notify::Key;
using notify::Message;

constexpr std::string_view status_key = "STATUS=";

/// The part of a message that passes the policy. The sizes include the separators between lines.
struct Passing {
    std::size_t size = 0;
    std::size_t main_pid_size = 0;  ///< The size of the lines that name the main process.
    std::size_t time_size = 0;      ///< The size of the MONOTONIC_USEC lines.
    bool has_main_pid = false;
    bool has_status = false;
    bool has_extension = false;
};

/// The new lines at the end of the message, in place of removed lines. If `main_pid_goes` is set,
/// the lines that name the main process are removed, even if `main_pid` is empty.
struct Replacements {
    bool main_pid_goes = false;
    std::string main_pid;
    std::string time;
    /// The line of STATUS that loses `status_cut` bytes or a few more, to make room.
    std::string_view long_status;
    std::size_t status_cut = 0;
};

bool names_main_pid(Key key) {
    return key == Key::main_pid || key == Key::main_pid_fd || key == Key::main_pid_fd_id;
}

void note(Passing& passing, Decision& decision, const notify::Tag& tag) {
    const std::size_t size = tag.raw.size() + 1;
    passing.size += size;
    switch (tag.key) {
        case Key::ready:
            decision.ready = decision.ready || tag.text == "READY=1";
            break;
        case Key::reloading:
            decision.reloading = decision.reloading || tag.text == "RELOADING=1";
            break;
        case Key::stopping:
            decision.stopping = decision.stopping || tag.text == "STOPPING=1";
            break;
        case Key::extend_timeout_usec:
            passing.has_extension = true;
            break;
        case Key::monotonic_usec:
            passing.time_size += size;
            break;
        case Key::status:
            passing.has_status = true;
            break;
        case Key::fd_store:
        case Key::fd_store_remove:
        case Key::fd_name:
        case Key::fd_poll:
            decision.concerns_fds = true;
            break;
        default:
            if (names_main_pid(tag.key))
                passing.main_pid_size += size;
            passing.has_main_pid = passing.has_main_pid || tag.key == Key::main_pid;
    }
}

/// Returns the MONOTONIC_USEC that a reload needs. Returns an empty text if `said` can be kept.
std::string reload_time(std::optional<std::string_view> said, const Facts& facts) {
    const bool trusted = system::same_clock(facts.received, facts.now);
    if (trusted && said && notify::accepted_value(Key::monotonic_usec, *said))
        return {};
    return util::concat("MONOTONIC_USEC=", (trusted ? facts.received : facts.now).monotonic);
}

std::string assignments(const MainPid& process) {
    std::string out = util::concat("MAINPID=", process.pid);
    if (process.pidfd_id)
        out += util::concat("\nMAINPIDFDID=", *process.pidfd_id);
    return out;
}

/// Returns whether systemd shows this line, which is a STATUS.
bool is_shown_status(std::string_view line) {
    const auto message = notify::parse(line);
    const auto value = message ? message->value(Key::status) : std::nullopt;
    return value && util::is_utf8(*value);
}

/// Returns the first line of STATUS that can be shortened. Returns an empty text if there is none.
std::string_view find_status(const Message& message) {
    for (const notify::Tag& tag : message.tags())
        if (tag.raw.starts_with(status_key) && is_shown_status(tag.raw))
            return tag.raw;
    return {};
}

/// Returns the line without its last `cut` bytes, and without a few more if a character or an
/// escape would be incomplete.
std::string_view without_end(std::string_view line, std::size_t cut) {
    line.remove_suffix(cut);
    while (line.size() > status_key.size() && !is_shown_status(line))
        line.remove_suffix(1);
    return line;
}

/// Returns the lines that replace other lines, if there is room. systemd would drop a message that
/// is too long.
Replacements replacements(const Message& message, Passing passing, const Facts& facts,
                          Decision& decision) {
    Replacements out;
    out.main_pid_goes = facts.translates_main_pid && passing.has_main_pid;
    if (out.main_pid_goes) {
        passing.size -= passing.main_pid_size;
        if (facts.main_process)
            out.main_pid = assignments(*facts.main_process);
        decision.names_main_process =
            facts.main_process && passing.size + out.main_pid.size() <= notify::longest_datagram;
        decision.is_untranslated = !decision.names_main_process;
        if (decision.is_untranslated)
            out.main_pid.clear();
        else
            passing.size += out.main_pid.size() + 1;
    }
    if (decision.reloading) {
        const auto said = passing.time_size > 0 ? message.value(Key::monotonic_usec) : std::nullopt;
        out.time = reload_time(said, facts);
        const std::size_t size = passing.size - passing.time_size + out.time.size();
        // Without the time, systemd would not see the reload. STATUS is for people.
        if (size > notify::longest_datagram) {
            out.status_cut = size - notify::longest_datagram;
            out.long_status = passing.has_status ? find_status(message) : std::string_view();
            if (out.long_status.size() < status_key.size() + out.status_cut)
                out.time.clear();
        }
    }
    return out;
}

std::string joined(const Message& message, const Policy& policy, const Facts& facts,
                   const Replacements& replaced) {
    std::string text;
    const auto add = [&](std::string_view line) {
        if (!text.empty() && !line.empty())
            text += '\n';
        text += line;
    };
    for (const notify::Tag& tag : message.tags()) {
        const bool gives_way = (replaced.main_pid_goes && names_main_pid(tag.key))
                               || (!replaced.time.empty() && tag.key == Key::monotonic_usec);
        if (gives_way || !policy.passes(tag, facts.fds_cross))
            continue;
        const bool is_long = !replaced.time.empty() && replaced.status_cut > 0
                             && tag.raw.data() == replaced.long_status.data();
        add(is_long ? without_end(tag.raw, replaced.status_cut) : tag.raw);
    }
    add(replaced.main_pid);
    add(replaced.time);
    return text;
}

void explain(Reasons& reasons, std::string_view datagram, const Message& message,
             const Policy& policy, const Facts& facts, const Decision& decision) {
    using Fate = Reasons::Fate;
    if (decision.is_untranslated)
        explain_drop(&reasons, datagram, notify::DropReason::untranslated_pid);
    for (const notify::Tag& tag : message.tags()) {
        const auto fate = policy.passes(tag, facts.fds_cross) ? Fate::forwarded : Fate::dropped;
        reasons.add(fate, tag.raw, relay::explain(policy.rule(tag, facts.fds_cross)));
    }
    if (!decision.text.empty() && decision.text != datagram)
        reasons.add(Fate::changed, datagram, util::concat("sent as ", decision.text));
}

}  // namespace

Decision decide(std::string_view datagram, const Message& message, const Policy& policy,
                const Facts& facts, Reasons* reasons) {
    Decision decision;
    Passing passing;
    for (const notify::Tag& tag : message.tags())
        if (policy.passes(tag, facts.fds_cross))
            note(passing, decision, tag);
        else
            decision.refused.emplace_back(tag.name());
    // If a message has a key twice, the first value counts, even if it is invalid.
    if (passing.has_extension)
        decision.extend_timeout = util::parse_usec(*message.value(Key::extend_timeout_usec));
    const Replacements replaced = replacements(message, passing, facts, decision);
    if (decision.refused.empty() && !replaced.main_pid_goes && replaced.time.empty())
        decision.text = datagram;
    else
        decision.text = joined(message, policy, facts, replaced);
    if (reasons)
        explain(*reasons, datagram, message, policy, facts, decision);
    return decision;
}

std::optional<pid_t> main_pid(const Message& message) {
    const auto value = message.value(Key::main_pid);
    const auto pid = value ? notify::accepted_value(Key::main_pid, *value) : std::nullopt;
    return pid ? util::parse_number<pid_t>(*pid) : std::nullopt;
}

void explain_drop(Reasons* reasons, std::string_view datagram, notify::DropReason reason) {
    if (reasons)
        reasons->add(Reasons::Fate::dropped, datagram,
                     util::concat("it ", notify::explain(reason)));
}

}  // namespace notifybridge::relay
