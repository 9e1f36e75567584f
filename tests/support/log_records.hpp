#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/util/log.hpp"

namespace notifybridge::test {

/// A list of all log records that are written while this object lives. Only one such object may
/// exist at a time.
class LogRecords {
public:
    explicit LogRecords(util::Severity most) {
        current().clear();
        util::set_log(most, keep);
    }
    LogRecords(const LogRecords&) = delete;
    LogRecords& operator=(const LogRecords&) = delete;
    ~LogRecords() { util::set_log(util::Severity::error, nullptr); }

    const std::vector<std::string>& texts() const { return current(); }

    /// Returns whether a record contains `part`.
    bool has(std::string_view part) const {
        return std::any_of(texts().begin(), texts().end(), [&](const std::string& text) {
            return text.find(part) != std::string::npos;
        });
    }

private:
    // The log's sink is a plain function, so the records cannot be a member.
    static std::vector<std::string>& current() {
        static std::vector<std::string> records;
        return records;
    }

    static void keep(util::Severity, util::Topic, std::string_view text) {
        current().emplace_back(text);
    }
};

}  // namespace notifybridge::test
