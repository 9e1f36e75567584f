#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "base/event/file_watch.hpp"
#include "bridge/status/overview_text.hpp"
#include "bridge/status/reader_watch.hpp"

namespace notifybridge::status {

/// A screen that shows one or more directories, and is redrawn when something changes.
class Screen {
public:
    using Overviews = std::vector<NamedOverview>;

    /// Draws a change in `directory` at once, and other changes within a second. If `shows_ages` is
    /// set, redraws every second, because the ages change.
    Screen(system::Fd directory, bool shows_ages);

    std::function<Overviews()> look;
    std::function<void(const Overviews&, bool is_first)> draw;

    /// Runs until a signal, such as SIGPIPE, ends the process.
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
