#include "init/ctl/amounts.hpp"

#include <array>
#include <string_view>

#include "base/system/clock.hpp"
#include "base/util/concat.hpp"

namespace notifybridge::ctl {

using util::concat;

std::string relative(std::uint64_t now, std::uint64_t then) {
    constexpr std::uint64_t ms = 1000, s = 1000 * ms, min = 60 * s, h = 60 * min, day = 24 * h,
                            week = 7 * day, month = 2'629'800 * s, year = 12 * month;
    const std::uint64_t d = now > then ? now - then : then - now;
    const std::string_view side = now > then ? " ago" : " left";
    const auto counted = [](std::uint64_t count, std::string_view what) {
        return concat(count, ' ', what, count == 1 ? "" : "s");
    };
    const auto pair = [&](std::uint64_t big, std::string_view big_name, std::uint64_t small,
                          std::string_view small_name) {
        return concat(counted(big, big_name), small == 0 ? "" : " ",
                      small == 0 ? std::string() : counted(small, small_name), side);
    };
    if (d >= year)
        return pair(d / year, "year", d % year / month, "month");
    if (d >= month)
        return pair(d / month, "month", d % month / day, "day");
    if (d >= week)
        return pair(d / week, "week", d % week / day, "day");
    if (d >= 2 * day)
        return concat(d / day, " days", side);
    if (d >= 25 * h)
        return concat("1 day ", (d - day) / h, "h", side);
    if (d >= 6 * h)
        return concat(d / h, "h", side);
    if (d >= h)
        return concat(d / h, "h ", d % h / min, "min", side);
    if (d >= 5 * min)
        return concat(d / min, "min", side);
    if (d >= min)
        return concat(d / min, "min ", d % min / s, "s", side);
    if (d >= s)
        return concat(d / s, "s", side);
    return d >= ms ? concat(d / ms, "ms", side) : d > 0 ? concat(d, "us", side) : "now";
}

std::string to_timestamp(std::uint64_t realtime, const TimestampStyle& style) {
    if (style.is_number)
        return concat('@', realtime / 1'000'000);
    std::string format(style.is_utc ? "%a %Y-%m-%d %H:%M:%S UTC" : system::date_format);
    if (style.has_microseconds) {
        const std::string digits = concat(1'000'000 + realtime % 1'000'000).substr(1);
        format.insert(format.rfind(' '), concat('.', digits));
    }
    return style.is_utc ? system::to_utc(realtime, format.c_str())
                        : system::to_local_time(realtime, format.c_str());
}

std::string size_text(std::uint64_t bytes) {
    static constexpr auto units = std::to_array<std::string_view>({"E", "P", "T", "G", "M", "K"});
    for (std::size_t at = 0; at < units.size(); ++at) {
        const std::uint64_t unit = std::uint64_t{1} << (10 * (units.size() - at));
        if (bytes >= unit)
            return concat(bytes / unit, '.', bytes % unit * 10 / unit, units[at]);
    }
    return concat(bytes, 'B');
}

}  // namespace notifybridge::ctl
