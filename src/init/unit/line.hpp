#pragma once

#include <string>
#include <string_view>

#include "init/unit/load_state.hpp"
#include "init/unit/messages.hpp"
#include "init/unit/settings.hpp"
#include "init/unit/specifier.hpp"
#include "init/unit/syntax.hpp"

namespace notifybridge::unit {

/// One assignment on its way into the settings, and what there is to say about it.
class Line {
public:
    Line(const Assignment& assignment, const SpecifierContext& context, Settings& settings,
         Messages& messages)
        : assignment_(assignment), context_(context), settings_(settings), messages_(messages) {}

    std::string_view key() const noexcept { return assignment_.key; }
    std::string_view value() const noexcept { return assignment_.value; }
    const SpecifierContext& context() const noexcept { return context_; }
    Settings& settings() const noexcept { return settings_; }

    /// KEY=VALUE is passed over, as `why`, a part of a sentence, says.
    void ignore(std::string_view why) const;
    /// The same for one word of the value.
    void ignore_word(std::string_view word, std::string_view why) const;
    /// systemd takes no unit that has such a line, and says so by this state.
    void refuse(std::string_view why, LoadState state = LoadState::bad_setting);
    /// The line is taken, and yet there is something to say.
    void remark(std::string_view what, util::Severity severity = util::Severity::warning) const;

    /// `loaded` where it was not refused.
    LoadState state() const noexcept { return state_; }

    /// `text` with its specifiers replaced; where it cannot be, that is said and nothing returned.
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
