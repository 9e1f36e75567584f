complete -c container-notify-wrapper --wraps 'notifybridge wrap'
