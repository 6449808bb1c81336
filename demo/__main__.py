"""Starts the server with everything that its page at /demo needs, and prints where that is."""

import argparse
import asyncio
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time

from demo.backend import HEAD_BYTES_MAX, Backend
from demo.crowd import Crowd
from demo.push import Admin

LISTENING = re.compile(r'subscribers on (\S+?),.* admin on (\S+?)(,|$)')
REMARKS_EVERY_S = 12


def arguments():
    parser = argparse.ArgumentParser(prog='make demo', description=__doc__)
    parser.add_argument('--server', default='build/comet-server', help='the program (%(default)s)')
    parser.add_argument('--host', default='0.0.0.0', help='address that visitors reach (%(default)s)')
    parser.add_argument('--port', type=int, default=8180, help='for visitors; 0: any (%(default)s)')
    parser.add_argument('--backend-port', type=int, default=8181, help='of the example of a backend; 0: any (%(default)s)')
    parser.add_argument('--clients', type=int, default=2000, help='simulated clients (%(default)s)')
    return parser.parse_args()


def raise_descriptor_limit(clients):
    """The server inherits it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = clients + 1024
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard if hard != resource.RLIM_INFINITY and hard < wanted else wanted, hard))


async def start_server(options):
    """The process and its two addresses."""
    process = await asyncio.create_subprocess_exec(
        options.server, '--set', f'front.listen={options.host}:{options.port}', '--set', 'admin.listen=127.0.0.1:0',
        '--set', 'front.demo=true', '--set', 'front.channel_buffer_size=600', '--set', 'drain_timeout=0', '--set', 'logger.output=stderr', '--set', 'logger.level=info',
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
    while line := (await process.stdout.readline()).decode():
        if found := LISTENING.search(line):
            asyncio.create_task(drop(process.stdout))
            return process, found[1], found[2]
        said = line
    sys.exit(f'demo: the server does not start: {said.strip()}')


async def drop(stream):
    while await stream.readline():
        pass


def own_address():
    """That by which others in the network reach this machine; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(('192.0.2.1', 9))
            return probe.getsockname()[0]
        except OSError:
            return None


async def tell_figures(admin, backend_port, clients):
    before = None
    while True:
        try:
            info = await admin.info()
            now = time.monotonic()
            deliveries = sum(core['deliveries'] for core in info['reactors'])
            if before is not None:
                rate = (deliveries - before[1]) / (now - before[0])
                await admin.push('demo-figures', {'subscribers': info['subscribers'], 'deliveries': round(rate), 'clients': clients, 'backend': backend_port})
            before = now, deliveries
        except ConnectionError:
            before = None
        await asyncio.sleep(1)


async def chatter(crowd, admin):
    number = 0
    while True:
        await asyncio.sleep(REMARKS_EVERY_S if number else 2)
        client = crowd.clients[number * 389 % len(crowd.clients)]
        number += 1
        try:
            await admin.push('demo-chat', {'name': f'client {client.number}', 'text': client.remark(), 'by': 'crowd', 'at': int(time.time() * 1000)})
        except ConnectionError:
            pass


def announce(front_port, host):
    addresses = ['127.0.0.1'] if host in ('0.0.0.0', '127.0.0.1') else [host]
    if host == '0.0.0.0' and (other := own_address()) not in (None, '127.0.0.1'):
        addresses.append(other)
    print('\n  The demonstration is at\n')
    for address in addresses:
        print(f'    http://{address}:{front_port}/demo')
    print('\n  Ctrl-C ends it.', flush=True)
    if os.environ.get('DISPLAY') and shutil.which('xdg-open'):
        subprocess.Popen(['xdg-open', f'http://{addresses[0]}:{front_port}/demo'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


async def main():
    options = arguments()
    raise_descriptor_limit(options.clients)
    ending = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ending.set)
    process, front, admin_address = await start_server(options)
    try:
        await show(options, process, front, admin_address, ending)
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def show(options, process, front, admin_address, ending):
    """Until somebody ends it, or the server."""
    front_port = int(front.rsplit(':', 1)[1])
    # Visitors' pushes do not stand in line behind the crowd's.
    crowd = Crowd(options.clients, f'127.0.0.1:{front_port}' if options.host == '0.0.0.0' else front, Admin(admin_address))
    backend = Backend(Admin(admin_address), crowd.nudge)
    listener = await asyncio.start_server(backend.serve, options.host, options.backend_port, limit=HEAD_BYTES_MAX)
    backend_port = listener.sockets[0].getsockname()[1]
    tasks = [asyncio.create_task(one) for one in (
        crowd.run(), tell_figures(Admin(admin_address), backend_port, options.clients), chatter(crowd, backend.admin))]
    announce(front_port, options.host)
    ends = [asyncio.create_task(ending.wait()), asyncio.create_task(process.wait())]
    await asyncio.wait([*ends, *tasks], return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    listener.close()
    for result in results:
        if isinstance(result, Exception):
            raise result
    if not ending.is_set():
        sys.exit('demo: the server ended')


if __name__ == '__main__':
    try:
        asyncio.run(main())
    except OSError as error:
        sys.exit(f'demo: {error}')
