"""Waiting for what must come to be, on a machine that may be busy: long, but never for nothing."""

import asyncio

from tests.soak.judge import Fault
from tests.soak.wire import DEADLINE_S

LOOK_S = 0.05  # between two looks, as each costs the server a request


async def eventually(condition, what):
    """Looks until the condition holds. A fault says what did not come, and `what()` is asked then."""
    try:
        async with asyncio.timeout(DEADLINE_S):
            while not await condition():
                await asyncio.sleep(LOOK_S)
    except TimeoutError:
        raise Fault(f"not in {DEADLINE_S:g} s: {what()}") from None
