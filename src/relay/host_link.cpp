#include "relay/host_link.hpp"

#include "system/lock.hpp"

namespace notifybridge::relay {

HostLink::HostLink(event::Loop& loop, system::Fd directory, channel::RunId run)
    : directory_(directory),
      run_(run),
      reader_(directory),
      watch_(loop, system::is_local_file_system(directory)) {}

void HostLink::look() {
    reader_.refresh();
    current_ = reader_.read();
    if (current_ && (reader_.writer_lives() || current_->facts.run == run_))
        ever_attached_ = true;
}

void HostLink::watch() {
    if (reader_.fd())
        watch_.watch_file(reader_.fd(), wants_progress_ ? event::FileWatch::Interest::content
                                                        : event::FileWatch::Interest::replacement);
    else
        watch_.watch_directory(directory_);
}

void HostLink::follow_progress(bool wanted) {
    if (wanted == wants_progress_)
        return;
    wants_progress_ = wanted;
    // `run` sets the new watch, and reads what came before it.
    watch_.poke();
}

event::Awaitable<> HostLink::run() {
    for (;;) {
        reader_.refresh();
        watch();
        const auto before = current_;
        look();
        if (current_ && current_ != before) {
            watch_.saw_activity();
            if (on_change)
                on_change(*current_);
        }
        co_await watch_.changed();
    }
}

}  // namespace notifybridge::relay
