#pragma once

#include <chrono>

namespace notifybridge::proxy {

/// Judges whether a connection is in the middle of something, so that a stop should wait for it.
/// Knows no protocol: somebody waits for an answer if the client was the last to send, and a pause
/// ends an answer. Pure; times are those of any clock that does not go back.
class Activity {
public:
    using Time = std::chrono::microseconds;

    /// The pause after which the app's answer counts as complete.
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
