"""``python -m paceline.tests.harness.buggy FD``: a daemon whose service has a bug."""

from ...daemon import jobs, service
from ...daemon.detached import main
from .engine import load


class BuggyTable(jobs.JobTable):
    """Fails when it gets a job, and quotes it."""

    def add(self, job: jobs.Job) -> bool:
        """Fail."""
        raise LookupError(job.request)


if __name__ == "__main__":
    vars(service)["JobTable"] = BuggyTable
    raise SystemExit(main(load))
