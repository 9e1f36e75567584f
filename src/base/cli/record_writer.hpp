#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/system/output.hpp"
#include "base/util/patience.hpp"

namespace notifybridge::cli {

/// A log output that writes each record with one write(2), so that the lines of several processes
/// on one terminal or file do not mix.
///
/// A slow reader can block writes for a second at most, and for a tenth of the time on average
/// (util::Patience). If a write would have to block longer, its record is lost. If a record is
/// longer than PIPE_BUF, its end may be lost. A later record reports how many records were lost.
class RecordWriter {
public:
    /// `in_form` formats the sentence about lost records as a record.
    RecordWriter(system::Fd output, std::string (*in_form)(std::string_view sentence))
        : output_(output), in_form_(in_form) {}

    /// Writes `record`, which must end in a newline, or drops it.
    void write(std::string_view record);

    /// Returns how many records were lost since the last report.
    std::uint64_t lost() const { return lost_; }

private:
    bool put(std::string_view bytes);
    bool await_room();

    system::Output output_;
    std::string (*in_form_)(std::string_view sentence);
    util::Patience patience_{1'000'000};
    std::uint64_t lost_ = 0;
    bool is_torn_ = false;  ///< Whether the last record was written without its end.
};

}  // namespace notifybridge::cli
