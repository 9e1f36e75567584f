#pragma once

#include <string>
#include <string_view>

#include "init/files/unit/load_state.hpp"
#include "init/files/unit/messages.hpp"
#include "init/files/unit/settings.hpp"
#include "init/files/unit/specifier.hpp"
#include "init/files/unit/syntax.hpp"

namespace notifybridge::unit {

/// An assignment that changes the settings. Collects the messages about the assignment.
class Line {
public:
    Line(const Assignment& assignment, const SpecifierContext& context, Settings& settings,
         Messages& messages)
        : assignment_(assignment), context_(context), settings_(settings), messages_(messages) {}

    std::string_view key() const noexcept { return assignment_.key; }
    std::string_view value() const noexcept { return assignment_.value; }
    const SpecifierContext& context() const noexcept { return context_; }
    Settings& settings() const noexcept { return settings_; }

    /// Warns that KEY=VALUE is ignored. `why` is a part of a sentence.
    void ignore(std::string_view why) const;
    /// Warns that one word of the value is ignored. `why` is a part of a sentence.
    void ignore_word(std::string_view word, std::string_view why) const;
    /// Refuses the whole unit because of this line, as systemd does. Sets the unit's load state to
    /// `state`.
    void refuse(std::string_view why, LoadState state = LoadState::bad_setting);
    /// Adds a message about a line that is accepted.
    void remark(std::string_view what, util::Severity severity = util::Severity::warning) const;

    /// Returns `loaded` if the line was not refused, or else the unit's new load state.
    LoadState state() const noexcept { return state_; }

    /// Returns `text` with its specifiers replaced. On failure, warns and returns nullopt.
    std::optional<std::string> expand(std::string_view text,
                                      SpecifierScope scope = SpecifierScope::any) const;

private:
    const Assignment& assignment_;
    const SpecifierContext& context_;
    Settings& settings_;
    Messages& messages_;
    LoadState state_ = LoadState::loaded;
};

}  // namespace notifybridge::unit
