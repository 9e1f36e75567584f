complete -c host-notify-waiter --wraps 'notifybridge wait'
