#pragma once

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <iostream>
#include <random>
#include <string>

#include "base/util/concat.hpp"

namespace notifybridge::manager::test {

/// A source of random choices. The same seed gives the same choices.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : random_(seed) {}

    std::size_t below(std::size_t count) { return random_() % count; }
    bool one_in(std::size_t count) { return below(count) == 0; }
    template <typename Value>
    Value pick(std::initializer_list<Value> values) {
        return values.begin()[below(values.size())];
    }
    std::string pick(std::initializer_list<const char*> values) {
        return values.begin()[below(values.size())];
    }

private:
    std::mt19937_64 random_;
};

/// The seeds of the histories to run. By default, the same seeds from 0 on are used each time.
/// NOTIFYBRIDGE_LONG=1 selects a million other seeds, and NOTIFYBRIDGE_HISTORIES=N selects N
/// other seeds. NOTIFYBRIDGE_SEED=N repeats one history.
struct Numbers {
    std::uint64_t first;
    std::uint64_t count;

    std::uint64_t end() const { return first + count; }
};

inline Numbers numbers_of_histories(std::uint64_t usual) {
    const auto number = [](const char* variable) {
        const char* const text = std::getenv(variable);
        return text ? std::strtoull(text, nullptr, 10) : 0;
    };
    constexpr std::uint64_t many = 1'000'000;
    if (std::getenv("NOTIFYBRIDGE_SEED"))
        return {number("NOTIFYBRIDGE_SEED"), 1};
    const std::uint64_t asked = number("NOTIFYBRIDGE_HISTORIES");
    if (asked == 0 && number("NOTIFYBRIDGE_LONG") != 1)
        return {0, usual};
    const Numbers numbers{std::random_device{}(), asked != 0 ? asked : many};
    std::cout << numbers.count << " histories from NOTIFYBRIDGE_SEED=" << numbers.first << '\n'
              << std::flush;
    return numbers;
}

/// Runs this many steps of a history. Returns the first fault, or an empty text.
template <typename History>
std::string fault_of(History& history, int steps) {
    for (int step = 0; step < steps; ++step) {
        history.act();
        history.engine.run_due();
        if (const std::string fault = history.look(); !fault.empty())
            return util::concat("step ", step, ": ", fault);
    }
    return history.stop_at_last();
}

/// Passes each history to `done` when the history is over. The first fault ends the test.
template <typename History, typename Done>
void run_histories(const Numbers& numbers, Done done) {
    constexpr int steps = 60;
    for (std::uint64_t seed = numbers.first; seed < numbers.end(); ++seed) {
        History history(seed);
        const std::string fault = fault_of(history, steps);
        BOOST_REQUIRE_MESSAGE(fault.empty(), "NOTIFYBRIDGE_SEED=" << seed << ": " << fault << '\n'
                                                                  << history.text());
        done(history);
    }
}

}  // namespace notifybridge::manager::test
