#include "init/hands/perform/wake_queue.hpp"

#include <array>
#include <bit>
#include <cstring>

#include "base/system/random_id.hpp"

namespace notifybridge::perform {
namespace {

constexpr std::uint64_t usec_per_minute = 60'000'000;

std::uint64_t saturated_sum(std::uint64_t moment, util::TimeSpan span) {
    const auto count = static_cast<std::uint64_t>(span.count());
    constexpr std::uint64_t most = ~std::uint64_t(0);
    return count < most - moment ? moment + count : most;
}

}  // namespace

std::uint64_t shared_wake_time(std::uint64_t earliest, std::uint64_t latest, std::uint64_t offset) {
    constexpr auto steps =
        std::to_array<std::uint64_t>({usec_per_minute, 10'000'000, 1'000'000, 250'000});
    if (latest <= earliest + 1)
        return earliest;
    for (const std::uint64_t step : steps) {
        std::uint64_t time = latest / step * step + offset % step;
        if (time >= latest) {
            if (time < step)
                return latest;
            time -= step;
        }
        if (time >= earliest)
            return time;
    }
    return latest;
}

std::uint64_t wake_offset(std::string_view boot_id) {
    const auto id = system::parse_random_id(boot_id);
    if (!id)
        return 0;
    const auto halves = std::bit_cast<std::array<std::uint64_t, 2>>(id->bytes);
    return (halves[0] ^ halves[1]) % usec_per_minute;
}

void WakeQueue::set(std::uint64_t number, std::uint64_t moment, util::TimeSpan accuracy) {
    earliest_.set(number, moment);
    latest_.set(number, saturated_sum(moment, accuracy));
}

void WakeQueue::remove(std::uint64_t number) {
    earliest_.set(number, 0);
    latest_.set(number, 0);
}

std::optional<std::uint64_t> WakeQueue::take_due(std::uint64_t now) {
    const auto number = earliest_.take_due(now);
    if (number)
        latest_.set(*number, 0);
    return number;
}

std::uint64_t WakeQueue::next() const {
    const std::uint64_t earliest = earliest_.next();
    return earliest == 0 ? 0 : shared_wake_time(earliest, latest_.next(), offset_);
}

}  // namespace notifybridge::perform
