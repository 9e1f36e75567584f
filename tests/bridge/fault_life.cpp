#include "bridge/fault_life.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cerrno>

#include "base/notify/barrier.hpp"
#include "base/util/concat.hpp"

namespace notifybridge::bridge {
namespace {

using util::concat;

/// A span that is longer than any fault and any timeout of the bridge.
constexpr std::chrono::seconds longest_wait(40);
/// The number of steps that a side may take while no time passes. A side that takes more steps is
/// in a busy loop.
constexpr int most_turns = 20'000;

}  // namespace

void Life::say(const std::string& text, std::string expected, std::span<const system::Fd> fds) {
    if (is_over())
        return;
    notify::Sender app(address_of(directory_.path(channel::socket_name)));
    const auto is_sent = [&] {
        const auto sent = app.send(text, fds);
        BOOST_TEST_REQUIRE((sent || sent.error().value() == EAGAIN));
        return static_cast<bool>(sent);
    };
    // The system decides how many messages the queue accepts (net.unix.max_dgram_qlen).
    until("room for a message", is_sent);
    expected_.push_back(std::move(expected));
}

void Life::send_barrier() {
    if (is_over())
        return;
    notify::Sender app(address_of(directory_.path(channel::socket_name)));
    notify::Barrier barrier;
    BOOST_TEST_REQUIRE(bool(barrier.send(app)));
    barrier_ = barrier.take_passed();
    barrier_was_passed_on_ = false;
}

void Life::await_barrier() {
    if (is_over())
        return;
    until("the barrier", [this] { return barrier_came_back(); });
    const bool is_early = !barrier_was_passed_on_ || received_.size() < expected().size();
    if (!is_over() && is_early && !log_.has("lost file descriptors"))
        wrong_ += " a barrier came back early;";
}

bool Life::receive() {
    if (!manager_reads_)
        return false;
    bool did = false;
    while (auto datagram = manager_.next()) {
        did = true;
        if (datagram->text == "BARRIER=1")
            barrier_was_passed_on_ = true;
        else
            received_.push_back(std::move(datagram->text));
    }
    return did;
}

bool Life::turn_of_all() {
    const bool wrap_did = wrap_.turn();
    const bool straight_did = straight_.turn();
    const bool wait_did = wait_.turn();
    return wrap_did || straight_did || wait_did || receive();
}

void Life::until(const char* what, const std::function<bool()>& condition) {
    const auto began = Faults::elapsed();
    int turns = 0;
    while (!is_over() && !condition()) {
        if (turn_of_all()) {
            if (++turns > most_turns)
                missing_ = concat(what, ", while somebody spins");
            continue;
        }
        if (Faults::elapsed() - began > longest_wait)
            missing_ = what;
        Faults::advance(5ms);
        turns = 0;
    }
    receive();
}

bool Life::is_over() const {
    return !missing_.empty() || !wrap_.refusal.empty() || !wait_.refusal.empty()
           || !straight_.refusal.empty() || !wrap_.failure.empty() || !wait_.failure.empty()
           || !straight_.failure.empty();
}

bool Life::start_wait(std::string invocation, bool adopts_older) {
    wait::Courier::Options options;
    options.unit.invocation = std::move(invocation);
    options.adopts_older = adopts_older;
    return wait_.start(directory_, manager_path_, std::move(options));
}

void Life::end_run() {
    end_app(wrap_);
    until("the end of the run",
          [this] { return wait_.side->courier.phase() == wait::RunPhase::ended; });
    if (!is_over() && wait_.side->courier.end() != process::ExitStatus::exited(3))
        wrong_ += " the end of the command did not come through;";
}

/// Returns the messages that the manager should have received. If a descriptor was lost and this
/// was reported, leaves out the lost part.
Texts Life::expected() const {
    const auto is_received = [this](const char* text) {
        return std::find(received_.begin(), received_.end(), text) != received_.end();
    };
    Texts all = expected_;
    const auto found = std::find(all.begin(), all.end(), with_descriptor);
    if (found == all.end() || is_received(with_descriptor))
        return all;
    if (is_received(without_descriptor) && log_.has("file descriptors are not passed on"))
        *found = without_descriptor;
    else if (log_.has("lost file descriptors"))
        all.erase(found);
    return all;
}

/// Returns whether the manager has received each message once and in order. A `wait` that starts
/// again may repeat messages that were not acknowledged.
bool Life::is_as_expected() const {
    Texts once;
    for (const std::string& text : received_)
        if (once == received_ || std::find(once.begin(), once.end(), text) == once.end())
            once.push_back(text);
    return once == expected();
}

std::string Life::problem() const {
    std::string problem = wrong_;
    const auto add = [&](const char* what, const std::string& text) {
        if (!text.empty())
            problem += concat(' ', what, text, ';');
    };
    add("never came: ", missing_);
    add("wrap ended: ", wrap_.failure + straight_.failure);
    add("wait ended: ", wait_.failure);
    const bool has_started = (wrap_.refusal + wait_.refusal + straight_.refusal).empty();
    if (has_started && problem.empty() && !is_as_expected()) {
        problem += " received:";
        for (const std::string& text : received_)
            problem += concat(" [", text.substr(0, 30), ']');
    }
    // If a file could not be removed, it may be left behind.
    if (faults_.has_failed(Call::unlink))
        return problem;
    for (const std::string& name : directory_.names())
        if (name.starts_with('.'))
            add("left behind: ", name);
    return problem;
}

}  // namespace notifybridge::bridge
