#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace notifybridge::probe {

/// Makes lines of what comes in pieces of any size. Of a line no more than its first 64 KiB are
/// kept: it is told as soon as it has so many, and its rest is passed over.
class LineSplitter {
public:
    static constexpr std::size_t longest_line = 64 * 1024;

    /// Called for each line, without its end; the text is valid until it returns.
    std::function<void(std::string_view line)> on_line;

    void feed(std::string_view bytes);

    /// No more comes: what stands without a newline is a line as well.
    void end();

private:
    void tell();

    std::string line_;
    bool told_ = false;  ///< Of the line that has not ended yet.
};

}  // namespace notifybridge::probe
