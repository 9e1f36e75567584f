#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "base/event/file_watch.hpp"
#include "bridge/status/overview_text.hpp"
#include "bridge/status/reader_watch.hpp"

namespace notifybridge::status {

/// Watches one or several directories and redraws when something changes.
class Screen {
public:
    using Overviews = std::vector<NamedOverview>;

    /// Changes in `directory` are drawn at once, other changes within a second. If `shows_ages`,
    /// redraws every second, because the ages change.
    Screen(system::Fd directory, bool shows_ages);

    std::function<Overviews()> look;
    std::function<void(const Overviews&, bool is_first)> draw;

    /// Runs until a signal ends the process, such as SIGPIPE.
    void run();

private:
    event::Awaitable<> keep_drawing();
    event::Awaitable<> keep_ticking();

    bool shows_ages_;
    event::Loop loop_;
    event::FileWatch watch_;
    event::Timer tick_{loop_};
    event::Timer pause_{loop_};
    ReaderWatch reader_{loop_};
};

}  // namespace notifybridge::status
