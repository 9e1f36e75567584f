#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "notify/barrier.hpp"
#include "relay/bridge.hpp"
#include "relay/channel_outlet.hpp"
#include "relay/courier.hpp"
#include "relay/intake.hpp"
#include "relay/straight_outlet.hpp"
#include "support/faults.hpp"
#include "support/log_records.hpp"
#include "system/clock.hpp"
#include "util/concat.hpp"
#include "util/number.hpp"

/// Whole lives of a bridge in one process, in two loops that take turns, with a clock that goes on
/// only when neither has anything to do. So each life is the same every time, and is lived again
/// for each of its system calls and for each way in which that can fail, once or for a while. None
/// of that may lose, repeat or reorder a message, release a barrier early or never, or end a side
/// that was up; one that cannot start says why.
namespace notifybridge::relay {
namespace {

using namespace std::chrono_literals;
using test::As;
using test::Call;
using test::Fault;
using test::Faults;
using util::concat;

constexpr int wrap_process = 1;
constexpr int wait_process = 2;

/// Longer than any fault lasts, and than the bridge's own patience.
constexpr std::chrono::seconds longest_wait(40);
/// More than is ever done without time going by: whoever does more than that spins.
constexpr int most_turns = 20'000;
constexpr std::chrono::milliseconds for_a_while(500);

/// A message whose descriptor may fail to cross, which has to be said; then the rest of it does.
constexpr const char* with_descriptor = "X_A=1\nFDSTORE=1\nFDNAME=one";
constexpr const char* without_descriptor = "X_A=1";

struct Wrap {
    explicit Wrap(const test::TemporaryDirectory& directory)
        : outlet(loop, directory.fd(), status),
          intake(loop, notify::Receiver(directory.path(channel::socket_name), 0600), {}, outlet,
                 status) {
        outlet.on_room = [this] { intake.room(); };
        loop.spawn([this] { return intake.run(); });
        outlet.start();
    }

    event::Awaitable<> finish() {
        intake.drain();
        co_await outlet.finish(process::ExitStatus::exited(3), 5s);
        has_ended = true;
    }

    event::Loop loop;
    channel::ContainerStatus status;
    ChannelOutlet outlet;
    Intake intake;
    bool has_ended = false;
};

/// A `wrap` that has no shared directory.
struct StraightWrap {
    StraightWrap(const test::TemporaryDirectory& directory, const std::string& manager)
        : outlet(loop, Policy(/*fds_cross=*/true), address_of(manager)),
          intake(loop, notify::Receiver(directory.path(channel::socket_name), 0600), {}, outlet,
                 status) {
        outlet.on_room = [this] { intake.room(); };
        loop.spawn([this] { return intake.run(); });
        loop.spawn([this] { return outlet.run(); });
    }

    event::Awaitable<> finish() {
        intake.drain();
        co_await outlet.finish(5s);
        has_ended = true;
    }

    event::Loop loop;
    channel::ContainerStatus status;
    StraightOutlet outlet;
    Intake intake;
    bool has_ended = false;
};

struct Wait {
    Wait(const test::TemporaryDirectory& directory, const std::string& manager,
         Courier::Options options)
        : uplink(loop, address_of(manager)),
          courier(loop, directory.fd(), std::move(options), Policy(), uplink) {
        courier.announce();
        loop.spawn([this] { return courier.run(); });
    }

    event::Loop loop;
    Uplink uplink;
    Courier courier;
};

/// One side of the bridge, which is a process of its own so far as faults go.
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

    /// Lets it do one thing that it can do without waiting; false where there is none.
    bool turn() {
        if (!side || !failure.empty())
            return false;
        const As as(number);
        try {
            const std::size_t done = side->loop.context().poll_one();
            if (side->loop.context().stopped()) {
                side->loop.run();  // Throws what stopped it, if anything did.
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
    std::string refusal;  ///< Why it did not start.
    std::string failure;  ///< Why it ended, though nobody asked for it.
};

/// A life that is the same each time, but for the fault that happens in it.
class Life {
public:
    explicit Life(Fault fault) : faults_(fault) {}
    virtual ~Life() = default;

    virtual void live() = 0;

    /// What is not as it should be at its end; empty where all is.
    std::string problem() const;

    /// From the one to the other, calls are worth a fault of their own.
    std::size_t first_call() const { return first_call_; }
    std::size_t last_call() const { return last_call_ == 0 ? calls().size() : last_call_; }
    const std::vector<Call>& calls() const { return faults_.calls(); }
    std::size_t allocations() const { return faults_.allocations(); }

    /// What a side said that ended, or did not start.
    std::string last_words() const {
        return wrap_.refusal + wrap_.failure + wait_.refusal + wait_.failure;
    }

protected:
    /// Has an app say this, and expects the manager to receive it.
    void say(const std::string& text) { say(text, text); }
    void say(const std::string& text, std::string expected, std::span<const system::Fd> fds = {});
    /// Has an app send a barrier, which has to come back once all before it was received.
    void say_barrier();
    void until(const char* what, const std::function<bool()>& condition);
    void until_all_is_received() {
        until("all that was said", [this] { return received_.size() >= expected().size(); });
    }
    /// Lets everybody do what can be done without waiting.
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
    /// Ends the app, and sees the end come.
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
    bool barrier_was_passed_on_ = false;
    std::string missing_;  ///< What never came.
    std::string wrong_;
    std::size_t first_call_ = 1;
    std::size_t last_call_ = 0;  ///< 0: to the end.
};

void Life::say(const std::string& text, std::string expected, std::span<const system::Fd> fds) {
    if (is_over())
        return;
    notify::Sender app(address_of(directory_.path(channel::socket_name)));
    BOOST_TEST_REQUIRE(app.send(text, fds).has_value());
    expected_.push_back(std::move(expected));
}

void Life::say_barrier() {
    if (is_over())
        return;
    notify::Sender app(address_of(directory_.path(channel::socket_name)));
    notify::Barrier barrier;
    BOOST_TEST_REQUIRE(barrier.send(app).has_value());
    const auto passed = barrier.take_passed();
    barrier_was_passed_on_ = false;
    until("the barrier", [&] { return test::is_ready(passed, POLLIN); });
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
    Courier::Options options;
    options.unit.invocation = std::move(invocation);
    options.adopts_older = adopts_older;
    return wait_.start(directory_, manager_path_, std::move(options));
}

template <typename Side>
void Life::end_app(Process<Side>& wrap) {
    if (is_over())
        return;
    wrap.finish();
    until("the end of wrap", [&] { return wrap.side->has_ended; });
    wrap.end();
}

void Life::end_run() {
    end_app(wrap_);
    until("the end of the run", [this] { return wait_.side->courier.phase() == RunPhase::ended; });
    if (!is_over() && wait_.side->courier.end() != process::ExitStatus::exited(3))
        wrong_ += " the end of the command did not come through;";
}

/// What the manager is to receive, as things stand.
Texts Life::expected() const {
    const auto is_received = [this](const char* text) {
        return std::find(received_.begin(), received_.end(), text) != received_.end();
    };
    Texts all = expected_;
    const auto found = std::find(all.begin(), all.end(), with_descriptor);
    if (found == all.end() || is_received(with_descriptor))
        return all;
    if (is_received(without_descriptor) && log_.has("file descriptors do not cross"))
        *found = without_descriptor;
    else if (log_.has("lost file descriptors"))
        all.erase(found);
    return all;
}

/// Everything, in order, and once; but what was not acknowledged may come again to a `wait` that is
/// there again.
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
    // What could not be taken away may be left.
    if (faults_.has_failed(Call::unlink))
        return problem;
    for (const std::string& name : directory_.names())
        if (name.starts_with('.'))
            add("left behind: ", name);
    return problem;
}

/// The fault, for people.
std::string name_of(const Fault& fault, Call call) {
    return concat("call ", fault.nth, " (", test::name_of(call), "), ", test::name_of(fault.error),
                  fault.lasts.count() == 0 ? ", once:" : ", for a while:");
}

std::size_t open_descriptors() {
    return test::open_descriptors() - test::kept_inotify_instances();
}

template <typename Kind>
void check(const Fault& fault, Call call) {
    const std::size_t before = open_descriptors();
    std::string problem;
    {
        Kind life(fault);
        life.live();
        problem = life.problem();
    }
    if (open_descriptors() != before)
        problem += " descriptors were left open;";
    BOOST_TEST(problem.empty(), name_of(fault, call) << problem);
}

bool there_is_time() {
    return std::getenv("NOTIFYBRIDGE_LONG") != nullptr;
}

/// The calls that are made to fail: of a life that repeats itself, the first few of each kind and
/// the last, unless there is time for all.
std::vector<std::size_t> chosen(const Life& life, bool repeats) {
    constexpr std::size_t most_of_a_kind = 4;
    std::map<Call, std::vector<std::size_t>> of_kind;
    for (std::size_t nth = life.first_call(); nth <= life.last_call(); ++nth)
        of_kind[life.calls()[nth - 1]].push_back(nth);
    std::vector<std::size_t> all;
    for (auto& [call, numbers] : of_kind) {
        if (repeats && numbers.size() > most_of_a_kind && !there_is_time())
            numbers.erase(numbers.begin() + most_of_a_kind / 2, numbers.end() - most_of_a_kind / 2);
        all.insert(all.end(), numbers.begin(), numbers.end());
    }
    return all;
}

/// Lives it once without a fault, and then with each.
template <typename Kind>
void check_every_call(std::chrono::microseconds lasts) {
    std::vector<Call> calls;
    std::vector<std::size_t> numbers;
    {
        Kind life(Fault{});
        life.live();
        BOOST_TEST_REQUIRE(life.problem() == "");
        calls = life.calls();
        numbers = chosen(life, Kind::repeats_itself);
    }
    // Each call with every second error, unless there is time for all: the next has the others.
    for (const std::size_t nth : numbers) {
        const auto errors = test::errors_of(calls[nth - 1]);
        const std::size_t step = errors.size() == 1 || there_is_time() ? 1 : 2;
        for (std::size_t at = nth % step; at < errors.size(); at += step)
            check<Kind>({nth, errors[at], lasts}, calls[nth - 1]);
    }
}

/// Who gets no memory ends, and says so; whatever it was doing, nothing is left open.
template <typename Kind>
void check_every_allocation() {
    std::size_t count = 0;
    {
        Kind life(Fault{});
        life.live();
        BOOST_TEST_REQUIRE(life.problem() == "");
        count = life.allocations();
    }
    for (std::size_t nth = 1; nth <= count; ++nth) {
        const std::size_t before = open_descriptors();
        {
            Kind life(Fault{0, 0, 0us, nth});
            life.live();
            BOOST_TEST((life.last_words() == "std::bad_alloc" || life.problem() == ""),
                       "allocation " << nth << ':' << life.problem() << life.last_words());
        }
        BOOST_TEST(open_descriptors() == before, "allocation " << nth);
    }
}

/// Everything that there is, once.
struct ShortLife : Life {
    using Life::Life;
    static constexpr bool repeats_itself = false;

    void live() override {
        if (!start_wait() || !start_wrap())
            return;
        say("STATUS=starting");
        until_all_is_received();
        say("READY=1\nSTATUS=up");
        say("X_A=1");
        say_barrier();
        say("STATUS=1");
        until_all_is_received();
        say("STOPPING=1");
        end_run();
    }
};

/// A file descriptor crosses.
struct DescriptorLife : Life {
    using Life::Life;
    static constexpr bool repeats_itself = false;

    void live() override {
        if (!start_wait() || !start_wrap())
            return;
        say("READY=1");
        until_all_is_received();
        make_calls_count_from_here();
        const std::array<system::Fd, 1> fds{system::Fd(STDERR_FILENO)};
        say(with_descriptor, with_descriptor, fds);
        say("STATUS=1");
        until_all_is_received();
        say_barrier();
        say("STOPPING=1");
        end_run();
    }
};

/// The manager does not read for a while.
struct BusyLife : Life {
    using Life::Life;
    static constexpr bool repeats_itself = true;

    void live() override {
        if (!start_wait() || !start_wrap())
            return;
        say("READY=1");
        until_all_is_received();
        manager_reads_ = false;
        make_calls_count_from_here();
        const std::string filling(4000, 'x');
        for (int number = 0; number < 60; ++number)
            say(concat("X_N=", number, "\nX_FILL=", filling));
        settle();
        manager_reads_ = true;
        say_barrier();
        say("STOPPING=1");
        end_run();
    }
};

/// The journal is rotated.
struct LongLife : Life {
    using Life::Life;
    static constexpr bool repeats_itself = true;

    void live() override {
        if (!start_wait() || !start_wrap())
            return;
        // A mebibyte is 257 of them.
        const std::string filling(4000, 'x');
        for (int number = 0; number < 260; ++number) {
            say(concat("X_N=", number, "\nX_FILL=", filling));
            if (number % 40 == 0 || number == 250)
                until_all_is_received();
            if (number == 250)
                make_calls_count_from_here();
        }
        until_all_is_received();
        make_calls_count_to_here();
        say_barrier();
        say("STOPPING=1");
        end_run();
    }
};

/// `wait` goes and comes back.
struct ResumedLife : Life {
    using Life::Life;
    static constexpr bool repeats_itself = false;

    void live() override {
        if (!start_wait() || !start_wrap())
            return;
        say("READY=1");
        until_all_is_received();
        settle();
        make_calls_count_from_here();
        wait_.end();
        say("X_A=1");
        say("X_B=1");
        if (is_over() || !start_wait())
            return;
        say_barrier();
        say("STOPPING=1");
        end_run();
    }
};

/// `wait` comes late, and is told the state.
struct LateLife : Life {
    using Life::Life;
    static constexpr bool repeats_itself = false;

    void live() override {
        if (!start_wrap())
            return;
        say("STATUS=starting", "READY=1\nSTATUS=up");
        say("READY=1\nSTATUS=up");
        expected_.pop_back();
        settle();
        make_calls_count_from_here();
        if (is_over() || !start_wait("two", true))
            return;
        until_all_is_received();
        say("X_A=1");
        say_barrier();
        say("STOPPING=1");
        end_run();
    }
};

/// Messages go straight to the manager, which does not read for a while.
struct StraightLife : Life {
    using Life::Life;
    static constexpr bool repeats_itself = true;

    void live() override {
        if (!start_straight())
            return;
        say("READY=1");
        until_all_is_received();
        manager_reads_ = false;
        const std::string filling(4000, 'x');
        for (int number = 0; number < 60; ++number)
            say(concat("X_N=", number, "\nX_FILL=", filling));
        settle();
        manager_reads_ = true;
        say_barrier();
        say("STOPPING=1");
        end_app(straight_);
        until_all_is_received();
    }
};

/// Somebody sets the clock, by so much, wherever a message is on its way.
struct ClockLife : Life {
    explicit ClockLife(std::chrono::microseconds by) : Life(Fault{}), by_(by) {}

    void live() override {
        if (!start_wait() || !start_wrap())
            return;
        jump();
        say("READY=1");
        until_all_is_received();
        jump();
        say_barrier();
        // It is in the journal by the old time, and is sent by the new one.
        say("X_A=1");
        while (wrap_.turn()) {
        }
        jump();
        say("X_B=1");
        until_all_is_received();
        check_reload("RELOADING=1");
        check_reload(concat("RELOADING=1\nMONOTONIC_USEC=", system::now().monotonic));
        say_barrier();
        end_run();
    }

private:
    void jump() {
        Faults::advance(10ms);
        Faults::set_time_of_day(by_);
    }

    /// systemd takes no time from before it asked for the reload, and none that is yet to come.
    void check_reload(const std::string& text) {
        const std::uint64_t asked = system::now().monotonic;
        say(text);
        while (wrap_.turn()) {
        }
        jump();
        until_all_is_received();
        const auto sent = notify::parse(received_.back());
        BOOST_TEST_REQUIRE(sent.has_value());
        const auto stamp = sent->value(notify::Key::monotonic_usec);
        BOOST_TEST_REQUIRE(stamp.has_value());
        const auto usec = util::parse_number<std::uint64_t>(*stamp).value_or(0);
        BOOST_TEST(usec >= asked);
        BOOST_TEST(usec <= system::now().monotonic);
        expected_.back() = received_.back();
    }

    std::chrono::microseconds by_;
};

constexpr std::chrono::microseconds jumps[] = {
    -std::chrono::hours(24 * 365), -1h, -1s, -1ms, 1ms, 999ms, 1s, 1h, std::chrono::hours(24 * 365),
};

constexpr std::chrono::microseconds spans[] = {0us, for_a_while};

}  // namespace

BOOST_AUTO_TEST_SUITE(faults)

BOOST_DATA_TEST_CASE(of_every_call_of_a_short_life, spans, lasts) {
    check_every_call<ShortLife>(lasts);
}

BOOST_DATA_TEST_CASE(where_a_descriptor_crosses, spans, lasts) {
    check_every_call<DescriptorLife>(lasts);
}

BOOST_DATA_TEST_CASE(while_the_manager_is_busy, spans, lasts) {
    check_every_call<BusyLife>(lasts);
}

BOOST_DATA_TEST_CASE(when_the_journal_is_rotated, spans, lasts) {
    check_every_call<LongLife>(lasts);
}

BOOST_DATA_TEST_CASE(when_wait_comes_back, spans, lasts) {
    check_every_call<ResumedLife>(lasts);
}

BOOST_DATA_TEST_CASE(when_wait_comes_late, spans, lasts) {
    check_every_call<LateLife>(lasts);
}

BOOST_DATA_TEST_CASE(where_messages_go_straight, spans, lasts) {
    check_every_call<StraightLife>(lasts);
}

BOOST_DATA_TEST_CASE(of_a_clock_that_is_set, jumps, by) {
    ClockLife life(by);
    life.live();
    BOOST_TEST(life.problem() == "");
}

BOOST_AUTO_TEST_CASE(of_every_allocation) {
    check_every_allocation<ShortLife>();
    check_every_allocation<DescriptorLife>();
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::relay
