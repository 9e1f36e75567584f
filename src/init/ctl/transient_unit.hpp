#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace notifybridge::ctl {

/// A setting such as "Nice=5".
struct Assignment {
    std::string name;
    std::string value;
};

/// The text of a unit file that systemd-run(1) makes.
class TransientUnit {
public:
    /// `type` is the type of the unit, such as "service".
    explicit TransientUnit(std::string type) : type_(std::move(type)) {}

    /// Adds a setting to the section that the directive belongs to. "%" in the value is plain text.
    /// Throws Failure if there is no such directive, or if the value has a line break.
    void add(const Assignment& setting);
    /// Adds "NAME=VALUE" like `add`. Throws Failure if `text` has no "=".
    void add_assignment(std::string_view text);
    /// Sets the command. `words` begins with an absolute path. If `expands` is false, "$" in the
    /// words is plain text.
    void set_command(const std::vector<std::string>& words, bool expands);

    /// Returns the text of the unit file.
    std::string text() const;

private:
    std::string type_;
    std::string unit_lines_;
    std::string lines_;
};

/// Returns a word of a command in the syntax of unit files: systemd.service(5), COMMAND LINES.
std::string quoted_word(std::string_view word);

}  // namespace notifybridge::ctl
