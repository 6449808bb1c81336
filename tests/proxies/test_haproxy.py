"""conf/haproxy.cfg in front of the server, both of its ways."""

import unittest

from tests.proxies import programs
from tests.proxies.behaviour import Behaviour
from tests.proxies.processes import comet, haproxy, scratch_folder

ONE_PLAIN_ONE_WITH_PROXY_HEADER = "127.0.0.1:0,127.0.0.1:0 proxy"


class HaproxyAsHttp(Behaviour, unittest.TestCase):

    def setUp(self):
        folder = self.enterContext(scratch_folder())
        self.server = self.enterContext(comet(programs.COMET, folder))
        self.port, _ = self.enterContext(haproxy(programs.find("haproxy"), self.server, folder))
