#include "bridge/relay/digest.hpp"

#include <algorithm>

#include "bridge/channel/state_text.hpp"

namespace notifybridge::relay {

using channel::JournalReader;

void Digest::add(const channel::Record& record) {
    if (record.type == channel::RecordType::state) {
        state_ = channel::parse_state(record.payload);
        has_state_ = true;
    } else if (record.sequence > last_ && record.type == channel::RecordType::datagram) {
        if (const auto message = notify::parse(record.payload))
            notify::fold(state_, *message, record.time);
    }
    last_ = std::max(last_, record.sequence);
}

system::Result<std::optional<Digest>> leading_digest(channel::JournalReader& reader) {
    std::optional<Digest> digest;
    channel::Record record;
    auto outcome = reader.next(record);
    if (outcome == JournalReader::Outcome::record && record.type == channel::RecordType::state) {
        digest.emplace().add(record);
        outcome = reader.next(record);
        if (outcome == JournalReader::Outcome::record)
            digest->reach(record.sequence - 1);
    }
    if (outcome == JournalReader::Outcome::failed)
        return reader.failure();
    reader.rewind();
    return digest;
}

}  // namespace notifybridge::relay
