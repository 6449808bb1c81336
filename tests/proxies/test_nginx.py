"""conf/nginx.conf in front of the server."""

import contextlib
import unittest

from tests.proxies.behaviour import Behaviour, forwarded_for
from tests.proxies.proxies import Witness, nginx
from tests.support import programs
from tests.support.processes import comet, scratch_folder


class Nginx(Behaviour, unittest.TestCase):

    def setUp(self):
        folder = self.enterContext(scratch_folder())
        self.server = self.enterContext(comet(programs.COMET, folder))
        self.port = self.enterContext(nginx(programs.find("nginx"), self.server, folder))

    def test_the_clients_address_arrives_and_not_what_it_claims_to_be(self):
        with contextlib.closing(Witness(self.server)) as witness, scratch_folder() as folder, \
                nginx(programs.find("nginx"), witness, folder) as port:
            self.assertEqual(forwarded_for(port, witness), ["127.0.0.1"])
