#include "init/answers/calls/calls.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "init/answers/calls/desk.hpp"
#include "init/rules/manager/dice.hpp"

/// Tests valid and invalid calls of clients.
namespace notifybridge::calls {
namespace {

using manager::test::Dice;
using std::chrono::seconds;

constexpr std::initializer_list<const char*> call_names = {
    "units", "sockets",     "jobs",    "state",           "system-state",      "show",
    "log",   "environment", "enqueue", "set-environment", "unset-environment", "enqueue",
    "kill",  "cancel",      "enqueue", "reset-failed",    "daemon-reload",     "exit",
    "",      "enqueue",     "enqueue", "nonsense",        "unit-of",           "unit-of"};

constexpr std::initializer_list<const char*> words = {"a.service",
                                                      "b.service",
                                                      "c.socket",
                                                      "d.target",
                                                      "missing.service",
                                                      "x@.service",
                                                      "start",
                                                      "stop",
                                                      "restart",
                                                      "reload",
                                                      "try-restart",
                                                      "reload-or-restart",
                                                      "replace",
                                                      "fail",
                                                      "isolate",
                                                      "main",
                                                      "control",
                                                      "all",
                                                      "A=1",
                                                      "=",
                                                      "",
                                                      "1",
                                                      "\xff",
                                                      "18446744073709551616"};

json::value random_value(Dice& dice, int depth) {
    switch (dice.below(depth == 0 ? 6 : 8)) {
        case 0:
            return nullptr;
        case 1:
            return dice.one_in(2);
        case 2:
            return static_cast<std::int64_t>(dice.below(80)) - 10;
        case 6: {
            json::array array;
            for (std::size_t count = dice.below(4); count > 0; --count)
                array.push_back(random_value(dice, depth - 1));
            return array;
        }
        case 7:
            return json::object{{dice.pick(words), random_value(dice, depth - 1)}};
        default:
            return json::string(dice.pick(words));
    }
}

json::object random_request(Dice& dice) {
    json::object request = {{"call", dice.pick(call_names)}};
    // Make a valid request, and then replace a part of the request.
    request["type"] = dice.pick({"start", "stop", "restart", "reload", "reload-or-restart"});
    request["mode"] = dice.pick({"replace", "replace", "replace", "fail", "ignore-dependencies"});
    request["units"] = json::array{dice.pick(words), dice.pick({"a.service", "b.service"})};
    request["unit"] = dice.pick(words);
    request["pid"] = static_cast<std::int64_t>(dice.below(4)) - 1;
    request["whom"] = dice.pick({"main", "control", "all"});
    for (const char* const name : {"waits", "waits_for_end", "tells_jobs"})
        request[name] = dice.one_in(2);
    if (dice.one_in(3))
        request[dice.pick({"call", "type", "mode", "units", "unit", "whom", "waits", "signal",
                           "pid", "lines", "job", "assignments", "status"})] =
            random_value(dice, 2);
    return request;
}

class HeardCall : public control::Call {
public:
    HeardCall(json::object request, bool is_privileged) : Call(std::move(request), is_privileged) {}

    bool is_over() const override { return false; }
    void answer(const json::object& object) override {
        std::string text;
        for (const std::string& packet : control::to_packets(object))
            text += packet;
        is_readable &= control::parse_packet(text) == object;
        speaks_on |= has_ended;
        has_ended |= object.contains("end") || object.contains("error");
        if (const json::value* const state = object.if_contains("ended"))
            ends_of_units.emplace_back(state->as_string());
    }

    std::vector<std::string> ends_of_units;  ///< The states in which the awaited units ended.
    bool has_ended = false;
    bool speaks_on = false;  ///< Whether an answer arrived after the final answer.
    bool is_readable = true;
};

/// A `Calls` object, its manager, and clients that send calls of `ctl`. Each test decides when the
/// units' processes end.
class CallDesk : public test::Desk {
public:
    /// Requests a job for these units. `flag` is "waits" (to wait for the jobs), or "waits_for_end"
    /// (to wait for the end of the units).
    std::shared_ptr<HeardCall> ask(std::string_view type, json::array units,
                                   std::string_view flag) {
        const auto call = std::make_shared<HeardCall>(json::object{{"call", "enqueue"},
                                                                   {"type", type},
                                                                   {"mode", "replace"},
                                                                   {"units", std::move(units)},
                                                                   {flag, true}},
                                                      true);
        calls.take(call);
        run();
        return call;
    }
};

class History : public CallDesk {
public:
    explicit History(std::uint64_t seed) : dice_(seed) {
        const auto kind = dice_.pick({"Type=simple\n", "Type=notify\n", "Type=oneshot\n"});
        add("a.service", "[Service]\nExecStart=/main\nExecReload=/reload\nRestartSec=1\n" + kind
                             + "Restart=" + dice_.pick({"no", "on-failure"}) + '\n');
        add("b.service", "[Service]\nExecStart=/other\nExecStop=/stop\n",
            dice_.pick({"", "BindsTo=a.service\nAfter=a.service\n", "Conflicts=a.service\n"}));
        add("c.socket", "[Socket]\nListenStream=80\nService=b.service\n");
        add("d.target", "", "Wants=a.service b.service\nAllowIsolate=yes\n");
        if (dice_.one_in(2))
            engine.hooks.on_forget = [](manager::Unit&) {};
    }

    /// Performs 40 random steps. Returns the first fault, or an empty text if there is none.
    std::string run() {
        for (int step = 0; step < 40; ++step) {
            act();
            if (dice_.one_in(2))
                calls.enqueue_next();
            engine.run_due();
            if (std::string fault = look(); !fault.empty())
                return fault;
        }
        end_all();
        for (const auto& call : calls_made_)
            if (!call->has_ended)
                return "a client waits for ever: " + json::serialize(call->request());
        return look();
    }

private:
    void act() {
        switch (dice_.below(6)) {
            case 0:
                if (!world.alive.empty())
                    end_first(dice_.pick({0, 0, 1}));
                return;
            case 1:
                return pass(seconds(dice_.pick({1, 100})));
            case 2:
                is_up = dice_.one_in(2);
                return calls.system_state_changed();
            default:
                return call();
        }
    }

    void call() {
        const bool is_privileged = !dice_.one_in(4);
        const auto call = std::make_shared<HeardCall>(random_request(dice_), is_privileged);
        calls_made_.push_back(call);
        const unsigned changes_before = changes;
        const unit::Environment environment_before = environment;
        const std::size_t jobs_before = engine.jobs().size();
        calls.take(call);
        const bool has_changed = changes != changes_before || jobs_before != engine.jobs().size()
                                 || environment_before != unit::Environment(environment);
        if (has_changed && !is_privileged)
            fault_ = "somebody changed what is not theirs: " + json::serialize(call->request());
    }

    void end_first(int code) { end(world.alive.begin()->first, process::ExitStatus::exited(code)); }

    std::string look() const {
        for (const auto& call : calls_made_) {
            if (!call->is_readable)
                return "an answer cannot be read: " + json::serialize(call->request());
            if (call->speaks_on)
                return "an answer after the last: " + json::serialize(call->request());
        }
        return fault_;
    }

    /// Stops all units and ends all processes, so that each call can end.
    void end_all() {
        is_up = true;
        calls.system_state_changed();
        CallDesk::run();
        for (manager::Unit* const unit : engine.units())
            engine.enqueue(manager::JobType::stop, *unit, unit::JobMode::replace);
        for (int round = 0; round < 20; ++round) {
            engine.run_due();
            while (!world.alive.empty())
                end_first(0);
            pass(seconds(100));
        }
    }

    Dice dice_;
    std::vector<std::shared_ptr<HeardCall>> calls_made_;
    std::string fault_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(calls_of_clients)

BOOST_AUTO_TEST_CASE(a_call_that_awaits_the_end_of_a_unit_is_answered_at_a_stop) {
    CallDesk desk;
    desk.add("a.service", "[Service]\nExecStart=/main\n");
    const auto waits = desk.ask("start", {"a.service"}, "waits_for_end");
    BOOST_TEST(!waits->has_ended);
    desk.ask("stop", {"a.service"}, "waits");
    desk.exit("/main");
    BOOST_TEST(waits->has_ended);
}

BOOST_AUTO_TEST_CASE(a_call_that_awaits_the_end_of_units_returns_their_results) {
    CallDesk desk;
    desk.add("a.service", "[Service]\nExecStart=/main\n");
    desk.add("b.service", "[Service]\nExecStart=/other\n");
    const auto waits = desk.ask("start", {"a.service", "b.service"}, "waits_for_end");
    desk.exit("/main");
    BOOST_TEST(!waits->has_ended);
    desk.exit("/other", 1);
    BOOST_TEST(waits->has_ended);
    const std::vector<std::string> expected = {"inactive", "failed"};
    BOOST_TEST(waits->ends_of_units == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_call_for_units_that_conflict_ends_with_the_last_job) {
    CallDesk desk;
    desk.add("a.service", "[Service]\nType=notify\nExecStart=/main\n");
    desk.add("b.service", "[Service]\nType=oneshot\nExecStart=/other\n", "Conflicts=a.service\n");
    const auto waits = desk.ask("start", {"a.service", "b.service"}, "waits");
    BOOST_TEST(!waits->has_ended);
    desk.exit("/other");
    BOOST_TEST(waits->has_ended);
    BOOST_TEST(!waits->speaks_on);
}

BOOST_AUTO_TEST_CASE(a_unit_that_is_not_loaded_yet_waits_for_generators) {
    CallDesk desk;
    desk.add("a.service", "[Service]\nExecStart=/main\n");
    desk.add("b.service", "[Service]\nExecStart=/main\n");
    desk.engine.unit(*unit::UnitName::parse("a.service"));
    desk.files.begin_to_generate();
    const auto unknown = desk.ask("start", {"b.service"}, "waits");
    const auto known = desk.ask("start", {"a.service"}, "waits");
    BOOST_TEST(known->has_ended);
    BOOST_TEST(!unknown->has_ended);
    BOOST_TEST(!desk.engine.find("b.service"));
    desk.files.end_to_generate();
    desk.run();
    BOOST_TEST(unknown->has_ended);
}

BOOST_AUTO_TEST_CASE(units_of_one_call_are_handled_in_order) {
    CallDesk desk;
    desk.add("late.service", "[Service]\nType=oneshot\nExecStart=/late\n", "After=early.service\n");
    desk.add("early.service", "[Service]\nType=oneshot\nExecStart=/early\n");
    const auto waits = desk.ask("start", {"late.service", "early.service"}, "waits");
    desk.exit("/late");
    BOOST_TEST(!waits->has_ended);
    desk.exit("/early");
    BOOST_TEST(waits->has_ended);
}

BOOST_AUTO_TEST_CASE(each_call_ends_once_with_a_valid_answer) {
    const auto numbers = manager::test::numbers_of_histories(1000);
    for (std::uint64_t seed = numbers.first; seed < numbers.end(); ++seed) {
        const std::string fault = History(seed).run();
        BOOST_REQUIRE_MESSAGE(fault.empty(), "NOTIFYBRIDGE_SEED=" << seed << ": " << fault);
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::calls
