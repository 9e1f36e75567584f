#pragma once

#include <chrono>

#include "base/event/loop.hpp"
#include "support/faults.hpp"

namespace notifybridge::test {

/// A loop whose clocks move only through `pass`. The executable must link with `faults_dep`.
class StillLoop : private Faults, public event::Loop {
public:
    /// The number of the process whose calls may fail.
    static constexpr int process = 1;

    explicit StillLoop(Fault fault = {}) : Faults(fault) {}

    /// Runs everything that does not have to wait. System calls may fail during this time.
    void settle() {
        const As as(process);
        context().restart();
        while (context().poll_one() != 0) {
        }
    }

    /// Moves the clocks by `span`, then settles.
    void pass(std::chrono::microseconds span) {
        settle();
        advance(span);
        settle();
    }
};

}  // namespace notifybridge::test
