#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <memory>
#include <optional>

#include "init/answers/control/call.hpp"
#include "init/answers/dbus/answer.hpp"
#include "init/answers/dbus/object.hpp"

/// Turns D-Bus calls that change something into calls of `ctl`, so that only one place checks the
/// permissions of users.
namespace notifybridge::dbus {

namespace json = boost::json;

/// The values in the answer to a change.
enum class Outcome {
    nothing,
    job,   ///< The path of the job.
    jobs,  ///< The job and the jobs that it pulled in: EnqueueUnitJob.
};

struct Change {
    json::object request;  ///< The corresponding call of `ctl`.
    Outcome outcome = Outcome::nothing;
};

/// Returns the change that a call requests, or nullopt if the call requests no change. The caller
/// has checked that the object has this method, and that the arguments have the correct types.
std::optional<Change> parse_change(const bus::Message& call, const Object& object);

/// Returns the change that starts a unit.
Change start_unit(std::string_view unit);

/// A call of `ctl` that was made from a D-Bus call. It answers the D-Bus caller once.
class ChangeCall final : public control::Call {
public:
    /// Creates a call that passes its answer to `answer`, with the id of the job or 0 if there is
    /// no job. Does not call `answer` after `caller` has expired.
    ChangeCall(Change change, bool is_privileged, std::weak_ptr<void> caller,
               std::function<void(Answer, std::uint64_t job)> answer);

    void answer(const json::object& object) override;
    bool is_over() const override { return caller_.expired(); }

private:
    struct Job {
        std::uint64_t id = 0;
        std::string unit;
        std::string type;
    };

    void answer_last(const json::object& object) override;
    Answer success() const;

    Outcome outcome_;
    std::weak_ptr<void> caller_;
    std::function<void(Answer, std::uint64_t)> answer_;
    Job anchor_;
    std::vector<Job> others_;
    std::optional<Answer> refusal_;
};

}  // namespace notifybridge::dbus
