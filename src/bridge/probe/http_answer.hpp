#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

namespace notifybridge::probe {

/// Reads the header of an HTTP answer, as it comes, and nothing after that.
class HttpAnswer {
public:
    /// A header with more bytes than this is refused.
    static constexpr std::size_t longest_header = 16 * 1024;

    HttpAnswer();
    ~HttpAnswer();

    /// Takes what there is; returns how much of it need not be shown again.
    std::size_t feed(std::string_view bytes);

    /// The status, once all of the header is there. What comes before the answer proper
    /// (100 Continue, 103 Early Hints) is passed over.
    std::optional<unsigned> status() const;

    /// Why this is no HTTP, for people; empty where there is nothing wrong so far.
    std::string_view fault() const { return fault_; }

private:
    class Parser;

    std::unique_ptr<Parser> parser_;
    std::string_view fault_;
};

}  // namespace notifybridge::probe
