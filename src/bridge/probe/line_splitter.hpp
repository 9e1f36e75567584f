#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace notifybridge::probe {

/// Splits data into lines. Of each line, only the first 64 KiB are reported, as soon as they are
/// there; the rest is skipped.
class LineSplitter {
public:
    static constexpr std::size_t longest_line = 64 * 1024;

    /// Called for each line without its newline. The text is valid only during the call.
    std::function<void(std::string_view line)> on_line;

    void feed(std::string_view bytes);

    /// Marks the end of the data: a last line without a newline counts as well.
    void end();

private:
    void tell();

    std::string line_;
    bool told_ = false;  ///< The current line was already reported.
};

}  // namespace notifybridge::probe
