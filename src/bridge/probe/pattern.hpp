#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace notifybridge::probe {

/// The error for a text that is not a regular expression. what() describes the position and the
/// reason.
struct PatternError : std::runtime_error {
    using runtime_error::runtime_error;
};

/// A regular expression in Perl's syntax that matches bytes. Boost.Regex is used because it has no
/// recursion, and limits its work. std::regex would use stack for each byte.
class Pattern {
public:
    /// Throws PatternError if `expression` is not valid.
    explicit Pattern(const std::string& expression);
    ~Pattern();

    /// Returns whether a part of `text` matches. Returns false if matching takes too long.
    bool found_in(std::string_view text) const;

private:
    struct Compiled;
    std::unique_ptr<const Compiled> compiled_;
};

}  // namespace notifybridge::probe
