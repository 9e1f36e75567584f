#include "init/files/calendar/zones.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>

#include "base/system/file.hpp"
#include "base/util/concat.hpp"

namespace notifybridge::calendar {
namespace {

using util::concat;

constexpr std::string_view database = "/usr/share/zoneinfo/";
constexpr const char* local_zone = "/etc/localtime";
constexpr std::size_t longest_name = 255;
constexpr std::size_t longest_file = 1024 * 1024;

bool is_zone_letter(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z')
           || (letter >= '0' && letter <= '9') || letter == '-' || letter == '_' || letter == '+'
           || letter == '/';
}

/// Returns the file or the rule of local time (tzset(3)).
std::string local_source() {
    const char* const variable = std::getenv("TZ");
    if (!variable)
        return local_zone;
    const std::string source = *variable == ':' ? variable + 1 : variable;
    return source.empty() ? "UTC" : source;
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

const Zone& Zones::find(const std::string& name) {
    const std::string source = name.empty() ? local_source() : name;
    const std::string path = source.starts_with('/') ? source : concat(database, source);
    struct stat status;
    Version version;
    const bool has_file = ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
    if (has_file)
        version = {status.st_dev, status.st_ino,
                   std::int64_t{status.st_ctim.tv_sec} * 1'000'000'000 + status.st_ctim.tv_nsec};
    const auto [known, is_new] = known_.try_emplace(source);
    if (is_new || known->second.version != version) {
        const auto zone =
            has_file ? read_zone_file(system::text_of(path, longest_file)) : read_zone_rule(source);
        known->second = {version, zone.value_or(Zone())};
    }
    return known->second.zone;
}

}  // namespace notifybridge::calendar
