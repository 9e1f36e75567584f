// The app whose messages are measured.
//
//   app DIRECTORY BRIDGE COUNT INTERVAL OFFSET SIZE [TIMES]
//
// Sends READY=1, and waits for the end of file on the FIFO DIRECTORY/go. Then sends COUNT messages,
// one each INTERVAL nanoseconds (0 means as fast as possible), and the first one after OFFSET
// nanoseconds. Writes the time of the longest send() to DIRECTORY/longest-BRIDGE, and runs until it
// is killed.
//
// A message contains the numbers of the bridge and of the message, and the time. It is filled up to
// SIZE bytes. Some relays pass only READY=1. If TIMES is given, each message is READY=1, and the
// times are written to the file TIMES.
//
//   app ready […]
//
// Sends READY=1 and runs until SIGTERM. If this program is the interpreter of a script, it also
// gets the name of the script.

#include <sys/prctl.h>

#include <algorithm>
#include <csignal>
#include <string>
#include <string_view>

#include "posix.hpp"

namespace {

using namespace notifybridge::bench;

constexpr std::int64_t lead_time = 20'000'000;

struct Plan {
    std::string directory;
    int bridge;
    std::int64_t count;
    std::int64_t interval;
    std::int64_t offset;
    std::size_t size;
    std::int64_t* times;
};

constexpr char ready[] = "READY=1";

void say_ready(int socket) {
    send_message(socket, ready, sizeof ready - 1);
}

/// Writes message number `number` to `text`, which is full of padding. Returns the message's size.
std::size_t write_message(const Plan& plan, std::int64_t number, std::int64_t time, char* text) {
    if (plan.times == nullptr) {
        const auto size = static_cast<std::size_t>(
            std::snprintf(text, largest_message, "X_BENCH=%d %lld %lld", plan.bridge,
                          static_cast<long long>(number), static_cast<long long>(time)));
        text[size] = ' ';
        return std::max(size, plan.size);
    }
    plan.times[number] = time;
    std::memcpy(text, ready, sizeof ready);
    return sizeof ready - 1;
}

/// Returns the time at which a message counts as sent. If the relay still blocked the previous
/// message at the due time, this is the due time, so that the delay counts. Otherwise, this is the
/// current time, because then the relay is not the reason if the app wakes up late.
std::int64_t time_of_sending(std::int64_t due, std::int64_t last_sent) {
    return last_sent > due ? due : now();
}

std::int64_t send_all(int socket, const Plan& plan) {
    const std::int64_t start = now() + lead_time + plan.offset;
    std::int64_t longest = 0;
    std::int64_t last_sent = 0;
    char message[largest_message];
    std::memset(message, ' ', sizeof message);
    for (std::int64_t number = 0; number < plan.count; ++number) {
        std::int64_t time = now();
        if (plan.interval > 0) {
            const std::int64_t due = start + number * plan.interval;
            sleep_until(due);
            time = time_of_sending(due, last_sent);
        }
        const std::size_t size = write_message(plan, number, time, message);
        const std::int64_t before = now();
        check(::send(socket, message, size, MSG_NOSIGNAL), "send");
        last_sent = now();
        longest = std::max(longest, last_sent - before);
    }
    return longest;
}

/// Writes the result. Renames the file at the end, so that it exists only when it is complete.
void write_result(const Plan& plan, std::int64_t longest) {
    const std::string path = plan.directory + "/longest-" + std::to_string(plan.bridge);
    const std::string part = path + ".part";
    std::FILE* const file = std::fopen(part.c_str(), "we");
    if (file == nullptr)
        give_up(part.c_str());
    std::fprintf(file, "%lld\n", static_cast<long long>(longest));
    std::fclose(file);
    check(std::rename(part.c_str(), path.c_str()), "rename");
}

/// Waits for SIGTERM. The init process of a container gets only signals for which it has a handler.
[[noreturn]] void stay() {
    std::signal(SIGTERM, [](int) { _exit(0); });
    while (true)
        ::pause();
}

}  // namespace

int main(int count, char** words) {
    const int socket = connected_socket(notify_socket());
    if (count >= 2 && words[1] == std::string_view("ready")) {
        say_ready(socket);
        stay();
    }
    if (count != 7 && count != 8)
        return 2;
    Plan plan{words[1],
              std::atoi(words[2]),
              std::atoll(words[3]),
              std::atoll(words[4]),
              std::atoll(words[5]),
              std::min<std::size_t>(std::atoll(words[6]), largest_message),
              nullptr};
    if (count == 8)
        plan.times = shared_times(words[7], plan.count);
    // Allow timers to be late by 1 ns. The default is 50 µs.
    ::prctl(PR_SET_TIMERSLACK, 1);
    // Open the FIFO before the start signal, so that the signal is not missed.
    const int go = check(::open((plan.directory + "/go").c_str(), O_RDONLY | O_CLOEXEC), "open go");
    say_ready(socket);
    char byte = 0;
    check(::read(go, &byte, 1), "read go");
    write_result(plan, send_all(socket, plan));
    stay();
}
