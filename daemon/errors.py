"""Errors of the daemon and its clients: one sentence for the user with the next step, and a stable code."""


class PacelineError(Exception):
    """Base of all errors that a client of the daemon meets: a stable ``code``, a sentence ``text``."""

    code = "paceline"

    def __init__(self, text: str, *, code: str | None = None) -> None:
        super().__init__(text)
        self.text = text
        if code is not None:
            self.code = code


class SettingsError(PacelineError):
    """A setting that is unknown, of the wrong type or out of range."""

    code = "settings"


class RuntimeDirError(PacelineError):
    """The runtime directory or a file in it is not safe to use: wrong owner, open to others, a link."""

    code = "runtime_dir"


class DaemonNotRunning(PacelineError):
    """No daemon runs with these settings, and the caller asked not to start one."""

    code = "not_running"


class DaemonFailed(PacelineError):
    """A daemon was started and did not come up, or came up too often only to die (breaker)."""

    code = "start_failed"


class DaemonUnresponsive(PacelineError):
    """A daemon process holds the lock but does not answer."""

    code = "unresponsive"


class DaemonLost(PacelineError):
    """The daemon went away while a request was under way; the request has no answer."""

    code = "daemon_lost"


class RequestTimeout(PacelineError):
    """The caller's time for the request passed without a terminal reply; a cancel was sent."""

    code = "timeout"


class RequestError(PacelineError):
    """The daemon answered ``error``: its code and its sentence."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text, code=code)


class RequestSuperseded(PacelineError):
    """A newer request for the same document took the place of this one."""

    code = "superseded"

    def __init__(self) -> None:
        super().__init__("a newer request for the same document took the place of this one")
