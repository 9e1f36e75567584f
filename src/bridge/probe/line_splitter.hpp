#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace notifybridge::probe {

/// A splitter of data into lines. It reports only the first 64 KiB of each line, as soon as they
/// have arrived, and skips the rest.
class LineSplitter {
public:
    static constexpr std::size_t longest_line = 64 * 1024;

    /// Called for each line, without the newline. The text is valid only during the call.
    std::function<void(std::string_view line)> on_line;

    void feed(std::string_view bytes);

    /// Reports the last line even if it has no newline. Must be called at the end of the data.
    void end();

private:
    void tell();

    std::string line_;
    bool told_ = false;  ///< Whether the current line was already reported.
};

}  // namespace notifybridge::probe
