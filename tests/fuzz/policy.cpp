#include "bridge/relay/policy.hpp"

#include <string>
#include <vector>

#include "base/notify/fact.hpp"
#include "base/util/concat.hpp"
#include "bridge/relay/decision.hpp"
#include "fuzz.hpp"

/// Fuzzes which parts of a datagram `decide` forwards under several policies. `decide` also adds a
/// time to reloads, and names a main process by its pid on the host.
namespace notifybridge {
namespace {

using fuzz::require;
using notify::Key;
using notify::Message;
using relay::Decision;
using relay::Facts;
using relay::Policy;

constexpr system::Moment received{1'700'000'000'000'000, 50'000'000};
constexpr system::Moment soon{1'700'000'001'000'000, 51'000'000};
constexpr system::Moment on_another_clock{1'700'000'001'000'000, 9'000'000'000};

std::vector<Policy> policies() {
    std::vector<Policy> all = {Policy(), Policy(), Policy()};
    all[1].allow("MAINPID");
    all[1].allow("MAINPIDFDID");
    all[1].allow("X");
    all[1].deny("X_");
    all[2].deny("STATUS");
    all[2].deny("MONOTONIC_USEC");
    all[2].allow("BARRIER");
    return all;
}

bool names_process(Key key) {
    return key == Key::main_pid || key == Key::main_pid_fd || key == Key::main_pid_fd_id;
}

/// Returns the lines that the service manager must read if `decision` was made.
std::vector<std::string> expected(const Policy& policy, const Message& message, const Facts& facts,
                                  const Decision& decision, std::string_view stamp) {
    std::vector<std::string> lines;
    const bool translated = decision.names_main_process || decision.is_untranslated;
    for (const notify::Tag& tag : message.tags())
        if (policy.passes(tag, facts.fds_cross) && !(translated && names_process(tag.key))
            && (stamp.empty() || tag.key != Key::monotonic_usec))
            lines.push_back(tag.text);
    if (decision.names_main_process)
        lines.insert(lines.end(), {"MAINPID=4711", "MAINPIDFDID=42"});
    if (!stamp.empty())
        lines.emplace_back(stamp);
    return lines;
}

/// Returns whether the datagram is so long that there may be no room for an additional line.
bool is_nearly_full(std::string_view datagram) {
    return datagram.size() + 80 > notify::longest_datagram;
}

void check(const Policy& policy, std::string_view datagram, const Message& message,
           const Facts& facts) {
    const auto passes = [&](Key key) {
        return policy.passes({{}, util::concat(name(key), '='), key}, facts.fds_cross);
    };
    const Decision decision = relay::decide(datagram, message, policy, facts);
    require(decision.ready == (message.has("READY=1") && passes(Key::ready)),
            "ready is set if READY=1 passes");
    require(decision.stopping == (message.has("STOPPING=1") && passes(Key::stopping)),
            "stopping is set if STOPPING=1 passes");
    require(decision.reloading == (message.has("RELOADING=1") && passes(Key::reloading)),
            "reloading is set if RELOADING=1 passes");

    const bool translates =
        facts.translates_main_pid && message.value(Key::main_pid) && passes(Key::main_pid);
    require(translates == (decision.names_main_process || decision.is_untranslated),
            "MAINPID= is either translated or counted as untranslated");
    require(facts.main_process || !decision.names_main_process,
            "a main process is named only if it was found");

    const bool same_clock = facts.now == soon;
    const auto time =
        passes(Key::monotonic_usec) ? message.value(Key::monotonic_usec) : std::nullopt;
    const bool has_time = same_clock && time && accepted_value(Key::monotonic_usec, *time);
    const std::string stamp =
        "MONOTONIC_USEC=" + std::to_string((same_clock ? received : facts.now).monotonic);

    std::vector<std::string> sent;
    if (const auto read = notify::parse(decision.text))
        for (const notify::Tag& tag : read->tags())
            sent.push_back(tag.text);
    else
        require(read.error() == notify::DropReason::empty, "a sent message can be parsed");
    const auto plain = expected(policy, message, facts, decision, "");
    const auto stamped = expected(policy, message, facts, decision, stamp);
    if (decision.reloading && !has_time)
        require(sent == stamped || (sent == plain && is_nearly_full(datagram)),
                "a reload without a time gets one if there is room");
    else
        require(sent == plain, "exactly the permitted lines are sent, in order");
    require(!decision.text.starts_with("BARRIER=1"), "no barrier is sent");
    if (decision.refused.empty() && !translates && sent == plain)
        require(decision.text == datagram, "a message without changes is sent as it is");
    require(decision.text.size() <= notify::longest_datagram, "a sent message is not too long");
    if (decision.is_untranslated && facts.main_process)
        require(is_nearly_full(datagram), "the main process is named if there is room");
}

}  // namespace
}  // namespace notifybridge

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace notifybridge;
    static const std::vector<relay::Policy> all = policies();
    const std::string_view datagram = fuzz::as_text(data, size);
    const auto message = notify::parse(datagram);
    if (!message)
        return 0;
    const auto pid = message->value(notify::Key::main_pid);
    fuzz::require(relay::main_pid(*message).has_value()
                      == (pid && notify::accepted_value(notify::Key::main_pid, *pid)),
                  "main_pid accepts the same pids as systemd");
    relay::Facts facts;
    facts.received = received;
    for (const relay::Policy& policy : all)
        for (const system::Moment now : {soon, on_another_clock}) {
            facts.now = now;
            facts.fds_cross = !facts.fds_cross;
            facts.translates_main_pid = false;
            check(policy, datagram, *message, facts);
            facts.translates_main_pid = true;
            check(policy, datagram, *message, facts);
            facts.main_process = relay::MainPid{4711, 42};
            check(policy, datagram, *message, facts);
            facts.main_process.reset();
        }
    return 0;
}
