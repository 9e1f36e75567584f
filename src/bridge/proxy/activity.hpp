#pragma once

#include <chrono>

namespace notifybridge::proxy {

/// The activity of a connection, which shows whether a stop should wait for the connection. This
/// class does not know the protocol. It assumes that the client waits for an answer if the client
/// sent the last bytes, and that the answer is complete after a pause. Pure. Times may come from
/// any clock that does not go back.
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

    /// Returns when bytes were last sent. At first, this is the time of the connection.
    Time last() const { return last_; }

    bool is_busy(Time now) const { return client_was_last_ || now - last_ < pause; }

private:
    Time last_;
    bool client_was_last_ = false;
};

}  // namespace notifybridge::proxy
