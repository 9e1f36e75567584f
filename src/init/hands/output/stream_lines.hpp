#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/util/function_ref.hpp"
#include "init/hands/output/logged_message.hpp"
#include "init/hands/output/output_lines.hpp"

namespace notifybridge::output {

/// A reader of the bytes of a stream to the system log, which sd_journal_stream_fd(3) opens. The
/// stream begins with a header of seven lines. All following lines are messages.
class StreamLines {
public:
    /// The length in bytes at which an incomplete header is malformed.
    static constexpr std::size_t longest_header = 4096;

    using Take = util::FunctionRef<void(const LoggedMessage&)>;

    /// Calls `take` with each line after the header. Returns false if the header is malformed.
    [[nodiscard]] bool add(std::string_view bytes, Take take);

    /// Ends the stream. If the last line has no line end, passes this line to `take`, too.
    void end(Take take);

private:
    struct Header {
        std::string identifier;
        unsigned facility;
        OutputLines lines;
    };

    static std::optional<Header> parse(std::string_view header);

    std::string partial_header_;
    std::optional<Header> header_;
};

}  // namespace notifybridge::output
