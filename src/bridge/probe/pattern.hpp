#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace notifybridge::probe {

/// A text that is no regular expression; what() says where and why.
struct PatternError : std::runtime_error {
    using runtime_error::runtime_error;
};

/// A regular expression in Perl's syntax, on bytes. Boost.Regex matches without recursion and
/// within bounds, where std::regex takes the stack for each byte.
class Pattern {
public:
    /// Throws PatternError.
    explicit Pattern(const std::string& expression);
    ~Pattern();

    /// Whether it matches anywhere in `text`. Where that takes more than is reasonable, it does
    /// not.
    bool found_in(std::string_view text) const;

private:
    struct Compiled;
    std::unique_ptr<const Compiled> compiled_;
};

}  // namespace notifybridge::probe
