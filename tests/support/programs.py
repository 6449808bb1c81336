"""The programs that the tests start."""

import os
import shutil

COMET = os.environ.get("COMET_SERVER_BINARY", "build/comet-server")


def find(name):
    """The path of a proxy, or None. Its place is not on the PATH of every user."""
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
