"""The end of the process when its client is gone without a word."""

import asyncio
import os

SECONDS = 1.0


async def wait_for_end_of(process_id: int) -> None:
    """Return once the process has ended."""
    while is_alive(process_id):
        await asyncio.sleep(SECONDS)


def is_alive(process_id: int) -> bool:
    """Tell whether there is such a process, as far as can be seen from here (not from another container)."""
    try:
        os.kill(process_id, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
