#include "bridge/relay/policy.hpp"

#include <string>
#include <vector>

#include "base/notify/fact.hpp"
#include "bridge/relay/main_pid.hpp"
#include "bridge/relay/reload_stamp.hpp"
#include "fuzz.hpp"

/// What `wait` sends on of one datagram, under several policies, with a reload's time added, and
/// with a process outside named in the place of one inside.
namespace notifybridge {
namespace {

using fuzz::require;
using notify::Message;
using relay::Policy;

std::vector<Policy> policies() {
    std::vector<Policy> all = {Policy(), Policy(true), Policy(), Policy()};
    all[2].allow("MAINPID");
    all[2].allow("X");
    all[2].deny("X_");
    all[3].deny("STATUS");
    all[3].allow("BARRIER");
    return all;
}

/// The assignments as systemd reads them, without those of a reload's time where `but_times`.
std::vector<std::string> texts(const Message& message, bool but_times = false) {
    std::vector<std::string> found;
    for (const notify::Tag& tag : message.tags())
        if (!but_times || tag.key != notify::Key::monotonic_usec)
            found.push_back(tag.text);
    return found;
}

void check_filter(const Policy& policy, std::string_view datagram, const Message& message) {
    std::vector<std::string> passing;
    for (const notify::Tag& tag : message.tags())
        if (policy.passes(tag))
            passing.push_back(tag.text);

    const auto passage = policy.filter(datagram, message);
    require(passage.refused.size() + passing.size() == message.tags().size(),
            "each assignment passes or is named as refused");
    if (passage.refused.empty())
        require(passage.text == datagram, "what has nothing refused passes whole");
    const auto sent = notify::parse(passage.text);
    if (passing.empty()) {
        require(!sent && sent.error() == notify::DropReason::empty, "nothing passes, or says it");
        return;
    }
    require(sent && texts(*sent) == passing, "what passes is read as what may pass, in its order");
    require(!sent->has("BARRIER=1"), "no barrier passes");
}

void check_stamp(std::string_view datagram, const Message& message, system::Moment now) {
    const system::Moment received{1'700'000'000'000'000, 50'000'000};
    const bool same_clock = now.realtime - now.monotonic == received.realtime - received.monotonic;
    const std::string stamped = relay::stamp_reload(datagram, received, now);
    const auto said = message.value(notify::Key::monotonic_usec);
    const bool has_time = said && notify::accepted_value(notify::Key::monotonic_usec, *said);
    const bool as_it_is = !message.has("RELOADING=1") || (same_clock && has_time);
    if (as_it_is || stamped == datagram) {
        require(stamped == datagram, "only a reload without a time of ours is touched");
        return;
    }
    const auto sent = notify::parse(stamped);
    require(sent.has_value(), "a stamped reload can be read");
    require(texts(*sent, true) == texts(message, true), "a stamp changes nothing but the time");
    require(sent->value(notify::Key::monotonic_usec)
                == std::to_string((same_clock ? received : now).monotonic),
            "a stamp is the time of the message, or of now");
}

/// The assignments that name no process.
std::vector<std::string> nameless(const Message& message) {
    std::vector<std::string> found;
    for (const notify::Tag& tag : message.tags())
        if (tag.key != notify::Key::main_pid && tag.key != notify::Key::main_pid_fd
            && tag.key != notify::Key::main_pid_fd_id)
            found.push_back(tag.text);
    return found;
}

void check_main_pid(std::string_view datagram, const Message& message) {
    const std::string without = relay::without_main_pid(datagram);
    const auto rest = notify::parse(without);
    if (rest)
        require(texts(*rest) == nameless(message), "what names a process goes, and nothing else");
    else
        require(nameless(message).empty(), "what names no process stays");

    const auto named = relay::with_main_pid(datagram, relay::MainPid{4711, 42});
    const auto translated = notify::parse(named.value_or(without));
    const auto pid = message.value(notify::Key::main_pid);
    require(relay::main_pid_in(datagram).has_value()
                == (pid && notify::accepted_value(notify::Key::main_pid, *pid)),
            "a pid is one to us where it is one to systemd");
    if (!translated || !translated->has("MAINPID=4711"))
        return;
    auto expected = nameless(message);
    expected.insert(expected.end(), {"MAINPID=4711", "MAINPIDFDID=42"});
    require(texts(*translated) == expected, "no process is named but the one outside");
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
    for (const relay::Policy& policy : all)
        check_filter(policy, datagram, *message);
    check_main_pid(datagram, *message);
    check_stamp(datagram, *message, {1'700'000'001'000'000, 51'000'000});
    check_stamp(datagram, *message, {1'700'000'001'000'000, 9'000'000'000});
    return 0;
}
