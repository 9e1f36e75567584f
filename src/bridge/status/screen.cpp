#include "bridge/status/screen.hpp"

#include "base/system/lock.hpp"

namespace notifybridge::status {

Screen::Screen(system::Fd directory, bool shows_ages)
    : shows_ages_(shows_ages), watch_(loop_, system::is_local_file_system(directory)) {
    watch_.watch_directory(directory);
}

void Screen::run() {
    loop_.spawn([this] { return keep_drawing(); });
    loop_.spawn([this] { return keep_ticking(); });
    loop_.run();
}

event::Awaitable<> Screen::keep_drawing() {
    constexpr std::chrono::milliseconds shortest_interval(100);
    std::optional<Overviews> drawn;
    for (;;) {
        Overviews overviews = look();
        if (shows_ages_ || drawn != overviews)
            draw(overviews, !drawn);
        drawn = std::move(overviews);
        co_await pause_.sleep(shortest_interval);
        co_await watch_.changed();
    }
}

/// Triggers a check every second, because some changes cause no file event: progress, the age of a
/// ping, or a released lock.
event::Awaitable<> Screen::keep_ticking() {
    for (;;) {
        co_await tick_.sleep(std::chrono::seconds(1));
        watch_.poke();
    }
}

}  // namespace notifybridge::status
