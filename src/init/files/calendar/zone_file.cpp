#include <algorithm>
#include <utility>

#include "base/util/take_until.hpp"
#include "init/files/calendar/zone.hpp"

namespace notifybridge::calendar {
namespace {

constexpr std::string_view magic = "TZif";
constexpr std::size_t header_size = 44;
constexpr std::size_t size_of_time_type = 6;

/// The header of a block of the file. A file has a block with times of 32 bits and then, from
/// version 2 on, one with times of 64 bits.
struct BlockHeader {
    std::uint32_t utc_flags;
    std::uint32_t standard_flags;
    std::uint32_t leap_seconds;
    std::uint32_t changes;
    std::uint32_t types;
    std::uint32_t letters;

    /// Returns the size of the data behind the header, in bytes.
    std::size_t data_size(std::size_t size_of_time) const {
        return changes * (size_of_time + 1) + types * size_of_time_type + std::size_t{letters}
               + leap_seconds * (size_of_time + 4) + standard_flags + utc_flags;
    }
};

/// Takes the first `size` bytes of `rest`, or nothing if there are fewer.
std::string_view take_bytes(std::string_view& rest, std::size_t size) {
    const std::string_view taken = rest.substr(0, size);
    rest.remove_prefix(taken.size());
    return taken.size() == size ? taken : std::string_view();
}

template <typename Number>
Number big_endian(std::string_view bytes) {
    std::make_unsigned_t<Number> value = 0;
    for (const char byte : bytes.substr(0, sizeof value))
        value = value << 8 | static_cast<unsigned char>(byte);
    return static_cast<Number>(value);
}

std::optional<BlockHeader> take_header(std::string_view& rest) {
    std::string_view header = take_bytes(rest, header_size);
    if (!header.starts_with(magic))
        return std::nullopt;
    header.remove_prefix(header_size - sizeof(BlockHeader));
    const auto count = [&] { return big_endian<std::uint32_t>(take_bytes(header, 4)); };
    BlockHeader counts{};
    for (std::uint32_t* const each :
         {&counts.utc_flags, &counts.standard_flags, &counts.leap_seconds, &counts.changes,
          &counts.types, &counts.letters})
        *each = count();
    return counts;
}

std::vector<LocalTime> read_types(std::string_view types, std::string_view letters) {
    std::vector<LocalTime> times;
    while (!types.empty()) {
        const std::string_view type = take_bytes(types, size_of_time_type);
        const auto name = static_cast<unsigned char>(type[5]);
        std::string_view rest = letters.substr(std::min<std::size_t>(name, letters.size()));
        times.push_back({big_endian<std::int32_t>(type), type[4] != 0,
                         std::string(util::take_until(rest, '\0'))});
    }
    return times;
}

}  // namespace

std::optional<Zone> read_zone_file(std::string_view content) {
    std::string_view rest = content;
    const auto old = take_header(rest);
    if (!old || content[magic.size()] == '\0')
        return std::nullopt;
    rest.remove_prefix(std::min(old->data_size(sizeof(std::int32_t)), rest.size()));
    const auto header = take_header(rest);
    if (!header || header->types == 0 || header->data_size(sizeof(std::int64_t)) > rest.size())
        return std::nullopt;
    std::string_view data = take_bytes(rest, header->data_size(sizeof(std::int64_t)));
    std::string_view moments = take_bytes(data, header->changes * sizeof(std::int64_t));
    const std::string_view indices = take_bytes(data, header->changes);
    const std::string_view types = take_bytes(data, header->types * size_of_time_type);
    std::vector<LocalTime> times = read_types(types, take_bytes(data, header->letters));
    const std::size_t count = times.size();
    const auto first = std::ranges::find(times, false, &LocalTime::is_summer_time);
    const auto number = first == times.end() ? 0 : first - times.begin();
    Zone zone(std::move(times), static_cast<std::size_t>(number));
    for (const char index : indices) {
        const auto moment = big_endian<std::int64_t>(take_bytes(moments, sizeof(std::int64_t)));
        if (const auto time = static_cast<unsigned char>(index); time < count)
            zone.add_change(moment, time);
    }
    if (take_bytes(rest, 1) == "\n")
        add_rule(zone, util::take_until(rest, '\n'));
    return zone;
}

}  // namespace notifybridge::calendar
