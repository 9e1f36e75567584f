#include "bridge/channel/peer.hpp"

#include <algorithm>

#include "base/system/clock.hpp"
#include "base/system/lock.hpp"

namespace notifybridge::channel {

Peer::Peer(system::Fd directory)
    : directory_(directory), is_remote_(!system::is_local_file_system(directory)) {}

void Peer::take_beat(std::uint64_t beat, std::uint64_t now) {
    const bool is_first = looked_ == 0;
    has_beaten_ = has_beaten_ || (!is_first && beat != beat_);
    if (beat != beat_ || is_first)
        silence_ = 0;
    else
        silence_ += std::min(now - looked_, most_silence_of_a_look);
    beat_ = beat;
    looked_ = now;
}

bool Peer::lives(const JournalReader& journal) {
    return shows_by_lock(journal.header().beats) ? journal.writer_lives(directory_)
                                                 : is_heard(journal);
}

bool Peer::writes(const JournalReader& journal) {
    return shows_by_lock(journal.header().beats) ? journal.is_locked() : is_heard(journal);
}

bool Peer::goes_on(JournalReader& journal) {
    return lives(journal) && (shows_by_lock(journal.header().beats) || !journal.read_to_end());
}

bool Peer::is_heard(const JournalReader& journal) {
    if (run_ != journal.header().run) {
        run_ = journal.header().run;
        looked_ = 0;
        has_beaten_ = false;
    }
    take_beat(journal.read_beat(), system::monotonic_now());
    return beats() || (command_runs_ && journal.is_current(directory_));
}

}  // namespace notifybridge::channel
