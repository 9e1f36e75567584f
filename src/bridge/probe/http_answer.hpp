#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

namespace notifybridge::probe {

/// A parser of an HTTP answer's header, which may arrive piece by piece. The parser reads nothing
/// after the header.
class HttpAnswer {
public:
    /// The longest header in bytes. Longer headers are refused.
    static constexpr std::size_t longest_header = 16 * 1024;

    HttpAnswer();
    ~HttpAnswer();

    /// Reads some of `bytes`. Returns how many bytes were read. The caller must pass the other
    /// bytes again later.
    std::size_t feed(std::string_view bytes);

    /// Returns the status after the complete header was read. Returns nullopt before that. Skips
    /// interim answers (100 Continue, 103 Early Hints).
    std::optional<unsigned> status() const;

    /// Returns what is wrong with the answer. Returns an empty text if no fault was found yet.
    std::string_view fault() const { return fault_; }

private:
    class Parser;

    std::unique_ptr<Parser> parser_;
    std::string_view fault_;
};

}  // namespace notifybridge::probe
