"""conf/nginx.conf in front of the server."""

import unittest

from tests.proxies import programs
from tests.proxies.behaviour import Behaviour
from tests.proxies.processes import comet, nginx, scratch_folder


class Nginx(Behaviour, unittest.TestCase):

    def setUp(self):
        folder = self.enterContext(scratch_folder())
        self.server = self.enterContext(comet(programs.COMET, folder))
        self.port = self.enterContext(nginx(programs.find("nginx"), self.server, folder))
