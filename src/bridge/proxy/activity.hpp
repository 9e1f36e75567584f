#pragma once

#include <chrono>

namespace notifybridge::proxy {

/// Decides whether a connection is busy, so that a stop should wait for it. Does not examine the
/// protocol. If the client was the last to send, it waits for an answer. A pause shows the end of
/// an answer. Pure; times may come from any clock that does not go back.
class Activity {
public:
    using Time = std::chrono::microseconds;

    /// The app's answer counts as complete after a pause of this length.
    static constexpr Time pause = std::chrono::seconds(1);

    explicit Activity(Time opened) : last_(opened) {}

    void client_sent(Time now) {
        client_was_last_ = true;
        last_ = now;
    }
    void app_sent(Time now) {
        client_was_last_ = false;
        last_ = now;
    }

    bool is_busy(Time now) const { return client_was_last_ || now - last_ < pause; }

private:
    Time last_;
    bool client_was_last_ = false;
};

}  // namespace notifybridge::proxy
