#pragma once

#include <functional>

#include "bridge/wrap/outlet.hpp"

namespace notifybridge::wrap {

/// Calls a function for each report of an outlet.
struct Listener final : OutletListener {
    std::function<void()> on_room = [] {};
    std::function<void(int)> on_signal = [](int) {};

    void room_came() override { on_room(); }
    void signal_came(int signal) override { on_signal(signal); }
    void host_changed() override {}
};

}  // namespace notifybridge::wrap
