#include "bridge/runtime/failure_log.hpp"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/system/fd.hpp"
#include "base/util/concat.hpp"

namespace notifybridge::runtime {
namespace {

namespace json = boost::json;

/// Formats a time as in RFC 3339, in UTC.
std::string text_of(std::chrono::system_clock::time_point point) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(point);
    struct tm parts;
    ::gmtime_r(&seconds, &parts);
    std::array<char, 32> text;
    return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

}  // namespace

std::string failure_line(std::string_view sentence, bool is_json,
                         std::chrono::system_clock::time_point now) {
    if (is_json) {
        const json::object line = {{"level", "error"}, {"msg", sentence}, {"time", text_of(now)}};
        return json::serialize(line) + '\n';
    }
    return util::concat("time=\"", text_of(now),
                        "\" level=error msg=", json::serialize(json::string(sentence)), '\n');
}

void log_failure(const Call& call, std::string_view sentence) {
    if (call.log.empty())
        return;
    const system::UniqueFd log(
        ::open(call.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY | O_CLOEXEC, 0644));
    const std::string line =
        failure_line(sentence, call.log_is_json, std::chrono::system_clock::now());
    if (log && ::write(log.get(), line.data(), line.size()) < 0)
        return;
}

}  // namespace notifybridge::runtime
