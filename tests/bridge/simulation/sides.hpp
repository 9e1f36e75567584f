#pragma once

#include <unistd.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bridge/fault_life.hpp"
#include "bridge/wait/host_plan.hpp"
#include "bridge/wait/members.hpp"
#include "bridge/wrap/sender_gate.hpp"

/// Both sides of the bridge as the simulation runs them. Unlike Supervisor and the classes Wrap and
/// Wait, they start no processes.
namespace notifybridge::bridge::simulation {

inline constexpr std::chrono::seconds stop_timeout(10);

/// The parts of `wrap`, without a command. WrapPlan decides, as in the class Wrap.
struct Container final : wrap::EventSink, wrap::OutletListener {
    explicit Container(const test::TemporaryDirectory& directory)
        : outlet(loop, directory.fd(), status),
          gate(outlet, status),
          plan(signals, {}),
          senders(loop, gate, status, plan, *this, {}),
          intake(loop, notify::Receiver(directory.path(channel::socket_name), 0600), {}, senders,
                 status) {
        plan.begin(/*awaits_descriptors=*/false);
        senders.follow(::getpid());
        outlet.set_listener(*this);
        loop.spawn([this] { return intake.run(); });
        outlet.start();
    }

    /// Ends the run after the app has ended.
    event::Awaitable<> finish(process::ExitStatus end) {
        intake.catch_up();
        senders.command_stops();
        co_await intake.finish(5s);
        co_await outlet.finish(end, 5s);
        has_ended = true;
    }

    void room_came() override { happens(wrap::RoomCame()); }
    void signal_came(int number) override { happens(wrap::HostSignalled{number}); }
    void host_changed() override { happens(wrap::HostChanged()); }

    void happens(const wrap::Event& event) override {
        for (const wrap::WrapPlan::Action& action : plan.take(event, event::Deadline::now()))
            perform(action);
    }

    event::Loop loop;
    channel::ContainerStatus status;
    wrap::ChannelOutlet outlet;
    wrap::ReadyGate gate;
    process::SignalPlan signals{/*is_pid1=*/false};
    wrap::WrapPlan plan;
    wrap::SenderGate senders;
    wrap::Intake intake;
    int signal = 0;  ///< The signal that requested the end of the app.
    std::uint64_t harmless_signals = 0;
    bool has_ended = false;

private:
    void perform(const wrap::WrapPlan::Action& action) {
        using Kind = wrap::WrapPlan::Action::Kind;
        if (action.kind == Kind::accept_messages)
            intake.room();
        else if (action.kind == Kind::release_stopping)
            senders.command_stops();
        else if (action.kind == Kind::take_signal)
            take(action.signal);
    }

    /// Does what Supervisor does with a signal from a message. The app gets the signal later.
    void take(int number) {
        const process::SignalPlan::Arrival arrival{number, process::SignalPlan::Way::told};
        const auto now = event::Deadline::now();
        if (signals.note(arrival, now))
            happens(process::EndAsked());
        if (process::asks_for_end(number) || number == SIGKILL)
            signal = number;
        else if (number == SIGUSR1)
            ++harmless_signals;
    }
};

/// The parts of `wait`, without a command.
struct Host {
    struct Options {
        std::string manager;
        std::string invocation;
        bool keeps_attached = false;
        bool stops_run = false;
        std::uint64_t rate = 0;
    };

    Host(const std::vector<const test::TemporaryDirectory*>& directories, const Options& options,
         wait::OnEvent on_event_)
        : uplink(loop, address_of(options.manager)),
          plan(plan_options(directories.size(), options)),
          members(loop, members_in(directories), courier_options(options), relay::Policy(), uplink,
                  {}, nullptr),
          timer(loop),
          on_event(std::move(on_event_)) {
        members.connect(plan.voice(), [this](const wait::Event& event) { happens(event); });
        timer.on_expired = [this] { happens(wait::TimePassed()); };
        members.announce();
        perform_all(plan.begin(event::Deadline::now()));
        if (!members.resumes())
            members.say(plan.opening());
        members.begin();
    }

    void happens(const wait::Event& event) {
        on_event(event);
        perform_all(plan.take(event, {event::Deadline::now(), members.writers_live()}));
    }

    event::Loop loop;
    relay::Uplink uplink;
    wait::HostPlan plan;
    wait::Members members;
    event::Deadline timer;
    wait::OnEvent on_event;
    std::optional<process::ExitStatus> end;  ///< Set when `wait` wants to end.

private:
    static std::string name_of(std::size_t member, std::size_t members) {
        return members == 1 ? std::string() : util::concat("member", member);
    }

    static wait::HostPlan::Options plan_options(std::size_t members, const Options& options) {
        wait::HostPlan::Options all;
        all.wait.keeps_attached = options.keeps_attached;
        all.wait.stops_run = options.stops_run;
        all.wait.has_members = members > 1;
        all.wait.timeout = std::chrono::microseconds::max();
        all.wait.stop_timeout = stop_timeout;
        for (std::size_t member = 0; member < members; ++member)
            all.members.push_back(name_of(member, members));
        return all;
    }

    static wait::Courier::Options courier_options(const Options& options) {
        wait::Courier::Options all;
        all.unit.invocation = options.invocation;
        all.adopts_older = true;
        all.rate = options.rate;
        return all;
    }

    static std::vector<wait::Member> members_in(
        const std::vector<const test::TemporaryDirectory*>& directories) {
        std::vector<wait::Member> all;
        for (const test::TemporaryDirectory* const each : directories)
            all.push_back({name_of(all.size(), directories.size()), each->path(),
                           event::duplicate(each->fd())});
        return all;
    }

    void perform_all(const wait::HostPlan::Actions& actions) {
        for (const wait::HostPlan::Action& action : actions)
            std::visit([this](const auto& each) { perform(each); }, action);
        if (const auto next = plan.next_time())
            timer.start(*next - event::Deadline::now());
        else
            timer.cancel();
    }

    void perform(const wait::WaitPlan::Action& action) {
        using Kind = wait::WaitPlan::Action::Kind;
        if (action.kind == Kind::limit_patience)
            uplink.limit_patience(10s);
        else if (action.kind == Kind::lift_patience)
            uplink.lift_patience();
        else if (action.kind == Kind::mute_run)
            members.mute();
        else if (action.kind == Kind::finish)
            end = action.status;
    }
    void perform(const wait::HostPlan::SignalRuns& action) {
        members.signal(action.members, action.signal);
    }
    void perform(const wait::HostPlan::SignalNext& action) {
        members.signal({action.member}, action.signal);
    }
    void perform(const wait::HostPlan::Say& action) { members.say(action.message); }
    void perform(const wait::HostPlan::ReportRemovedDirectory& /*action*/) {}
    void perform(const wait::HostPlan::EndPull& /*action*/) {}
};

}  // namespace notifybridge::bridge::simulation
