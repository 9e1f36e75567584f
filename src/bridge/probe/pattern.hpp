#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace notifybridge::probe {

/// The text is not a regular expression; what() tells where and why.
struct PatternError : std::runtime_error {
    using runtime_error::runtime_error;
};

/// A regular expression in Perl's syntax, on bytes. Boost.Regex matches without recursion and with
/// limits; std::regex uses stack for each byte.
class Pattern {
public:
    /// Throws PatternError.
    explicit Pattern(const std::string& expression);
    ~Pattern();

    /// Returns whether it matches anywhere in `text`. Returns false if matching takes too long.
    bool found_in(std::string_view text) const;

private:
    struct Compiled;
    std::unique_ptr<const Compiled> compiled_;
};

}  // namespace notifybridge::probe
