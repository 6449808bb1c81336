"""python3 -m tests.proxies nginx|haproxy: the tests of that proxy's recipe.

COMET_SERVER_BINARY names the server, else it is build/comet-server. The exit status is 77 where the
proxy is not installed, which ctest counts as skipped.
"""

import sys
import unittest

from tests.support import programs

SKIPPED = 77


def main(proxy):
    if not programs.find(proxy):
        print(f"SKIPPED: {proxy} is not installed; `make proxy-deps` installs it")
        return SKIPPED
    tests = unittest.defaultTestLoader.loadTestsFromName(f"tests.proxies.test_{proxy}")
    result = unittest.TextTestRunner(verbosity=2).run(tests)
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
