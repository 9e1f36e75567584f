#include "bridge/status/record_line.hpp"

#include "base/process/exit_status.hpp"
#include "base/system/clock.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "bridge/channel/container_status.hpp"
#include "bridge/relay/decision.hpp"

namespace notifybridge::status {
namespace {

using util::concat;

/// Returns whether the datagram passes. Adds why it is dropped, or which keys do not pass.
std::string verdict(const channel::Record& record, const relay::Policy& policy) {
    const auto message = notify::parse(record.payload);
    if (!message)
        return concat("dropped: it ", notify::explain(message.error()));
    // Assume that `wrap` and `wait` can pass descriptors, which is the usual case.
    relay::Facts facts;
    facts.fds_cross = relay::needs_lane(*message, record.fds);
    const relay::Decision decision = relay::decide(record.payload, *message, policy, facts);
    if (decision.refused.empty())
        return "passes";
    if (decision.text.empty())
        return "refused";
    std::string keys;
    for (const std::string& key : decision.refused)
        keys += concat(keys.empty() ? "" : ", ", util::escape(key));
    return concat("passes without ", keys);
}

}  // namespace

std::string to_line(const channel::Record& record, const relay::Policy& policy,
                    std::string_view command) {
    using channel::RecordType;
    if (record.type == RecordType::state)
        return {};
    std::string out = system::to_local_time(record.time.realtime, "%H:%M:%S");
    out += concat('.', system::fraction_of_second(record.time.realtime));
    if (record.type == RecordType::end) {
        const auto end = channel::parse_end(record.payload);
        return concat(out, " the command ", end ? process::describe(*end) : "ended");
    }
    out += concat(" pid ", record.sender.pid,
                  command.empty() ? "" : concat(" (", util::escape(command), ')'), ", uid ",
                  record.sender.uid, ", ");
    if (record.type == RecordType::barrier)
        return out + "passes: BARRIER=1";
    return concat(out, verdict(record, policy), ": ", util::escape(record.payload));
}

}  // namespace notifybridge::status
