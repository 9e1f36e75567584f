#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bridge/bridge.hpp"
#include "bridge/wait/courier.hpp"
#include "bridge/wrap/channel_outlet.hpp"
#include "bridge/wrap/intake.hpp"
#include "bridge/wrap/ready_gate.hpp"
#include "bridge/wrap/straight_outlet.hpp"
#include "support/faults.hpp"
#include "support/log_records.hpp"

/// Runs a bridge from start to end in one process. The loops of `wrap` and `wait` take turns, and
/// the clock advances only when both are idle. So each run is deterministic.
namespace notifybridge::bridge {

using namespace std::chrono_literals;
using test::As;
using test::Call;
using test::Fault;
using test::Faults;

inline constexpr int wrap_process = 1;
inline constexpr int wait_process = 2;

/// A message whose descriptor may be lost. In that case, the loss must be reported, and the rest of
/// the message must arrive.
inline constexpr const char* with_descriptor = "X_A=1\nFDSTORE=1\nFDNAME=one";
inline constexpr const char* without_descriptor = "X_A=1";

struct Wrap final : wrap::OutletListener {
    explicit Wrap(const test::TemporaryDirectory& directory)
        : outlet(loop, directory.fd(), status),
          gate(outlet, status),
          intake(loop, notify::Receiver(directory.path(channel::socket_name), 0600), {}, gate,
                 status) {
        outlet.set_listener(*this);
        loop.spawn([this] { return intake.run(); });
        outlet.start();
    }

    event::Awaitable<> finish() {
        intake.catch_up();
        co_await outlet.finish(process::ExitStatus::exited(3), 5s);
        has_ended = true;
    }

    void room_came() override { intake.room(); }
    void signal_came(int) override {}
    void host_changed() override {}

    event::Loop loop;
    channel::ContainerStatus status;
    wrap::ChannelOutlet outlet;
    wrap::ReadyGate gate;
    wrap::Intake intake;
    bool has_ended = false;
};

/// A `wrap` without a shared directory.
struct StraightWrap final : wrap::OutletListener {
    StraightWrap(const test::TemporaryDirectory& directory, const std::string& manager)
        : outlet(loop, relay::Policy(), address_of(manager)),
          gate(outlet, status),
          intake(loop, notify::Receiver(directory.path(channel::socket_name), 0600), {}, gate,
                 status) {
        outlet.set_listener(*this);
        loop.spawn([this] { return intake.run(); });
        outlet.start();
    }

    event::Awaitable<> finish() {
        intake.catch_up();
        co_await outlet.finish({}, 5s);
        has_ended = true;
    }

    void room_came() override { intake.room(); }
    void signal_came(int) override {}
    void host_changed() override {}

    event::Loop loop;
    channel::ContainerStatus status;
    wrap::StraightOutlet outlet;
    wrap::ReadyGate gate;
    wrap::Intake intake;
    bool has_ended = false;
};

struct Wait {
    Wait(const test::TemporaryDirectory& directory, const std::string& manager,
         wait::Courier::Options options)
        : uplink(loop, address_of(manager)),
          courier(loop, directory.fd(), std::move(options), relay::Policy(), uplink) {
        courier.announce();
        loop.spawn([this] { return courier.run(); });
    }

    event::Loop loop;
    relay::Uplink uplink;
    wait::Courier courier;
};

/// One side of the bridge. `Faults` treats each side as a separate process.
template <typename Side>
struct Process {
    explicit Process(int number_) : number(number_) {}
    ~Process() { end(); }

    template <typename... Arguments>
    bool start(Arguments&&... arguments) {
        const As as(number);
        try {
            side = std::make_unique<Side>(std::forward<Arguments>(arguments)...);
        } catch (const std::exception& error) {
            refusal = error.what();
        }
        return side != nullptr;
    }

    /// Runs one step of the side without waiting. Returns false if there is nothing to do.
    bool turn() {
        if (!side || !failure.empty())
            return false;
        const As as(number);
        try {
            const std::size_t done = side->loop.context().poll_one();
            if (side->loop.context().stopped()) {
                // Throws the exception that has stopped the loop, if there is one.
                side->loop.run();
                side->loop.context().restart();
            }
            return done != 0;
        } catch (const std::exception& error) {
            failure = error.what();
            return false;
        }
    }

    void finish() {
        const As as(number);
        side->loop.spawn([this] { return side->finish(); });
    }

    void end() {
        const As as(number);
        side.reset();
    }

    const int number;
    std::unique_ptr<Side> side;
    std::string refusal;  ///< The reason why the side did not start.
    std::string failure;  ///< The reason why the side ended by itself.
};

/// The life of a bridge, from its start to its end. Two lives with the same fault are identical.
class Life {
public:
    explicit Life(Fault fault) : faults_(fault) {}
    virtual ~Life() = default;

    virtual void live() = 0;

    /// Returns what is wrong at the end, or an empty text.
    std::string problem() const;

    /// Returns the number of the first system call that may fail. `last_call` returns the last one.
    std::size_t first_call() const { return first_call_; }
    std::size_t last_call() const { return last_call_ == 0 ? calls().size() : last_call_; }
    const std::vector<Call>& calls() const { return faults_.calls(); }
    std::size_t allocations() const { return faults_.allocations(); }

    /// Returns the messages of a side that ended or did not start.
    std::string last_words() const {
        return wrap_.refusal + wrap_.failure + wait_.refusal + wait_.failure;
    }

protected:
    /// Lets an app send `text`, and expects that the manager receives it.
    void say(const std::string& text) { say(text, text); }
    void say(const std::string& text, std::string expected, std::span<const system::Fd> fds = {});
    /// Lets an app send a barrier. The barrier must return only after all earlier messages were
    /// received.
    void say_barrier() {
        send_barrier();
        await_barrier();
    }
    void send_barrier();
    void await_barrier();
    bool barrier_came_back() const { return test::is_ready(*barrier_, POLLIN); }
    void expect(bool is_right, const char* what_is_wrong) {
        if (!is_over() && !is_right)
            wrong_ += std::string(" ") + what_is_wrong + ';';
    }
    void until(const char* what, const std::function<bool()>& condition);
    void until_all_is_received() {
        until("all that was said", [this] { return received_.size() >= expected().size(); });
    }
    /// Runs all sides until each of them waits.
    void settle() {
        while (turn_of_all()) {
        }
    }
    bool is_over() const;
    void make_calls_count_from_here() { first_call_ = faults_.calls().size() + 1; }
    void make_calls_count_to_here() { last_call_ = faults_.calls().size(); }

    bool start_wait(std::string invocation = "one", bool adopts_older = false);
    bool start_wrap() { return wrap_.start(directory_); }
    bool start_straight() { return straight_.start(directory_, manager_path_); }
    /// Ends the app, and waits until it has ended.
    template <typename Side>
    void end_app(Process<Side>& wrap);
    void end_run();

    test::TemporaryDirectory directory_;
    test::LogRecords log_{util::Severity::warning};
    Faults faults_;
    Process<Wrap> wrap_{wrap_process};
    Process<StraightWrap> straight_{wrap_process};
    Process<Wait> wait_{wait_process};
    bool manager_reads_ = true;
    Texts expected_;
    Texts received_;

private:
    bool turn_of_all();
    bool receive();
    bool is_as_expected() const;
    Texts expected() const;

    std::string manager_path_ = directory_.path("manager.sock");
    test::Manager manager_{manager_path_};
    /// The end of a pipe that becomes readable when the barrier returns.
    std::optional<system::UniqueFd> barrier_;
    bool barrier_was_passed_on_ = false;
    std::string missing_;  ///< The messages that never arrived.
    std::string wrong_;
    std::size_t first_call_ = 1;
    std::size_t last_call_ = 0;  ///< 0 means until the end.
};

template <typename Side>
void Life::end_app(Process<Side>& wrap) {
    if (is_over())
        return;
    wrap.finish();
    until("the end of wrap", [&] { return wrap.side->has_ended; });
    wrap.end();
}

}  // namespace notifybridge::bridge
