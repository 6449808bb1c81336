"""Prints what comes on a channel, from a number on; comes back after a loss. Python 3, standard library.

    python3 listen.py http://127.0.0.1:8100 news 1
"""

import http.client
import json
import random
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

front, channel, seq = sys.argv[1], sys.argv[2], int(sys.argv[3])
pause = 1  # seconds until the next attempt, at most; doubled as long as nothing comes of it


def say(*words):
    print(*words, file=sys.stderr, flush=True)


def wanted_pause(error):
    """The seconds for which the server wants to be left alone."""
    value = error.headers.get('Retry-After', '') if isinstance(error, urllib.error.HTTPError) else ''
    return int(value) if value.isdigit() else 0


while True:
    query = urllib.parse.urlencode({'cname': channel, 'seq': seq})
    rest = 0
    try:
        # Silence longer than 1.3 heartbeats of 30 seconds is a loss.
        with urllib.request.urlopen(f'{front}/stream?{query}', timeout=39) as stream:
            for line in stream:
                message = json.loads(line)
                pause = 1
                if message['type'] in ('close', '401', '429'):
                    sys.exit(message['type'])
                if message['type'] not in ('data', 'broadcast', 'next_seq'):
                    continue  # a heartbeat
                if message['seq'] < seq:
                    say('the channel began anew')  # and all that it has is new
                    seq = 1
                    break
                if message['seq'] > seq > 0:
                    say(f'missed {seq} to {message["seq"] - 1}')
                seq = message['seq']
                if message['type'] != 'next_seq':
                    print(seq, message['content'], flush=True)
                    seq += 1
    except (OSError, ValueError, http.client.HTTPException) as error:
        say('lost:', error)
        rest = wanted_pause(error)
    time.sleep(rest + random.uniform(0, pause))
    pause = min(2 * pause, 30)
