#include "init/calendar/zone.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>

#include "base/util/concat.hpp"

namespace notifybridge::calendar {
namespace {

using util::concat;

constexpr std::string_view database = "/usr/share/zoneinfo/";
constexpr std::size_t longest_name = 255;

bool is_zone_letter(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z')
           || (letter >= '0' && letter <= '9') || letter == '-' || letter == '_' || letter == '+'
           || letter == '/';
}

std::optional<std::string> zone_variable() {
    const char* const value = std::getenv("TZ");
    return value ? std::optional<std::string>(value) : std::nullopt;
}

bool shows_same_time(const std::tm& one, const std::tm& other) {
    return one.tm_year == other.tm_year && one.tm_mon == other.tm_mon
           && one.tm_mday == other.tm_mday && one.tm_hour == other.tm_hour
           && one.tm_min == other.tm_min && one.tm_sec == other.tm_sec;
}

}  // namespace

bool is_zone_name(std::string_view name) {
    return !name.empty() && name.size() <= longest_name && name.front() != '/' && name.back() != '/'
           && name.find("//") == name.npos && std::ranges::all_of(name, is_zone_letter);
}

bool zone_exists(std::string_view name) {
    if (!is_zone_name(name))
        return false;
    struct stat status;
    return ::stat(concat(database, name).c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

LocalNames local_names() {
    ::tzset();
    return {tzname[0], tzname[1]};
}

ZoneScope::ZoneScope(const std::string& name) {
    if (!name.empty()) {
        changes_ = true;
        before_ = zone_variable();
        ::setenv("TZ", name == "UTC" ? "UTC0" : concat(':', database, name).c_str(), 1);
    }
    ::tzset();
}

ZoneScope::~ZoneScope() {
    if (!changes_)
        return;
    if (before_)
        ::setenv("TZ", before_->c_str(), 1);
    else
        ::unsetenv("TZ");
    ::tzset();
}

std::tm ZoneScope::local(std::time_t time) const {
    std::tm local{};
    ::localtime_r(&time, &local);
    return local;
}

std::optional<std::time_t> ZoneScope::time_of(const std::tm& local, std::time_t after,
                                              std::optional<bool> is_summer_time) const {
    std::optional<std::time_t> first;
    for (const bool summer : {true, false}) {
        if (is_summer_time.value_or(summer) != summer)
            continue;
        std::tm tried = local;
        tried.tm_isdst = summer ? 1 : 0;
        const std::time_t time = ::mktime(&tried);
        if (tried.tm_isdst == (summer ? 1 : 0) && shows_same_time(tried, local) && time > after
            && (!first || time < *first))
            first = time;
    }
    return first;
}

}  // namespace notifybridge::calendar
