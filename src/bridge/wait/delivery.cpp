#include "bridge/wait/delivery.hpp"

#include <algorithm>

namespace notifybridge::wait {
namespace {

using util::Severity;
using util::Topic;

/// The burst is as many messages as `rate` allows in this many seconds.
constexpr std::uint64_t burst_seconds = 10;
/// A long message counts as several messages, even if it is not sent, because each of its bytes and
/// lines is checked.
constexpr std::size_t bytes_of_a_message = 512;
constexpr std::size_t lines_of_a_message = 4;
/// The number of records to handle before other coroutines run.
constexpr unsigned records_in_a_turn = 64;

/// Counts the separators. find() is fast here, because the payload of most messages is one long
/// line.
std::size_t count_of(std::string_view payload, char separator) {
    std::size_t found = 0;
    for (auto at = payload.find(separator); at != payload.npos;
         at = payload.find(separator, at + 1))
        ++found;
    return found;
}

bool is_for_manager(channel::RecordType type) {
    return type == channel::RecordType::datagram || type == channel::RecordType::barrier;
}

std::uint64_t cost(std::string_view payload) {
    const std::size_t lines = count_of(payload, '\n') + count_of(payload, '\r');
    return 1 + payload.size() / bytes_of_a_message + lines / lines_of_a_message;
}

}  // namespace

Delivery::Delivery(event::Loop& loop, Forwarder& forwarder, Attachment& attachment,
                   relay::Uplink& uplink, std::uint64_t rate)
    : loop_(loop),
      forwarder_(forwarder),
      attachment_(attachment),
      uplink_(uplink),
      limit_(rate, rate * burst_seconds),
      rate_(rate),
      pause_(loop) {}

void Delivery::begin(std::uint64_t delivered) {
    held_.clear();
    carried_ = delivered;
    undelivered_ = 0;
    hurries_ = false;
}

event::Awaitable<> Delivery::carry(const relay::Digest& digest) {
    begin(digest.last());
    attachment_.announce_state(digest.last());
    channel::Record record;
    for (const std::string& datagram : notify::to_datagrams(digest.state())) {
        record.time = system::now();
        record.payload = datagram;
        count(co_await send(record));
    }
    record.type = channel::RecordType::barrier;
    record.sequence = digest.last();
    count(co_await send(record));
    acknowledge(digest.last());
    attachment_.flush();
}

event::Awaitable<> Delivery::carry(const channel::Record& record) {
    taken_in_turn_ = (taken_in_turn_ + 1) % records_in_a_turn;
    if (taken_in_turn_ == 0)
        co_await loop_.yield();
    // Skip a state record, which is only for readers that have not seen the previous records. Also
    // skip copies of records, which a rotation makes. Count these skipped records for the rate
    // limit, because a malicious container may write any number of them.
    if (record.type == channel::RecordType::state || record.sequence <= carried_) {
        if (const auto pause = take_turn(cost(record.payload)))
            co_await pause_.sleep(*pause);
        co_return;
    }
    note_gap(record.sequence);
    if (hold(record)) {
        carried_ = record.sequence;
        co_return;
    }
    if (!held_.empty())
        co_await send_held();
    if (const auto pause = take_turn(cost(record.payload)))
        co_await pause_.sleep(*pause);
    carried_ = record.sequence;
    if (is_for_manager(record.type))
        count(co_await send(record));
    acknowledge(record.sequence);
}

/// Returns how long the next message must wait.
std::chrono::microseconds Delivery::delay() {
    const std::chrono::microseconds owed = limit_.delay(system::monotonic_now());
    if (owed.count() != 0 && !hurries_)
        hurries_ = is_last_of_all && is_last_of_all();
    return hurries_ ? std::chrono::microseconds{} : owed;
}

std::optional<std::chrono::microseconds> Delivery::take_turn(std::uint64_t messages) {
    const std::chrono::microseconds span = delay();
    limit_.take(system::monotonic_now(), messages);
    if (span.count() == 0)
        return std::nullopt;
    note_flood();
    return span;
}

/// Delays the record if messages arrive too fast and a newer message may replace it. Returns
/// whether the record is delayed.
bool Delivery::hold(const channel::Record& record) {
    if (record.type != channel::RecordType::datagram || delay().count() == 0)
        return false;
    const auto message = notify::parse(record.payload);
    Held item{message ? relay::mergeable(*message) : relay::Mergeable::no, record,
              std::string(record.payload)};
    if (item.mergeable == relay::Mergeable::no)
        return false;
    if (relay::merge_into_tail(held_, item))
        forwarder_.drop(notify::DropReason::merged, item.record.sender, item.text);
    else
        held_.push_back(std::move(item));
    return true;
}

event::Awaitable<> Delivery::send_held() {
    for (; !held_.empty(); held_.pop_front()) {
        if (const auto pause = take_turn(cost(held_.front().text)))
            co_await pause_.sleep(*pause);
        held_.front().record.payload = held_.front().text;
        count(co_await send(held_.front().record));
    }
    acknowledge(carried_);
}

event::Awaitable<bool> Delivery::send(const channel::Record& record) {
    return record.type == channel::RecordType::barrier ? carry_barrier(record.sequence)
                                                       : forwarder_.send(record);
}

void Delivery::count(bool is_delivered) {
    undelivered_ += is_delivered ? 0 : 1;
}

void Delivery::acknowledge(std::uint64_t sequence) {
    if (undelivered_ == 0)
        attachment_.acknowledge(sequence, forwarder_.latency_usec());
}

event::Awaitable<> Delivery::drain() {
    if (!held_.empty())
        co_await send_held();
    attachment_.flush();
    attachment_.show_drops(forwarder_.drops());
}

event::Awaitable<bool> Delivery::carry_barrier(std::uint64_t sequence) {
    // Show the drops first, because a client that waits for the barrier may read the drops
    // immediately after the barrier.
    attachment_.show_drops(forwarder_.drops());
    for (;;) {
        auto passed = co_await uplink_.send_barrier();
        if (!passed && passed.error().is_impossible()) {
            // This barrier is never confirmed, but a later barrier may confirm the same records.
            forwarder_.drop(notify::DropReason::unsendable, {}, "BARRIER=1");
            co_return true;
        }
        if (!passed)
            co_return false;
        const auto descriptor = watch(std::move(*passed));
        if (descriptor) {
            loop_.spawn([this, run = attachment_.run(), sequence, descriptor] {
                return await_barrier(run, sequence, descriptor);
            });
            co_return true;
        }
        // We cannot watch this barrier now. Send another barrier later, because additional barriers
        // do no harm.
        co_await pause_.sleep(event::retry_interval);
    }
}

/// Watches the descriptor of a barrier. Returns nullptr if no descriptor or memory is left.
std::shared_ptr<event::Descriptor> Delivery::watch(system::UniqueFd passed) {
    try {
        return std::make_shared<event::Descriptor>(loop_, std::move(passed));
    } catch (const std::system_error&) {
        return nullptr;
    }
}

event::Awaitable<> Delivery::await_barrier(std::optional<channel::RunId> run,
                                           std::uint64_t sequence,
                                           std::shared_ptr<event::Descriptor> passed) {
    const bool came_back = co_await passed->readable();
    if (came_back)
        attachment_.confirm(run, sequence);
}

void Delivery::note_gap(std::uint64_t sequence) {
    if (sequence != carried_ + 1 && said_.allows("gap", system::monotonic_now()))
        forwarder_.log()(Severity::warning, Topic::messages, "messages ", carried_ + 1, " to ",
                         sequence - 1, " are missing in the journal and are lost");
}

void Delivery::note_flood() {
    if (said_.allows("flood", system::monotonic_now()))
        forwarder_.log()(Severity::warning, Topic::messages, "delaying messages: more than ", rate_,
                         " arrive per second (--rate)");
}

}  // namespace notifybridge::wait
