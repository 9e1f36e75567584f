// Takes the place of systemd: receiver SOCKET BRIDGES READY COUNT WARM_UP [TIMES]
//
// Receives at SOCKET the messages of BRIDGES apps. Prints "up" when READY=1 has arrived READY
// times. Prints a line of figures, NAME=VALUE separated by spaces, when each app has sent COUNT
// messages, or on SIGTERM. Times are in nanoseconds.
//
// Does not measure the first WARM_UP messages of each app, and only checks their order. If TIMES is
// given, each message of the only app is READY=1, and the file TIMES contains the times of sending.

#include <algorithm>
#include <cmath>
#include <csignal>
#include <vector>

#include "posix.hpp"

namespace {

using namespace notifybridge::bench;

volatile std::sig_atomic_t stopped = 0;

struct Plan {
    std::size_t bridges;
    std::size_t ready;
    std::int64_t count;
    std::int64_t warm_up;

    std::int64_t total() const { return static_cast<std::int64_t>(bridges) * count; }
};

class Tally {
public:
    explicit Tally(const Plan& plan) : plan_(plan), next_(plan.bridges) {
        // Allocate the memory now, so that no message has to wait for it.
        latencies_.reserve(static_cast<std::size_t>(plan.total()));
    }

    void take(const char* message, std::int64_t time) {
        int bridge = 0;
        long long number = 0;
        long long sent = 0;
        if (std::sscanf(message, "X_BENCH=%d %lld %lld", &bridge, &number, &sent) == 3)
            count(static_cast<std::size_t>(bridge), number, sent, time);
    }

    /// Counts the next message of a run in which all messages are the same.
    void take_next(const std::int64_t* times, std::int64_t time) {
        count(0, received_, times[received_], time);
    }

    bool is_complete() const { return received_ == plan_.total(); }

    void print() {
        std::sort(latencies_.begin(), latencies_.end());
        std::printf("p50=%lld p99=%lld max=%lld lost=%lld misplaced=%lld measured=%zu took=%lld\n",
                    percentile(0.5), percentile(0.99), percentile(1),
                    static_cast<long long>(plan_.total() - received_),
                    static_cast<long long>(misplaced_), latencies_.size(),
                    static_cast<long long>(last_came_ - first_sent_));
        std::fflush(stdout);
    }

private:
    void count(std::size_t bridge, std::int64_t number, std::int64_t sent, std::int64_t time) {
        ++received_;
        std::int64_t& next = next_.at(bridge);
        if (number < next)
            ++misplaced_;
        next = std::max(next, number + 1);
        if (number < plan_.warm_up)
            return;
        if (latencies_.empty())
            first_sent_ = sent;
        last_came_ = time;
        latencies_.push_back(time - sent);
    }

    /// Returns the percentile by nearest rank. Returns 0 if there are no values.
    long long percentile(double part) const {
        if (latencies_.empty())
            return 0;
        const auto rank = std::ceil(part * static_cast<double>(latencies_.size()));
        return latencies_[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
    }

    Plan plan_;
    std::vector<std::int64_t> next_;
    std::vector<std::int64_t> latencies_;
    std::int64_t received_ = 0;
    std::int64_t misplaced_ = 0;
    std::int64_t first_sent_ = 0;
    std::int64_t last_came_ = 0;
};

/// Receives a datagram. Like systemd, closes the descriptors of a barrier. Returns the size, or -1
/// after a signal.
ssize_t receive(int socket, char* buffer, std::size_t size) {
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * 253)];
    iovec part{buffer, size};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    const ssize_t received = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    if (received < 0) {
        if (errno == EINTR)
            return -1;
        give_up("recvmsg");
    }
    for (cmsghdr* item = CMSG_FIRSTHDR(&message); item != nullptr;
         item = CMSG_NXTHDR(&message, item)) {
        if (item->cmsg_level != SOL_SOCKET || item->cmsg_type != SCM_RIGHTS)
            continue;
        const std::size_t count = (item->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t at = 0; at < count; ++at) {
            int fd = -1;
            std::memcpy(&fd, CMSG_DATA(item) + at * sizeof fd, sizeof fd);
            ::close(fd);
        }
    }
    return received;
}

void say(const char* word) {
    std::puts(word);
    std::fflush(stdout);
}

}  // namespace

int main(int count, char** words) {
    if (count != 6 && count != 7)
        return 2;
    const int socket = bound_socket(words[1]);
    const Plan plan{std::strtoul(words[2], nullptr, 10), std::strtoul(words[3], nullptr, 10),
                    std::atoll(words[4]), std::atoll(words[5])};
    const std::int64_t* const times = count == 7 ? shared_times(words[6], plan.total()) : nullptr;
    struct sigaction action {};
    action.sa_handler = [](int) { stopped = 1; };
    ::sigaction(SIGTERM, &action, nullptr);  // Without SA_RESTART, a signal ends recvmsg.
    say("bound");

    Tally tally(plan);
    std::size_t ready = 0;
    char message[largest_message];
    while (stopped == 0 && (plan.count == 0 || !tally.is_complete())) {
        const ssize_t size = receive(socket, message, sizeof message - 1);
        if (size < 0)
            continue;
        const std::int64_t time = now();
        message[size] = '\0';
        if (std::strncmp(message, "READY=1", 7) != 0)
            tally.take(message, time);
        else if (ready < plan.ready && ++ready == plan.ready)
            say("up");
        else if (times != nullptr)
            tally.take_next(times, time);
    }
    tally.print();
}
