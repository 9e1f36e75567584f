#pragma once

#include <string>
#include <vector>

#include "init/files/unit/settings.hpp"
#include "init/hands/listen/listeners.hpp"
#include "init/hands/perform/child_looks.hpp"

/// Opens listeners in a child process (child_looks), and passes them to us.
namespace notifybridge::perform {

/// Opens the listeners of a socket unit, and returns them or the error as an answer. Refuses
/// regular files, because waiting for their traffic may block, too.
ChildLooks::Answer open_for_answer(const unit::SocketSettings& settings);

/// Returns the listeners of an answer. Has the same results and exceptions as
/// listen::open_listeners().
std::vector<listen::Listener> listeners_of_answer(ChildLooks::Answer answer,
                                                  std::vector<std::string>& warnings);

}  // namespace notifybridge::perform
