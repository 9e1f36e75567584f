#pragma once

#include "bridge/probe/listen_plan.hpp"
#include "bridge/probe/own_listeners.hpp"
#include "bridge/probe/path_look.hpp"
#include "bridge/probe/specification.hpp"

namespace notifybridge::probe {

/// A probe that succeeds while the command listens on all ports of a target. It asks the kernel for
/// the sockets, and never connects to one.
class ListenProbe final : public Probe {
public:
    /// `plan` decides if the target is the default of readiness; otherwise it is null.
    ListenProbe(std::string description, ListenTarget target, OwnListeners& listeners,
                ListenPlan* plan);

    event::Awaitable<Finding> check() override;
    /// Names the addresses at which the command listens instead.
    std::string hint() const override;
    bool is_cheap() const override { return true; }

private:
    /// The ports on which the command does not listen, and what was found there instead.
    struct Look {
        Ports missing;
        std::vector<system::Listener> unreached;  ///< The command's sockets that are of no use.
        bool is_foreign = false;                  ///< Whether another process listens there.
    };

    Look look();
    std::string reason_of(const Look& look) const;
    Finding find();

    ListenTarget target_;
    OwnListeners& listeners_;
    ListenPlan* plan_;
    bool is_silent_ = false;  ///< Whether nothing listened on a port at the last check.
};

/// A probe that succeeds while a socket of the command listens at a path, or has an abstract name.
/// A datagram socket only has to be bound there.
class ListenLocalProbe final : public Probe {
public:
    /// `place` checks the path in a child process if its file system may hang; null for an abstract
    /// name.
    ListenLocalProbe(std::string description, std::string name, OwnListeners& listeners,
                     std::unique_ptr<PathLook> place)
        : Probe(std::move(description)),
          name_(std::move(name)),
          listeners_(listeners),
          place_(std::move(place)) {}

    event::Awaitable<Finding> check() override;
    bool is_cheap() const override { return true; }

private:
    Finding find();

    std::string name_;
    OwnListeners& listeners_;
    std::unique_ptr<PathLook> place_;
};

}  // namespace notifybridge::probe
