#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/system/output.hpp"
#include "base/util/patience.hpp"

namespace notifybridge::cli {

/// Writes the records of a log, each by one write(2): lines of several processes with one terminal
/// or file do not mix.
///
/// The log's reader makes writes block for a second at most, and in the long run for a tenth of the
/// time (util::Patience). Beyond that a record is lost, or its end, where only part of it fits, as
/// may be for one of more than PIPE_BUF. How many were is said once there is room.
class RecordWriter {
public:
    /// `in_form` makes a record of the sentence that tells how many were lost.
    RecordWriter(system::Fd output, std::string (*in_form)(std::string_view sentence))
        : output_(output), in_form_(in_form) {}

    /// Writes a record, which ends in a newline, or loses it.
    void write(std::string_view record);

    /// How many were lost since that was said.
    std::uint64_t lost() const { return lost_; }

private:
    bool put(std::string_view bytes);
    bool await_room();

    system::Output output_;
    std::string (*in_form_)(std::string_view sentence);
    util::Patience patience_{1'000'000};
    std::uint64_t lost_ = 0;
    bool is_torn_ = false;  ///< What was written last lacks its end.
};

}  // namespace notifybridge::cli
